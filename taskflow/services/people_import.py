"""Units, groups and people from one workbook: errors by cell, a preview, all or nothing.

The preview does exactly what the import does and takes it back, so the two cannot differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from taskflow.domain.errors import DomainError, Invalid
from taskflow.domain.permissions import Actor, Permission, Role
from taskflow.domain.units import fold
from taskflow.i18n import error_sentence
from taskflow.models.org import Membership, Unit, UnitGroup, UnitName, User
from taskflow.services import audit, cell_values
from taskflow.services import organisation_sheets as sheets
from taskflow.services.accounts import INVITATION_LIFETIME, normalise_email, search_text_of, send_password_link
from taskflow.services.known_units import KnownUnits
from taskflow.services.organisation_sheets import ReadSheet, Row
from taskflow.services.people import PersonValues, add_user
from taskflow.services.rights import require
from taskflow.services.unit_of_work import unit_of_work
from taskflow.services.units import move, plant, unit_search_text

T = TypeVar("T")

#: Problems that are listed; whoever has more corrects these first.
MOST_PROBLEMS = 200


@dataclass(frozen=True, slots=True)
class CellProblem:
    """What is wrong with one cell: sheet, address ("B7"), what stands there, a sentence."""

    sheet: str
    cell: str
    value: str
    sentence: str


@dataclass(slots=True)
class Outcome:
    """What an import did, or would do; with problems it did nothing."""

    units_new: int = 0
    units_changed: int = 0
    groups_new: int = 0
    groups_changed: int = 0
    people_new: int = 0
    people_changed: int = 0
    posts_new: int = 0
    invited: int = 0
    problems: list[CellProblem] = field(default_factory=list)
    #: Whether there were more problems than ``MOST_PROBLEMS``.
    more_problems: bool = False

    @property
    def changes(self) -> int:
        """How many things are new or changed."""
        return (
            self.units_new + self.units_changed + self.groups_new + self.groups_changed
            + self.people_new + self.people_changed + self.posts_new
        )  # fmt: skip


class _TakenBackError(Exception):
    """Ends the transaction of a preview, or of an import with problems."""


def import_organisation(
    *, actor: Actor, data: bytes, filename: str, invite: bool, dry_run: bool, now: datetime
) -> Outcome:
    """Bring in what the workbook says, or only say what that would do.

    Units that exist (same code, or same name under the same unit), groups (same name) and people (same
    e-mail address) are brought up to date; empty cells change nothing. ``invite`` sends an invitation to each
    new person. Raises ``Invalid`` when the file is no such workbook; faults of cells come in the outcome.
    """
    require(actor, Permission.ADMIN_UNIT_EDIT)
    require(actor, Permission.ADMIN_USER_EDIT)
    found = sheets.read(data, filename)
    if not any(sheet.rows for sheet in found):
        raise Invalid("organisation.nothing", "file")
    outcome = Outcome()
    try:
        with unit_of_work() as session:
            work = _Import(session, outcome, now, invite=invite and not dry_run)
            for step, spec in ((work.units, sheets.UNITS), (work.groups, sheets.GROUPS), (work.people, sheets.PEOPLE)):
                for sheet in found:
                    if sheet.spec is spec and work.is_usable(sheet):
                        step(sheet)
            if outcome.problems or dry_run:
                raise _TakenBackError
            audit.record(
                session, actor=actor, action="organisation.imported", subject="unit", now=now, name=filename,
                units=outcome.units_new, people=outcome.people_new,
            )  # fmt: skip
    except _TakenBackError:
        order = [spec.name for spec in (sheets.UNITS, sheets.GROUPS, sheets.PEOPLE)]
        outcome.problems.sort(key=lambda problem: order.index(problem.sheet))
    return outcome


class _Import:
    """One run over the sheets, inside one transaction."""

    def __init__(self, session: Session, outcome: Outcome, now: datetime, *, invite: bool) -> None:
        self.session = session
        self.outcome = outcome
        self.now = now
        self.invite = invite
        self.known = KnownUnits(session)

    # --- Problems

    def complain(self, sheet: ReadSheet, row: Row, column: str, error: DomainError) -> None:
        """Note a problem of one cell."""
        if len(self.outcome.problems) >= MOST_PROBLEMS:
            self.outcome.more_problems = True
            return
        self.outcome.problems.append(
            CellProblem(
                sheet.spec.name,
                sheet.address(row.number, column),
                row.cells.get(column, ""),
                error_sentence(error),
            )
        )

    @contextmanager
    def cell(self, sheet: ReadSheet, row: Row, column: str) -> Iterator[None]:
        """Whatever rule refuses inside becomes a problem of this cell."""
        try:
            yield
        except DomainError as error:
            self.complain(sheet, row, column, error)

    def is_usable(self, sheet: ReadSheet) -> bool:
        """Whether the sheet has the columns it needs; if not, its head is complained about."""
        head = Row(1, {})
        for column in sheet.missing:
            if sheet.rows or sheet.letters:
                self.complain(sheet, head, "", Invalid("organisation.no_column", heading=column.heading))
        if sheet.too_long:
            self.complain(sheet, head, "", Invalid("organisation.too_long", limit=sheets.MAX_ROWS))
        return not sheet.missing and not sheet.too_long

    def required(self, sheet: ReadSheet, row: Row) -> bool:
        """Whether all columns that a row needs are filled in."""
        empty = [column for column in sheet.spec.columns if column.required and not row.cells.get(column.code)]
        for column in empty:
            self.complain(sheet, row, column.code, Invalid("organisation.empty_cell", heading=column.heading))
        return not empty

    # --- Units

    def units(self, sheet: ReadSheet) -> None:
        """Units, parents before their children whatever the order of the rows."""
        waiting = [row for row in sheet.rows if self.required(sheet, row)]
        seen: dict[tuple[str, str], Row] = {}
        for row in waiting:
            key = (fold(row.cells["name"]), fold(row.cells.get("parent", "")))
            if key in seen:
                self.complain(sheet, row, "name", Invalid("organisation.twice", row=seen[key].number))
            seen.setdefault(key, row)
        while waiting:
            later = [row for row in waiting if not self._try_unit(sheet, row)]
            if len(later) == len(waiting):
                for row in later:
                    with self.cell(sheet, row, "parent"):
                        self.known.find(row.cells.get("parent", ""))
                        raise Invalid("organisation.parent_ring")
                return
            waiting = later

    def _try_unit(self, sheet: ReadSheet, row: Row) -> bool:
        """Bring in one unit if its parent is known already; a fault is noted and counts as done."""
        wanted = row.cells.get("parent", "")
        parent: Unit | None
        if wanted:
            if not self.known.has(wanted) and self._comes_later(sheet, row, wanted):
                return False
            try:
                parent = self.known.find(wanted)
            except DomainError as error:
                self.complain(sheet, row, "parent", error)
                return True
        else:
            parent = self.known.root()
        self._save_unit(sheet, row, parent)
        return True

    def _comes_later(self, sheet: ReadSheet, row: Row, wanted: str) -> bool:
        last = fold(wanted.rpartition(">")[2])
        return any(
            other is not row and (fold(other.cells.get("name", "")) == last or other.cells.get("code", "") == wanted)
            for other in sheet.rows
        )

    def _save_unit(self, sheet: ReadSheet, row: Row, parent: Unit | None) -> None:
        cells = row.cells
        unit = self.known.existing(cells["name"], cells.get("code", ""), parent)
        position = 0
        with self.cell(sheet, row, "position"):
            position = cell_values.number(cells.get("position", ""))
        values: dict[str, object] = {
            "name": cells["name"],
            "short_name": cells.get("short_name", ""),
            "code": cells.get("code", "") or None,
            "position": position,
            "is_office": cell_values.ticked(cells.get("is_office", "")),
            "email": cells.get("email", ""),
            "phone": cells.get("phone", ""),
        }
        for column in ("name", "short_name", "code"):
            if len(str(values[column] or "")) > (64 if column == "code" else 300):
                self.complain(sheet, row, column, Invalid("organisation.long_cell"))
                return
        if not fold(cells["name"]):
            self.complain(sheet, row, "name", Invalid("unit.name_empty"))
            return
        is_new = unit is None
        changes: dict[str, object] = {}
        if unit is None:
            unit = plant(self.session, parent=parent, **values)  # type: ignore[arg-type] # the values of a unit's columns
        else:
            changes = {key: value for key, value in values.items() if value and getattr(unit, key) != value}
            for key, value in changes.items():
                setattr(unit, key, value)
            if cells.get("parent") and parent is not None and unit.parent_id != parent.id:
                with self.cell(sheet, row, "parent"):
                    move(self.session, unit, parent.id)
                    changes["parent_id"] = parent.id
        if self._add_aliases(unit, cells.get("aliases", "")) or changes:
            unit.search_text = unit_search_text(unit)
            self.outcome.units_changed += not is_new
        self.outcome.units_new += is_new
        self.session.flush()
        self.known.add(unit)

    def _add_aliases(self, unit: Unit, text: str) -> bool:
        known = {name.folded for name in unit.names} | {fold(unit.name)}
        fresh = [name.strip() for name in text.split(";") if fold(name)]
        added = False
        for name in fresh:
            if fold(name) not in known:
                known.add(fold(name))
                unit.names.append(UnitName(name=name[:300], folded=fold(name)[:300]))
                added = True
        return added

    # --- Groups

    def groups(self, sheet: ReadSheet) -> None:
        """Groups with their members."""
        for row in sheet.rows:
            if not self.required(sheet, row):
                continue
            members: list[Unit] = []
            for name in row.cells.get("members", "").split(";"):
                if name.strip():
                    with self.cell(sheet, row, "members"):
                        members.append(self.known.find(name))
            is_open = cell_values.ticked(row.cells.get("is_open", ""))
            if not is_open and not row.cells.get("members"):
                self.complain(sheet, row, "members", Invalid("group.no_members"))
                continue
            folded = fold(row.cells["name"])
            group = self.session.scalar(select(UnitGroup).where(UnitGroup.folded == folded))
            if group is None:
                group = UnitGroup(name=row.cells["name"], folded=folded)
                self.session.add(group)
                self.outcome.groups_new += 1
            elif {unit.id for unit in group.members} != {unit.id for unit in members} or group.is_open != is_open:
                self.outcome.groups_changed += 1
            group.members, group.is_open, group.is_active = list(dict.fromkeys(members)), is_open, True
            group.note = row.cells.get("note", "") or group.note or ""
            self.session.flush()

    # --- People

    def people(self, sheet: ReadSheet) -> None:
        """People with their posts; several rows of one address are one person."""
        emails = {row.cells.get("email", "").strip().lower() for row in sheet.rows}
        users = {user.email: user for user in self.session.scalars(select(User).where(User.email.in_(sorted(emails))))}
        before = set(users)
        changed: set[str] = set()
        for row in sheet.rows:
            if not self.required(sheet, row):
                continue
            try:
                email = normalise_email(row.cells["email"])
            except DomainError as error:
                self.complain(sheet, row, "email", error)
                self._read_post(sheet, row)
                continue
            user = users.get(email)
            if user is None:
                user = add_user(self.session, _person(row, email), now=self.now)
                users[email] = user
                self.outcome.people_new += 1
            elif _update(user, _person(row, email)) and email in before:
                changed.add(email)
            if self._add_post(sheet, row, user) and email in before:
                changed.add(email)
        self.outcome.people_changed += len(changed)
        self.session.flush()
        if self.invite:
            for email, user in users.items():
                if email not in before:
                    send_password_link(
                        self.session, user, kind="invitation", lifetime=INVITATION_LIFETIME, now=self.now
                    )
                    self.outcome.invited += 1

    def _read_post(self, sheet: ReadSheet, row: Row) -> tuple[Unit, Role, date | None, date | None] | None:
        unit_text, role_text = row.cells.get("unit", ""), row.cells.get("role", "")
        if not unit_text and not role_text:
            return None
        if not unit_text or not role_text:
            column = "role" if unit_text else "unit"
            self.complain(sheet, row, column, Invalid("post.half"))
            return None
        problems = len(self.outcome.problems)
        unit = self._read_cell(sheet, row, "unit", self.known.find)
        role = self._read_cell(sheet, row, "role", cell_values.role)
        first = self._read_cell(sheet, row, "valid_from", cell_values.day)
        last = self._read_cell(sheet, row, "valid_to", cell_values.day)
        if first and last and last < first:
            self.complain(sheet, row, "valid_to", Invalid("dates.order"))
        if unit is None or role is None or len(self.outcome.problems) > problems or self.outcome.more_problems:
            return None
        return unit, role, first, last

    def _add_post(self, sheet: ReadSheet, row: Row, user: User) -> bool:
        read = self._read_post(sheet, row)
        if read is None:
            return False
        unit, role, first, last = read
        post = next((post for post in user.memberships if post.unit_id == unit.id and post.role is role), None)
        if post is None:
            user.memberships.append(Membership(unit_id=unit.id, role=role, valid_from=first, valid_to=last))
            self.outcome.posts_new += 1
            return True
        same = (post.valid_from, post.valid_to) == (first, last)
        post.valid_from, post.valid_to = first, last
        return not same

    def _read_cell(self, sheet: ReadSheet, row: Row, column: str, read: Callable[[str], T]) -> T | None:
        try:
            return read(row.cells.get(column, ""))
        except DomainError as error:
            self.complain(sheet, row, column, error)
            return None


def _person(row: Row, email: str) -> PersonValues:
    cells = row.cells
    return PersonValues(
        full_name=cells["full_name"][:300],
        email=email,
        job_title=cells.get("job_title", "")[:300],
        phone=cells.get("phone", "")[:64],
    )


def _update(user: User, values: PersonValues) -> bool:
    """Bring an account up to date with the filled cells. Returns whether anything changed."""
    changed = False
    for name in ("full_name", "job_title", "phone"):
        new = getattr(values, name)
        if new and getattr(user, name) != new:
            setattr(user, name, new)
            changed = True
    if changed:
        user.search_text = search_text_of(user)
    return changed
