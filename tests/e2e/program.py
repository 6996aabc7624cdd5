"""``python -m tests.e2e.program``: the command line of taskflow, by a clock that a test sets.

The file named by ``E2E_CLOCK`` holds how many seconds this clock is ahead of the machine's. All
programs of one office read the same file, so that they agree on what time it is. ``E2E_REST`` is how many seconds
a courier rests that has nothing to send.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from taskflow import clock

FILE = Path(os.environ["E2E_CLOCK"])


def now() -> datetime:
    """The instant that the test wants."""
    return datetime.now(UTC) + timedelta(seconds=float(FILE.read_text(encoding="ascii")))


clock.system_now = now  # before the factory, which keeps the function, is imported

from taskflow.cli.main import cli  # noqa: E402 - see above
from taskflow.scheduling import couriers  # noqa: E402 - see above

couriers.REST_SECONDS = float(os.environ.get("E2E_REST", couriers.REST_SECONDS))

cli(prog_name="taskflow")
