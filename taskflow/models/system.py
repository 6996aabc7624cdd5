"""What keeps the machine honest: slots of jobs, leases, calendar, settings, audit, throttles."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from taskflow.models.base import Base, Id, Name, Short, reference


class JobRun(Base):
    """A slot of a job that some node took. The primary key is what makes it one node per slot."""

    __tablename__ = "job_run"

    job: Mapped[str] = mapped_column(primary_key=True)
    slot: Mapped[datetime] = mapped_column(primary_key=True)
    node: Mapped[Name]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    error: Mapped[str] = mapped_column(default="")


class Lease(Base):
    """A named right that one node holds until an instant; only saves work, correctness never needs it."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[Name]
    expires_at: Mapped[datetime]


class CalendarDay(Base):
    """A day off on a weekday, or a worked day off (làm bù), with its decision."""

    __tablename__ = "calendar_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[Short]  # off | worked
    name: Mapped[Name] = mapped_column(default="")
    decision: Mapped[Name] = mapped_column(default="")


class CalendarYear(Base):
    """A year whose days off a person has confirmed."""

    __tablename__ = "calendar_year"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    decision: Mapped[Name] = mapped_column(default="")
    confirmed_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[int | None] = reference("user_account.id", index=False)


class Setting(Base):
    """One value that the office edits in the pages; its meaning and default are in ``services.settings``."""

    __tablename__ = "setting"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[dict[str, Any]] = mapped_column(default=dict)  # {"v": the value}
    updated_at: Mapped[datetime]
    updated_by_id: Mapped[int | None] = reference("user_account.id", index=False)


class AuditEntry(Base):
    """Who did what to accounts, units, settings and channels (tasks have their own history)."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_subject", "subject", "subject_id"),)

    id: Mapped[Id]
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[int | None] = reference("user_account.id")
    action: Mapped[Short]
    subject: Mapped[Short]
    subject_id: Mapped[Short] = mapped_column(default="")
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Throttle(Base):
    """A token bucket, by purpose and key (sign-in per account and per address)."""

    __tablename__ = "throttle"

    key: Mapped[str] = mapped_column(primary_key=True)
    tokens: Mapped[float]
    updated_at: Mapped[datetime]


class Sequence(Base):
    """A counter for codes of tasks ("NV-2026-000123"), by name and year."""

    __tablename__ = "sequence"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column(default=0)
