"""How long the big pieces of work take: ``python -m benchmarks.work [rows] [--json]``.

Bulk actions on so many tasks and the commit of an import of so many rows, in the database of the environment
(``TASKFLOW_DATABASE_URL``, or SQLite in ``TASKFLOW_DATA_DIR``), which must be empty.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO
from time import perf_counter, process_time

from openpyxl import Workbook
from sqlalchemy import select

from benchmarks.load import UNITS, Loaded, load
from taskflow.domain.permissions import Actor
from taskflow.extensions import db
from taskflow.factory import create_app
from taskflow.models.task import Task
from taskflow.services import bulk, schema
from taskflow.services.actors import actor_of
from taskflow.services.bulk import BulkKind, BulkRequest
from taskflow.services.files import Upload
from taskflow.services.imports import reading
from taskflow.services.imports.commit import commit_rows
from taskflow.services.imports.uploads import Source, receive

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
TODAY = date(2026, 11, 20)
TASKS = 10_000


def main(rows: int, *, as_json: bool) -> None:
    """Fill, work, print one line for each piece of work."""
    app = create_app()
    with app.app_context():
        schema.upgrade()
        loaded = load(TASKS, today=TODAY)
        actor = actor_of(loaded.coordinator_id, on=TODAY)
        jobs: dict[str, Callable[[], int]] = _bulk(rows, actor) | {"import": _import(rows, actor, loaded)}
        for name, job in jobs.items():
            start, busy = perf_counter(), process_time()
            count = job()
            found = {"name": name, "count": count, "seconds": perf_counter() - start, "cpu": process_time() - busy}
            line = f"{name}: {count} in {found['seconds']:.2f} s, of which {found['cpu']:.2f} s computing"
            print(json.dumps(found) if as_json else line, flush=True)


def _bulk(rows: int, actor: Actor) -> dict[str, Callable[[], int]]:
    ids = list(db.session.scalars(select(Task.id).where(Task.is_open).order_by(Task.id).limit(rows)))
    requests = [
        BulkRequest(BulkKind.URGE, text="Đề nghị đơn vị khẩn trương báo cáo kết quả.", channel="email"),
        BulkRequest(BulkKind.MOVE_DATE, shift_days=7, reason="Điều chỉnh kế hoạch", decision_number="15/QĐ-UBND"),
        BulkRequest(BulkKind.TAG, add_tags=("trọng tâm",)),
    ]

    def run(request: BulkRequest) -> int:
        return len(bulk.run(request, ids, actor=actor, now=NOW).done)

    return {f"bulk {request.kind.value}": lambda request=request: run(request) for request in requests}  # type: ignore[misc] # bound here, not at the end of the loop


def _import(rows: int, actor: Actor, loaded: Loaded) -> Callable[[], int]:
    """An import that has been read and waits for its commit."""
    upload = Upload(_plan(rows), "ke-hoach.xlsx")
    source = Source(office_unit_id=loaded.office_id, issued_on=TODAY)
    job_id = receive(upload, source, actor=actor, now=NOW, max_mb=20).job_id
    if not reading.start(job_id, actor=actor, now=NOW, wait=300):
        raise RuntimeError("the plan was not read in time")
    return lambda: commit_rows(job_id, actor=actor, now=NOW).effect.made


def _plan(rows: int) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Phụ lục")
    sheet.append(
        ("TT", "Nội dung công việc", "Cơ quan chủ trì", "Cơ quan phối hợp", "Thời gian hoàn thành", "Sản phẩm")
    )
    for row in range(1, rows + 1):
        lead, helper = (f"Sở Chuyên môn số {(row + step) % UNITS + 1:02d}" for step in (0, 7))
        content = f"Rà soát, hoàn thiện cơ sở dữ liệu chuyên ngành của lĩnh vực số {row}"
        sheet.append([row, content, lead, helper, f"{row % 28 + 1}/12/2026", "Báo cáo kết quả"])
    file = BytesIO()
    book.save(file)
    return file.getvalue()


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:] if argument.isdigit()]
    main(numbers[0] if numbers else 1_000, as_json="--json" in sys.argv)
