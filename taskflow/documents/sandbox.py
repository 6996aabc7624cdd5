"""Parsing in a process of its own, with limits on time and memory: a hostile file cannot take the server with it.

The child is a fresh interpreter that imports only the reader. It answers over a pipe: lines of progress, then
the pickled ``ParsedDocument`` or the refusal. Pickle is safe here: the child runs our own code only.
"""

from __future__ import annotations

import os
import pickle
import resource
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from typing import IO, Any

from taskflow.documents import limits
from taskflow.documents.messages import DocumentError, DocumentTooLarge
from taskflow.documents.model import ParsedDocument
from taskflow.documents.parse import ParseOverrides, parse, secrecy_of
from taskflow.documents.readers.base import Progress

_HEADER = struct.Struct("!cI")
_PROGRESS, _RESULT, _REFUSAL = b"P", b"R", b"E"
_CHECK_EVERY = 0.2  # seconds between looks at the clock and the cancel flag


@dataclass(frozen=True, slots=True)
class Job:
    """What the child is asked to read."""

    path: str
    filename: str
    issued_on: date | None
    overrides: ParseOverrides | None
    memory: int
    only_mark: bool = False


def parse_in_subprocess(
    data: bytes,
    *,
    filename: str,
    issued_on: date | None = None,
    overrides: ParseOverrides | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    seconds: float | None = None,
    memory: int = limits.PARSE_MEMORY,
) -> ParsedDocument:
    """``parse`` in a child process that is killed when it takes too long, too much memory, or is cancelled.

    ``seconds`` defaults to ``PARSE_SECONDS`` (``OCR_SECONDS`` once the child reports that it recognises pages).
    Raises ``DocumentError`` as ``parse`` does, and with ``document.timeout``, ``document.out_of_memory``,
    ``document.crashed`` or ``document.cancelled`` when the child was ended.
    """
    job = Job("", filename, issued_on, overrides, memory)
    document: ParsedDocument = _run(data, job, progress, cancelled, seconds)
    return document


def mark_in_subprocess(data: bytes, *, filename: str, seconds: float) -> str | None:
    """``secrecy_of`` in such a child process; raises as ``parse_in_subprocess`` does."""
    mark: str | None = _run(data, Job("", filename, None, None, limits.PARSE_MEMORY, True), None, None, seconds)
    return mark


def _run(
    data: bytes,
    job: Job,
    progress: Progress | None,
    cancelled: Callable[[], bool] | None,
    seconds: float | None,
) -> Any:
    if len(data) > limits.MAX_UPLOAD:
        raise DocumentTooLarge("document.too_large", "file", limit_mb=limits.MAX_UPLOAD // 1024 // 1024)
    with tempfile.TemporaryDirectory(prefix="taskflow-parse-") as folder:
        source = Path(folder) / "source"
        source.write_bytes(data)
        job = replace(job, path=str(source))
        child = subprocess.Popen(
            [sys.executable, "-m", "taskflow.documents.sandbox"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env=_environment(folder),
        )
        try:
            assert child.stdin is not None  # noqa: S101 - told to the type checker: PIPE was asked for
            with suppress(BrokenPipeError):
                pickle.dump(job, child.stdin)
                child.stdin.close()
            return _Conversation(child, progress, cancelled, seconds).result()
        finally:
            _kill(child)


def _environment(folder: str) -> dict[str, str]:
    """Only what the child needs: no secrets of the server, temporary files in its own folder."""
    kept = {
        name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TESSDATA_PREFIX", "HOME") if name in os.environ
    }
    source = str(Path(__file__).resolve().parents[2])
    return {
        **kept,
        "PYTHONPATH": source,
        "TMPDIR": folder,
        "OMP_THREAD_LIMIT": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONUTF8": "1",
    }


def _kill(child: subprocess.Popen[bytes]) -> None:
    """End the child and whatever it started (Tesseract, LibreOffice): they share its session."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()


class _Conversation:
    """Reads what the child says until it has answered, or time is up."""

    def __init__(
        self,
        child: subprocess.Popen[bytes],
        progress: Progress | None,
        cancelled: Callable[[], bool] | None,
        seconds: float | None,
    ) -> None:
        self._child, self._progress, self._cancelled = child, progress, cancelled
        self._fixed = seconds is not None
        self._seconds = seconds if seconds is not None else float(limits.PARSE_SECONDS)
        self._started = time.monotonic()
        self._buffer = b""

    def result(self) -> Any:
        """What the child answered: the parsed document, or the mark that was asked for."""
        stdout = self._child.stdout
        assert stdout is not None  # noqa: S101 - told to the type checker: PIPE was asked for
        with DefaultSelector() as selector:
            selector.register(stdout, EVENT_READ)
            while True:
                if self._cancelled is not None and self._cancelled():
                    raise DocumentError("document.cancelled", "file")
                if time.monotonic() - self._started > self._seconds:
                    raise DocumentError("document.timeout", "file", seconds=round(self._seconds))
                if not selector.select(_CHECK_EVERY):
                    continue
                chunk = os.read(stdout.fileno(), 1 << 20)
                if not chunk:
                    raise self._death()
                self._buffer += chunk
                answer = self._take()
                if answer is not None:
                    return answer[0]

    def _take(self) -> tuple[Any] | None:
        while len(self._buffer) >= _HEADER.size:
            kind, size = _HEADER.unpack_from(self._buffer)
            if len(self._buffer) < _HEADER.size + size:
                return None
            body = self._buffer[_HEADER.size : _HEADER.size + size]
            self._buffer = self._buffer[_HEADER.size + size :]
            value: Any = pickle.loads(body)  # noqa: S301 - written by our own code in the child
            if kind == _RESULT:
                return (value,)
            if kind == _REFUSAL:
                code, where, params, large = value
                raise (DocumentTooLarge if large else DocumentError)(code, where, **params)
            self._told(*value)
        return None

    def _told(self, stage: str, done: int, total: int) -> None:
        if stage == "ocr" and not self._fixed:
            self._seconds = float(limits.OCR_SECONDS)
        if self._progress is not None:
            self._progress(stage, done, total)

    def _death(self) -> DocumentError:
        """Why the child ended without an answer."""
        code = self._child.wait()
        if code in {-signal.SIGXCPU}:
            return DocumentError("document.timeout", "file", seconds=round(self._seconds))
        if code in {-signal.SIGKILL, -signal.SIGABRT}:
            return DocumentError("document.out_of_memory", "file")
        return DocumentError("document.crashed", "file")


def _send(pipe: IO[bytes], kind: bytes, value: object) -> None:
    body = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    pipe.write(_HEADER.pack(kind, len(body)) + body)
    pipe.flush()


def _child_main() -> None:
    """The child: limits first, then the work; anything unexpected is a refusal, not a traceback."""
    job: Job = pickle.load(sys.stdin.buffer)  # noqa: S301 - written by our own parent process
    pipe = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    sys.stdout = sys.stderr  # libraries that print must not break the conversation
    # Only the soft limit: LibreOffice, which the reader may start, reserves more address space than it uses.
    resource.setrlimit(resource.RLIMIT_AS, (job.memory, resource.getrlimit(resource.RLIMIT_AS)[1]))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.OCR_SECONDS, limits.OCR_SECONDS + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    threading.stack_size(64 * 1024 * 1024)
    sys.setrecursionlimit(5_000)
    worker = threading.Thread(target=_work, args=(job, pipe))
    worker.start()
    worker.join()
    pipe.close()
    os._exit(0)


def _work(job: Job, pipe: IO[bytes]) -> None:
    def told(stage: str, done: int, total: int) -> None:
        _send(pipe, _PROGRESS, (stage, done, total))

    try:
        data = Path(job.path).read_bytes()
        if job.only_mark:
            _send(pipe, _RESULT, secrecy_of(data, filename=job.filename))
            return
        parsed = parse(data, filename=job.filename, issued_on=job.issued_on, overrides=job.overrides, progress=told)
        _send(pipe, _RESULT, parsed)
    except DocumentError as error:
        _send(pipe, _REFUSAL, (error.code, error.field, error.params, isinstance(error, DocumentTooLarge)))
    except MemoryError:
        _send(pipe, _REFUSAL, ("document.out_of_memory", "file", {}, False))
    except Exception:  # noqa: BLE001 - whatever a hostile file provokes must end as a clear refusal
        _send(pipe, _REFUSAL, ("document.crashed", "file", {}, False))


if __name__ == "__main__":
    # Run as a module the classes below would be ``__main__.Job``; the imported module has the names that pickle knows.
    from taskflow.documents.sandbox import _child_main as run

    run()
