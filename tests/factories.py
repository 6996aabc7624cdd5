"""``factories``: makes what a test needs, committed, with values that are true to life and all fictional.

Objects stay bound to the test's session: after a request of the client they show what is stored now.
A ``user`` or ``task`` without a unit gets one; the first unit made is the body (tỉnh Sơn Hà), under
which departments and the coordinating office stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, TypeVar

from argon2 import PasswordHasher

from taskflow.domain.deadlines import DeadlineKind
from taskflow.domain.permissions import Actor, Role
from taskflow.domain.search import search_words
from taskflow.domain.states import TaskState
from taskflow.domain.units import fold
from taskflow.models.base import Base
from taskflow.models.document import Document
from taskflow.models.org import Membership, Unit, UnitGroup, User
from taskflow.models.outbox import Channel, ChannelKind
from taskflow.models.task import Coordination, Task, TaskShape, WorkflowDefinition
from taskflow.services.actors import actor_of
from taskflow.services.calendar import work_calendar
from taskflow.services.due_dates import set_due
from taskflow.services.unit_of_work import unit_of_work
from tests.support.clock import Clock

T = TypeVar("T", bound=Base)

DEPARTMENTS = (
    ("Sở Giáo dục và Đào tạo", "Sở GD&ĐT"),
    ("Sở Y tế", "Sở Y tế"),
    ("Sở Tài chính", "Sở TC"),
    ("Sở Nội vụ", "Sở NV"),
    ("Sở Xây dựng", "Sở XD"),
    ("Sở Nông nghiệp và Môi trường", "Sở NN&MT"),
    ("Sở Khoa học và Công nghệ", "Sở KH&CN"),
    ("Công an tỉnh", "CA tỉnh"),
)
PEOPLE = ("Trần Thị Mai", "Lê Văn Đức", "Phạm Thu Hà", "Nguyễn Quốc Bảo", "Hoàng Minh Châu", "Đỗ Thị Lan")
#: Fast on purpose: tests check passwords, not the cost of hashing them.
_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Factories:
    """One per test. Every method commits and returns the stored object; keywords are columns of the model."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._body: Unit | None = None
        self._office: Unit | None = None
        self._numbers: dict[str, int] = {}

    def body(self) -> Unit:
        """The body (Ủy ban nhân dân tỉnh) at the root of the tree; made once."""
        if self._body is None:
            self._body = self._unit(None, name="Ủy ban nhân dân tỉnh Sơn Hà", short_name="UBND tỉnh")
        return self._body

    def office(self, *, parent: Unit | None = None, **columns: Any) -> Unit:
        """The coordinating office of the body, made once; with a parent or columns, another one."""
        if parent is None and not columns:
            if self._office is None:
                self._office = self._unit(
                    self.body(), name="Văn phòng Ủy ban nhân dân tỉnh", short_name="VP UBND tỉnh", is_office=True
                )
            return self._office
        number = self._next("office")
        return self._unit(
            parent or self.body(), **{"name": f"Văn phòng điều phối {number}", "is_office": True, **columns}
        )

    def unit(self, name: str | None = None, *, parent: Unit | None = None, **columns: Any) -> Unit:
        """A department under the body, or under ``parent``."""
        number = self._next("unit")
        if name is None:
            name, short = (
                DEPARTMENTS[number - 1] if number <= len(DEPARTMENTS) else (f"Phòng Chuyên môn số {number}", "")
            )
            columns.setdefault("short_name", short)
        return self._unit(parent or self.body(), name=name, **columns)

    def group(self, name: str = "các xã, phường", *, members: Sequence[Unit] = (), **columns: Any) -> UnitGroup:
        """A group of units."""
        return self._add(UnitGroup(name=name, folded=fold(name), members=list(members), **columns))

    def user(
        self,
        role: Role | None = Role.OFFICER,
        *,
        unit: Unit | None = None,
        password: str | None = None,
        **columns: Any,
    ) -> User:
        """A person with one post, or none with ``role=None``.

        Without a unit: officers and heads get a new department, coordinators the office, leaders and
        administrators the body.
        """
        number = self._next("user")
        name = columns.pop("full_name", None) or PEOPLE[(number - 1) % len(PEOPLE)]
        if role is not None and unit is None:
            unit = {Role.COORDINATOR: self.office, Role.LEADER: self.body, Role.ADMINISTRATOR: self.body}.get(
                role, self.unit
            )()
        user = self._add(
            User(
                **{
                    "email": f"nguoi-dung-{number}@sonha.example",
                    "full_name": name,
                    "search_text": search_words(name),
                    "password_hash": _HASHER.hash(password) if password is not None else None,
                    "created_at": self._clock(),
                    **columns,
                }
            )
        )
        if role is not None and unit is not None:
            self.membership(user, unit, role)
        return user

    def membership(self, user: User, unit: Unit, role: Role, **columns: Any) -> Membership:
        """Another post of a person."""
        return self._add(Membership(user_id=user.id, unit_id=unit.id, role=role, **columns))

    def channel(
        self, user: User, kind: ChannelKind = ChannelKind.EMAIL, address: str | None = None, **columns: Any
    ) -> Channel:
        """A proven address of a person."""
        return self._add(
            Channel(
                **{
                    "user_id": user.id,
                    "kind": kind,
                    "address": address or user.email,
                    "verified_at": self._clock(),
                    **columns,
                }
            )
        )

    def actor(self, user: User) -> Actor:
        """The person as the ``Actor`` that services ask for."""
        return actor_of(user.id, on=self._clock.today)

    def workflow(self, **columns: Any) -> WorkflowDefinition:
        """A workflow of its own revision."""
        number = self._next("workflow")
        return self._add(
            WorkflowDefinition(
                **{
                    "code": f"workflow-{number}",
                    "name": f"Quy trình {number}",
                    "created_at": self._clock(),
                    **columns,
                }
            )
        )

    def document(self, *, office: Unit | None = None, **columns: Any) -> Document:
        """A plan of the body, tracked by the office."""
        number = self._next("document")
        values = {
            "number": f"{number}/KH-UBND",
            "type": "Kế hoạch",
            "issuer": "Ủy ban nhân dân tỉnh Sơn Hà",
            "issued_on": self._clock.today - timedelta(days=30),
            "title": f"Kế hoạch chuyển đổi số, phần {number}",
            "office_unit_id": (office or self.office()).id,
            "created_at": self._clock(),
            **columns,
        }
        values.setdefault("number_folded", fold(values["number"]))
        values.setdefault("search_text", search_words(values["number"], values["title"]))
        return self._add(Document(**values))

    def task(
        self,
        content: str | None = None,
        *,
        unit: Unit | None = None,
        office: Unit | None = None,
        document: Document | None = None,
        due_on: date | None = None,
        state: TaskState = TaskState.ASSIGNED,
        **columns: Any,
    ) -> Task:
        """A task led by ``unit``; dated when ``due_on`` is given. A later state gets the marks that belong to it."""
        number = self._next("task")
        content = content or f"Rà soát, cập nhật dữ liệu dùng chung, đợt {number}"
        collective = columns.get("shape") is TaskShape.COLLECTIVE
        lead = None if collective else unit or self.unit()
        now = self._clock()
        values: dict[str, Any] = {
            "code": f"NV-{self._clock.today.year}-{number:06d}",
            "position": number,
            "tt": str(number),
            "content": content,
            "office_unit_id": (office or self.office()).id,
            "lead_unit_id": lead.id if lead is not None else None,
            "lead_wording": lead.name if lead is not None else "",
            "document_id": document.id if document is not None else None,
            "kind": DeadlineKind.DATE if due_on else DeadlineKind.NONE,
            "deadline_text": f"Trước {due_on:%d/%m/%Y}" if due_on else "",
            "original_due_on": due_on,
            "due_on": due_on,
            "state": state,
            "assigned_at": now,
            "created_at": now,
            "updated_at": now,
            **_marks(state, self._clock),
            **columns,
        }
        values.setdefault("search_text", search_words(values["code"], content, values.get("product")))
        task = Task(**values)
        set_due(task, task.due_on, calendar=work_calendar())
        return self._add(task)

    def coordination(self, task: Task, unit: Unit, **columns: Any) -> Coordination:
        """A coordinating unit of a task."""
        return self._add(
            Coordination(
                **{
                    "task_id": task.id,
                    "unit_id": unit.id,
                    "wording": unit.name,
                    "asked_at": self._clock(),
                    **columns,
                }
            )
        )

    def add(self, thing: T) -> T:
        """Store any other object."""
        return self._add(thing)

    def _unit(self, parent: Unit | None, **columns: Any) -> Unit:
        columns.setdefault("search_text", search_words(columns["name"], columns.get("short_name")))
        columns.setdefault("position", self._next("position"))
        with unit_of_work() as session:
            unit = Unit(parent_id=parent.id if parent is not None else None, **columns)
            session.add(unit)
            session.flush()
            unit.path = f"{parent.path if parent is not None else '/'}{unit.id}/"
        return unit

    def _add(self, thing: T) -> T:
        with unit_of_work() as session:
            session.add(thing)
        return thing

    def _next(self, kind: str) -> int:
        self._numbers[kind] = self._numbers.get(kind, 0) + 1
        return self._numbers[kind]


def _marks(state: TaskState, clock: Clock) -> dict[str, Any]:
    """What a task in this state carries beside the state itself."""
    marks: dict[str, Any] = {}
    if state is not TaskState.ASSIGNED:
        marks["acknowledged_at"] = clock()
    if state in (TaskState.AWAITING_APPROVAL, TaskState.AWAITING_CONFIRMATION, TaskState.COMPLETED):
        marks["delivered_on"] = clock.today
    if state is TaskState.COMPLETED:
        marks["confirmed_at"] = clock()
    return marks
