"""Fictional plans laid out in many ways, with what the reader must answer: the generator of variants.

A ``Plan`` is the truth; ``Layout`` says how it is printed. Every writer turns both into a file of one form.
The province, its units and its people do not exist.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

UNITS = (
    "Sở Nội vụ",
    "Sở Văn hóa, Thể thao và Du lịch",
    "Sở Khoa học và Công nghệ",
    "Sở Nông nghiệp và Môi trường",
    "Công an tỉnh",
    "Văn phòng UBND tỉnh",
    "Ban Quản lý các khu công nghiệp",
    "Thanh tra tỉnh",
    "Trung tâm Văn hóa, Thông tin và Thể thao",
    "Phòng Kinh tế, Hạ tầng và Đô thị",
    "Văn phòng HĐND và UBND xã",
    "Trường Cao đẳng Sông Hạc",
    "Sở GD&ĐT",
    "Tỉnh đoàn",
    "Hội Liên hiệp Phụ nữ tỉnh",
    "Chi cục Kiểm lâm",
    "Kho bạc Nhà nước khu vực",
    "Đài Phát thanh Sông Hạc",
    "Thuế tỉnh",
    "Thuế cơ sở 4",
    "Viễn thông tỉnh",
    "UB MTTQ xã",
    "Phòng Văn hóa, Khoa học và Thông tin",
    "Bộ Quốc phòng",
    "Tập đoàn Điện lực Sông Hạc",
    "Ngân hàng Nhà nước Chi nhánh Khu vực 5",
)
GROUP_UNITS = (
    "các sở, ban, ngành",
    "UBND các xã, phường, đặc khu",
    "các cơ quan, đơn vị có liên quan",
    "Các cơ sở giáo dục",
    "doanh nghiệp",
)
CONTENTS = (
    "Xây dựng Kế hoạch thực hiện chương trình phát triển vùng Sông Hạc",
    "Rà soát, bổ sung danh mục thủ tục hành chính của tỉnh",
    "Tổ chức tập huấn kỹ năng số cho công chức, viên chức cấp xã",
    "Hoàn thành cơ sở dữ liệu đất đai, kết nối với kho dữ liệu của tỉnh",
    "Kiểm tra việc chấp hành quy định về môi trường tại các khu công nghiệp",
    "Tuyên truyền, phổ biến chính sách bảo hiểm y tế hộ gia đình",
    "Sửa chữa, nâng cấp trạm bơm Cầu Vồng và hệ thống kênh nội đồng",
    "Sơ kết 3 năm thực hiện Đề án phát triển du lịch cộng đồng",
    "Tham mưu UBND tỉnh ban hành Quy chế phối hợp quản lý khoáng sản",
    "Đánh giá, xếp hạng mức độ chuyển đổi số của các đơn vị",
    "Bố trí kinh phí cho các nhiệm vụ khoa học trọng điểm năm 2027",
    "Vận hành trung tâm giám sát, điều hành thông minh của tỉnh",
    "Trồng 500.000 cây xanh phân tán tại các xã ven sông Hạc",
    "Thành lập tổ công tác liên ngành về cải cách hành chính",
)
DEADLINES = (
    "30/11/2026",
    "Quý II/2027",
    "Tháng 6 năm 2027",
    "Hằng năm",
    "Trước ngày 15/12/2026",
    "Thường xuyên",
    "12/2027",
    "Trong năm 2026",
)
GROUPS = ("Hoàn thiện thể chế, chính sách", "Phát triển hạ tầng", "Nguồn nhân lực", "Kiểm tra, giám sát")
SUBGROUPS = ("Đối với cấp tỉnh", "Đối với cấp xã")
HEADS = {
    "tt": ("TT", "STT", "Số TT", "Stt"),
    "content": (
        "Nội dung công việc",
        "Nhiệm vụ, giải pháp",
        "Tên nhiệm vụ",
        "Nội dung",
        "Nhiệm vụ cụ thể",
        "Công việc",
        "Các hoạt động",
        "Việc cần làm",
        "Ý kiến chỉ đạo",
        "Tên đề án/kế hoạch",
    ),
    "lead": (
        "Cơ quan chủ trì",
        "Đơn vị chủ trì",
        "Chủ trì thực hiện",
        "Cơ quan, đơn vị chủ trì",
        "Đơn vị chủ trì tham mưu",
        "Bộ phận chủ trì",
        "Đơn vị đầu mối",
        "Cơ quan soạn thảo",
        "Đơn vị được giao",
    ),
    "coordinators": (
        "Cơ quan phối hợp",
        "Đơn vị phối hợp",
        "Phối hợp",
        "Đơn vị phối hợp thực hiện",
        "Đơn vị liên quan",
        "Các đơn vị phối hợp",
    ),
    "units": (
        "Đơn vị thực hiện",
        "Trách nhiệm thực hiện",
        "Phân công nhiệm vụ",
        "Tổ chức thực hiện",
        "Cơ quan thực hiện",
    ),
    "deadline": (
        "Thời gian hoàn thành",
        "Thời hạn",
        "Tiến độ",
        "Thời gian thực hiện",
        "Hạn hoàn thành",
        "Mốc thời gian",
        "TG hoàn thành",
        "Dự kiến hoàn thành",
        "Hạn xử lý",
    ),
    "product": ("Sản phẩm", "Kết quả", "Sản phẩm đầu ra", "Kết quả, sản phẩm"),
    "note": ("Ghi chú",),
    "code": ("Mã nhiệm vụ", "Mã NV", "Mã việc"),
    "basis": ("Văn bản giao nhiệm vụ", "Căn cứ"),
    "progress": ("Tiến độ (%)", "Tỷ lệ hoàn thành (%)"),
    "monitor": ("Theo dõi, đôn đốc", "Cơ quan theo dõi"),
    "leader": ("Lãnh đạo chỉ đạo", "Lãnh đạo UBND tỉnh phụ trách", "Người phụ trách", "Phó Chủ tịch phụ trách"),
    "submitter": ("Cơ quan trình", "Cấp trình", "Cấp có thẩm quyền ban hành"),
    "amount": ("Kinh phí (triệu đồng)", "Dự toán kinh phí"),
}
HEAD_LINES = (
    ("ỦY BAN NHÂN DÂN", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
    ("TỈNH SÔNG HẠC", "Độc lập - Tự do - Hạnh phúc"),
    ("Số: 128/KH-UBND", "Sông Hạc, ngày 05 tháng 10 năm 2026"),
)
#: Ways to name lead and coordinators in one cell; "leads" is a column of leading units alone.
ONE_CELL = (
    "labels",
    "verb",
    "brackets",
    "lines",
    "leads",
    "label behind",
    "bracket behind",
    "beside",
    "each",
    "two verbs",
)


@dataclass
class Task:
    """One task of the truth, with the groups above it from the outermost inwards."""

    tt: str
    content: str
    lead: list[str]
    coordinators: list[str]
    deadline: str
    product: str = ""
    note: str = ""
    groups: tuple[str, ...] = ()
    ditto: set[str] = field(default_factory=set)
    merged: set[str] = field(default_factory=set)


@dataclass
class Layout:
    """How the table is printed."""

    columns: list[str]
    heads: dict[str, str]
    two_row_head: bool
    number_row: bool
    separator: str
    one_cell: str | None
    groups: int
    group_style: str
    ditto: str | None
    merge_down: bool
    repeat_head_at: int | None
    total_row: bool
    nfd: bool
    nbsp: bool
    double_spaces: bool
    old_tone: bool
    capitals: bool
    broken: bool


@dataclass
class Plan:
    """The truth of a made-up plan."""

    tasks: list[Task]
    layout: Layout


@dataclass(frozen=True)
class GridCell:
    """A cell to be printed: text and how many columns and rows it covers; covered places are None in the grid."""

    text: str
    across: int = 1
    down: int = 1


def make_plan(seed: int, *, merging: bool = True) -> Plan:
    """A plan whose every choice follows from ``seed``. ``merging`` is false for forms without merged cells."""
    rng = random.Random(seed)
    one_cell = rng.choice((None, None, None, *ONE_CELL))
    columns = ["units"] if one_cell else ["lead", "coordinators"]
    further = ("product", "note", "code", "monitor", "leader", "submitter", "amount", "basis", "progress")
    rest = ["content", "deadline", *(name for name in further if rng.random() < 0.25)]
    blocks = [columns, *([name] for name in rest)]
    if rng.random() < 0.5:
        rng.shuffle(blocks)
    else:
        blocks = [["content"], columns, *([name] for name in rest if name != "content")]
    order = ["tt", *(name for block in blocks for name in block)]
    if rng.random() < 0.15:
        order.insert(0, "blank")
    elif rng.random() < 0.1:
        order = [*order[1:], "tt"]
    layout = Layout(
        columns=order,
        heads={name: _cased(rng, rng.choice(HEADS.get(name, ("",)))) for name in order},
        two_row_head=one_cell is None and rng.random() < 0.3,
        number_row=rng.random() < 0.2,
        separator=rng.choice(
            ("; ", ", ", "\n- ", "; ", " / ", "\n", ";\n", "mixed") if one_cell != "lines" else (", ",)
        ),
        one_cell=one_cell,
        groups=rng.choice((0, 1, 2)),
        group_style=rng.choice(("merged", "unmerged", "number apart") if merging else ("unmerged",)),
        ditto=rng.choice((None, None, "nt", "-nt-", "Như trên", '"', "- như trên -", '- " -', "n.t")),
        merge_down=merging and rng.random() < 0.3,
        repeat_head_at=rng.choice((None, None, 5)),
        total_row=rng.random() < 0.15,
        nfd=rng.random() < 0.2,
        nbsp=rng.random() < 0.2,
        double_spaces=rng.random() < 0.15,
        old_tone=rng.random() < 0.2,
        capitals=rng.random() < 0.15,
        broken=merging and rng.random() < 0.2,
    )
    return Plan(_tasks(rng, layout), layout)


def _cased(rng: random.Random, text: str) -> str:
    return text.upper() if rng.random() < 0.25 else text


def _tasks(rng: random.Random, layout: Layout) -> list[Task]:
    contents = rng.sample(CONTENTS, rng.randint(6, len(CONTENTS)))
    style = rng.choice(("1", "01", "1.", "deep")) if layout.groups else rng.choice(("1", "01", "1."))
    restart = rng.random() < 0.5 or style == "deep"
    tasks: list[Task] = []
    groups: tuple[str, ...] = ()
    within = outer = inner = 0
    for index, content in enumerate(contents):
        if layout.groups and index % 3 == 0:
            if layout.groups == 1 or index % 6 == 0:
                outer, inner = outer + 1, 0
                groups = (f"{('I', 'II', 'III', 'IV', 'V')[outer - 1]}. {GROUPS[(outer - 1) % len(GROUPS)]}",)
            if layout.groups == 2:
                inner += 1
                groups = (groups[0], f"{inner}. {SUBGROUPS[(inner - 1) % 2]}")
            within = 0 if restart else within
        within += 1
        number = {"1": str(within), "01": f"{within:02d}", "1.": f"{within}.", "deep": f"{inner or outer}.{within}"}[
            style
        ]
        task = Task(
            tt=number, content=content, lead=rng.sample(UNITS, rng.choice((1, 1, 1, 2))),
            coordinators=rng.sample(UNITS, rng.randint(0, 2)) + ([rng.choice(GROUP_UNITS)] if rng.random() < 0.5 else []),  # noqa: E501 - data on one line, as it is printed
            deadline=rng.choice(DEADLINES), product=rng.choice(("Báo cáo", "Quyết định của UBND tỉnh", "")),
            note=rng.choice(("Ưu tiên", "Nhiệm vụ mới", "")), groups=groups,
        )  # fmt: skip
        task.coordinators = [name for name in task.coordinators if name not in task.lead]
        if layout.one_cell == "leads":
            task.coordinators = []
        if layout.capitals and index % 4 == 1:
            task.content = task.content.upper()
        if len({tuple(sorted(task.lead))}) and tasks and tasks[-1].groups == groups and rng.random() < 0.3:
            _repeat(rng, layout, tasks[-1], task)
        tasks.append(task)
    return tasks


def _repeat(rng: random.Random, layout: Layout, above: Task, task: Task) -> None:
    """Let some fields repeat the row above, by a ditto mark or a cell merged downwards."""
    doers = ("lead", "coordinators") if layout.one_cell else (rng.choice(("lead", "coordinators")),)
    chosen = [doers, ("deadline",)]
    for names in rng.sample(chosen, rng.randint(1, 2)):
        if any(not getattr(above, name) for name in names):
            continue
        for name in names:
            setattr(task, name, getattr(above, name))
        target = "units" if layout.one_cell and "lead" in names else names[0]
        if layout.merge_down:
            task.merged.add(target)
        elif layout.ditto:
            task.ditto.add(target)


def cell_of(task: Task, column: str, layout: Layout) -> str:
    """What stands in a cell of the task."""
    if column in task.ditto:
        return layout.ditto or ""
    separator = layout.separator
    if separator == "mixed":
        separator = ("; ", ", ", "\n", "\n- ")[len(task.content) % 4]
    join = separator.join
    bullet = separator.strip("\n") if separator.startswith("\n") else ""
    if column == "lead":
        return bullet + join(task.lead)
    if column == "coordinators":
        return bullet + join(task.coordinators) if task.coordinators else ""
    if column == "units":
        return _one_cell(task, layout)
    if column == "code":
        return f"NV-{abs(hash(task.content)) % 90 + 10}"
    fixed = {
        "monitor": "Văn phòng UBND tỉnh",
        "leader": "Phó Chủ tịch Lê Văn Mẫu",
        "submitter": "UBND tỉnh",
        "amount": "1.250",
        "basis": "Công văn số 12/UBND-TH ngày 02/3/2026",
        "progress": "50%",
        "blank": "",
    }
    if column in fixed:
        return fixed[column]
    return str(getattr(task, column))


def _one_cell(task: Task, layout: Layout) -> str:
    plain = layout.one_cell in {"labels", "verb", "beside", "two verbs"}
    separator = ", " if plain or layout.separator == ", " else "; "
    lead, others = separator.join(task.lead), separator.join(task.coordinators)
    if layout.one_cell == "leads":
        return cell_of(task, "lead", layout)
    if layout.one_cell == "each":
        return "; ".join([*(f"{n} (chủ trì)" for n in task.lead), *(f"{n} (phối hợp)" for n in task.coordinators)])
    alone, both = {
        "labels": ("Chủ trì: {0}", "Chủ trì: {0}; phối hợp: {1}"),
        "lines": ("- Cơ quan chủ trì: {0}", "- Cơ quan chủ trì: {0}.\n- Cơ quan phối hợp: {1}."),
        "verb": ("{0} chủ trì", "{0} chủ trì, phối hợp với {1}"),
        "label behind": ("{0}", "{0}; phối hợp: {1}"),
        "bracket behind": ("{0}", "{0} (phối hợp: {1})"),
        "beside": ("{0}", "{0} phối hợp với {1}"),
        "two verbs": ("{0} chủ trì", "{0} chủ trì; {1} phối hợp"),
        "brackets": ("", ""),
    }[layout.one_cell or "labels"]
    if layout.one_cell == "brackets":
        return "; ".join([*(f"{name} (chủ trì)" for name in task.lead), *task.coordinators])
    return (both if others else alone).format(lead, others)


def grid_of(plan: Plan) -> list[list[GridCell | None]]:
    """The whole table: heading, group rows, tasks, total; None where another cell covers the place."""
    layout, width = plan.layout, len(plan.layout.columns)
    head = _head(layout)
    rows: list[list[GridCell | None]] = list(head)
    shown: tuple[str, ...] = ()
    for index, task in enumerate(plan.tasks):
        if layout.repeat_head_at is not None and index == layout.repeat_head_at and not task.merged:
            rows.extend(_head(layout)[: 1 + layout.two_row_head])
        for depth, label in enumerate(task.groups):
            if shown[: depth + 1] != task.groups[: depth + 1]:
                rows.append(_group(label, layout, width))
        shown = task.groups
        row: list[GridCell | None] = []
        for column in layout.columns:
            if column in task.merged:
                row.append(None)
                continue
            down = 1
            for later in plan.tasks[index + 1 :]:
                if column not in later.merged:
                    break
                down += 1
            text = cell_of(task, column, layout)
            if layout.broken and column == "content":
                words = text.split()
                text = " ".join(words[:4]) + "\n" + " ".join(words[4:])
            row.append(GridCell(text, down=down))
        rows.append(row)
    if layout.total_row:
        rows.append(
            [GridCell("Tổng cộng", across=width), *[None] * (width - 1)]
            if layout.group_style == "merged"
            else [GridCell(""), GridCell("Tổng cộng"), *[GridCell("")] * (width - 2)]
        )
    return rows


def _head(layout: Layout) -> list[list[GridCell | None]]:
    if not layout.two_row_head:
        rows: list[list[GridCell | None]] = [[GridCell(layout.heads[name]) for name in layout.columns]]
    else:
        first: list[GridCell | None] = []
        second: list[GridCell | None] = []
        for name in layout.columns:
            if name == "lead":
                first.append(GridCell("Trách nhiệm thực hiện", across=2))
                second.append(GridCell("Chủ trì"))
            elif name == "coordinators":
                first.append(None)
                second.append(GridCell("Phối hợp"))
            else:
                first.append(GridCell(layout.heads[name], down=2))
                second.append(None)
        rows = [first, second]
    if layout.number_row:
        named = [name for name in layout.columns if name != "blank"]
        rows.append([GridCell(f"({named.index(name) + 1})" if name in named else "") for name in layout.columns])
    return rows


def _group(label: str, layout: Layout, width: int) -> list[GridCell | None]:
    number, _, name = label.partition(". ")
    place = layout.columns.index("tt")
    if layout.group_style == "merged":
        return [GridCell(label, across=width), *[None] * (width - 1)]
    if layout.group_style == "number apart" and place < width - 1:
        before: list[GridCell | None] = [GridCell("") for _ in range(place)]
        rest = width - place - 1
        return [*before, GridCell(number), GridCell(name, across=rest), *[None] * (rest - 1)]
    content = layout.columns.index("content")
    row: list[GridCell | None] = [GridCell("") for _ in range(width)]
    row[place], row[content] = GridCell(number), GridCell(name)
    return row
