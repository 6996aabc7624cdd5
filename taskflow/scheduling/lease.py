"""A named right that one node holds until an instant. It only saves work: correctness rests on unique keys.

Written and compared by the database's time: the clocks of two nodes may differ by more than a lease is long.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, or_, update
from sqlalchemy.dialects import postgresql, sqlite

from taskflow.clock import database_now
from taskflow.models.system import Lease
from taskflow.services.unit_of_work import unit_of_work

#: How long a lease holds without being renewed. Another node takes over within two of these.
LENGTH = timedelta(seconds=60)


def hold(name: str, holder: str) -> bool:
    """Take or keep the lease; whether this node has it now."""
    with unit_of_work() as session:
        now = database_now()
        connection = session.connection()
        make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        fresh = {"name": name, "holder": holder, "expires_at": now + LENGTH}
        made = connection.execute(make(Lease).values(fresh).on_conflict_do_nothing(index_elements=["name"]))
        if made.rowcount == 1:
            return True
        kept = connection.execute(
            update(Lease)
            .where(
                Lease.name == name,
                or_(
                    Lease.holder == holder,
                    Lease.expires_at <= now,
                    # A lease further ahead than one can be made was written before the database's clock was set back.
                    Lease.expires_at > now + 2 * LENGTH,
                ),
            )
            .values(holder=holder, expires_at=now + LENGTH)
        )
        return kept.rowcount == 1


def let_go(name: str, holder: str) -> None:
    """Give the lease back, so that another node need not wait for its end."""
    with unit_of_work() as session:
        session.connection().execute(delete(Lease).where(Lease.name == name, Lease.holder == holder))
