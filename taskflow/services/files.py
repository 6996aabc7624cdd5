"""The file store: bytes known by their SHA-256, the same content stored once; a local folder, or S3 through fsspec.

What a file is, is decided by its content (``documents.detect``), never by the name or type that a browser sends.
Who may read a file is decided by what it belongs to: ``evidence.get_file`` and its like, not here.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any, BinaryIO, cast
from uuid import uuid4

from flask import current_app
from fsspec.core import url_to_fs
from sqlalchemy.orm import Session

from taskflow.documents.detect import Format, detect
from taskflow.domain.errors import Invalid, NotFound, TooLarge
from taskflow.models.document import StoredFile

MEDIA_TYPES: dict[Format, str] = {
    Format.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Format.DOC: "application/msword",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.XLSB: "application/vnd.ms-excel.sheet.binary.macroEnabled.12",
    Format.XLS: "application/vnd.ms-excel",
    Format.ODS: "application/vnd.oasis.opendocument.spreadsheet",
    Format.ODT: "application/vnd.oasis.opendocument.text",
    Format.RTF: "application/rtf",
    Format.PDF: "application/pdf",
    Format.IMAGE: "image/*",
    Format.HTML: "text/html",
    Format.MARKDOWN: "text/plain",
    Format.TEXT: "text/plain",
}
_IMAGE_TYPES = (
    (b"\x89PNG", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
)
_MOST_NAME = 200


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent."""

    data: bytes
    filename: str


@dataclass(frozen=True, slots=True)
class ServedFile:
    """A file to hand out, as an attachment."""

    sha256: str
    filename: str
    media_type: str
    size: int

    def open(self) -> BinaryIO:
        """Its bytes as a stream. Raises ``NotFound`` when the store has lost them."""
        return open_stored(self.sha256)


def store(
    session: Session,
    content: bytes | BinaryIO,
    filename: str,
    *,
    now: datetime,
    max_mb: int | None = None,
    types: Iterable[str] | None = None,
) -> StoredFile:
    """Keep this content, inside a unit of work, and return its entry; content kept already is not written again.

    ``types`` are words of ``Format``. Raises ``TooLarge("file.too_large")``, ``Invalid("file.type_not_accepted")`` and
    the refusals of ``documents.detect`` (empty, encrypted, macro, lying, damaged).
    """
    limit = None if max_mb is None else max_mb * 1024 * 1024
    data = content if isinstance(content, bytes) else content.read(-1 if limit is None else limit + 1)
    if limit is not None and len(data) > limit:
        raise TooLarge("file.too_large", "file", limit_mb=max_mb, filename=filename)
    kind = detect(data, filename)
    if types is not None and kind.value not in set(types):
        raise Invalid("file.type_not_accepted", "file", filename=filename)
    digest = hashlib.sha256(data).hexdigest()
    kept = session.get(StoredFile, digest)
    if kept is not None and _exists(digest):
        return kept
    _write(digest, data)
    if kept is None:
        kept = StoredFile(sha256=digest, size=len(data), media_type=_media_type(kind, data), created_at=now)
        session.add(kept)
        session.flush()
    return kept


def open_stored(sha256: str) -> BinaryIO:
    """The bytes of a stored file. Raises ``NotFound("file.lost")``."""
    fs, root = _file_system()
    try:
        return cast("BinaryIO", fs.open(_path(root, sha256), "rb"))
    except FileNotFoundError as error:
        raise NotFound("file.lost") from error


def clean_filename(filename: str) -> str:
    """The last part of a file's name without control characters, short enough for any disk, extension kept."""
    name = PureWindowsPath(PurePosixPath(filename).name).name
    name = "".join(char for char in unicodedata.normalize("NFC", name) if char.isprintable()).strip(" .") or "tep"
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > 10:
        return name[:_MOST_NAME]
    return f"{stem[: _MOST_NAME - len(extension) - 1]}.{extension}"


def _media_type(kind: Format, data: bytes) -> str:
    if kind is not Format.IMAGE:
        return MEDIA_TYPES[kind]
    return next((name for start, name in _IMAGE_TYPES if data.startswith(start)), "application/octet-stream")


def _exists(sha256: str) -> bool:
    fs, root = _file_system()
    return bool(fs.exists(_path(root, sha256)))


def _write(sha256: str, data: bytes) -> None:
    """Write under a passing name first: a half-written file never stands under its hash."""
    fs, root = _file_system()
    target = _path(root, sha256)
    passing = f"{target}.{uuid4().hex}"
    fs.makedirs(target.rpartition("/")[0], exist_ok=True)
    fs.pipe_file(passing, data)
    fs.mv(passing, target)


def _path(root: str, sha256: str) -> str:
    return f"{root}/{sha256[:2]}/{sha256}"


def _file_system() -> tuple[Any, str]:
    return _opened(current_app.config["TASKFLOW"].file_store_url)


@lru_cache(maxsize=4)
def _opened(url: str) -> tuple[Any, str]:
    fs, root = url_to_fs(url)
    return fs, str(root).rstrip("/")
