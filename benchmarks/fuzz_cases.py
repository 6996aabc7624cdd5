"""Mutated phrases and files for the fuzzing of the import engine: case n of a form is always the same.

Seeds are the made-up plans of the tests in every form, the deadline phrases of the tests, and names of units.
A mutation works on text (words, marks, digits, lines), on the members of an office archive, or on bytes.
"""

from __future__ import annotations

import io
import random
import unicodedata
import zipfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from tests.unit.documents.dated_book import dated_book
from tests.unit.documents.office_files import as_docx, as_ods, as_xlsx
from tests.unit.documents.pdf_plans import as_ruled_pdf, as_unruled_pdf
from tests.unit.documents.plans import CONTENTS, GROUP_UNITS, HEADS, UNITS, Plan, grid_of, make_plan
from tests.unit.documents.text_files import as_aligned_text, as_flat_text, as_html, as_markdown

DATA = Path(__file__).resolve().parent.parent / "tests" / "data"
_WORDS = """và, hoặc, đến, từ, trước, sau khi, kể từ, ngày, tháng, quý, năm, năm học, tuần, hằng năm, hàng tháng,
 thường xuyên, 31/11, 30/2/2027, 29/02/2027, 00/00/0000, 99/99/9999, 2026, 20266, 0, 13/2026, quý V, quý 0, âm lịch,
 Tết Nguyên đán, nt, -nt-, như trên, Chủ trì:, phối hợp:, Tổng cộng, TT, Nội dung công việc, Cơ quan chủ trì, Thời hạn,
 PHỤ LỤC, Nơi nhận:, 9999999999999999, 1e309, NaN, ½, ², ٣, Ⅳ, 𝟐𝟎𝟐𝟔, <td>, </table>, <table>, &#x0;, &nbsp;,
 ||||, |---|"""
TOKENS: tuple[str, ...] = (
    *"0123456789IVXivx.,;:/-–—()[]{}\"'“”…|\t\n\r\f\v\x00\x0b\u00a0\u200b\u202e\ufeff\u0301\u0323đĐ%<>&+*#~^\\",
    *(word.strip() for word in _WORDS.split(",")),
    *("\n\n", " - ", "; ", "e\u0301\u0302", "\U0001f600", "A" * 300, "(" * 60, "1." * 40),
)
PLANS = 24


def mutated_text(rng: random.Random, text: str, others: Sequence[str]) -> str:
    """``text`` after one to four changes."""
    for _ in range(rng.choice((1, 1, 2, 3, 4))):
        change: Callable[[random.Random, str, Sequence[str]], str] = rng.choice(_TEXT_CHANGES)
        text = change(rng, text, others)
    return text


def _insert(rng: random.Random, text: str, _others: Sequence[str]) -> str:
    at = rng.randint(0, len(text))
    return text[:at] + rng.choice(TOKENS) + text[at:]


def _drop(rng: random.Random, text: str, _others: Sequence[str]) -> str:
    at = rng.randint(0, len(text))
    return text[:at] + text[at + rng.choice((1, 1, 2, 5, 20, len(text) // 3 + 1)) :]


def _repeat(rng: random.Random, text: str, _others: Sequence[str]) -> str:
    at = rng.randint(0, len(text))
    return text[:at] + text[at : at + rng.randint(1, 40)] * rng.choice((2, 2, 3, 30)) + text[at:]


def _swap(rng: random.Random, text: str, _others: Sequence[str]) -> str:
    words = text.split(" ")
    one, other = rng.randrange(len(words)), rng.randrange(len(words))
    words[one], words[other] = words[other], words[one]
    return " ".join(words)


def _digits(rng: random.Random, text: str, _others: Sequence[str]) -> str:
    return "".join(rng.choice("0123456789") if char.isdigit() and rng.random() < 0.3 else char for char in text)


def _splice(rng: random.Random, text: str, others: Sequence[str]) -> str:
    other = rng.choice(others)
    return text[: rng.randint(0, len(text))] + other[rng.randint(0, len(other)) :]


def _recase(rng: random.Random, text: str, _others: Sequence[str]) -> str:
    return rng.choice((text.upper(), text.lower(), text.title(), unicodedata.normalize("NFD", text), text[::-1]))


def _lines(rng: random.Random, text: str, _others: Sequence[str]) -> str:
    lines = text.split("\n")
    at = rng.randrange(len(lines))
    change = rng.choice(("drop", "double", "shuffle", "join"))
    if change == "shuffle":
        rng.shuffle(lines)
    elif change == "join":
        return text.replace("\n", rng.choice((" ", "", "\t")), rng.randint(1, 5))
    else:
        lines[at : at + 1] = [] if change == "drop" else [lines[at]] * 2
    return "\n".join(lines)


_TEXT_CHANGES: tuple[Callable[[random.Random, str, Sequence[str]], str], ...] = (
    _insert, _insert, _drop, _repeat, _swap, _digits, _digits, _splice, _recase, _lines,
)  # fmt: skip


def mutated_bytes(rng: random.Random, data: bytes) -> bytes:
    """``data`` with bytes changed, cut out, doubled, or the end cut off."""
    body = bytearray(data)
    for _ in range(rng.choice((1, 2, 5, 20))):
        at, size = rng.randrange(len(body) or 1), rng.choice((1, 1, 4, 64))
        change = rng.choice(("set", "set", "drop", "double", "ones"))
        if change == "set":
            body[at : at + 1] = bytes([rng.randrange(256)])
        elif change == "ones":
            body[at : at + size] = b"\xff" * size
        else:
            body[at : at + size] = b"" if change == "drop" else bytes(body[at : at + size]) * 2
    return bytes(body[: rng.randrange(len(body) + 1)] if rng.random() < 0.1 else body)


def mutated_archive(rng: random.Random, data: bytes) -> bytes:
    """An office archive with the text or the bytes of one or two members changed; sometimes a member is missing."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    main = [
        name for name in members if name.endswith(("document.xml", "content.xml", "sheet1.xml", "sharedStrings.xml"))
    ]
    for name in {rng.choice(main), rng.choice(list(members)) if rng.random() < 0.3 else rng.choice(main)}:
        members[name] = _mutated_member(rng, members[name])
    if rng.random() < 0.05:
        del members[rng.choice(list(members))]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return out.getvalue()


def _mutated_member(rng: random.Random, body: bytes) -> bytes:
    """XML that is still XML (texts, numbers, whole elements), or bytes that may be anything."""
    text = body.decode("utf-8", errors="replace")
    change = rng.random()
    if change < 0.3:
        return mutated_bytes(rng, body)
    parts = text.split("<")
    for _ in range(rng.choice((1, 3, 10))):
        at = rng.randrange(len(parts))
        tag, mark, inside = parts[at].partition(">")
        if change < 0.6 and mark and inside.strip():
            safe = mutated_text(rng, inside, [CONTENTS[0]])
            parts[at] = f"{tag}>" + safe.replace("&", "").replace("<", "").replace(">", "")
        elif change < 0.85:
            parts[at] = "".join(rng.choice("0123456789") * rng.choice((1, 1, 9)) if c.isdigit() and rng.random() < 0.2 else c for c in parts[at])  # fmt: skip  # noqa: E501 - one choice per digit
        else:
            parts[at : at + rng.randint(1, 6)] = parts[at : at + rng.randint(1, 6)] * rng.choice((0, 2, 3))
            parts = parts or [""]
    return "<".join(parts).encode("utf-8", errors="replace")


@cache
def phrases() -> tuple[str, ...]:
    """Deadline phrases."""
    lines = (DATA / "deadline_phrases.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line.split("|")[0].strip() for line in lines if line.strip() and not line.startswith("#"))


@cache
def unit_cells() -> tuple[str, ...]:
    """Cells that name units, lead and coordinators together."""
    rng = random.Random(1)
    cells = [*UNITS, *GROUP_UNITS]
    for _ in range(300):
        names = rng.sample((*UNITS, *GROUP_UNITS), rng.randint(1, 4))
        join = rng.choice((", ", "; ", " và ", "\n- ", " / ", ",\n")).join
        cells += [
            join(names),
            f"Chủ trì: {join(names[:1])}; phối hợp: {join(names[1:])}",
            f"{names[0]} chủ trì, phối hợp với {join(names)}",
        ]
    return tuple(cells)


def _small(seed: int, *, merging: bool) -> Plan:
    plan = make_plan(seed, merging=merging)
    return Plan(plan.tasks[:4], plan.layout)


def as_tabs(plan: Plan) -> bytes:
    """The plan as it is pasted from a workbook: cells parted by tabs."""
    rows = (("" if cell is None else cell.text.replace("\n", " ") for cell in row) for row in grid_of(plan))
    return "\n".join("\t".join(row) for row in rows).encode()


def as_labels(plan: Plan) -> bytes:
    """The plan as a labelled list in running text."""
    lines = ["KẾ HOẠCH", "", "II. NỘI DUNG, NHIỆM VỤ", ""]
    for task in plan.tasks:
        lines += [
            f"{task.tt} {task.content}",
            f"- Cơ quan chủ trì: {'; '.join(task.lead)}.",
            f"- Thời gian: {task.deadline}.",
        ]
    lines += ["III. TỔ CHỨC THỰC HIỆN"]
    lines += [
        f"{n}. {task.lead[0]}: chủ trì, phối hợp với {UNITS[n]} {task.content.lower()} trước ngày 30/11 hằng năm."
        for n, task in enumerate(plan.tasks, 1)
    ]
    return "\n".join(lines).encode()


TEXT_FORMS: dict[str, tuple[Callable[[Plan], bytes], str, bool]] = {
    "flat": (as_flat_text, "txt", False),
    "aligned": (as_aligned_text, "txt", False),
    "tabs": (as_tabs, "txt", False),
    "labels": (as_labels, "txt", False),
    "md": (as_markdown, "md", False),
    "html": (as_html, "html", True),
}
FILE_FORMS: dict[str, tuple[Callable[[Plan], bytes], str]] = {
    "docx": (as_docx, "docx"),
    "xlsx": (as_xlsx, "xlsx"),
    "ods": (as_ods, "ods"),
    "pdf": (as_ruled_pdf, "pdf"),
    "plain_pdf": (as_unruled_pdf, "pdf"),
    "xls": (lambda _plan: (DATA / "plan.xls").read_bytes(), "xls"),
    "dated": (lambda _plan: dated_book(), "xlsx"),
}
FORMS = ("phrases", "units", *TEXT_FORMS, *FILE_FORMS)


@cache
def _seed(form: str, number: int) -> bytes:
    if form in TEXT_FORMS:
        write, _, merging = TEXT_FORMS[form]
        return write(_small(number, merging=merging))
    return FILE_FORMS[form][0](_small(number, merging=form not in {"plain_pdf"}))


def phrase(form: str, number: int) -> str:
    """Case ``number`` of the phrases or of the cells of units."""
    rng = random.Random(f"{form} {number}")
    known = phrases() if form == "phrases" else unit_cells()
    return mutated_text(rng, rng.choice(known), known)


def file(form: str, number: int) -> tuple[bytes, str]:
    """Case ``number`` of a form of files: bytes and a file name."""
    rng = random.Random(f"{form} {number}")
    data = _seed(form, rng.randrange(PLANS))
    if form in TEXT_FORMS:
        words = [*CONTENTS, *phrases()[:200], *(label for labels in HEADS.values() for label in labels)]
        body = mutated_text(rng, data.decode(), words).encode("utf-8", errors="replace")
        return (mutated_bytes(rng, body) if rng.random() < 0.15 else body), f"case.{TEXT_FORMS[form][1]}"
    extension = FILE_FORMS[form][1]
    if extension in {"docx", "xlsx", "ods"} and rng.random() < 0.9:
        return mutated_archive(rng, data), f"case.{extension}"
    return mutated_bytes(rng, data), f"case.{extension}"
