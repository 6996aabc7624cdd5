"""One use case, one transaction. The only place that commits.

``with unit_of_work() as session:`` ends the read transaction that may be open, begins a writing
one (``BEGIN IMMEDIATE`` on SQLite) and commits at the end, or rolls back on any exception.
Inside another unit of work it joins that one, so that a bulk action is one transaction.
Writing outside of it is refused: see ``_refuse_stray_writes``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVarTuple

from sqlalchemy import Result, Select, event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.orm.exc import StaleDataError

from taskflow.domain.errors import Conflict
from taskflow.extensions import WRITE_INTENT, db

_Columns = TypeVarTuple("_Columns")

#: Key in ``Session.info`` of what is done first in the next unit of work, and again until one has committed.
AT_BEGIN = "at_begin"


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """Yield the session of one writing transaction.

    Raises ``Conflict`` when another transaction changed the same row meanwhile (version column),
    or when a unique key says that the thing exists already (``params["constraint"]`` has the
    database's words, of which the constraint's name is a part).
    """
    session = db.session()
    if WRITE_INTENT.get():
        yield session
        return
    session.rollback()
    token = WRITE_INTENT.set(True)
    try:
        if AT_BEGIN in session.info:
            session.info[AT_BEGIN](session)
        yield session
        session.commit()
        session.info.pop(AT_BEGIN, None)
    except StaleDataError as error:
        session.rollback()
        raise Conflict("conflict.changed_meanwhile") from error
    except IntegrityError as error:
        session.rollback()
        raise Conflict("conflict.exists", constraint=str(error.orig)) from error
    except BaseException:
        session.rollback()
        raise
    finally:
        WRITE_INTENT.reset(token)


def stream(session: Session, statement: Select[*_Columns], *, rows: int) -> Result[*_Columns]:
    """Read a long result in portions of so many rows, in a transaction of its own where reading has none."""
    return session.execute(statement.execution_options(yield_per=rows), bind_arguments={"bind": db.engine})


@event.listens_for(Session, "before_flush")
def _refuse_stray_writes(session: Session, *_: object) -> None:
    if not WRITE_INTENT.get() and (session.new or session.deleted or any(map(session.is_modified, session.dirty))):
        raise RuntimeError("write inside `with unit_of_work()`: everything else only reads")


@event.listens_for(Session, "do_orm_execute")
def _refuse_stray_statements(state: ORMExecuteState) -> None:
    if not WRITE_INTENT.get() and (state.is_insert or state.is_update or state.is_delete):
        raise RuntimeError("write inside `with unit_of_work()`: everything else only reads")
