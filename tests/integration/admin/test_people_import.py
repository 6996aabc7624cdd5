"""Units, groups and people from one workbook: errors by cell, preview, all or nothing, brought up to date."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest
from openpyxl import Workbook, load_workbook

from taskflow.domain.errors import Invalid, NotAllowed
from taskflow.domain.permissions import Role
from taskflow.extensions import db
from taskflow.models.org import Membership, Unit, UnitGroup, User
from taskflow.models.outbox import OutboxMessage
from taskflow.services.organisation_sheets import template
from taskflow.services.people_import import import_organisation
from tests.integration.account.test_sign_in import post

UNIT_HEAD = ("Mã", "Tên đơn vị", "Tên viết tắt", "Trực thuộc", "Cơ quan điều phối (x)", "Tên gọi khác", "Thứ tự")
PEOPLE_HEAD = ("Họ và tên", "E-mail", "Chức vụ", "Điện thoại", "Đơn vị", "Vai trò", "Từ ngày", "Đến ngày")
GROUP_HEAD = ("Tên nhóm", "Đơn vị thành viên", "Nhóm mở (x)", "Ghi chú")


def book(*, units=(), groups=(), people=(), unit_head=UNIT_HEAD, people_head=PEOPLE_HEAD) -> bytes:
    """A workbook as somebody fills it in."""
    made = Workbook()
    made.remove(made.active)
    for name, head, rows in (
        ("Đơn vị", unit_head, units),
        ("Nhóm", GROUP_HEAD, groups),
        ("Người dùng", people_head, people),
    ):
        page = made.create_sheet(name)
        for row in (head, *rows):
            page.append(row)
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


@pytest.fixture
def administrator(factories):
    return factories.user(Role.ADMINISTRATOR)


@pytest.fixture
def bring_in(factories, administrator, clock):
    """Bring a workbook in as an administrator."""
    actor = factories.actor(administrator)

    def run(data: bytes, *, filename: str = "to-chuc.xlsx", dry_run: bool = False, invite: bool = False):
        return import_organisation(
            actor=actor, data=data, filename=filename, invite=invite, dry_run=dry_run, now=clock()
        )

    return run


def counts() -> tuple[int, int, int, int]:
    return tuple(db.session.query(model).count() for model in (Unit, UnitGroup, User, Membership))


def test_template_itself_comes_in(bring_in):
    pages = load_workbook(io.BytesIO(template())).sheetnames
    assert pages == ["Đơn vị", "Nhóm", "Người dùng", "Hướng dẫn"]
    outcome = bring_in(template())
    assert outcome.problems == []
    assert (outcome.units_new, outcome.groups_new, outcome.people_new, outcome.posts_new) == (3, 2, 3, 3)


def test_everything_is_brought_in_whatever_the_order_of_rows(factories, bring_in):
    body = factories.body()
    outcome = bring_in(
        book(
            units=[
                ("P1", "Phòng Nghiệp vụ", "", "Sở Y tế", "", "", 1),
                ("SYT", "Sở Y tế", "SYT", "", "", "Ngành y; Ngành y tế", 2),
                ("VP", "Văn phòng", "VP", "", "x", "", 1),
            ],
            groups=[("Các sở", "SYT; Văn phòng", "", ""), ("Các đơn vị có liên quan", "", "x", "")],
            people=[
                ("Đỗ Thị Lan", "Lan@SonHa.example", "Trưởng phòng", "", "P1", "Lãnh đạo đơn vị", "", ""),
                ("Đỗ Thị Lan", "lan@sonha.example", "", "", "Sở Y tế", "chuyên viên", date(2026, 1, 1), "31/12/2026"),
                ("Lê Văn Đức", "duc@sonha.example", "", "", "", "", "", ""),
            ],
        ),
        invite=True,
    )
    assert outcome.problems == []
    health = db.session.query(Unit).filter_by(code="SYT").one()
    room = db.session.query(Unit).filter_by(code="P1").one()
    assert room.path == f"/{body.id}/{health.id}/{room.id}/"
    assert [name.name for name in health.names] == ["Ngành y", "Ngành y tế"]
    assert "nganh" in health.search_text
    assert db.session.query(Unit).filter_by(code="VP").one().is_office
    group = db.session.query(UnitGroup).filter_by(name="Các sở").one()
    assert {unit.name for unit in group.members} == {"Sở Y tế", "Văn phòng"}
    lan = db.session.query(User).filter_by(email="lan@sonha.example").one()
    assert {(one.role, one.unit_id, one.valid_from, one.valid_to) for one in lan.memberships} == {
        (Role.HEAD, room.id, None, None),
        (Role.OFFICER, health.id, date(2026, 1, 1), date(2026, 12, 31)),
    }
    assert lan.job_title == "Trưởng phòng"
    assert outcome.invited == 2
    assert {message.address for message in db.session.query(OutboxMessage)} == {
        "lan@sonha.example",
        "duc@sonha.example",
    }


def test_preview_says_the_same_and_writes_nothing(bring_in):
    data = book(
        units=[("SYT", "Sở Y tế", "", "", "", "", "")],
        people=[("A B", "ab@sonha.example", "", "", "SYT", "Chuyên viên", "", "")],
    )
    before = counts()
    preview = bring_in(data, dry_run=True, invite=True)
    assert counts() == before
    assert db.session.query(OutboxMessage).count() == 0
    real = bring_in(data)
    assert (preview.units_new, preview.people_new, preview.posts_new) == (
        real.units_new,
        real.people_new,
        real.posts_new,
    )
    assert counts() == (before[0] + 1, before[1], before[2] + 1, before[3] + 1)


def test_second_time_changes_nothing_and_a_corrected_file_brings_up_to_date(bring_in):
    row = ("SYT", "Sở Y tế", "", "", "", "", "")
    person = ("Đỗ Lan", "lan@sonha.example", "", "", "SYT", "Chuyên viên", "", "")
    bring_in(book(units=[row], people=[person]))
    again = bring_in(book(units=[row], people=[person]))
    assert again.changes == 0
    changed = bring_in(
        book(
            units=[("SYT", "Sở Y tế", "SYT", "", "", "", "")],
            people=[("Đỗ Thị Lan", "lan@sonha.example", "Phó Giám đốc", "", "SYT", "Lãnh đạo đơn vị", "", "")],
        )
    )
    assert (changed.units_new, changed.units_changed) == (0, 1)
    assert (changed.people_new, changed.people_changed, changed.posts_new) == (0, 1, 1)


def test_every_wrong_cell_is_named_and_nothing_comes_in(bring_in):
    before = counts()
    outcome = bring_in(
        book(
            units=[
                ("A", "Sở A", "", "", "", "", "một"),
                ("B", "", "", "", "", "", ""),
                ("C", "Sở C", "", "Sở Không Có", "", "", ""),
                ("D", "Sở D", "", "Sở E", "", "", ""),
                ("E", "Sở E", "", "Sở D", "", "", ""),
            ],
            groups=[("Các sở", "Sở A; Sở Lạ", "", ""), ("Nhóm trống", "", "", "")],
            people=[
                ("Lan", "không phải thư", "", "", "Sở A", "Nhân viên", "", ""),
                ("Đức", "duc@sonha.example", "", "", "Sở A", "Sếp", "31/02/2026", ""),
                ("Hà", "ha@sonha.example", "", "", "Sở A", "", "", ""),
                ("Mai", "mai@sonha.example", "", "", "Sở A", "Chuyên viên", "02/02/2026", "01/02/2026"),
            ],
        )
    )
    assert counts() == before
    assert list(dict.fromkeys(problem.sheet for problem in outcome.problems)) == ["Đơn vị", "Nhóm", "Người dùng"]
    found = {(problem.sheet, problem.cell) for problem in outcome.problems}
    assert found == {
        ("Đơn vị", "G2"), ("Đơn vị", "B3"), ("Đơn vị", "D4"), ("Đơn vị", "D5"), ("Đơn vị", "D6"),
        ("Nhóm", "B2"), ("Nhóm", "B3"),
        ("Người dùng", "B2"), ("Người dùng", "F2"),
        ("Người dùng", "F3"), ("Người dùng", "G3"), ("Người dùng", "F4"), ("Người dùng", "H5"),
    }  # fmt: skip
    sentences = {problem.cell: problem.sentence for problem in outcome.problems if problem.sheet == "Người dùng"}
    assert "Không có vai trò “Sếp”" in sentences["F3"]
    assert "“31/02/2026” không phải là ngày" in sentences["G3"]


def test_columns_are_found_by_their_heads(bring_in):
    head = ("Tên", "Điện thoại", "Mã đơn vị")
    outcome = bring_in(book(units=[("Sở Y tế", "0900", "SYT")], unit_head=head))
    assert outcome.problems == []
    unit = db.session.query(Unit).filter_by(code="SYT").one()
    assert (unit.name, unit.phone) == ("Sở Y tế", "0900")
    missing = bring_in(book(people=[("Lan", "x")], people_head=("Họ và tên", "Chức vụ")))
    assert "Thiếu cột “E-mail”" in missing.problems[0].sentence


def test_units_of_the_same_name_are_told_apart(factories, bring_in):
    a, b = factories.unit("UBND xã A"), factories.unit("UBND xã B")
    first, second = factories.unit("Phòng Kinh tế", parent=a), factories.unit("Phòng Kinh tế", parent=b)
    row = ("Lan", "lan@sonha.example", "", "")
    unclear = bring_in(book(people=[(*row, "Phòng Kinh tế", "Chuyên viên", "", "")]))
    assert "Có 2 đơn vị tên “Phòng Kinh tế”" in unclear.problems[0].sentence
    bring_in(book(people=[(*row, "UBND xã B > Phòng Kinh tế", "Chuyên viên", "", "")]))
    assert db.session.query(Membership).filter_by(unit_id=second.id).count() == 1
    assert db.session.query(Membership).filter_by(unit_id=first.id).count() == 0


def _entity_bomb() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(template())) as good, zipfile.ZipFile(content, "w") as bad:
        for name in good.namelist():
            text = good.read(name)
            if name == "xl/workbook.xml":
                text = text.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>', 1)
            bad.writestr(name, text)
    return content.getvalue()


@pytest.mark.parametrize(
    ("data", "filename"),
    [
        (b"", "a.xlsx"),
        (b"PK\x03\x04 broken", "a.xlsx"),
        (b"ten,email\nLan,lan@x.example", "a.csv"),
        (b"%PDF-1.4 lying", "a.xlsx"),
        (_entity_bomb(), "a.xlsx"),
        (book(), "a.xlsx"),
    ],
    ids=["empty", "broken", "csv", "lying", "entities", "no rows"],
)
def test_hostile_and_useless_files_get_a_sentence(client, administrator, bring_in, sign_in, data, filename):
    with pytest.raises(Invalid):
        bring_in(data, filename=filename)
    sign_in(client, administrator)
    page = client.get("/admin/import").get_data(as_text=True)
    token = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    answer = client.post("/admin/import", data={"file": (io.BytesIO(data), filename), "csrf_token": token})
    assert answer.status_code in (413, 422)
    assert 'class="field-error"' in answer.get_data(as_text=True)


def test_too_many_problems_are_cut_and_said(bring_in):
    outcome = bring_in(book(people=[("Người", f"sai {number}", "", "", "", "", "", "") for number in range(250)]))
    assert len(outcome.problems) == 200
    assert outcome.more_problems


def test_only_administrators_bring_in(factories, clock):
    coordinator = factories.actor(factories.user(Role.COORDINATOR))
    with pytest.raises(NotAllowed):
        import_organisation(
            actor=coordinator, data=template(), filename="a.xlsx", invite=False, dry_run=True, now=clock()
        )


def test_page_checks_and_brings_in(client, administrator, sign_in):
    sign_in(client, administrator)
    got = client.get("/admin/import/template.xlsx")
    assert got.mimetype == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    page = client.get("/admin/import").get_data(as_text=True)
    token = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]

    def send(**more: str):
        file = (io.BytesIO(got.data), "mau.xlsx")
        return client.post("/admin/import", data={"file": file, "csrf_token": token, **more})

    check = send(check="1")
    assert check.status_code == 200
    assert "Tệp hợp lệ" in check.get_data(as_text=True)
    assert db.session.query(UnitGroup).count() == 0
    assert send().status_code == 303
    assert db.session.query(UnitGroup).count() == 2
    assert post(client, "/admin/import").status_code == 422


def test_command_line_brings_in_and_names_cells(runner, tmp_path):
    path = tmp_path / "mau.xlsx"
    assert runner("unit", "template", path).exit_code == 0
    dry = runner("unit", "import", path, "--dry-run")
    assert dry.stdout.startswith("Sẽ nhập: 3 đơn vị, 2 nhóm, 3 người dùng")
    assert db.session.query(Unit).count() == 0
    assert runner("unit", "import", path).stdout.startswith("Đã nhập: 3 đơn vị")
    wrong = tmp_path / "sai.xlsx"
    wrong.write_bytes(book(people=[("Lan", "sai", "", "", "", "", "", "")]))
    failed = runner("unit", "import", wrong)
    assert failed.exit_code == 1
    assert "Người dùng!B2: " in failed.stderr
    text = tmp_path / "van-ban.txt"
    text.write_text("không phải bảng", encoding="utf-8")
    assert runner("unit", "import", text).exit_code == 1


def test_thousand_people_in_one_go(bring_in):
    rows = [(f"Người {n}", f"n{n}@sonha.example", "", "", f"D{n % 50}", "Chuyên viên", "", "") for n in range(1000)]
    units = [(f"D{n}", f"Đơn vị {n}", "", "", "", "", n) for n in range(50)]
    outcome = bring_in(book(units=units, people=rows))
    assert outcome.problems == []
    assert (outcome.units_new, outcome.people_new, outcome.posts_new) == (50, 1000, 1000)
