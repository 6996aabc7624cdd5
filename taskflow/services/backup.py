"""One file with everything that an SQLite installation keeps: database, uploaded files, secret key.

The database is copied by SQLite's online backup while people work; files are known by their content
and never change, so those copied afterwards are at least those that the copied database names.
"""

from __future__ import annotations

import sqlite3
import tarfile
import tempfile
from collections.abc import Collection
from pathlib import Path

from flask import current_app

from taskflow.config import Settings
from taskflow.domain.errors import Invalid
from taskflow.extensions import db
from taskflow.services import files

DATABASE_NAME = "taskflow.sqlite3"


def back_up(target: Path) -> int:
    """Write the backup to ``target`` (.tar.gz) and return its size in bytes.

    Raises ``Invalid`` with ``backup.not_sqlite`` when PostgreSQL holds the data (its own tools copy it),
    ``backup.exists`` when the file is there already, ``backup.damaged`` when the copy fails its check.
    """
    if db.engine.dialect.name != "sqlite":
        raise Invalid("backup.not_sqlite", "target", address=db.engine.url.render_as_string(hide_password=True))
    if target.exists():
        raise Invalid("backup.exists", "target", path=str(target))
    settings: Settings = current_app.config["TASKFLOW"]
    draft = target.with_name(target.name + ".part")
    with tempfile.TemporaryDirectory(dir=target.absolute().parent) as folder:
        copy = Path(folder) / DATABASE_NAME
        _copy_database(copy)
        try:
            with tarfile.open(draft, "w:gz", compresslevel=3) as archive:
                archive.add(copy, DATABASE_NAME)
                kept = files.backed_up(db.session())
                for name in ("files", "secret_key"):
                    if (settings.data_dir / name).exists():
                        archive.add(settings.data_dir / name, name, filter=lambda entry: _wanted(entry, kept))
            draft.chmod(0o600)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
    return target.stat().st_size


def _wanted(entry: tarfile.TarInfo, kept: Collection[str]) -> tarfile.TarInfo | None:
    """Leave out what nothing keeps, and files that were not read yet: they may be secret."""
    stands_in_store = entry.isfile() and entry.name.startswith("files/")
    return None if stands_in_store and entry.name.rpartition("/")[2] not in kept else entry


def _copy_database(copy: Path) -> None:
    source = db.engine.raw_connection()
    try:
        target = sqlite3.connect(copy)
        try:
            connection = source.driver_connection
            if not isinstance(connection, sqlite3.Connection):
                raise TypeError("the sqlite3 driver is expected")
            connection.backup(target)
            (verdict,) = target.execute("PRAGMA integrity_check").fetchone()
            target.execute("PRAGMA journal_mode=DELETE")
        finally:
            target.close()
    finally:
        source.close()
    if verdict != "ok":
        raise Invalid("backup.damaged", "target", verdict=verdict)
