"""What was sent in forms: which were carried out already, those whose session had ended, files of refused ones."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from taskflow.models.base import Base, Id, Name, reference


class Submission(Base):
    """A form or API request that was carried out. The primary key is what makes it happen once."""

    __tablename__ = "submission"

    key: Mapped[str] = mapped_column(primary_key=True)  # digest of sender, address and key of the form
    fingerprint: Mapped[str]  # digest of what was sent
    user_id: Mapped[int | None] = reference("user_account.id", index=False)
    created_at: Mapped[datetime] = mapped_column(index=True)
    answer: Mapped[dict[str, Any]] = mapped_column(default=dict)  # empty while the first request is under way


class HeldForm(Base):
    """What somebody sent after their session had ended; shown to them, and nobody else, once they sign in again."""

    __tablename__ = "held_form"
    __table_args__ = (UniqueConstraint("user_id", "path"),)

    id: Mapped[Id]
    user_id: Mapped[int] = reference("user_account.id", index=False)
    path: Mapped[str]
    fields: Mapped[list[Any]]  # [name, value] pairs, in order
    created_at: Mapped[datetime] = mapped_column(index=True)


class StagedFile(Base):
    """An uploaded file of a form that could not be carried out yet; only its owner can send it again."""

    __tablename__ = "staged_file"

    key: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = reference("user_account.id")
    sha256: Mapped[str] = reference("stored_file.sha256")
    filename: Mapped[Name]
    created_at: Mapped[datetime] = mapped_column(index=True)
