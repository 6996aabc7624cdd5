"""Every channel of two real nodes with clocks that differ, over idle hours, a cut and the end of a token.

The long run is ``python benchmarks/soak.py``: as many days of the clock as wanted.
"""

from __future__ import annotations

from pathlib import Path

from tests.support import soak


def test_each_message_of_each_channel_arrives_once_whatever_lies_between(fresh_database: str, tmp_path: Path) -> None:
    with soak.office(fresh_database, tmp_path) as office:
        soak.two_days(office)
        assert office.faults() == []
        assert office.receivers.stub.refreshes >= 1, "the token has been renewed"
