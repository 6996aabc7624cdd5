"""Units, groups and people of the fictional province of Sơn Hà."""

from __future__ import annotations

from dataclasses import dataclass

from taskflow.domain.permissions import Role

BODY = ("Ủy ban nhân dân tỉnh Sơn Hà", "UBND tỉnh")
OFFICE = ("Văn phòng Ủy ban nhân dân tỉnh", "VP UBND tỉnh")

#: (official name, short name, aliases)
DEPARTMENTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Sở Nội vụ", "Sở NV", ()),
    ("Sở Tài chính", "Sở TC", ("Sở Kế hoạch và Đầu tư",)),
    ("Sở Giáo dục và Đào tạo", "Sở GD&ĐT", ()),
    ("Sở Y tế", "Sở YT", ()),
    ("Sở Khoa học và Công nghệ", "Sở KH&CN", ("Sở Thông tin và Truyền thông",)),
    ("Sở Nông nghiệp và Môi trường", "Sở NN&MT", ("Sở Tài nguyên và Môi trường",)),
    ("Sở Xây dựng", "Sở XD", ("Sở Giao thông vận tải",)),
    ("Sở Công Thương", "Sở CT", ()),
    ("Sở Văn hóa, Thể thao và Du lịch", "Sở VHTTDL", ()),
    ("Sở Tư pháp", "Sở TP", ()),
    ("Thanh tra tỉnh", "Thanh tra", ()),
    ("Công an tỉnh", "CA tỉnh", ()),
    ("Ban Tuyên giáo và Dân vận Tỉnh ủy", "BTGDV", ("Ban Tuyên giáo Tỉnh ủy",)),
    ("Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh", "UBMTTQ tỉnh", ()),
    ("Trung tâm Phục vụ hành chính công tỉnh", "TTPVHCC", ()),
)
COMMUNES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Ủy ban nhân dân phường Đông Giang", "Phường Đông Giang", ()),
    ("Ủy ban nhân dân phường Tân Lập", "Phường Tân Lập", ()),
    ("Ủy ban nhân dân xã An Phú", "Xã An Phú", ()),
    ("Ủy ban nhân dân xã Bình Minh", "Xã Bình Minh", ()),
    ("Ủy ban nhân dân xã Hòa Lạc", "Xã Hòa Lạc", ()),
)

#: (name, is an open set, short names of its members)
GROUPS: tuple[tuple[str, bool, tuple[str, ...]], ...] = (
    ("UBND các xã, phường", False, tuple(short for _, short, _aliases in COMMUNES)),
    ("Các xã, phường", False, tuple(short for _, short, _aliases in COMMUNES)),
    ("Các sở, ban, ngành", False, tuple(short for _, short, _aliases in DEPARTMENTS[:13])),
    ("Các cơ quan, đơn vị có liên quan", True, ()),
    ("Các đơn vị có liên quan", True, ()),
    ("Các đoàn thể", False, ("UBMTTQ tỉnh",)),
)


@dataclass(frozen=True, slots=True)
class Person:
    """A fictional person with posts (role, short name of the unit)."""

    login: str
    name: str
    title: str
    posts: tuple[tuple[Role, str], ...]
    #: Why somebody trying the demo would sign in as this person.
    shows: str = ""


def people() -> list[Person]:
    """The named people of the demo, then a head and an officer for each other unit."""
    named = [
        Person(
            "vanphong",
            "Trần Thị Mai",
            "Phó Chánh Văn phòng",
            ((Role.COORDINATOR, "VP UBND tỉnh"),),
            "văn phòng: nhập kế hoạch, theo dõi, xác nhận",
        ),
        Person(
            "chuyenvien",
            "Lê Văn Đức",
            "Chuyên viên tổng hợp",
            ((Role.OFFICER, "VP UBND tỉnh"), (Role.COORDINATOR, "VP UBND tỉnh")),
            "văn phòng: vừa điều phối, vừa làm báo cáo hằng tháng",
        ),
        Person("lanhdao", "Nguyễn Quốc Bảo", "Phó Chủ tịch UBND tỉnh", ((Role.LEADER, "UBND tỉnh"),), "lãnh đạo"),
        Person("quantri", "Phạm Minh Tuấn", "Quản trị hệ thống", ((Role.ADMINISTRATOR, "UBND tỉnh"),), "quản trị"),
        Person(
            "giaoduc",
            "Hoàng Thu Hà",
            "Chuyên viên",
            ((Role.OFFICER, "Sở GD&ĐT"),),
            "một sở: nhận việc, báo cáo, đính kèm minh chứng",
        ),
        Person("giamdocgd", "Đặng Văn Lâm", "Giám đốc", ((Role.HEAD, "Sở GD&ĐT"),), "lãnh đạo một sở"),
        Person("anphu", "Vũ Thị Lan", "Phó Chủ tịch", ((Role.HEAD, "Xã An Phú"),), "một xã"),
    ]
    taken = {(role, unit) for person in named for role, unit in person.posts}
    families = ("Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý", "Mai", "Tô", "Đinh", "Phan")
    middles = ("Văn", "Thị", "Minh", "Thanh", "Ngọc")
    givens = (
        "An",
        "Bình",
        "Chi",
        "Dũng",
        "Giang",
        "Hải",
        "Khánh",
        "Linh",
        "Nam",
        "Oanh",
        "Phúc",
        "Quân",
        "Sơn",
        "Trang",
    )
    extra = []
    for number, (_name, short, _aliases) in enumerate((*DEPARTMENTS, *COMMUNES)):
        for offset, (role, title) in enumerate(((Role.HEAD, "Lãnh đạo đơn vị"), (Role.OFFICER, "Chuyên viên"))):
            if (role, short) in taken:
                continue
            seed = number * 2 + offset
            name = f"{families[seed % 10]} {middles[seed % 5]} {givens[(seed * 3) % 14]}"
            extra.append(Person(f"nguoidung{seed + 1:02d}", name, title, ((role, short),)))
    return named + extra


def email_of(person: Person) -> str:
    """The sign-in name of a demo person."""
    return f"{person.login}@sonha.example"


def holder_of(role: Role, unit: str) -> Person:
    """The person who has this role in the unit."""
    return next(person for person in people() if (role, unit) in person.posts)


def worker_of(unit: str) -> Person:
    """Who does a unit's work: its officer, or its head where it has none."""
    posts = [(person, role) for person in people() for role, where in person.posts if where == unit]
    return next((person for person, role in posts if role is Role.OFFICER), posts[0][0])
