"""All models. Importing this package fills ``Base.metadata``."""

from sqlalchemy import text

from taskflow.models import document, indicator, org, outbox, submission, system, task
from taskflow.models.base import Base

__all__ = ["Base", "document", "indicator", "org", "outbox", "submission", "system", "task"]


def _leave_out_nulls() -> None:
    """An index whose first column may be null holds only the rows that have a value there.

    Nobody looks up the others, and a planner that is told by ANALYZE that nearly all rows share one value (null)
    walks the whole table instead.
    """
    for table in Base.metadata.tables.values():
        for index in table.indexes:
            first = next(iter(index.columns))
            if first.nullable and index.dialect_options["sqlite"]["where"] is None:
                index.dialect_options["sqlite"]["where"] = text(f"{first.name} IS NOT NULL")
                index.dialect_options["postgresql"]["where"] = text(f"{first.name} IS NOT NULL")


_leave_out_nulls()
