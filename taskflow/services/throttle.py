"""Token buckets kept as rows, so that all processes count together.

A bucket holds ``capacity`` tokens and gets one back every ``seconds`` seconds. An attempt takes a
token before it is tried (two at once cannot share one) and gives it back when it was good.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from taskflow.models.system import Throttle


@dataclass(frozen=True, slots=True)
class Bucket:
    """A limit: ``capacity`` attempts at once, then one every ``seconds``."""

    key: str
    capacity: int
    seconds: float


#: A row untouched for so long says nothing any more: every bucket is full again.
KEEP = timedelta(days=2)


def take(session: Session, buckets: Sequence[Bucket], *, now: datetime) -> int:
    """Take a token from each bucket, or from none. Returns 0, or the seconds until it would work."""
    rows = [(bucket, _filled(session, bucket, now)) for bucket in sorted(buckets, key=lambda bucket: bucket.key)]
    wait = max((bucket.seconds * (1 - row.tokens) for bucket, row in rows), default=0.0)
    if wait > 0:
        return ceil(wait)
    for _bucket, row in rows:
        row.tokens -= 1
    return 0


def give_back(session: Session, buckets: Sequence[Bucket], *, now: datetime) -> None:
    """Return the token of a good attempt to each bucket."""
    for bucket in sorted(buckets, key=lambda bucket: bucket.key):
        row = _filled(session, bucket, now)
        row.tokens = min(float(bucket.capacity), row.tokens + 1)


def forget_old(session: Session, *, now: datetime) -> int:
    """Delete rows that nobody touched for ``KEEP``. Returns how many."""
    result = session.connection().execute(delete(Throttle).where(Throttle.updated_at < now - KEEP))
    return int(result.rowcount)


def _filled(session: Session, bucket: Bucket, now: datetime) -> Throttle:
    """The bucket's row, locked until the transaction ends, with what has flowed in since it was last touched."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    fresh = {"key": bucket.key, "tokens": float(bucket.capacity), "updated_at": now}
    session.execute(insert(Throttle).values(fresh).on_conflict_do_nothing(index_elements=["key"]))
    row = session.get_one(Throttle, bucket.key, with_for_update=True, populate_existing=True)
    elapsed = max(0.0, (now - row.updated_at).total_seconds())
    row.tokens = min(float(bucket.capacity), row.tokens + elapsed / bucket.seconds)
    row.updated_at = now
    return row
