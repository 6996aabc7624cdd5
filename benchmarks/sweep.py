"""How long a sweep takes and how much memory: ``python -m benchmarks.sweep`` on both databases, beside what is wanted.

It takes the options of ``benchmarks.bench``. One measurement, as that runs it, is ``--json TASKS PEOPLE UNITS``: it
takes the empty database of the environment, fills it with open
tasks, 30 % of them overdue, and sweeps twice: the first time everything is to be said, the second time nothing.
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import sys
from datetime import UTC, date, datetime, timedelta
from time import perf_counter, process_time

from sqlalchemy import insert

from benchmarks import bench
from taskflow.domain.deadlines import DeadlineKind
from taskflow.domain.permissions import Role
from taskflow.domain.states import TaskState
from taskflow.extensions import db
from taskflow.factory import create_app
from taskflow.models.org import Membership, Unit, User
from taskflow.models.task import Task
from taskflow.services import schema
from taskflow.services.reminders import sweep
from taskflow.services.unit_of_work import unit_of_work

NOW = datetime(2026, 3, 16, 1, 0, tzinfo=UTC)  # Monday 08:00 in the office
TODAY = date(2026, 3, 16)


def fill(tasks: int, people: int, units: int) -> None:
    """Units, people with posts, and open tasks of which 30 % are overdue and the rest due within 70 days."""
    body = {"id": 1, "path": "/1/", "name": "Ủy ban nhân dân"}
    office = {"id": 2, "parent_id": 1, "path": "/1/2/", "name": "Văn phòng", "is_office": True}
    departments = [{"id": n, "parent_id": 1, "path": f"/1/{n}/", "name": f"Đơn vị {n}"} for n in range(3, units + 3)]
    users = [
        {"id": n, "email": f"p{n}@office.example", "full_name": f"Người {n}", "created_at": NOW}
        for n in range(1, people + 1)
    ]
    posts = [{"user_id": 1, "unit_id": 2, "role": Role.HEAD}, {"user_id": 2, "unit_id": 1, "role": Role.LEADER}]
    for n in range(3, people + 1):
        role = Role.HEAD if n < 3 + units else Role.OFFICER
        posts.append({"user_id": n, "unit_id": 3 + (n - 3) % units, "role": role})
    with unit_of_work() as session:
        for table, rows in ((Unit, [body]), (Unit, [office]), (Unit, departments), (User, users), (Membership, posts)):
            session.execute(insert(table), rows)
        start = 0
        while start < tasks:
            size = min(10_000, tasks - start)
            session.execute(insert(Task), [_task(start + n + 1, people, units) for n in range(size)])
            start += size


def _task(number: int, people: int, units: int) -> dict[str, object]:
    overdue = number % 10 < 3
    due = TODAY + timedelta(days=-(number % 200) - 1 if overdue else number % 70)
    return {
        "id": number,
        "code": f"NV-2026-{number:06d}",
        "content": f"Rà soát, cập nhật cơ sở dữ liệu chuyên ngành, đợt {number}",
        "office_unit_id": 2,
        "lead_unit_id": 3 + number % units,
        "person_id": 3 + units + number % max(1, people - units - 3) if people > units + 3 else None,
        "kind": DeadlineKind.DATE,
        "due_on": due,
        "original_due_on": due,
        "state": TaskState.IN_PROGRESS,
        "acknowledged_at": NOW - timedelta(days=30),
        "assigned_at": NOW - timedelta(days=60),
        "created_at": NOW - timedelta(days=60),
        "updated_at": NOW - timedelta(days=60),
    }


def _prepare(tasks: int, people: int, units: int) -> None:
    with create_app().app_context():
        schema.upgrade()
        fill(tasks, people, units)
        db.session.remove()
        db.engine.dispose()


def main(tasks: int, people: int, units: int) -> None:
    """Fill (in a process of its own, so that the memory is the sweep's) and sweep; print one line for each sweep."""
    filling = multiprocessing.Process(target=_prepare, args=(tasks, people, units))
    filling.start()
    filling.join()
    app = create_app()
    for name in ("first", "again"):
        with app.app_context():
            start, busy = perf_counter(), process_time()
            sweep(NOW)
            seconds, cpu = perf_counter() - start, process_time() - busy
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(json.dumps({"name": name, "seconds": seconds, "cpu": cpu, "mb": peak}))
    with app.app_context():
        db.engine.dispose()


if __name__ == "__main__":
    if "--json" in sys.argv:
        main(*(int(argument) for argument in sys.argv[1:] if argument.isdigit()))
    else:
        bench.main(["--only", "sweep", *sys.argv[1:]])
