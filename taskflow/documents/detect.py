"""What a file really is, by its content. The extension is only used to notice a lie."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from enum import StrEnum
from pathlib import PurePath

from taskflow.documents import limits
from taskflow.documents.messages import DocumentError, DocumentTooLarge


class Format(StrEnum):
    """The forms of document that can be read."""

    DOCX = "docx"
    DOC = "doc"
    XLSX = "xlsx"
    XLSB = "xlsb"
    XLS = "xls"
    ODS = "ods"
    ODT = "odt"
    RTF = "rtf"
    PDF = "pdf"
    IMAGE = "image"
    HTML = "html"
    MARKDOWN = "md"
    TEXT = "txt"


_NAMES = {
    Format.DOCX: "tệp Word (.docx)",
    Format.DOC: "tệp Word (.doc)",
    Format.XLSX: "tệp Excel (.xlsx)",
    Format.XLSB: "tệp Excel (.xlsb)",
    Format.XLS: "tệp Excel (.xls)",
    Format.ODS: "bảng tính .ods",
    Format.ODT: "văn bản .odt",
    Format.RTF: "văn bản .rtf",
    Format.PDF: "tệp PDF",
    Format.IMAGE: "tệp ảnh",
    Format.HTML: "trang HTML",
    Format.MARKDOWN: "văn bản thuần",
    Format.TEXT: "văn bản thuần",
}
_TEXTUAL = {Format.HTML, Format.MARKDOWN, Format.TEXT}
_EXTENSIONS: dict[str, set[Format]] = {
    "docx": {Format.DOCX},
    "xlsx": {Format.XLSX},
    "xlsb": {Format.XLSB},
    "ods": {Format.ODS},
    "odt": {Format.ODT},
    "pdf": {Format.PDF},
    # Old programs save HTML, RTF and text as .doc and .xls, and Word opens them without a word: not a lie.
    "doc": {Format.DOC, Format.RTF, Format.DOCX, *_TEXTUAL},
    "xls": {Format.XLS, Format.XLSX, *_TEXTUAL},
    "rtf": {Format.RTF},
    "html": _TEXTUAL,
    "htm": _TEXTUAL,
    "md": _TEXTUAL,
    "txt": _TEXTUAL,
    "csv": _TEXTUAL,
    "tsv": _TEXTUAL,
    **{extension: {Format.IMAGE} for extension in ("png", "jpg", "jpeg", "tif", "tiff", "bmp", "webp")},
}
_MACRO_EXTENSIONS = {"docm", "dotm", "xlsm", "xltm", "xlam"}
_IMAGES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*", b"BM", b"GIF8")
#: Forms that hide under the endings of others: said by name instead of being read as garbage.
_REFUSED = {
    "document.mhtml": re.compile(rb"\A\s*(?:[\w-]+:[^\n]*\n|[ \t][^\n]*\n)*?content-type:\s*multipart/", re.IGNORECASE),
    "document.xml_spreadsheet": re.compile(rb"urn:schemas-microsoft-com:office:spreadsheet[\"']\s*(?:xmlns|>|\w+:)"),
    "document.word_xml": re.compile(rb"<\?mso-application\s+progid=[\"']Word\.Document"),
}
_HTML = re.compile(rb"<(?:!doctype html|html|head|body|table|p|div|meta)\b", re.IGNORECASE)


def detect(data: bytes, filename: str) -> Format:
    """The format of ``data``; refuses what is empty, too large, encrypted, macro-enabled, lying or a zip bomb.

    Raises ``DocumentError`` with a code of ``messages.REFUSALS``.
    """
    extension = PurePath(filename).suffix.lower().lstrip(".")
    if len(data) > limits.MAX_UPLOAD:
        raise DocumentTooLarge("document.too_large", "file", limit_mb=limits.MAX_UPLOAD // 1024 // 1024)
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise DocumentError("document.empty", "file")
    if extension in _MACRO_EXTENSIONS:
        raise DocumentError("document.macro", "file")
    found = _by_content(data, extension)
    if found is None:
        raise DocumentError("document.unknown_type", "file")
    if extension in _EXTENSIONS and found not in _EXTENSIONS[extension]:
        raise DocumentError("document.lying_type", "file", extension=f".{extension}", actual=_NAMES[found])
    return found


def _by_content(data: bytes, extension: str) -> Format | None:
    if data.startswith(b"PK"):
        return _zip_format(data)
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _ole_format(data)
    if b"%PDF-" in data[:1024]:
        return Format.PDF
    if data.startswith(b"{\\rtf"):
        return Format.RTF
    if data.startswith(_IMAGES) or (data.startswith(b"RIFF") and data[8:12] == b"WEBP"):
        return Format.IMAGE
    return _text_format(data, extension)


def _zip_format(data: bytes) -> Format | None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            names = {member.filename for member in members}
            _check_archive(members, len(data))
            if any(name.lower().endswith("vbaproject.bin") for name in names):
                raise DocumentError("document.macro", "file")
            mimetype = archive.read("mimetype")[:100] if "mimetype" in names else b""
            manifest = archive.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in names else b""
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError, RuntimeError) as error:
        raise DocumentError("document.damaged", "file") from error
    if b"encryption-data" in manifest:
        raise DocumentError("document.encrypted", "file")
    if "word/document.xml" in names or any(name.startswith("word/") for name in names):
        return Format.DOCX
    if "xl/workbook.bin" in names:
        return Format.XLSB
    if any(name.startswith("xl/") for name in names):
        return Format.XLSX
    if b"spreadsheet" in mimetype:
        return Format.ODS
    return Format.ODT if b"opendocument.text" in mimetype else None


def _check_archive(members: list[zipfile.ZipInfo], packed: int) -> None:
    unpacked = sum(member.file_size for member in members)
    too_dense = unpacked > limits.RATIO_FLOOR and unpacked > packed * limits.MAX_ZIP_RATIO
    if len(members) > limits.MAX_ZIP_MEMBERS or unpacked > limits.MAX_UNZIPPED or too_dense:
        raise DocumentTooLarge("document.zip_bomb", "file")
    if any(member.flag_bits & 1 for member in members):
        raise DocumentError("document.encrypted", "file")


def _ole_format(data: bytes) -> Format | None:
    def has(name: str) -> bool:
        return name.encode("utf-16-le") in data

    if has("EncryptedPackage") or has("EncryptionInfo"):
        raise DocumentError("document.encrypted", "file")
    if has("_VBA_PROJECT_CUR") or has("_VBA_PROJECT"):
        raise DocumentError("document.macro", "file")
    if has("WordDocument"):
        return Format.DOC
    return Format.XLS if has("Workbook") or has("Book") else None


def _text_format(data: bytes, extension: str) -> Format | None:
    head = data[:4096]
    for code, sign in _REFUSED.items():
        if sign.search(head):
            raise DocumentError(code, "file")
    if _HTML.search(head):
        return Format.HTML
    text = decode(data[:200_000])
    letters = sum(1 for char in text if char.isprintable() or char.isspace() or unicodedata.category(char) == "Cf")
    if "\x00" in text or letters < 0.97 * len(text):
        return None
    looks_md = (
        extension == "md"
        or re.search(r"^\s*\|?\s*:?-{3,}:?\s*\||^\s*\|(?:\s*:?-+:?\s*\|){2,}\s*$", text, re.MULTILINE) is not None
    )
    return Format.MARKDOWN if looks_md else Format.TEXT


def decode(data: bytes) -> str:
    """The text of ``data``: by its byte order mark, as UTF-8, or as Windows Vietnamese (cp1258); in NFC."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return unicodedata.normalize("NFC", data.decode(encoding, errors="replace"))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        # The sample may end inside a character; anything earlier means another encoding.
        cut = error.start >= len(data) - 4
        text = data[: error.start].decode("utf-8") if cut else data.decode("cp1258", errors="replace")
    return unicodedata.normalize("NFC", text)
