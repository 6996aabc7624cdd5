"""Who leads and who coordinates, when one cell says both: "Chủ trì: A; phối hợp: B, C", "A (chủ trì); B; C".

Four ways of saying it are known, tried in this order: labels ("Chủ trì: … Phối hợp: …"), marks in brackets
("A (chủ trì); B (phối hợp)"), verbs ("A chủ trì, phối hợp với B", "A chủ trì, B phối hợp", "A phối hợp với B"),
and pieces with a verb each ("A chủ trì; B, C phối hợp").
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from taskflow.domain.units import split_units, starts_like_group, starts_like_unit

_PREFIX = (
    r"(?:các\s+)?(?:cơ quan|đơn vị|cơ quan,\s*đơn vị|tổ chức|CQ|ĐV)? *"
    # "Các sở, ban, ngành⏎Phối hợp:" ends a name with these words; a label begins with them.
    r"|(?:(?<=[;.(\-–+*/|\n])|(?<=[;.(\-–+*/|\n] )|^)(?:các )?(?:sở|ban|phòng),? (?:ngành|ban) "
)
_SUFFIX = r"(?:\s+(?:thực hiện|tham mưu|triển khai|chính))*"
_LABEL = re.compile(
    rf"(?:^|(?<=[\s;.,(\-–+*/|]))(?:{_PREFIX})(?P<role>chủ trì|phối hợp|đầu mối|thực hiện|tham gia|CQCT|"
    rf"CQPH|CT|PH){_SUFFIX}(?:\s+với)?\s*[:：]\s*",
    re.IGNORECASE,
)
_MARK = re.compile(
    r"\s*\(\s*(?:là\s+|làm\s+|(?P<jointly>đồng|cùng)\s+)?(?:cơ quan |đơn vị |CQ |ĐV )?"
    r"(?P<role>chủ trì|phối hợp|đầu mối|CT|PH)(?: thực hiện| tham mưu)?\s*\)",
    re.IGNORECASE,
)
_LEADS = (
    r"(?:(?:là (?:cơ quan |đơn vị )?)?chủ trì|(?:làm|là) (?:cơ quan |đơn vị )?đầu mối)"
    r"(?:,?\s+(?:và\s+)?(?:thực hiện|tham mưu|triển khai|tổng hợp))*"
)
_HELPS = r"(?:cùng\s+|là (?:cơ quan |đơn vị )?)?(?:phối hợp|tham gia)(?:\s+thực hiện)?"
_WITH = re.compile(
    rf"(?:giao\s+)?(?P<leads>.+?)[\s,]+{_LEADS}\s*"
    r"(?:[,;.]?\s*(?:và\s+)?phối hợp (?:với|cùng)?(?: với)?\s*:?\s*(?P<with>.+))?$",
    re.IGNORECASE | re.DOTALL,
)
_BOTH = re.compile(
    rf"(?:giao\s+)?(?P<leads>.+?)[\s,]+{_LEADS}\s*[,;.]\s*(?P<with>.+?)[\s,]+{_HELPS}[\s.]*$", re.IGNORECASE | re.DOTALL
)
_BESIDE = re.compile(
    r"(?P<leads>.+?)(?:[\s,]+phối hợp (?:với|cùng)(?: với)?\s*:?|\s*,\s*phối hợp)\s+(?P<with>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_BARE = re.compile(r"^chủ trì\s+(?P<leads>.+?)[,;.\s]+phối hợp\s+(?P<with>.+)$", re.IGNORECASE | re.DOTALL)
_TRAILING = re.compile(rf"(?P<units>.+?)[\s,]+{_HELPS}[\s.]*$", re.IGNORECASE | re.DOTALL)
_LEADING = re.compile(r"^(?:chủ trì(?:,| và)? phối hợp (?:với )?|giao\s+)", re.IGNORECASE)
#: The end of a line inside the words of a label: "Cơ quan phối⏎hợp".
_WRAPPED = re.compile(
    r"\b(chủ|cơ|đầu|phối|đơn|hợp)\s*\n\s*(trì|quan|mối|hợp|vị|với)\b"
    r"|(?:^|(?<=\n))([-+•*]? ?(?:Cơ quan|Đơn vị))\n(?=chủ trì|phối hợp)",
    re.IGNORECASE,
)
_VERB_BEHIND = re.compile(rf"[\s,]+{_LEADS}[\s.;]*$", re.IGNORECASE)
_NOBODY = re.compile(r"(?i)^(?:không(?: có)?|[-–—.]+)$")


@dataclass(frozen=True, slots=True)
class Duties:
    """Lead and coordinating units of a cell; ``marked`` tells that the cell itself says which is which."""

    lead: tuple[str, ...]
    coordinators: tuple[str, ...]
    marked: bool


def read_duties(cell: str) -> Duties:
    """The units of a cell by their role. Without any mark every unit is read as leading."""
    cell = _WRAPPED.sub(lambda found: " ".join(filter(None, found.groups())) + (" " if found[3] else ""), cell)
    return _labelled(cell) or _marked(cell) or _verbal(cell.strip()) or _by_pieces(cell)


def _units(text: str) -> tuple[str, ...]:
    return tuple(name for name in split_units(text) if not _NOBODY.match(name))


def _labelled(cell: str) -> Duties | None:
    found = list(_LABEL.finditer(cell))
    if not found:
        return None
    lead: list[str] = list(_units(_VERB_BEHIND.sub("", _between(cell[: found[0].start()]))))
    coordinators: list[str] = []
    for match, following in zip(found, [*found[1:], None], strict=True):
        text = _between(cell[match.end() : following.start() if following else len(cell)])
        helping = match["role"].lower() in {"phối hợp", "tham gia", "cqph", "ph"}
        (coordinators if helping else lead).extend(_units(text))
    return Duties(tuple(lead), tuple(coordinators), marked=True)


def _between(text: str) -> str:
    """The text between two labels without what belongs to the labels: bullets, numbers, the bracket around them."""
    text = re.sub(r"(?:^|(?<=[\n.;]))[ \n]*\d{1,2}[.)]?\s*$", "", text.strip()).strip(" \n;,.-–+*/|(")
    return re.sub(r"\)[\s.;]*$", "", text) if text.count(")") > text.count("(") else text


def _marked(cell: str) -> Duties | None:
    if not _MARK.search(cell):
        return None
    cell = re.sub(r"(?<=\)) *, *phối hợp(?: với)? +", "; ", cell)  # "A (chủ trì), phối hợp B"
    # Print that lost its line ends: "A (chủ trì) B (phối hợp)".
    cell = re.sub(r"(?<=\)) +(?=(\S.*))", lambda found: "; " if starts_like_unit(found[1]) else found[0], cell)
    marks = list(_MARK.finditer(cell))
    lead: list[str] = []
    coordinators: list[str] = []
    only_helpers = all(_helps(match) for match in marks)
    jointly = all(match["jointly"] or _helps(match) for match in marks)
    last_joint = max((match.start() for match in marks if match["jointly"]), default=-1)
    at = 0
    for name in split_units(cell):
        place = cell.find(name.split("\n")[0][:20], at)
        at = max(at, place)
        mark = _MARK.search(name)
        bare = " ".join(_MARK.sub(" ", name).split()).strip(" ,;")
        beside = _BESIDE.match(bare)
        if mark is not None and beside is not None:
            lead.extend(_units(beside["leads"]))
            coordinators.extend(_units(beside["with"]))
            continue
        leads = not _helps(mark) if mark is not None else only_helpers or (jointly and at <= last_joint)
        (lead if leads else coordinators).append(bare)
    return Duties(tuple(lead), tuple(coordinators), marked=True)


def _helps(mark: re.Match[str]) -> bool:
    return mark["role"].lower() in {"phối hợp", "ph"}


def _verbal(cell: str) -> Duties | None:
    bare = _BARE.match(cell)
    if bare:
        return Duties(_units(bare["leads"]), _units(bare["with"]), marked=True)
    for pattern in (_WITH, _BOTH):
        found = pattern.match(cell)
        if found and not re.search(r"chủ trì|phối hợp", found["leads"].lower()) and cell.lower().count("chủ trì") < 2:
            others = found["with"] or ""
            return Duties(_units(found["leads"]), _units(others), marked=True)
    beside = _BESIDE.match(cell)
    if beside and "chủ trì" not in cell.lower() and all(map(_is_unit, _units(beside["leads"]))):
        return Duties(_units(beside["leads"]), _units(beside["with"]), marked=True)
    return None


def _is_unit(name: str) -> bool:
    return starts_like_unit(name) or starts_like_group(name)


def _by_pieces(cell: str) -> Duties:
    """ "A chủ trì; B, C phối hợp" piece by piece; without such verbs everything leads."""
    lead: list[str] = []
    coordinators: list[str] = []
    plain: list[str] = []
    marked = False
    for piece in re.split(r"[;\n]", cell):
        helping = _TRAILING.match(piece.strip())
        leading = re.match(rf"(?is)(?:giao\s+)?(.+?)[\s,]+{_LEADS}\.?$", piece.strip())
        marked = marked or bool(helping or leading)
        if helping and not leading:
            coordinators.extend(_units(helping["units"]))
        elif leading:
            # "A; B chủ trì; C": the verb stands behind all that it holds for.
            lead += [*plain, *_units(leading[1])]
            plain = []
        else:
            plain.extend(_units(piece))
    if not marked:
        return Duties(_units(_LEADING.sub("", cell)), (), marked=False)
    # Units without a verb: they lead beside helpers, and help beside leaders.
    (coordinators if lead else lead).extend(plain)
    return Duties(tuple(lead), tuple(coordinators), marked=True)
