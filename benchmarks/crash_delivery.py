"""A thousand deaths: ``python benchmarks/crash_delivery.py [deaths]`` on ``TASKFLOW_DATABASE_URL`` or SQLite.

Processes that sweep and deliver are killed with SIGKILL at chosen steps (see tests/support/crashes.py) until
there were so many deaths. Ends with exit code 1 when a reminder was lost or queued twice, or when more doubles
arrived than deaths fell between the receiver's yes and our commit.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from taskflow.extensions import db
from taskflow.services import schema
from tests.support import crashes

PEOPLE = 40


def main() -> None:
    """Kill, count, judge."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = os.environ.pop("TASKFLOW_DATABASE_URL", "") or f"sqlite:///{folder / 'taskflow.sqlite3'}"
        with crashes.receiver(folder) as (port, arrived):
            app = crashes.application(url, folder, port)
            with app.app_context():
                schema.upgrade()
                engine = db.engine.dialect.name
                db.session.remove()
                db.engine.dispose()
            crashes.fill(app, PEOPLE)
            outcome = crashes.run(app, folder, arrived, people=PEOPLE, wanted_deaths=wanted, chance=0.03, seed=20260316)
        print(f"{engine}: {crashes.summary(outcome)}")
        faults = outcome.faults()
        for fault in faults:
            print(f"  WRONG: {fault}")
        sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
