"""The file store: bytes known by their SHA-256, the same content stored once; a local folder, or S3 through fsspec.

What a file is, is decided by its content (``documents.detect``), never by the name or type that a browser sends.
Who may read a file is decided by what it belongs to: ``evidence.get_file`` and its like, not here.
"""

from __future__ import annotations

import hashlib
import shutil
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any, BinaryIO, cast
from uuid import uuid4

from flask import current_app
from fsspec.core import url_to_fs
from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from taskflow.documents.detect import Format, detect
from taskflow.documents.messages import DocumentError
from taskflow.documents.sandbox import mark_in_subprocess
from taskflow.domain.errors import NotFound, TooLarge
from taskflow.models.base import Base
from taskflow.models.document import ImportJob, ImportStatus, StoredFile
from taskflow.services.evidence_kinds import media_type_beyond_readers

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
MEGABYTE = 1024 * 1024
#: How long a request waits until a file is read for a mark of secrecy.
SCREEN_SECONDS = 20.0
#: Content that nothing refers to may belong to a request that is still at work.
UNOWNED_FOR = timedelta(days=1)
#: Imports whose file has not been read, so that nobody knows whether it is secret.
_UNREAD = (ImportStatus.READING, ImportStatus.FAILED)


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

    ``types`` are words of evidence (``evidence_kinds``); without them it is a document to be read. Raises
    ``TooLarge("file.too_large")``, ``Invalid("file.runs")``, ``Invalid("file.type_not_accepted")`` and the refusals of
    ``documents.detect`` (empty, encrypted, macro, lying, damaged).
    """
    data = content if isinstance(content, bytes) else content.read(-1 if max_mb is None else max_mb * MEGABYTE + 1)
    media_type = check(Upload(data, filename), max_mb=max_mb, types=types)
    digest = hashlib.sha256(data).hexdigest()
    # The lock lets a deletion of the same content at this moment end first.
    kept = session.get(StoredFile, digest, with_for_update=True)
    if kept is not None and _exists(digest):
        return kept
    _write(digest, data)
    if kept is None:
        kept = StoredFile(sha256=digest, size=len(data), media_type=media_type, created_at=now)
        session.add(kept)
        session.flush()
    return kept


def check(upload: Upload, *, max_mb: int | None = None, types: Iterable[str] | None = None) -> str:
    """The media type of a file that ``store`` would keep. Raises what ``store`` raises."""
    if max_mb is not None and len(upload.data) > max_mb * MEGABYTE:
        raise TooLarge("file.too_large", "file", limit_mb=max_mb, filename=upload.filename)
    beyond = None if types is None else media_type_beyond_readers(upload.data, upload.filename, set(types))
    return beyond or _media_type(detect(upload.data, upload.filename), upload.data)


def refuse_secret(upload: Upload | None, not_secret: str = "") -> None:
    """Read a file for a mark of secrecy, before a unit of work begins. ``not_secret``: why a person overrules it.

    Raises ``DocumentError("document.secret")``. What cannot be read in time has no mark that could be seen.
    """
    if upload is None or not_secret.strip():
        return
    try:
        mark = mark_in_subprocess(upload.data, filename=upload.filename, seconds=SCREEN_SECONDS)
    except DocumentError:
        return
    if mark is not None:
        raise DocumentError("document.secret", "file", mark=mark, filename=upload.filename)


def owners() -> list[InstrumentedAttribute[str | None]]:
    """Every column that keeps a stored file: those that refer to it."""
    return [
        getattr(mapper.class_, mapper.get_property_by_column(column).key)
        for mapper in Base.registry.mappers
        for column in mapper.local_table.columns
        if any(key.target_fullname == "stored_file.sha256" for key in column.foreign_keys)
    ]


def _is_owned(columns: Iterable[InstrumentedAttribute[str | None]]) -> ColumnElement[bool]:
    return or_(*(exists().where(column == StoredFile.sha256) for column in columns))


def drop_unowned(session: Session, digests: Collection[str] | None = None, *, before: datetime | None = None) -> int:
    """Delete content that nothing refers to any more, its pictures of pages too, inside a unit of work.

    Of ``digests`` only, or of all that was kept before a moment. This is the one way out of the store.
    """
    unowned = select(StoredFile).where(~_is_owned(owners()))
    if digests is not None:
        unowned = unowned.where(StoredFile.sha256.in_(digests))
    if before is not None:
        unowned = unowned.where(StoredFile.created_at < before)
    session.flush()
    gone = session.scalars(unowned.with_for_update()).all()
    for stored in gone:
        session.delete(stored)
    session.flush()
    for stored in gone:
        _remove(stored.sha256)
    return len(gone)


@dataclass(frozen=True, slots=True)
class StoreState:
    """What does not fit between the store and the database: content without an owner, entries without content."""

    orphans: tuple[str, ...]
    missing: tuple[str, ...]


def examine(session: Session, *, now: datetime) -> StoreState:
    """Compare the store with its entries. Content younger than ``UNOWNED_FOR`` may belong to a request at work."""
    kept = _kept_paths()
    known = set(session.scalars(select(StoredFile.sha256)))
    owned = set(session.scalars(select(StoredFile.sha256).where(_is_owned(owners()))))
    young = set(session.scalars(select(StoredFile.sha256).where(StoredFile.created_at >= now - UNOWNED_FOR)))
    fine = owned | young
    orphans = [path for path in kept if _name(path) not in fine and (_name(path) in known or _is_old(path, now))]
    missing = backed_up(session) - {_name(path) for path in kept}
    return StoreState(tuple(orphans), tuple(sorted(missing)))


def drop_strays(session: Session, *, now: datetime) -> int:
    """Delete what lies in the store without an entry, such as the rest of a write that a crash ended."""
    known = set(session.scalars(select(StoredFile.sha256)))
    strays = [path for path in _kept_paths() if _name(path) not in known and _is_old(path, now)]
    fs, _root = _file_system()
    for path in strays:
        fs.rm_file(path)
    return len(strays)


def backed_up(session: Session) -> set[str]:
    """What belongs into a backup: content that something keeps, other than an import that was not read yet."""
    columns = [column for column in owners() if column.class_ is not ImportJob]
    read = exists().where(and_(ImportJob.sha256 == StoredFile.sha256, ImportJob.status.not_in(_UNREAD)))
    return set(session.scalars(select(StoredFile.sha256).where(or_(_is_owned(columns), read))))


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


def _remove(sha256: str) -> None:
    fs, root = _file_system()
    if fs.exists(_path(root, sha256)):
        fs.rm_file(_path(root, sha256))
    shutil.rmtree(current_app.config["TASKFLOW"].data_dir / "pages" / sha256[:2] / sha256, ignore_errors=True)


def _kept_paths() -> list[str]:
    fs, root = _file_system()
    return [str(path) for path in fs.find(root)] if fs.exists(root) else []


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _is_old(path: str, now: datetime) -> bool:
    fs, _root = _file_system()
    written: datetime = fs.modified(path)
    return (written if written.tzinfo else written.replace(tzinfo=UTC)) < now - UNOWNED_FOR


def _path(root: str, sha256: str) -> str:
    return f"{root}/{sha256[:2]}/{sha256}"


def _file_system() -> tuple[Any, str]:
    return _opened(current_app.config["TASKFLOW"].file_store_url)


@lru_cache(maxsize=4)
def _opened(url: str) -> tuple[Any, str]:
    fs, root = url_to_fs(url)
    return fs, str(root).rstrip("/")
