"""Numbers that go up by one and are never given twice, also by two processes at once."""

from __future__ import annotations

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from taskflow.models.system import Sequence


def take_numbers(session: Session, name: str, count: int = 1) -> range:
    """Take the next ``count`` numbers of this sequence (a new one begins at 1); its row is locked until the commit."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(Sequence).values(name=name, value=count)
    statement = statement.on_conflict_do_update(
        index_elements=[Sequence.name], set_={"value": Sequence.value + statement.excluded.value}
    )
    last = session.scalars(statement.returning(Sequence.value)).one()
    return range(last - count + 1, last + 1)
