"""Documents of the sizes that the reader must be quick with, made from the tests' fictional plans.

Used by ``benchmarks.bench_import``; each is read in a process of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tests.unit.documents.office_files import as_docx, as_xlsx
from tests.unit.documents.pdf_plans import as_ruled_pdf
from tests.unit.documents.plans import Plan, make_plan

#: name of the file, rows, writer, seconds allowed (issue: speed and memory)
CASES: tuple[tuple[str, int, Callable[[Plan], bytes], float], ...] = (
    ("150 rows.docx", 150, as_docx, 1.0),
    ("150 rows.xlsx", 150, as_xlsx, 1.0),
    ("2,000 rows.xlsx", 2_000, as_xlsx, 2.0),
    ("60 pages.pdf", 900, as_ruled_pdf, 15.0),
)
PEAK_MB = 300


def large_plan(rows: int) -> Plan:
    """A plan of ``rows`` tasks in five or six columns, groups on one level."""
    plan = make_plan(4, merging=False)
    layout = replace(plan.layout, repeat_head_at=None, ditto=None, total_row=False)
    tasks = []
    for number in range(rows):
        task = plan.tasks[number % len(plan.tasks)]
        tasks.append(
            replace(task, tt=str(number + 1), groups=(), ditto=set(), content=f"{task.content} đợt {number + 1}")
        )
    return Plan(tasks, layout)


def write_cases(folder: Path) -> list[tuple[Path, int, float]]:
    """(file, rows, seconds allowed) of every case."""
    made = []
    for name, rows, write, seconds in CASES:
        path = folder / name
        path.write_bytes(write(large_plan(rows)))
        made.append((path, rows, seconds))
    return made
