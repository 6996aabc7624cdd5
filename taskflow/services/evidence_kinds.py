"""Which files are accepted as evidence: more kinds than can be read as documents, and nothing that runs when opened."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Collection
from pathlib import PurePath

from taskflow.documents.detect import Format, detect
from taskflow.documents.messages import DocumentError
from taskflow.domain.errors import Invalid

#: Words of kinds that no reader reads, with their media types; the others are words of ``documents.detect.Format``.
HEIC, PPTX, ZIP, MP4 = "heic", "pptx", "zip", "mp4"
MEDIA_TYPES = {
    HEIC: "image/heic",
    PPTX: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ZIP: "application/zip",
    MP4: "video/mp4",
}
#: Ends of names that a program runs, or obeys, when the file is opened.
_RUNS = frozenset(
    word
    for words in (
        "exe com scr pif cpl msi msp msc bat cmd vbs vbe js jse wsf wsh ws ps1 psm1 psd1 reg url website lnk iqy slk",
        "dqy oqy rqy hta jar scf inf dll sys ocx gadget chm hlp svg svgz xhtml xht xml xsl mht mhtml html htm shtml",
        "swf sh bash py pyw rb pl php app command apk iso img vhd vhdx settingcontent-ms search-ms appref-ms xll wll",
        "application docm dotm xlsm xltm xlam pptm potm ppam ppsm sldm",
    )
    for word in words.split()
)
#: What may stand before the last end and mean nothing: "www.tinh.com.pdf".
_HARMLESS_INSIDE = frozenset({"com", "app", "command", "application", "sys", "inf", "img", "py", "pl", "sh", "ws"})
#: Plain text is shown by an editor only under these ends.
_TEXT_ENDS = {"", "txt", "csv", "tsv", "md"}
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_MP4_BRANDS = (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV", b"dash")
_TEXTUAL = (Format.TEXT, Format.MARKDOWN, Format.HTML)
_MOST_MEMBERS = 2_000
#: Characters that turn the reading direction, so that "exe.pdf" may be shown of a name that ends in ".fdp.exe".
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f]")


def media_type_beyond_readers(data: bytes, filename: str, types: Collection[str]) -> str | None:
    """Check a file of evidence; the media type of a kind that no reader reads, None for one that they know.

    ``types`` are the words that the office accepts. Raises ``Invalid`` (``file.runs``, ``file.type_not_accepted``) and
    the refusals of ``documents.detect``, each with ``filename``.
    """
    if runs_when_opened(filename) or data[:2] == b"MZ" or _is_slk(data):
        raise Invalid("file.runs", "file", filename=filename)
    kind = _kind_beyond(data, filename, types)
    if kind is not None:
        # A phone's picture is a picture: an office that accepts pictures accepts it.
        if not {kind, Format.IMAGE.value if kind == HEIC else kind} & set(types):
            raise Invalid("file.type_not_accepted", "file", filename=filename)
        return MEDIA_TYPES[kind]
    try:
        found = detect(data, filename)
    except DocumentError as error:
        if error.code == "document.unknown_type":
            raise Invalid("file.type_not_accepted", "file", filename=filename) from error
        error.params["filename"] = filename
        raise
    if found in _TEXTUAL and _end(filename) not in (_TEXT_ENDS | {found.value, "doc", "xls"}):
        raise Invalid("file.type_not_accepted", "file", filename=filename)
    if found.value not in types:
        raise Invalid("file.type_not_accepted", "file", filename=filename)
    return None


def runs_when_opened(filename: str) -> bool:
    """Whether a program runs or obeys this file when it is opened, as far as any end of its name tells."""
    name = unicodedata.normalize("NFKC", filename)
    ends = [end.strip().lower() for end in name.rstrip(" .").split(".")[1:]]
    if _TURNING.search(name) or not ends:
        return bool(_TURNING.search(name))
    return ends[-1] in _RUNS or any(end in _RUNS - _HARMLESS_INSIDE for end in ends[:-1])


def _end(filename: str) -> str:
    return PurePath(filename).suffix.lower().lstrip(".")


def _is_slk(data: bytes) -> bool:
    return data[:4096].lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"ID;P")


def _kind_beyond(data: bytes, filename: str, types: Collection[str]) -> str | None:
    if data[4:8] == b"ftyp":
        brands = {data[8:12], *(data[at : at + 4] for at in range(16, min(len(data), 64), 4))}
        if data[8:12] in _HEIC_BRANDS:
            return HEIC
        return MP4 if brands & set(_MP4_BRANDS) else None
    if not data.startswith(b"PK"):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        return None  # ``detect`` says that it is damaged
    names = [member.filename for member in members]
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        return None  # ``detect`` says that it has macros
    if any(name.startswith("ppt/") for name in names):
        return PPTX
    if any(name.startswith(("word/", "xl/")) for name in names) or "mimetype" in names:
        return None
    if ZIP in types and len(members) <= _MOST_MEMBERS:
        running = next((name for name in names if runs_when_opened(PurePath(name).name)), None)
        if running is not None:
            raise Invalid("file.runs", "file", filename=f"{filename}: {PurePath(running).name}")
    return ZIP
