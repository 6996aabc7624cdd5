"""Fill a database with an office of 60 units and as many tasks as asked for, the way an office has them.

30 % of the open tasks are overdue and half of the tasks have a person in charge. With ``history`` each task has ten
events, two coordinating units and a report, one in fifty is collective with two members, one in forty belongs to a
series. Everything is made from a fixed seed, so that two runs load the same.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import insert, select, text

from taskflow.domain.calendar import WorkCalendar
from taskflow.domain.deadlines import DeadlineKind, counted_due
from taskflow.domain.permissions import Role
from taskflow.domain.search import search_words
from taskflow.domain.states import TaskState
from taskflow.extensions import db
from taskflow.models.base import Base
from taskflow.models.document import Document
from taskflow.models.org import Membership, Unit, User
from taskflow.models.outbox import Channel, ChannelKind
from taskflow.models.task import (
    Coordination,
    CoordinationState,
    Priority,
    ProgressReport,
    Series,
    Task,
    TaskEvent,
    TaskShape,
)
from taskflow.services.calendar import work_calendar
from taskflow.services.unit_of_work import unit_of_work

UNITS = 60
TASKS_A_DOCUMENT = 100
CHUNK = 2000

_VERBS = (
    "Xây dựng",
    "Rà soát",
    "Tổ chức",
    "Triển khai",
    "Hoàn thiện",
    "Tổng kết",
    "Kiểm tra",
    "Tham mưu",
    "Cập nhật",
    "Đánh giá",
)
_OBJECTS = (
    "kế hoạch chuyển đổi số", "đề án nâng cao chất lượng giáo dục và đào tạo", "cơ sở dữ liệu đất đai",
    "hệ thống thông tin giải quyết thủ tục hành chính", "quy chế phối hợp bảo vệ môi trường",
    "chương trình phát triển nông thôn mới", "phương án phòng, chống thiên tai", "mạng lưới y tế cơ sở",
    "danh mục đầu tư công trung hạn", "công tác tiếp công dân và giải quyết khiếu nại",
)  # fmt: skip
_PLACES = ("trên địa bàn tỉnh", "tại các xã, phường", "trong các cơ quan nhà nước", "cho hộ nghèo", "ở khu công nghiệp")


@dataclass(frozen=True, slots=True)
class Loaded:
    """Who to sign in as, and a task to open."""

    coordinator_id: int
    #: The head of the first unit.
    head_id: int
    office_id: int
    task_id: int
    tasks: int


def load(tasks: int, *, today: date, people: int = 0, history: bool = False, seed: int = 20261122) -> Loaded:
    """Fill the (empty, migrated) database of the current application."""
    chance = random.Random(seed)
    now = datetime(today.year, today.month, today.day, 2, tzinfo=UTC)
    office_id, unit_ids, coordinator_id, head_id = _organisation(now, people)
    documents = _documents(max(1, tasks // TASKS_A_DOCUMENT), office_id, now, chance)
    calendar = work_calendar()
    with unit_of_work():
        series = _series(office_id, unit_ids, now) if history else []
        rows = _tasks(tasks, office_id, unit_ids, documents, calendar, now, chance, head_id, series)
        _insert(Task, rows)
        if history:
            _insert(TaskEvent, _events(tasks, now))
            _insert(Coordination, _lines(tasks, unit_ids, now))
            _insert(ProgressReport, _reports(tasks, now, chance))
    with db.engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()
        open_task = connection.scalar(
            select(Task.id)
            .where(Task.state == TaskState.IN_PROGRESS, Task.shape == TaskShape.SINGLE, Task.id >= tasks // 2)
            .order_by(Task.id)
            .limit(1)
        )
    return Loaded(coordinator_id, head_id, office_id, task_id=open_task or 1, tasks=tasks)


def _organisation(now: datetime, people: int) -> tuple[int, list[int], int, int]:
    with unit_of_work() as session:
        body = Unit(name="Ủy ban nhân dân tỉnh Sơn Hà", short_name="UBND tỉnh", path="/1/")
        session.add(body)
        session.flush()
        body.path = f"/{body.id}/"
        made = [Unit(name="Văn phòng UBND tỉnh", short_name="VP", is_office=True, parent_id=body.id)]
        made += [
            Unit(
                name=f"Sở Chuyên môn số {number:02d}",
                short_name=f"Sở số {number:02d}",
                parent_id=body.id,
                position=number,
            )
            for number in range(1, UNITS + 1)
        ]
        session.add_all(made)
        session.flush()
        for unit in made:
            unit.path = f"{body.path}{unit.id}/"
            unit.search_text = search_words(unit.name)
        office, units = made[0], made[1:]
        coordinator = User(email="vanphong@sonha.example", full_name="Trần Thị Mai", created_at=now)
        session.add(coordinator)
        session.flush()
        session.add(Membership(user_id=coordinator.id, unit_id=office.id, role=Role.COORDINATOR))
        wanted = max(people, 2 * UNITS)
        users = [
            User(email=f"nguoi{number}@sonha.example", full_name=f"Nguyễn Văn {number}", created_at=now)
            for number in range(wanted)
        ]
        session.add_all(users)
        session.flush()
        for number, user in enumerate(users):
            role = Role.HEAD if number < UNITS else Role.OFFICER
            session.add(Membership(user_id=user.id, unit_id=units[number % UNITS].id, role=role))
            session.add(Channel(user_id=user.id, kind=ChannelKind.EMAIL, address=user.email, verified_at=now))
        return office.id, [unit.id for unit in units], coordinator.id, users[0].id


def _documents(number: int, office_id: int, now: datetime, chance: random.Random) -> list[int]:
    with unit_of_work() as session:
        rows = [
            Document(
                number=f"{index + 1}/KH-UBND",
                type="Kế hoạch",
                issuer="Ủy ban nhân dân tỉnh Sơn Hà",
                issued_on=(now - timedelta(days=chance.randint(30, 900))).date(),
                title=f"Kế hoạch công tác số {index + 1}",
                office_unit_id=office_id,
                created_at=now,
            )
            for index in range(number)
        ]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


def _tasks(
    number: int,
    office_id: int,
    unit_ids: list[int],
    documents: list[int],
    calendar: WorkCalendar,
    now: datetime,
    chance: random.Random,
    head_id: int,
    series: list[int],
) -> Iterator[dict[str, Any]]:
    """Rows of the table; their ids will be 1, 2, 3 … ``head_id`` is the first of the heads, one for each unit; after
    them come their officers in the same order."""
    today = now.date()
    states = [TaskState.COMPLETED] * 60 + [TaskState.IN_PROGRESS] * 22 + [TaskState.ASSIGNED] * 9
    states += [TaskState.AWAITING_CONFIRMATION] * 5 + [TaskState.SUSPENDED] * 2 + [TaskState.CANCELLED] * 2
    for index in range(number):
        state = chance.choice(states)
        is_open = state not in (TaskState.COMPLETED, TaskState.CANCELLED)
        kind = (
            DeadlineKind.DATE if chance.random() < 0.92 else chance.choice((DeadlineKind.CONTINUOUS, DeadlineKind.NONE))
        )
        late = chance.random() < 0.3
        offset = -chance.randint(1, 120) if late or not is_open else chance.randint(0, 300)
        due = today + timedelta(days=offset) if kind is DeadlineKind.DATE else None
        delivered = None
        if state in (TaskState.COMPLETED, TaskState.AWAITING_CONFIRMATION):
            delivered = min(today, (due or today) + timedelta(days=chance.randint(-20, 10)))
        assigned = now - timedelta(days=chance.randint(1, 500))
        content = f"{chance.choice(_VERBS)} {chance.choice(_OBJECTS)} {chance.choice(_PLACES)}, đợt {index + 1}"
        code = f"CV-{today.year}-{index + 1:06d}"  # beside the numbers that the application gives
        unit = chance.randrange(UNITS)
        shape, parent_id = TaskShape.SINGLE, None
        if series and index % 50 < 3 and index + 3 < number:
            shape = TaskShape.COLLECTIVE if index % 50 == 0 else TaskShape.MEMBER
            parent_id = index // 50 * 50 + 1 if index % 50 else None
        period = due.isoformat() if due and series and index % 40 == 39 else ""
        series_id = series[index // 40 % len(series)] if period else None
        yield {
            "code": code,
            "document_id": documents[index // TASKS_A_DOCUMENT % len(documents)],
            "position": index,
            "tt": str(index % TASKS_A_DOCUMENT + 1),
            "group_label": "",
            "content": content,
            "product": "Báo cáo",
            "note": "",
            "priority": Priority.NORMAL,
            "search_text": search_words(code, content, "Báo cáo"),
            "shape": shape,
            "parent_id": parent_id,
            "series_id": series_id,
            "series_key": f"{series_id}:{index}" if series_id else None,
            "office_unit_id": office_id,
            "lead_unit_id": None if shape is TaskShape.COLLECTIVE else unit_ids[unit],
            "person_id": head_id + UNITS + unit if shape is TaskShape.SINGLE and chance.random() < 0.5 else None,
            "lead_wording": "",
            "kind": kind,
            "deadline_text": f"{due:%d/%m/%Y}" if due else "Thường xuyên" if kind is DeadlineKind.CONTINUOUS else "",
            "original_due_on": due,
            "due_on": due,
            "counted_due_on": counted_due(due, False, calendar) if due else None,
            "exclusive": False,
            "rule": "",
            "deadline_confirmed": True,
            "period": period,
            "state": state,
            "assigned_at": assigned,
            "acknowledged_at": None if state is TaskState.ASSIGNED else assigned + timedelta(hours=5),
            "delivered_on": delivered,
            "confirmed_at": now if state is TaskState.COMPLETED else None,
            "needs_decision": chance.random() < 0.005,
            "delay_cause": "",
            "extension_count": 0,
            "urge_count": 0,
            "returned_count": 0,
            "created_at": assigned,
            "updated_at": assigned,
            "version": 1,
        }


def _series(office_id: int, unit_ids: list[int], now: datetime) -> list[int]:
    with unit_of_work() as session:
        rows = [
            Series(
                office_unit_id=office_id,
                content=f"Báo cáo định kỳ số {number + 1}",
                lead_unit_ids=[unit_ids[number % UNITS]],
                rule="FREQ=MONTHLY;BYMONTHDAY=25",
                starts_on=now.date(),
                created_at=now,
            )
            for number in range(UNITS)
        ]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


def _insert(model: type[Base], rows: Iterator[dict[str, Any]]) -> None:
    session = db.session()
    while chunk := list(islice(rows, CHUNK)):
        session.execute(insert(model), chunk)


def _events(tasks: int, now: datetime) -> Iterator[dict[str, Any]]:
    for task_id in range(1, tasks + 1):
        for step in range(10):
            yield {
                "task_id": task_id,
                "at": now - timedelta(days=10 - step),
                "actor_id": 1 + (task_id + step) % 60,
                "kind": ("assigned", "acknowledged", "progress")[min(step, 2)],
                "reason": "",
                "data": {},
            }


def _lines(tasks: int, unit_ids: list[int], now: datetime) -> Iterator[dict[str, Any]]:
    for task_id in range(1, tasks + 1):
        for step in range(2):
            answered = (task_id + step) % 3 > 0
            yield {
                "task_id": task_id,
                "unit_id": unit_ids[(task_id * 7 + step) % len(unit_ids)],
                "state": CoordinationState.ANSWERED if answered else CoordinationState.ASKED,
                "asked_at": now,
                "answer": "Thống nhất với dự thảo." if answered else "",
                "waited_days": 0,
                "version": 1,
            }


def _reports(tasks: int, now: datetime, chance: random.Random) -> Iterator[dict[str, Any]]:
    for task_id in range(1, tasks + 1):
        yield {
            "task_id": task_id,
            "is_final": False,
            "at": now - timedelta(days=chance.randint(1, 60)),
            "by_id": 1 + task_id % 60,
            "result": "Đã hoàn thành dự thảo, đang lấy ý kiến các đơn vị.",
            "percent": 50,
            "needs_decision": False,
        }
