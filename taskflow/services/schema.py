"""The database schema: upgrade it, and know whether it is behind. One Alembic chain for both databases."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from taskflow import paths
from taskflow.extensions import WRITE_INTENT, db

# Alembic is imported by those who move the schema: a server would hold 10 MB of it for months.
if TYPE_CHECKING:
    from alembic.config import Config


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration for our chain, on this connection."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(paths.MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(revision: str = "head") -> None:
    """Bring the schema to this revision. Two processes at once: one waits (PostgreSQL) or finds it done."""
    from alembic import command

    _run(lambda config: command.upgrade(config, revision))


def downgrade(revision: str) -> None:
    """Take the schema back to this revision."""
    from alembic import command

    _run(lambda config: command.downgrade(config, revision))


def pending_migrations() -> bool:
    """Whether the schema is not the one that this version of the code needs: that of the last file of the chain."""
    last = max(file.name for file in (paths.MIGRATIONS / "versions").glob("[0-9]*.py"))
    connection = db.session.connection()
    if not inspect(connection).has_table("alembic_version"):
        return True
    return bool(connection.scalar(text("SELECT version_num FROM alembic_version")) != last.partition("_")[0])


def _run(step: Callable[[Config], None]) -> None:
    db.session.rollback()
    token = WRITE_INTENT.set(True)
    try:
        with db.engine.connect() as connection:
            step(alembic_config(connection))
    finally:
        WRITE_INTENT.reset(token)
