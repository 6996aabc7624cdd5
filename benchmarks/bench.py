"""Everything that is wanted of speed and memory, measured, as one Markdown report.

    python -m benchmarks.bench [--quick] [--only pages,work,…] [--database postgresql://…] [--write]

SQLite and PostgreSQL: the server that ``--database`` or ``TASKFLOW_TEST_DATABASE_URL`` names, or one started for the
run. ``--quick`` is a tenth of everything, for a look in between; ``--write`` puts the report into docs/performance.md.
Figures of one run belong together.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import psycopg

from benchmarks import bench_pages
from benchmarks.bench_pages import Visitor
from benchmarks.load import UNITS
from benchmarks.scratch import measured, scratch
from benchmarks.server import session_cookie
from taskflow.config import Settings
from taskflow.factory import create_app
from tests.support.databases import shared_server, stop_server
from tests.support.processes import free_port, running

REPORT = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
INTRODUCTION = """# Performance

Written by `make bench`. A page is compared with its floor: a bare Flask view on the same server that knows no sign-in,
runs one indexed query and renders the very same HTML from the same template and values. One keep-alive connection,
medians, page and floor in turn. 60 units, 30 % of the open tasks overdue.
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure, and how much of it."""

    sizes: tuple[int, ...]
    rows: int
    swept: int
    messages: int
    deaths: int
    #: Databases by name: "" is SQLite, anything else a PostgreSQL server.
    databases: dict[str, str]


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a table: what was measured, and what is wanted (``at_least`` or ``at_most``)."""

    what: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None

    def __str__(self) -> str:
        wanted, kept = "–", True
        if self.at_most is not None:
            wanted, kept = f"≤ {self.at_most:g} {self.unit}", self.value <= self.at_most
        if self.at_least is not None:
            wanted, kept = f"≥ {self.at_least:g} {self.unit}", self.value >= self.at_least
        figure = f"{self.value:.1f}" if self.value < 100 else f"{self.value:.0f}"
        return f"| {self.what} | {figure} {self.unit} | {wanted}{'' if kept else ' **missed**'} |"


def pages(plan: Plan) -> Iterator[str]:
    """Pages against their floor, at all sizes."""
    for name, server in plan.databases.items():
        yield f"## Pages on {name}\n"
        yield bench_pages.table(bench_pages.run(plan.sizes, database=server)) + "\n"


def history(plan: Plan) -> Iterator[str]:
    """The same pages with all that years leave behind."""
    for name, server in plan.databases.items():
        yield f"## Pages on {name}, with coordination, series and ten events a task\n"
        sizes = (plan.sizes[0], plan.sizes[-1])
        yield bench_pages.table(bench_pages.run(sizes, history=True, database=server)) + "\n"


def sweep(plan: Plan) -> Iterator[str]:
    """The sweep into digests: few people, many people, and a tenth of it to see that it grows linearly."""
    yield "## Sweep of open tasks into digests for 60 units\n"
    for name, server in plan.databases.items():
        figures = []
        for tasks, people, most in ((plan.swept, 120, 5), (plan.swept, 3_000, 8), (plan.swept // 10, 3_000, None)):
            with scratch(server) as environment:
                first, again = measured("sweep", tasks, people, UNITS, environment=environment)
            label = f"{tasks:,} tasks, {people:,} people"
            figures += [
                Figure(label, first["seconds"], "s", at_most=most),
                Figure(f"{label}, memory", first["mb"], "MB", at_most=300),
                Figure(f"{label}, once more with nothing to say", again["seconds"], "s"),
            ]
        yield _table(name, figures)


def work(plan: Plan) -> Iterator[str]:
    """Import commit and bulk actions."""
    yield f"## Bulk actions and import, {plan.rows:,} tasks each\n"
    for name, server in plan.databases.items():
        with scratch(server) as environment:
            found = measured("work", plan.rows, environment=environment)
        yield _table(
            name, [Figure(f"{one['name']}, {one['count']:,} tasks", one["seconds"], "s", at_most=3) for one in found]
        )


def delivery(plan: Plan) -> Iterator[str]:
    """Mails to a local server, alone and beside a provider that never answers."""
    yield "## Delivery to a local mail server, 4 workers\n"
    for name, server in plan.databases.items():
        least = 200 if server else 50
        figures = []
        for label, more in (("messages", ()), ("messages, another provider silent", ("--dead-provider",))):
            with scratch(server) as environment:
                (found,) = measured("delivery", plan.messages, 4, *more, environment=environment)
            figures.append(Figure(label, found["sent"] / found["seconds"], "messages/s", at_least=least))
        yield _table(name, figures)


def events(plan: Plan) -> Iterator[str]:
    """Events of Zalo, which wants its answer within two seconds, alone and beside two that write without a pause."""
    yield "## Events of Zalo, one after the other\n"
    for name, server in plan.databases.items():
        figures = []
        for label, writers in (("nobody else writes", 0), ("two others write without a pause", 2)):
            with scratch(server) as environment:
                (found,) = measured("events", plan.messages // 10, writers, environment=environment)
            figures += [
                Figure(f"{label}: median", found["median"] * 1000, "ms"),
                Figure(f"{label}: 95 of 100 within", found["p95"] * 1000, "ms"),
                Figure(f"{label}: slowest answer", found["slowest"] * 1000, "ms", at_most=2000),
                Figure(f"{label}: asked for again (503)", found["asked_again"], f"of {plan.messages // 10}"),
            ]
        figures.append(Figure("transactions of the two others meanwhile", found["written"], "a second"))
        yield _table(name, figures)


def deaths(plan: Plan) -> Iterator[str]:
    """Processes that sweep and deliver, killed at every step; the run fails where a reminder is lost or doubled."""
    yield f"## {plan.deaths:,} processes killed while they swept and delivered\n"
    for name, server in plan.databases.items():
        with scratch(server) as environment:
            command = [sys.executable, "-m", "benchmarks.crash_delivery", str(plan.deaths)]
            result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if result.returncode:
            raise RuntimeError(result.stdout + result.stderr[-1500:])
        yield f"{name}: {result.stdout.partition(': ')[2].strip()}\n"


def start(plan: Plan) -> Iterator[str]:
    """``taskflow serve``: from its start to the first page, and what it holds after a few."""
    yield "## A fresh process\n"
    for name, server in plan.databases.items():
        with scratch(server, port=free_port()) as environment:
            loaded = bench_pages.fill(environment, plan.sizes[0], history=False)
            begin = time.perf_counter()
            with running("serve", environment=environment) as process:
                port = int(environment["TASKFLOW_PORT"])
                _first_page(port, process)
                seconds = time.perf_counter() - begin
                visitor = Visitor(port, _cookie(environment, loaded.coordinator_id))
                for path in ("/overview", "/tasks/", f"/tasks/{loaded.task_id}", "/tasks/?q=giao+duc") * 3:
                    visitor.get(path)
                megabytes = _resident(process.pid)
        yield _table(
            name,
            [
                Figure("first page after", seconds, "s", at_most=2),
                Figure("memory after some pages", megabytes, "MB", at_most=150),
            ],
        )


def _first_page(port: int, process: subprocess.Popen[str]) -> None:
    while process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=5):
                return
        except OSError:
            time.sleep(0.01)
    raise RuntimeError("the server ended")


def _cookie(environment: dict[str, str], user_id: int) -> str:
    settings = Settings(
        data_dir=Path(environment["TASKFLOW_DATA_DIR"]), database_url=environment["TASKFLOW_DATABASE_URL"]
    )
    return session_cookie(create_app(settings), user_id)


def _resident(process_id: int) -> float:
    """Megabytes of memory that a process holds now."""
    status = Path(f"/proc/{process_id}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def _table(name: str, figures: list[Figure]) -> str:
    return "\n".join([f"| {name} | measured | wanted |", "| --- | ---: | ---: |", *map(str, figures)]) + "\n"


PARTS: dict[str, Callable[[Plan], Iterator[str]]] = {
    "pages": pages,
    "history": history,
    "sweep": sweep,
    "work": work,
    "delivery": delivery,
    "events": events,
    "start": start,
    "deaths": deaths,
}


def _machine(databases: dict[str, str]) -> str:
    versions = [f"Python {platform.python_version()}", f"SQLite {sqlite3.sqlite_version}"]
    for server in filter(None, databases.values()):
        with psycopg.connect(server) as connection:
            versions.append(f"PostgreSQL {connection.info.server_version // 10_000}")
    load = "/".join(f"{value:.1f}" for value in os.getloadavg())
    return f"{date.today():%Y-%m-%d}, {os.cpu_count()} processors, {', '.join(versions)}; load before the run {load}.\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what was asked for, print it as it comes, and keep it if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default=",".join(PARTS), help=", ".join(PARTS))
    parser.add_argument("--database", default="", help="a PostgreSQL server, postgresql://user@host/postgres")
    parser.add_argument("--write", action="store_true", help=f"write {REPORT.name}")
    options = parser.parse_args(arguments)
    part = 10 if options.quick else 1
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        server = options.database
        if not server:
            stack.callback(stop_server, Path(name))
            server = shared_server(Path(name)).url
        plan = Plan(
            sizes=bench_pages.SIZES[:2] if options.quick else bench_pages.SIZES,
            rows=1_000 // part,
            swept=100_000 // part,
            messages=2_000 // part,
            deaths=1_000 // part,
            databases={"SQLite": "", "PostgreSQL": server},
        )
        blocks = [INTRODUCTION, _machine(plan.databases)]
        print("\n".join(blocks), flush=True)
        for wanted in options.only.split(","):
            for block in PARTS[wanted](plan):
                blocks.append(block)
                print(block, flush=True)
    if options.write:
        REPORT.write_text("\n".join(blocks), encoding="utf-8")


if __name__ == "__main__":
    main()
