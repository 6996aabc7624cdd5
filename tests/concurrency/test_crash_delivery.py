"""Death at every step: nothing is lost, nothing is queued twice, doubles only where nobody can avoid them.

The long run is ``python benchmarks/crash_delivery.py``: at least 1,000 deaths on each database.
"""

from __future__ import annotations

from pathlib import Path

from tests.support import crashes


def test_killed_processes_lose_nothing_and_queue_nothing_twice(fresh_database: str, tmp_path: Path) -> None:
    with crashes.receiver(tmp_path) as (port, arrived):
        app = crashes.application(fresh_database, tmp_path, port)
        crashes.fill(app, people=8)
        outcome = crashes.run(app, tmp_path, arrived, people=8, wanted_deaths=15, chance=0.06, seed=7)
    assert outcome.faults() == [], crashes.summary(outcome)
    assert sum(outcome.deaths.values()) >= 15
    assert set(outcome.deaths) == crashes.STEPS
