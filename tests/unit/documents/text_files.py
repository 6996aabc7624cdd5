"""Writers of text, Markdown and HTML for the made-up plans, and how their text is dressed in any form."""

from __future__ import annotations

import html
import re
import unicodedata

from tests.unit.documents.plans import HEAD_LINES, Layout, Plan, grid_of

_OLD_TONE = {"òa": "oà", "óa": "oá", "ỏa": "oả", "ọa": "oạ", "ủy": "uỷ", "úy": "uý", "Ủy": "Uỷ", "ũy": "uỹ"}


def dressed(text: str, layout: Layout) -> str:
    """The text as the file stores it: decomposed, with hard or double spaces, with the old tone places."""
    if layout.old_tone:
        text = re.sub("|".join(_OLD_TONE), lambda found: _OLD_TONE[found[0]], text)
    if layout.nbsp or layout.double_spaces:
        space = "\u00a0" if layout.nbsp else "  "
        words = text.split(" ")
        text = "".join(word + (space if i % 5 == 4 else " ") for i, word in enumerate(words)).rstrip(" \u00a0")
    return unicodedata.normalize("NFD", text) if layout.nfd else text


def as_html(plan: Plan) -> bytes:
    """The plan as a web page."""
    rows = []
    for row in grid_of(plan):
        cells = [
            f'<td colspan="{cell.across}" rowspan="{cell.down}">{html.escape(dressed(cell.text, plan.layout)).replace(chr(10), "<br>")}</td>'  # noqa: E501 - data on one line, as it is printed
            for cell in row
            if cell is not None
        ]
        rows.append(f"<tr>{''.join(cells)}</tr>")
    head = "".join(f"<tr><td>{left}</td><td>{right}</td></tr>" for left, right in HEAD_LINES)
    body = f"<table>{head}</table><p>KẾ HOẠCH</p><p>Phát triển vùng Sông Hạc năm 2027</p><table>{''.join(rows)}</table>"
    return f'<html><head><meta charset="utf-8"></head><body>{body}</body></html>'.encode()


def as_markdown(plan: Plan) -> bytes:
    """The plan as a Markdown pipe table."""
    lines = [
        "| | |",
        "|---|---|",
        *(f"| {left} | {right} |" for left, right in HEAD_LINES),
        "",
        "## KẾ HOẠCH",
        "",
        "## Phát triển vùng Sông Hạc",
        "",
    ]
    for index, row in enumerate(grid_of(plan)):
        texts = [(cell.text if cell else "") for cell in row]
        lines.append("| " + " | ".join(dressed(text, plan.layout).replace("\n", "<br>") for text in texts) + " |")
        if index == 0:
            lines.append("|" + "---|" * len(texts))
    return "\n".join(lines).encode()


def as_piped_text(plan: Plan) -> bytes:
    """The plan as lines whose cells are parted by "|", without edges."""
    rows = ([dressed(cell.text if cell else "", plan.layout) for cell in row] for row in grid_of(plan))
    table = "\n".join(" | ".join(row).replace("\n", "<br>") for row in rows)
    return f"KẾ HOẠCH\nPhát triển vùng Sông Hạc năm 2027\n\n{table}".encode()


def as_pasted_cells(plan: Plan) -> bytes:
    """The plan as Excel puts it on the clipboard: tabs, and quotation marks around cells of several lines."""
    rows = []
    for row in grid_of(plan):
        texts = [dressed(cell.text if cell else "", plan.layout) for cell in row]
        quoted = (f'"{text.replace(chr(34), chr(34) * 2)}"' if "\n" in text else text for text in texts)
        rows.append("\t".join(quoted) + "\r\n")
    return "".join(rows).encode()


def as_flat_text(plan: Plan) -> bytes:
    """The plan as text that lost its grid: one cell per line with a leading tab."""
    lines = ["\t".join(pair) for pair in HEAD_LINES] + ["", "KẾ HOẠCH", "", "Phát triển vùng Sông Hạc năm 2027", "", ""]
    for row in grid_of(plan):
        lines.extend("\t" + dressed(cell.text if cell else "", plan.layout) for cell in row)
        lines.append("")
    return "\n".join(lines).encode()


def as_aligned_text(plan: Plan) -> bytes:
    """The plan as text whose columns are aligned with spaces."""
    widths = [
        {"tt": 5, "content": 34, "code": 12, "blank": 3, "deadline": 22}.get(name, 26) for name in plan.layout.columns
    ]
    lines = [f"{left:<40}{right}" for left, right in HEAD_LINES] + [
        "",
        "KẾ HOẠCH",
        "",
        "Phát triển vùng Sông Hạc năm 2027",
        "",
        "",
    ]
    for row in grid_of(plan):
        columns = [
            _wrapped(unicodedata.normalize("NFC", cell.text if cell else ""), width - 2)
            for cell, width in zip(row, widths, strict=True)
        ]
        lines.extend(
            "".join(
                (column[number] if number < len(column) else "").ljust(width)
                for column, width in zip(columns, widths, strict=True)
            ).rstrip()
            for number in range(max(len(column) for column in columns))
        )
        lines.append("")
    return "\n".join(lines).encode()


def _wrapped(text: str, width: int) -> list[str]:
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines.append("")
        for word in paragraph.split():
            if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
                lines.append(word)
            else:
                lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
