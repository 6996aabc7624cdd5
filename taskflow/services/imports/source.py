"""The source of an import for the reviewer's eyes: the file itself, and its pages as pictures."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from flask import current_app

from taskflow.documents.messages import DocumentError
from taskflow.documents.page_image import page_image
from taskflow.domain.errors import NotFound
from taskflow.domain.permissions import Actor
from taskflow.extensions import db
from taskflow.models.document import ImportJob, StoredFile
from taskflow.services.files import ServedFile, open_stored
from taskflow.services.imports.access import get_job

_DRAWN = ("application/pdf", "image/")


def has_pages(job: ImportJob) -> bool:
    """Whether pages of this source can be shown as pictures."""
    stored = db.session.get(StoredFile, job.sha256) if job.sha256 is not None else None
    return stored is not None and stored.media_type.startswith(_DRAWN)


def source_file(actor: Actor, job_id: int) -> ServedFile:
    """The uploaded file, for those who import for its office."""
    job = get_job(actor, job_id)
    if job.sha256 is None:
        raise NotFound("file.lost")
    stored = db.session.get_one(StoredFile, job.sha256)
    return ServedFile(stored.sha256, job.filename, stored.media_type, stored.size)


def page_picture(job: ImportJob, page: int) -> bytes:
    """A page as PNG, drawn once and kept beside the data. Raises ``NotFound`` where there is none to draw."""
    if page < 1 or job.sha256 is None or not has_pages(job):
        raise NotFound("import.no_page")
    folder: Path = current_app.config["TASKFLOW"].data_dir / "pages" / job.sha256[:2] / job.sha256
    kept = folder / f"{page}.png"
    try:
        return kept.read_bytes()
    except FileNotFoundError:
        with open_stored(job.sha256) as stream:
            data = stream.read()
        try:
            picture = page_image(data, page)
        except DocumentError as error:
            raise NotFound("import.no_page") from error
    folder.mkdir(parents=True, exist_ok=True)
    passing = folder / f"{page}.{uuid4().hex}"
    passing.write_bytes(picture)
    passing.rename(kept)
    return picture
