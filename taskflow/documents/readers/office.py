"""Old Word files (.doc), .odt and .rtf: turned into .docx by LibreOffice when it is installed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from taskflow.documents import limits
from taskflow.documents.detect import detect
from taskflow.documents.messages import DocumentError
from taskflow.documents.readers import docx
from taskflow.documents.readers.base import Progress, Reading


def read(data: bytes, progress: Progress) -> Reading:
    """The blocks of a .doc, .odt or .rtf file."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        raise DocumentError("document.no_libreoffice", "file", extension=_extension(data))
    progress("convert", 0, 1)
    with tempfile.TemporaryDirectory(prefix="taskflow-office-") as folder:
        source = Path(folder) / f"in.{_extension(data)}"
        source.write_bytes(data)
        # A profile of its own: LibreOffice refuses to run twice on one profile, and nothing of a user's is touched.
        command = [
            *("/bin/sh", "-c", 'ulimit -Sv unlimited; exec "$@"', "sh"),
            *(program, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--norestore", "--nolockcheck"),
            *("--convert-to", "docx:MS Word 2007 XML", "--outdir", folder, str(source)),
        ]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=limits.OFFICE_SECONDS)  # noqa: S603 - fixed program, own file
        except (subprocess.SubprocessError, OSError) as error:
            raise DocumentError("document.conversion_failed", "file") from error
        result = source.with_suffix(".docx")
        if not result.exists():
            raise DocumentError("document.conversion_failed", "file")
        converted = result.read_bytes()
    detect(converted, "converted.docx")
    return docx.read(converted, progress)


def _extension(data: bytes) -> str:
    if data.startswith(b"{\\rtf"):
        return "rtf"
    return "odt" if data.startswith(b"PK") else "doc"
