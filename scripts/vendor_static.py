"""Fetch the third-party files of ``taskflow/static/vendor`` from npm and write VENDORED.md beside them.

Run it to raise a version or to add an icon: ``python scripts/vendor_static.py``. The files are used
as published, byte for byte; only the icon sprite is put together here, from the icons listed below.
The application itself needs no npm: what this script writes is committed.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import tempfile
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "taskflow" / "static" / "vendor"

#: file written -> (npm package, version, licence, path inside the package)
FILES = {
    "bootstrap.min.css": ("bootstrap", "5.3.9", "MIT", "dist/css/bootstrap.min.css"),
    "htmx.min.js": ("htmx.org", "2.0.11", "0BSD", "dist/htmx.min.js"),
}
ICON_PACKAGE = ("bootstrap-icons", "1.13.2", "MIT")
ICONS = """
archive arrow-90deg-left arrow-clockwise arrow-counterclockwise arrow-down arrow-down-up arrow-left arrow-left-right
arrow-repeat arrow-return-left arrow-right arrow-up bar-chart bell bell-slash bookmark box-arrow-in-right
box-arrow-right box-arrow-up-right building buildings calendar-check calendar-event calendar-plus calendar-range
calendar-x calendar3 card-checklist chat-left-text check check-all check-circle check-circle-fill check-square check2
check2-square chevron-down chevron-left chevron-right chevron-up circle clipboard-check clipboard-data clock
clock-history cloud-arrow-up columns-gap dash-circle diagram-3 download envelope envelope-check envelope-exclamation
exclamation-circle exclamation-circle-fill exclamation-octagon-fill exclamation-triangle exclamation-triangle-fill
eye eye-slash file-earmark file-earmark-arrow-up file-earmark-excel file-earmark-pdf file-earmark-text
file-earmark-word filter flag funnel gear geo-alt graph-up grid hand-thumbs-up hash hourglass-split house
inbox info-circle info-circle-fill journal-text key link-45deg list list-check list-ol list-task list-ul
lock megaphone paperclip pause-circle pencil pencil-square people person person-badge person-check person-circle
person-gear person-plus person-x phone play-circle plus plus-lg printer question-circle question-diamond repeat
reply save search send send-check send-exclamation shield-check shield-lock signpost-split slash-circle
sliders sort-down sort-up speedometer2 star stopwatch table tag three-dots three-dots-vertical trash
trophy unlock upload x x-circle x-circle-fill x-lg
""".split()  # noqa: SIM905 - a list with quotes round 138 names cannot be read


def unpack(package: str, version: str, into: Path) -> Path:
    """Download one published package with npm and return the folder that holds its files."""
    subprocess.run(["npm", "pack", "--silent", f"{package}@{version}"], cwd=into, check=True, capture_output=True)
    (archive,) = into.glob(f"{package}-{version}.tgz")
    (into / package).mkdir(parents=True)
    subprocess.run(["tar", "--extract", "--file", archive, "--directory", into / package], check=True)
    return into / package / "package"


def sprite(icons: Path) -> bytes:
    """Return one SVG with a ``<symbol>`` for each icon, named as upstream names it."""
    symbols = []
    for name in sorted(set(ICONS)):
        svg = (icons / f"{name}.svg").read_text(encoding="utf-8")
        inner = re.sub(r"\s*\n\s*", "", svg[svg.index(">") + 1 : svg.rindex("</svg>")])
        symbols.append(f'<symbol id="{name}" viewBox="0 0 16 16">{inner}</symbol>')
    body = "\n".join(symbols)
    return f'<svg xmlns="http://www.w3.org/2000/svg" fill="currentColor">\n{body}\n</svg>\n'.encode()


def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name, (package, version, licence, path) in FILES.items():
            data = (unpack(package, version, Path(folder)) / path).read_bytes()
            rows.append((name, data, package, version, licence, f"`{path}`"))
        package, version, licence = ICON_PACKAGE
        data = sprite(unpack(package, version, Path(folder)) / "icons")
        rows.append(
            ("icons.svg", data, package, version, licence, f"`icons/*.svg`, {len(set(ICONS))} of them, as symbols")
        )
    lines = [
        "# Vendored files",
        "",
        "Written by `scripts/vendor_static.py`; `tests/guards/test_vendored.py` checks the hashes. Never edit by hand.",
        "",
        "| File | npm package | Version | Licence | Source in the package | sha256 |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, data, package, version, licence, source in rows:
        (TARGET / name).write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        lines.append(f"| {name} | {package} | {version} | {licence} | {source} | `{digest}` |")
        print(f"{name}: {len(data)} bytes from {package} {version}")
    (TARGET / "VENDORED.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
