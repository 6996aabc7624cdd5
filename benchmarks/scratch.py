"""Databases that exist for one measurement, and processes that measure and say what they found."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.databases import Server
from tests.support.processes import environment


@contextmanager
def scratch(server: str, **settings: object) -> Iterator[dict[str, str]]:
    """The environment of processes on an empty database: SQLite, or one made on the PostgreSQL ``server``."""
    settings = {"log_level": "ERROR", **settings}
    with tempfile.TemporaryDirectory() as folder:
        if not server:
            yield environment(Path(folder), "", **settings)
            return
        there = Server(server)
        name = there.create()
        try:
            yield environment(Path(folder), there.address(name), **settings)
        finally:
            there.drop(name)


def measured(module: str, *arguments: object, environment: dict[str, str]) -> list[dict[str, Any]]:
    """Run ``benchmarks.<module> --json`` in a process of its own; the objects that it prints, one a line.

    Raises RuntimeError with the end of what it complained about when it fails.
    """
    command = [sys.executable, "-m", f"benchmarks.{module}", *map(str, arguments), "--json"]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if result.returncode:
        raise RuntimeError(f"{module} failed: {result.stderr[-1500:]}")
    return [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]
