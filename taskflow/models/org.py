"""The organisation: units, their names through time, groups of units, people and their posts."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from taskflow.domain.permissions import Role
from taskflow.models.base import Base, Id, Name, Short, reference, str_enum


class Unit(Base):
    """A unit (đơn vị) of the office's tree. Never deleted: dissolved units become inactive."""

    __tablename__ = "unit"
    __table_args__ = (Index("ix_unit_path", "path"),)

    id: Mapped[Id]
    parent_id: Mapped[int | None] = reference("unit.id")
    #: Ids from the root down to this unit, "/1/7/": a subtree is every path that begins with it.
    path: Mapped[str] = mapped_column(default="/")
    name: Mapped[Name]
    short_name: Mapped[Name] = mapped_column(default="")
    code: Mapped[Short | None] = mapped_column(unique=True)
    #: Folded names and aliases, for search.
    search_text: Mapped[str] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=0)
    #: Whether this is a coordinating office (văn phòng) that tracks and confirms tasks of its parent's subtree.
    is_office: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    email: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    dissolved_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)

    parent: Mapped[Unit | None] = relationship(remote_side="Unit.id")
    names: Mapped[list[UnitName]] = relationship(
        back_populates="unit", cascade="all, delete-orphan", order_by="UnitName.id"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def label(self) -> str:
        """The short name where there is one."""
        return self.short_name or self.name

    @property
    def lineage(self) -> tuple[int, ...]:
        """Ids of the units above, from the root down, and its own."""
        return tuple(int(part) for part in self.path.split("/") if part)


class UnitName(Base):
    """A dated name or alias of a unit: what documents call it, or called it once."""

    __tablename__ = "unit_name"
    __table_args__ = (
        UniqueConstraint("unit_id", "folded", "valid_from"),
        CheckConstraint("valid_to IS NULL OR valid_from IS NULL OR valid_from <= valid_to", name="dates_in_order"),
    )

    id: Mapped[Id]
    unit_id: Mapped[int] = reference("unit.id")
    name: Mapped[Name]
    folded: Mapped[Name] = mapped_column(index=True)
    #: "official" for a former official name, "alias" for anything else.
    kind: Mapped[Short] = mapped_column(default="alias")
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]

    unit: Mapped[Unit] = relationship(back_populates="names")


class SuccessionKind(StrEnum):
    """How one unit's work passed to another (sáp nhập, chia tách, đổi tên, giải thể)."""

    MERGE = "merge"
    SPLIT = "split"
    RENAME = "rename"
    DISSOLVE = "dissolve"


class UnitSuccession(Base):
    """One unit's successor, with the decision. A split has several rows for the same ``from_unit``."""

    __tablename__ = "unit_succession"
    __table_args__ = (UniqueConstraint("from_unit_id", "to_unit_id", "effective_on"),)

    id: Mapped[Id]
    from_unit_id: Mapped[int] = reference("unit.id")
    to_unit_id: Mapped[int | None] = reference("unit.id")
    kind: Mapped[SuccessionKind] = mapped_column(str_enum(SuccessionKind))
    effective_on: Mapped[date]
    decision_number: Mapped[Short] = mapped_column(default="")
    decision_on: Mapped[date | None]
    old_name: Mapped[Name] = mapped_column(default="")
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = reference("user_account.id", index=False)


class UnitGroup(Base):
    """A group designation (các xã, phường; các phòng, ban có liên quan)."""

    __tablename__ = "unit_group"

    id: Mapped[Id]
    name: Mapped[Name]
    folded: Mapped[Name] = mapped_column(unique=True)
    #: An open set ("có liên quan"): a person must tick its members each time.
    is_open: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    note: Mapped[str] = mapped_column(default="")

    members: Mapped[list[Unit]] = relationship(secondary="unit_group_member", order_by="Unit.position, Unit.id")


class UnitGroupMember(Base):
    """Membership of a unit in a group."""

    __tablename__ = "unit_group_member"
    __table_args__ = (Index("ix_unit_group_member_unit_id", "unit_id"),)

    group_id: Mapped[int] = reference("unit_group.id", primary_key=True)
    unit_id: Mapped[int] = reference("unit.id", primary_key=True)


class NameMapping(Base):
    """A choice made once at import and remembered: this wording means these units or this group."""

    __tablename__ = "name_mapping"
    __table_args__ = (UniqueConstraint("office_unit_id", "folded"),)

    id: Mapped[Id]
    office_unit_id: Mapped[int] = reference("unit.id")
    wording: Mapped[Name]
    folded: Mapped[Name]
    unit_ids: Mapped[list[Any]] = mapped_column(default=list)
    group_id: Mapped[int | None] = reference("unit_group.id")
    uses: Mapped[int] = mapped_column(default=0)
    chosen_by_id: Mapped[int | None] = reference("user_account.id", index=False)
    chosen_at: Mapped[datetime]


class User(Base):
    """A person with an account."""

    __tablename__ = "user_account"

    id: Mapped[Id]
    email: Mapped[Name] = mapped_column(unique=True)  # stored in lower case
    full_name: Mapped[Name]
    search_text: Mapped[str] = mapped_column(default="")
    job_title: Mapped[Name] = mapped_column(default="")  # chức vụ
    phone: Mapped[Short] = mapped_column(default="")
    password_hash: Mapped[str | None]
    must_change_password: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    #: Raised to end every session of this person (new password, disabled account).
    session_epoch: Mapped[int] = mapped_column(default=1)
    last_sign_in_at: Mapped[datetime | None]
    notifications_seen_at: Mapped[datetime | None]
    #: What the person chose about reminders: channels by order, hours, quiet days (issue of the reminders).
    preferences: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    memberships: Mapped[list[Membership]] = relationship(
        back_populates="user", cascade="all, delete-orphan", order_by="Membership.id"
    )

    __mapper_args__ = {"version_id_col": version}


class Membership(Base):
    """A post: this person has this role in this unit, from–to."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("user_id", "unit_id", "role"),
        CheckConstraint("valid_to IS NULL OR valid_from IS NULL OR valid_from <= valid_to", name="dates_in_order"),
    )

    id: Mapped[Id]
    user_id: Mapped[int] = reference("user_account.id")
    unit_id: Mapped[int] = reference("unit.id")
    role: Mapped[Role] = mapped_column(str_enum(Role))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]

    user: Mapped[User] = relationship(back_populates="memberships")
    unit: Mapped[Unit] = relationship()


class Delegation(Base):
    """Acting for somebody (ủy quyền, làm thay) between two dates, within one unit or all of the principal's."""

    __tablename__ = "delegation"
    __table_args__ = (CheckConstraint("starts_on <= ends_on", name="dates_in_order"),)

    id: Mapped[Id]
    principal_id: Mapped[int] = reference("user_account.id")
    delegate_id: Mapped[int] = reference("user_account.id")
    unit_id: Mapped[int | None] = reference("unit.id")
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    reason: Mapped[str] = mapped_column(default="")
    created_by_id: Mapped[int | None] = reference("user_account.id", index=False)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    principal: Mapped[User] = relationship(foreign_keys=[principal_id])
    delegate: Mapped[User] = relationship(foreign_keys=[delegate_id])


class OneTimeToken(Base):
    """A secret that works once: password reset, invitation, linking of a Zalo account, one-task link."""

    __tablename__ = "one_time_token"

    id: Mapped[Id]
    purpose: Mapped[Short]
    #: SHA-256 of the secret; the secret itself is never stored.
    digest: Mapped[Short] = mapped_column(unique=True)
    user_id: Mapped[int | None] = reference("user_account.id")
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class ApiToken(Base):
    """A bearer token of a person for the API; only its digest is stored."""

    __tablename__ = "api_token"

    id: Mapped[Id]
    user_id: Mapped[int] = reference("user_account.id")
    label: Mapped[Name]
    digest: Mapped[Short] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
