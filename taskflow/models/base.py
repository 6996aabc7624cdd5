"""What all models share: the declarative base, naming of constraints, column types."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from sqlalchemy import JSON, DateTime, Dialect, Enum, ForeignKey, MetaData, String, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Refuses naive values going in, gives UTC coming out (SQLite returns naive ones)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - fixed signature
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - fixed signature
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def str_enum(kind: type[StrEnum], length: int = 32) -> Enum:
    """A column that stores the code of a ``StrEnum`` as text with a named check constraint."""
    values: Callable[[Any], list[str]] = lambda members: [member.value for member in members]  # noqa: E731 - typed for SQLAlchemy
    return Enum(
        kind, values_callable=values, native_enum=False, length=length, create_constraint=False, validate_strings=True
    )


#: JSON on SQLite, JSONB on PostgreSQL.
Json = JSON().with_variant(JSONB(), "postgresql")

Id = Annotated[int, mapped_column(primary_key=True, autoincrement=True)]
Text = str
Short = Annotated[str, mapped_column(String(64))]
Name = Annotated[str, mapped_column(String(300))]


def reference(target: str, *, ondelete: str | None = None, index: bool = True, primary_key: bool = False) -> Any:
    """A foreign key column, indexed unless said otherwise."""
    return mapped_column(
        ForeignKey(target, ondelete=ondelete), index=index and not primary_key, primary_key=primary_key
    )


class Base(DeclarativeBase):
    """Base of all models; its metadata is the one that migrations are compared with."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map = {datetime: UtcDateTime(), dict[str, Any]: Json, list[Any]: Json}
