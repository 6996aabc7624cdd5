"""A small writer of PDF pages with Vietnamese text: words at places, ruling lines, nothing else.

The built-in Helvetica has no Vietnamese letters, but a reader of text does not look at shapes: each letter gets
a code of its own and a ToUnicode table says which letter the code stands for.
"""

from __future__ import annotations

from dataclasses import dataclass, field

_WIDTH = 0.5  # every letter is half as wide as it is high


@dataclass
class Page:
    """A page of A4: texts (x, y from the top, text) and lines (x0, y0, x1, y1)."""

    texts: list[tuple[float, float, str]] = field(default_factory=list)
    lines: list[tuple[float, float, float, float]] = field(default_factory=list)
    size: float = 10.0

    def text(self, x: float, y: float, text: str) -> None:
        """Print one line of text."""
        self.texts.append((x, y, text))

    def block(self, x: float, y: float, width: float, text: str) -> float:
        """Print a text wrapped to a width; answers the height below it."""
        for paragraph in text.split("\n"):
            line = ""
            for word in paragraph.split():
                longer = f"{line} {word}".strip()
                if line and len(longer) * self.size * _WIDTH > width:
                    self.text(x, y, line)
                    line, y = word, y + self.size * 1.2
                else:
                    line = longer
            self.text(x, y, line)
            y += self.size * 1.2
        return y


def pdf(pages: list[Page]) -> bytes:
    """A PDF file of the pages."""
    letters = sorted({char for page in pages for _, _, text in page.texts for char in text})
    codes = {char: index + 1 for index, char in enumerate(letters)}
    assert len(codes) < 255, "one simple font holds 254 letters"
    pairs = "".join(f"<{code:02X}> <{ord(char):04X}>\n" for char, code in codes.items())
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /T def /CMapType 2 def\n"
        f"1 begincodespacerange <00> <FF> endcodespacerange\n{len(codes)} beginbfchar\n{pairs}endbfchar\n"
        "endcmap CMapName currentdict /CMap defineresource pop end end"
    )
    widths = " ".join(["500"] * 256)
    objects: list[bytes] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{' '.join(f'{5 + 2 * i} 0 R' for i in range(len(pages)))}] >>".encode(),  # noqa: E501 - data on one line, as it is printed
        f"<< /Type /Font /Subtype /TrueType /BaseFont /Made /FirstChar 0 /LastChar 255 /Widths [{widths}] /ToUnicode 4 0 R "  # noqa: E501 - data on one line, as it is printed
        "/FontDescriptor << /Type /FontDescriptor /FontName /Made /Flags 32 /FontBBox [0 -200 500 800] /Ascent 800 /Descent -200 "  # noqa: E501 - data on one line, as it is printed
        "/CapHeight 700 /ItalicAngle 0 /StemV 80 >> >>".encode(),
        _stream(cmap.encode()),
    ]
    for index, page in enumerate(pages):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {6 + 2 * index} 0 R "
            "/Resources << /Font << /F 3 0 R >> >> >>".encode()
        )
        objects.append(_stream(_content(page, codes)))
    return _file(objects)


def _content(page: Page, codes: dict[str, int]) -> bytes:
    out = ["0.5 w"]
    for x0, y0, x1, y1 in page.lines:
        out.append(f"{x0:.1f} {842 - y0:.1f} m {x1:.1f} {842 - y1:.1f} l S")
    for x, y, text in page.texts:
        code = "".join(f"{codes[char]:02X}" for char in text)
        out.append(f"BT /F {page.size} Tf {x:.1f} {842 - y - page.size:.1f} Td <{code}> Tj ET")
    return "\n".join(out).encode()


def _stream(body: bytes) -> bytes:
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(body), body)


def _file(objects: list[bytes]) -> bytes:
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)
