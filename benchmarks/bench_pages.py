"""Pages at 1,000, 10,000 and 100,000 tasks against their floor: same server, same run, one connection.

python -m benchmarks.bench_pages [sizes] [--history] [--database postgresql://…]
"""

from __future__ import annotations

import argparse
import http.client
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.load import Loaded, load
from benchmarks.scratch import scratch
from taskflow.config import Settings
from taskflow.extensions import db
from taskflow.factory import create_app
from taskflow.services import schema
from tests.support.processes import free_port, wait_until_served

TODAY = date(2026, 11, 20)
SIZES = (1_000, 10_000, 100_000)
ROUNDS = 60
HERE = Path(__file__).resolve().parent.parent
#: Pages without a floor, measured so that nobody is surprised.
OTHERS = {"overview": "/overview", "documents": "/documents/", "all tasks": "/tasks/?shown=all"}


@dataclass(frozen=True, slots=True)
class Timing:
    """Medians in milliseconds of one page and of its floor, taken in turn. Without a floor that is None."""

    name: str
    page_ms: float
    floor_ms: float | None

    @property
    def ratio(self) -> float:
        """How many times the floor the page takes."""
        return self.page_ms / self.floor_ms if self.floor_ms else 0.0


def fill(environment: Mapping[str, str], tasks: int, *, history: bool) -> Loaded:
    """Make the schema in the empty database of this environment and fill it with so many tasks."""
    settings = Settings(
        data_dir=Path(environment["TASKFLOW_DATA_DIR"]),
        database_url=environment["TASKFLOW_DATABASE_URL"],
        log_level="ERROR",
    )
    with create_app(settings).app_context():
        schema.upgrade()
        loaded = load(tasks, today=TODAY, history=history)
        db.session.remove()
        db.engine.dispose()
        return loaded


class Visitor:
    """One keep-alive connection to the server."""

    def __init__(self, port: int, cookie: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._cookie = cookie
        self.content = b""

    def get(self, path: str, *, floor: str = "") -> float:
        """Fetch a page; returns the milliseconds. Raises RuntimeError for anything but 200."""
        return self._ask("GET", path, {"X-Floor": floor} if floor else {}, (200,))

    def post(self, path: str, body: str) -> float:
        """Send a form and follow its redirect; returns the milliseconds of both."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", path, headers, (303, 302), body)

    def _ask(self, method: str, path: str, headers: dict[str, str], good: tuple[int, ...], body: str = "") -> float:
        begin = time.perf_counter()
        self._connection.request(method, path, body or None, {**headers, "Cookie": self._cookie})
        response = self._connection.getresponse()
        self.content = response.read()
        taken = (time.perf_counter() - begin) * 1000
        if response.status not in good:
            raise RuntimeError(f"{method} {path}: {response.status} {self.content[-300:]!r}")
        target = response.getheader("Location")
        return taken + (self.get(target.partition("#")[0]) if method == "POST" and target else 0)


@contextmanager
def server(environment: Mapping[str, str], user_id: int) -> Iterator[tuple[int, str]]:
    """A server process on this database: its port, and the cookie of the signed-in person."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.server", str(port), str(user_id)],
        cwd=HERE, env={**environment, "BENCH_TODAY": TODAY.isoformat()}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        if process.stdout is None:
            raise RuntimeError("no pipe")
        cookie = process.stdout.readline().strip()
        wait_until_served(f"http://127.0.0.1:{port}/healthz", process)
        yield port, cookie
    finally:
        process.kill()
        process.wait()


def measure(loaded: Loaded, port: int, cookie: str) -> list[Timing]:
    """Each page and its floor, in turn, after a warm-up of both."""
    visitor, stranger = Visitor(port, cookie), Visitor(port, "")
    task, office = loaded.task_id, loaded.office_id
    pages = {
        "list": ("/tasks/?label=overdue", "/floor/list"),
        "task": (f"/tasks/{task}", f"/floor/task?task={task}"),
        "statistic": ("/overview/units", f"/floor/statistic?office={office}"),
        "search": ("/tasks/?q=giao+duc", "/floor/search"),
    }
    timings = []
    for name, (page, floor) in pages.items():
        visitor.get(page, floor=name)
        for _ in range(5):
            visitor.get(page)
            stranger.get(floor)
        pairs = [(visitor.get(page), stranger.get(floor)) for _ in range(ROUNDS)]
        timings.append(_timing(name, pairs))
    timings.append(_timing("change", _changes(visitor, stranger, task)))
    for name, page in OTHERS.items():
        visitor.get(page)
        timings.append(Timing(name, statistics.median(visitor.get(page) for _ in range(ROUNDS // 3)), None))
    return timings


def _changes(visitor: Visitor, stranger: Visitor, task: int) -> list[tuple[float, float]]:
    """Changing the state of a task and seeing its page again, against one UPDATE and the same page."""
    pairs = []
    for turn in range(ROUNDS // 2):
        action = "resume" if turn % 2 else "suspend"
        visitor.get(f"/tasks/{task}/{action}")
        version = re.search(rb'name="version"[^>]*value="(\d+)"', visitor.content)
        if version is None:
            raise RuntimeError(f"the form of {action} has no version")
        body = urlencode({"version": version[1].decode(), "reason": "Chờ hướng dẫn của cấp trên"})
        page = visitor.post(f"/tasks/{task}/{action}", body)
        pairs.append((page, stranger.post(f"/floor/change?task={task}", "on=1")))
    return pairs


def _timing(name: str, pairs: list[tuple[float, float]]) -> Timing:
    return Timing(name, statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs))


def run(sizes: Sequence[int] = SIZES, *, history: bool = False, database: str = "") -> dict[int, list[Timing]]:
    """Measure all pages at all sizes; ``database`` is a PostgreSQL server, or "" for SQLite."""
    found = {}
    for size in sizes:
        with scratch(database) as environment:
            loaded = fill(environment, size, history=history)
            with server(environment, loaded.coordinator_id) as (port, cookie):
                found[size] = measure(loaded, port, cookie)
    return found


#: How many times the floor a page may take at the largest size, and its growth from the smallest to it.
WANTED = {"list": (2.0, 1.5), "task": (2.0, 1.5), "statistic": (2.0, None), "search": (2.0, 1.5), "change": (3.0, 1.5)}


def table(found: dict[int, list[Timing]]) -> str:
    """The figures as a Markdown table; what misses what is wanted is marked."""
    sizes = list(found)
    lines = ["| page | " + " | ".join(f"{size:,} tasks" for size in sizes) + " | wanted | growth | wanted |"]
    lines.append("| --- " + "| ---: " * (len(sizes) + 3) + "|")
    for index, timing in enumerate(found[sizes[0]]):
        row = [found[size][index] for size in sizes]
        ratio, most = WANTED.get(timing.name, (None, None))
        growth = row[-1].page_ms / timing.page_ms
        lines.append(
            f"| {timing.name} | "
            + " | ".join(_cell(one) for one in row)
            + f" | {_most(row[-1].ratio, ratio)} | {growth:.2f} | {_most(growth, most)} |"
        )
    return "\n".join(lines)


def _cell(timing: Timing) -> str:
    if timing.floor_ms is None:
        return f"{timing.page_ms:.1f} ms"
    return f"{timing.page_ms:.1f} ms, floor {timing.floor_ms:.1f}: **{timing.ratio:.2f}×**"


def _most(value: float, wanted: float | None) -> str:
    if wanted is None:
        return "–"
    return f"≤ {wanted:g}" + ("" if value <= wanted else " **missed**")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=list(SIZES))
    parser.add_argument("--history", action="store_true")
    parser.add_argument("--database", default="")
    options = parser.parse_args()
    print(table(run(options.sizes, history=options.history, database=options.database)))


if __name__ == "__main__":
    main()
