"""Indicators (chỉ tiêu) and money (kinh phí) read from plans."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from taskflow.models.base import Base, Id, Name, Short, reference
from taskflow.models.document import Document
from taskflow.models.org import Unit


class Indicator(Base):
    """A target of a plan. Texts stay as written ("< 3%", "???"); numbers stand beside them where they are clear."""

    __tablename__ = "indicator"

    id: Mapped[Id]
    document_id: Mapped[int] = reference("document.id")
    import_job_id: Mapped[int | None] = reference("import_job.id")
    position: Mapped[int] = mapped_column(default=0)
    group: Mapped[str] = mapped_column("group_label", default="")
    name: Mapped[str]
    unit_of_measure: Mapped[Short] = mapped_column(default="")
    baseline: Mapped[str] = mapped_column(default="")
    responsible_unit_id: Mapped[int | None] = reference("unit.id")
    responsible_wording: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)

    document: Mapped[Document] = relationship()
    responsible: Mapped[Unit | None] = relationship()
    targets: Mapped[list[IndicatorTarget]] = relationship(
        order_by="IndicatorTarget.period", cascade="all, delete-orphan"
    )
    readings: Mapped[list[IndicatorReading]] = relationship(order_by="IndicatorReading.period")

    __mapper_args__ = {"version_id_col": version}


class IndicatorTarget(Base):
    """What an indicator should reach in a period (usually a year)."""

    __tablename__ = "indicator_target"
    __table_args__ = (UniqueConstraint("indicator_id", "period"),)

    id: Mapped[Id]
    indicator_id: Mapped[int] = reference("indicator.id", index=False)
    period: Mapped[Short]
    text: Mapped[str]
    value: Mapped[Decimal | None] = mapped_column(Numeric(18, 4))


class IndicatorReading(Base):
    """What an indicator was in a period, as reported by the responsible unit; the newest of a period holds."""

    __tablename__ = "indicator_reading"

    id: Mapped[Id]
    indicator_id: Mapped[int] = reference("indicator.id")
    period: Mapped[Short]
    text: Mapped[str]
    value: Mapped[Decimal | None] = mapped_column(Numeric(18, 4))
    note: Mapped[str] = mapped_column(default="")
    sha256: Mapped[str | None] = reference("stored_file.sha256", index=False)
    filename: Mapped[Name] = mapped_column(default="")
    at: Mapped[datetime]
    by_id: Mapped[int] = reference("user_account.id", index=False)


class BudgetLine(Base):
    """A line of a plan's cost table, in million đồng."""

    __tablename__ = "budget_line"

    id: Mapped[Id]
    document_id: Mapped[int] = reference("document.id")
    import_job_id: Mapped[int | None] = reference("import_job.id")
    position: Mapped[int] = mapped_column(default=0)
    tt: Mapped[Short] = mapped_column(default="")
    content: Mapped[str]
    amount_million_vnd: Mapped[Decimal | None] = mapped_column(Numeric(18, 3))
    amount_text: Mapped[str] = mapped_column(default="")
    source: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    is_total: Mapped[bool] = mapped_column(default=False)
