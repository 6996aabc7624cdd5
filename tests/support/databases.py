"""Real databases for tests: SQLite files, and a PostgreSQL server of our own that all workers share.

``TASKFLOW_TEST_DATABASE_URL`` names a server to use instead (its user must be allowed to create
databases). Otherwise the system's ``initdb`` makes one in a temporary folder, started by the first
worker that needs it and stopped when the test run ends.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

SERVER_URL = "TASKFLOW_TEST_DATABASE_URL"
BINARIES = ("/usr/lib/postgresql/*/bin", "/usr/local/pgsql/bin", "/opt/homebrew/opt/postgresql*/bin")
#: A server that forgets everything afterwards need not wait for the disk.
CONFIGURATION = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
port = {port}
fsync = off
synchronous_commit = off
full_page_writes = off
shared_buffers = 64MB
max_connections = 200
"""


class Server:
    """A PostgreSQL server at ``url`` in which databases can be made and dropped."""

    def __init__(self, url: str) -> None:
        self.url = url

    def create(self, template: str | None = None) -> str:
        """Make a database, as a copy of ``template`` if given. Returns its name."""
        name = f"taskflow_test_{secrets.token_hex(6)}"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(template or "template0")
        )
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)
        return name

    def drop(self, name: str) -> None:
        """Drop a database, and whoever is still connected to it."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def address(self, name: str) -> str:
        """The address of one database of this server."""
        base, _, query = self.url.partition("?")
        return f"{base.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")


def shared_server(folder: Path) -> Server:
    """The server of this test run: the one named by the environment, or one started in ``folder`` once."""
    named = os.environ.get(SERVER_URL)
    if named:
        return Server(named.replace("postgresql+psycopg://", "postgresql://"))
    note = folder / "postgresql.url"
    with _locked(folder / "postgresql.lock"):
        if not note.exists():
            note.write_text(_start(folder / "postgresql"), encoding="ascii")
    return Server(note.read_text(encoding="ascii"))


def stop_server(folder: Path) -> None:
    """Stop the server that ``shared_server`` started in ``folder``, if it did."""
    data = folder / "postgresql"
    if (data / "postmaster.pid").exists():
        _run(["pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop"])


def restart_server(folder: Path) -> None:
    """Restart the server of ``shared_server`` as a crash would: every connection breaks."""
    _run(["pg_ctl", "-D", str(folder / "postgresql"), "-m", "immediate", "-w", "restart"])


def _start(data: Path) -> str:
    data.mkdir()
    if os.geteuid() == 0:
        shutil.chown(data, "postgres", "postgres")
        data.parent.chmod(0o711)
    _run(["initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"])
    for _ in range(3):  # another program may take the free port before the server does
        port = _free_port()
        (data / "postgresql.auto.conf").write_text(CONFIGURATION.format(port=port), encoding="ascii")
        with contextlib.suppress(subprocess.CalledProcessError):
            _run(["pg_ctl", "-D", str(data), "-l", str(data / "log"), "-w", "start"])
            return f"postgresql://postgres@127.0.0.1:{port}/postgres"
    raise RuntimeError((data / "log").read_text(encoding="utf-8", errors="replace"))


def _run(command: list[str]) -> None:
    """Run a program of PostgreSQL; it refuses to work for root, so root lends it the user postgres."""
    program = _find(command[0])
    identity = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    subprocess.run(
        [program, *command[1:]],
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        **identity,  # type: ignore[call-overload] # typeshed cannot see through the two variants
    )


def _find(program: str) -> str:
    for pattern in BINARIES:
        for folder in sorted(Path("/").glob(pattern.lstrip("/")), reverse=True):
            if (folder / program).exists():
                return str(folder / program)
    found = shutil.which(program)
    if found is None:
        raise RuntimeError(
            f"PostgreSQL is needed by the tests, but {program} was not found: "
            f"install it (apt-get install postgresql) or name a server in {SERVER_URL}"
        )
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
