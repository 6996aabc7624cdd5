"""Real ``taskflow`` processes: what a test starts is stopped when the test ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: The module that a process runs, unless a test has one of its own around it.
PROGRAM = "taskflow"


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment(folder: Path, database: str, **settings: object) -> dict[str, str]:
    """What a process of its own needs: a clean environment with these ``TASKFLOW_*`` settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TASKFLOW_")}
    chosen = {f"TASKFLOW_{name.upper()}": str(value) for name, value in settings.items()}
    root = str(Path(__file__).resolve().parents[2])
    # With the fault handler, SIGABRT prints where every thread stands.
    kept["PYTHONFAULTHANDLER"] = "1"
    return {**kept, "PYTHONPATH": root, "TASKFLOW_DATA_DIR": str(folder), "TASKFLOW_DATABASE_URL": database, **chosen}


def run(*arguments: str, environment: dict[str, str], program: str = PROGRAM) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", program, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
        timeout=120,
    )


@contextmanager
def running(*arguments: str, environment: dict[str, str], program: str = PROGRAM) -> Iterator[subprocess.Popen[str]]:
    """A process that is stopped at the end, politely first."""
    process = subprocess.Popen(
        [sys.executable, "-m", program, *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[str]) -> str:
    """Send SIGTERM, wait, and return what the process has printed since it was last read."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        output, _ = process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGABRT)
        output, _ = process.communicate()
        raise AssertionError(f"the process did not end on SIGTERM:\n{output}") from None
    except ValueError:  # read to its end before
        process.wait(timeout=60)
        return ""
    return output


def wait_until_served(address: str, process: subprocess.Popen[str], *, seconds: float = 120) -> None:
    """Wait until ``address`` answers anything. Fails when the process ends or the time is over."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(address, timeout=15):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            pass
        if process.poll() is not None:
            raise AssertionError(
                f"the process ended with {process.returncode}:\n{process.stdout and process.stdout.read()}"
            )
        if time.monotonic() > deadline:
            raise AssertionError(f"{address} did not answer within {seconds} s")
        time.sleep(0.05)
