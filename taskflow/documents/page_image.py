"""One page of a PDF or picture as PNG, for the eyes of a reviewer; drawn in a process of its own like the reading."""

from __future__ import annotations

import io
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from taskflow.documents import limits
from taskflow.documents.messages import DocumentError

if TYPE_CHECKING:
    from PIL import Image

#: Resolution of a page and the width beyond which it is made smaller.
_DPI, _WIDTH = 110, 1600
_SECONDS = 30


def page_image(data: bytes, page: int) -> bytes:
    """Page ``page`` (from 1) as PNG. Raises ``DocumentError`` when there is no such page or it cannot be drawn."""
    with tempfile.TemporaryDirectory(prefix="taskflow-page-") as folder:
        source = Path(folder) / "source"
        source.write_bytes(data)
        try:
            done = subprocess.run(  # noqa: S603 - our own module; only the two arguments vary, and no shell sees them
                [sys.executable, "-m", "taskflow.documents.page_image", str(source), str(page)],
                capture_output=True, timeout=_SECONDS, check=False, cwd=Path(__file__).resolve().parents[2],
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise DocumentError("document.timeout", "file", seconds=_SECONDS) from error
    if done.returncode or not done.stdout:
        raise DocumentError("document.damaged", "file")
    return done.stdout


def _draw(data: bytes, page: int) -> Image.Image:
    # Imported by the process that draws, not by the server that starts it.
    import pypdfium2
    from PIL import Image, ImageOps, ImageSequence
    from pillow_heif import register_heif_opener

    register_heif_opener()  # what phones take, and most browsers do not show
    if b"%PDF-" in data[:1024]:
        document = pypdfium2.PdfDocument(data)
        try:
            image: Image.Image = document[page - 1].render(scale=_DPI / 72).to_pil()
        finally:
            document.close()
        return image
    with Image.open(io.BytesIO(data)) as picture:
        if picture.width * picture.height > limits.MAX_PIXELS:
            raise ValueError("too large")
        found = list(ImageSequence.Iterator(picture))[page - 1]
        return (ImageOps.exif_transpose(found) or found).convert("RGB")


def _main(path: str, page: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limits.PARSE_MEMORY, limits.PARSE_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS + 5))
    image = _draw(Path(path).read_bytes(), int(page))
    if image.width > _WIDTH:
        image = image.resize((_WIDTH, round(image.height * _WIDTH / image.width)))
    content = io.BytesIO()
    image.convert("L").save(content, "PNG", optimize=True)
    sys.stdout.buffer.write(content.getvalue())


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2])
