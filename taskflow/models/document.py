"""Documents (văn bản), their files, and the imports that read them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from taskflow.models.base import Base, Id, Name, Short, reference, str_enum
from taskflow.models.org import Unit


class Document(Base):
    """A plan or other document whose tasks are tracked. Identity: number, issuer and date; drafts have blanks."""

    __tablename__ = "document"
    __table_args__ = (Index("ix_document_identity", "number_folded", "issued_on"),)

    id: Mapped[Id]
    number: Mapped[Name] = mapped_column(default="")  # số ký hiệu
    number_folded: Mapped[Name] = mapped_column(default="")
    type: Mapped[Name] = mapped_column(default="")  # loại văn bản
    issuer: Mapped[Name] = mapped_column(default="")  # as written: a historic fact, not a live unit
    issued_on: Mapped[date | None]
    title: Mapped[str] = mapped_column(default="")  # trích yếu
    signer: Mapped[Name] = mapped_column(default="")
    place: Mapped[Name] = mapped_column(default="")
    urgency: Mapped[Short] = mapped_column(
        default=""
    )  # "", urgent (khẩn), very_urgent (thượng khẩn), express (hỏa tốc)
    recipients: Mapped[list[Any]] = mapped_column(default=list)
    search_text: Mapped[str] = mapped_column(default="")
    #: The coordinating office that tracks this document.
    office_unit_id: Mapped[int] = reference("unit.id")
    #: Reporting duty of the document itself, for the reminder "kỳ báo cáo": words, the RRULE they mean, recipient.
    reporting_text: Mapped[str] = mapped_column(default="")
    reporting_rule: Mapped[str] = mapped_column(default="")
    reporting_to: Mapped[Name] = mapped_column(default="")
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = reference("user_account.id", index=False)
    version: Mapped[int] = mapped_column(default=1)

    office: Mapped[Unit] = relationship()
    files: Mapped[list[DocumentFile]] = relationship(back_populates="document", order_by="DocumentFile.id")
    links: Mapped[list[DocumentLink]] = relationship(
        back_populates="document", order_by="DocumentLink.id", foreign_keys="DocumentLink.document_id"
    )

    __mapper_args__ = {"version_id_col": version}


class StoredFile(Base):
    """Bytes in the file store, known by their SHA-256; the same content is stored once."""

    __tablename__ = "stored_file"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[Name]
    created_at: Mapped[datetime]


class DocumentFile(Base):
    """A file of a document."""

    __tablename__ = "document_file"
    __table_args__ = (UniqueConstraint("document_id", "sha256"),)

    id: Mapped[Id]
    document_id: Mapped[int] = reference("document.id")
    sha256: Mapped[str] = reference("stored_file.sha256")
    filename: Mapped[Name]
    added_at: Mapped[datetime]
    added_by_id: Mapped[int | None] = reference("user_account.id", index=False)

    document: Mapped[Document] = relationship(back_populates="files")
    stored: Mapped[StoredFile] = relationship()


class DocumentLink(Base):
    """Another document that this one is based on, executes, amends, supersedes or mentions."""

    __tablename__ = "document_link"

    id: Mapped[Id]
    document_id: Mapped[int] = reference("document.id")
    relation: Mapped[Short]  # basis | executes | amends | supersedes | mentions
    number: Mapped[Name] = mapped_column(default="")
    text: Mapped[str] = mapped_column(default="")
    issued_on: Mapped[date | None]
    target_id: Mapped[int | None] = reference("document.id")

    document: Mapped[Document] = relationship(back_populates="links", foreign_keys=[document_id])
    target: Mapped[Document | None] = relationship(foreign_keys=[target_id])


class ImportStatus(StrEnum):
    """Where an import stands."""

    READING = "reading"
    FAILED = "failed"
    REVIEW = "review"
    COMMITTED = "committed"
    UNDONE = "undone"
    DISCARDED = "discarded"


class ImportJob(Base):
    """One uploaded file on its way to tasks: what was read, what the reviewer decided, the final statement."""

    __tablename__ = "import_job"
    __table_args__ = (Index("ix_import_job_office_unit_id_status", "office_unit_id", "status"),)

    id: Mapped[Id]
    office_unit_id: Mapped[int] = reference("unit.id", index=False)
    #: new | amendment | round_trip | pasted
    kind: Mapped[Short] = mapped_column(default="new")
    status: Mapped[ImportStatus] = mapped_column(str_enum(ImportStatus), default=ImportStatus.READING)
    #: None once its file was deleted: a secret document, or given up longer ago than files are kept.
    sha256: Mapped[str | None] = reference("stored_file.sha256")
    filename: Mapped[Name]
    #: Document that this import made or changed, once committed.
    document_id: Mapped[int | None] = reference("document.id")
    #: Document that this file amends, when ``kind`` is amendment.
    amends_id: Mapped[int | None] = reference("document.id")
    head: Mapped[dict[str, Any]] = mapped_column(default=dict)
    tables: Mapped[list[Any]] = mapped_column(default=list)
    overrides: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: Indicators, budget and source blocks as read, for the review pages.
    reading: Mapped[dict[str, Any]] = mapped_column(default=dict)
    reconciliation: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: The completeness statement as confirmed at commit.
    statement: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: "each" (mỗi đơn vị một việc) or "first" (đơn vị đầu chủ trì, còn lại phối hợp); asked once per import, "" before.
    several_leads: Mapped[Short] = mapped_column(default="")
    #: Date that the reader counts from where the document does not say its own.
    issued_on: Mapped[date | None]
    #: Which reading is at work, and when it last said that it lives; another one may take over from a dead one.
    claim: Mapped[Short] = mapped_column(default="")
    claimed_at: Mapped[datetime | None]
    progress: Mapped[dict[str, Any]] = mapped_column(default=dict)
    error: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = reference("user_account.id", index=False)
    committed_at: Mapped[datetime | None]
    committed_by_id: Mapped[int | None] = reference("user_account.id", index=False)
    version: Mapped[int] = mapped_column(default=1)

    rows: Mapped[list[ImportRow]] = relationship(back_populates="job", order_by="ImportRow.position")
    document: Mapped[Document | None] = relationship(foreign_keys=[document_id])
    amends: Mapped[Document | None] = relationship(foreign_keys=[amends_id])
    office: Mapped[Unit] = relationship()

    __mapper_args__ = {"version_id_col": version}


class RowDecision(StrEnum):
    """What becomes of a row: imported, skipped with a reason, or only offered (prose duties)."""

    IMPORT = "import"
    SKIP = "skip"
    OFFER = "offer"


class ImportRow(Base):
    """A row of an import: raw cells and place, the reading, the reviewer's decision."""

    __tablename__ = "import_row"
    __table_args__ = (UniqueConstraint("job_id", "position"),)

    id: Mapped[Id]
    job_id: Mapped[int] = reference("import_job.id", index=False)
    position: Mapped[int]
    source: Mapped[Short]  # table | list | prose | report | task (of an amended document, without a row in the new one)
    place: Mapped[dict[str, Any]] = mapped_column(default=dict)
    raw: Mapped[dict[str, Any]] = mapped_column(default=dict)
    columns: Mapped[dict[str, Any]] = mapped_column(default=dict)
    tt: Mapped[Short] = mapped_column(default="")
    group: Mapped[str] = mapped_column("group_label", default="")
    group_parent: Mapped[str] = mapped_column(default="")
    content: Mapped[str]
    #: Units as resolved: [{"wording", "status", "unit_ids", "group_id", "explanation", "by"}], services.imports.values.
    leads: Mapped[list[Any]] = mapped_column(default=list)
    coordinators: Mapped[list[Any]] = mapped_column(default=list)
    #: A Deadline as plain values, with the reviewer's "decision": "" | "confirmed" | "later".
    deadline: Mapped[dict[str, Any]] = mapped_column(default=dict)
    product: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    confidence: Mapped[float] = mapped_column(default=1.0)
    ocr: Mapped[bool] = mapped_column(default=False)
    problems: Mapped[list[Any]] = mapped_column(default=list)
    #: What a reviewer should look at, as words between spaces (" units deadline "), see services.imports.checks.
    flags: Mapped[Name] = mapped_column(default="")
    #: Whether something of it must be decided before the import can be committed.
    is_blocking: Mapped[bool] = mapped_column(default=False)
    #: Fields that a reviewer changed: a second reading leaves them alone.
    edited: Mapped[list[Any]] = mapped_column(default=list)
    decision: Mapped[RowDecision] = mapped_column(str_enum(RowDecision), default=RowDecision.IMPORT)
    skip_reason: Mapped[str] = mapped_column(default="")
    #: For an amendment: the task this row is about and what differs.
    task_id: Mapped[int | None] = reference("task.id")
    change: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: Values before the reviewers' last edits, newest last: [{"edit", "values"}].
    undo: Mapped[list[Any]] = mapped_column(default=list)
    updated_by_id: Mapped[int | None] = reference("user_account.id", index=False)
    updated_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    job: Mapped[ImportJob] = relationship(back_populates="rows")

    __mapper_args__ = {"version_id_col": version}


class ImportEdit(Base):
    """One act of a reviewer on one row or on many at once; undone as a whole."""

    __tablename__ = "import_edit"
    __table_args__ = (Index("ix_import_edit_job_id_by_id", "job_id", "by_id", "id"),)

    id: Mapped[Id]
    job_id: Mapped[int] = reference("import_job.id", index=False)
    at: Mapped[datetime]
    by_id: Mapped[int | None] = reference("user_account.id", index=False)
    kind: Mapped[Short]  # row | units | skip | equal …
    row_ids: Mapped[list[Any]] = mapped_column(default=list)
    undone_at: Mapped[datetime | None]
