"""What the wording of a plan means: names, aliases, successors, splits, groups, typing errors, what was learnt."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from taskflow.domain.errors import Invalid, NotAllowed, NotFound
from taskflow.domain.permissions import Role
from taskflow.domain.units import fold
from taskflow.extensions import db
from taskflow.models.org import Unit, UnitName
from taskflow.models.system import AuditEntry
from taskflow.services import name_mappings, reorganisation
from taskflow.services.reorganisation import Decision
from taskflow.services.unit_of_work import unit_of_work
from taskflow.services.unit_resolver import Resolution, Status, resolve

ISSUED = date(2024, 11, 5)
DECISION = Decision("19/QĐ-UBND", date(2025, 2, 20), date(2025, 3, 1))


@pytest.fixture
def ask(factories):
    """Ask what one wording means in a document of a day."""

    def one(wording: str, on: date | None = ISSUED) -> Resolution:
        return resolve([wording], factories.office().id, on, db.session())[0]

    return one


@pytest.fixture
def administrator(factories):
    return factories.actor(factories.user(Role.ADMINISTRATOR))


def test_names_are_found_however_they_are_spelled(factories, ask):
    unit = factories.unit("Sở Giáo dục và Đào tạo", short_name="Sở GD&ĐT")
    for wording in (
        "Sở Giáo dục và Đào tạo",
        "SỞ GIÁO DỤC VÀ ĐÀO TẠO",
        "Sở GDĐT",
        "Sở GD-ĐT",
        "so gd&dt",
        "Sở GD&ĐT (chủ trì)",
    ):
        found = ask(wording)
        assert (found.status, found.unit_ids, found.is_sure) == (Status.EXACT, (unit.id,), True), wording
    assert "Đúng tên" in ask("Sở Giáo dục và Đào tạo").explanation_vi


def test_alias_says_that_it_is_one(factories, ask):
    unit = factories.unit("Trung tâm Phục vụ hành chính công")
    with unit_of_work() as session:
        session.add(UnitName(unit_id=unit.id, name="Bộ phận một cửa", folded=fold("Bộ phận một cửa")))
    found = ask("Bộ phận Một cửa")
    assert (found.status, found.unit_ids) == (Status.ALIAS, (unit.id,))
    assert "tên gọi khác của Trung tâm Phục vụ hành chính công" in found.explanation_vi


def test_former_name_of_2024_finds_the_unit_of_today_and_says_so(factories, ask, administrator, clock):
    unit = factories.unit("Sở Nông nghiệp và Phát triển nông thôn", short_name="Sở NN&PTNT")
    reorganisation.rename(
        unit_id=unit.id, name="Sở Nông nghiệp và Môi trường", short_name="Sở NN&MT", decision=DECISION,
        actor=administrator, now=clock(),
    )  # fmt: skip
    for wording in ("Sở Nông nghiệp và Phát triển nông thôn", "Sở NNPTNT"):
        found = ask(wording)
        assert (found.status, found.unit_ids) == (Status.ALIAS, (unit.id,)), wording
        assert "đến 28/02/2025 của Sở Nông nghiệp và Môi trường" in found.explanation_vi
    assert ask("Sở NN&MT").status is Status.EXACT


def test_merged_unit_leads_to_its_successor_through_a_chain(factories, ask, administrator, clock):
    old, middle, new = (factories.unit(name) for name in ("Sở Giao thông vận tải", "Sở Hạ tầng", "Sở Xây dựng"))
    reorganisation.merge(
        from_unit_ids=[old.id], to_unit_id=middle.id, decision=DECISION, actor=administrator, now=clock()
    )
    later = Decision("77/QĐ-UBND", date(2025, 12, 1), date(2026, 1, 1))
    reorganisation.merge(from_unit_ids=[middle.id], to_unit_id=new.id, decision=later, actor=administrator, now=clock())
    found = ask("Sở Giao thông vận tải")
    assert (found.status, found.unit_ids, found.is_sure) == (Status.SUCCESSOR, (new.id,), True)
    assert found.explanation_vi == (
        "Sở Giao thông vận tải đã sáp nhập vào Sở Hạ tầng từ 01/03/2025, theo Quyết định số 19/QĐ-UBND. "
        "Sở Hạ tầng đã sáp nhập vào Sở Xây dựng từ 01/01/2026, theo Quyết định số 77/QĐ-UBND."
    )


def test_split_unit_always_asks(factories, ask, administrator, clock):
    old, home, health = (
        factories.unit(name) for name in ("Sở Lao động - Thương binh và Xã hội", "Sở Nội vụ", "Sở Y tế")
    )
    reorganisation.split(
        from_unit_id=old.id, to_unit_ids=[home.id, health.id], decision=DECISION, actor=administrator, now=clock()
    )
    found = ask("Sở LĐ-TB&XH")
    assert (found.status, found.is_sure, found.unit_ids) == (Status.SUGGESTIONS, False, ())
    assert found.candidates == ((home.id, 1.0), (health.id, 1.0))
    assert "đã chia tách thành Sở Nội vụ; Sở Y tế từ 01/03/2025" in found.explanation_vi
    name_mappings.remember(
        actor=factories.actor(factories.user(Role.COORDINATOR)),
        office_unit_id=factories.office().id,
        wording="Sở LĐ-TB&XH",
        unit_ids=[health.id],
        now=clock(),
    )
    again = ask("Sở LĐ-TB&XH")
    assert (again.status, again.unit_ids) == (Status.SUGGESTIONS, ())
    assert again.candidates == ((health.id, 1.0), (home.id, 1.0)), "what was chosen last is offered first"
    assert "Lần trước: Sở Y tế." in again.explanation_vi


def test_unit_that_gave_a_part_away_asks_only_for_older_documents(factories, ask, administrator, clock):
    big, part = factories.unit("Phòng Văn hóa - Xã hội"), factories.unit("Phòng Giáo dục")
    reorganisation.split(
        from_unit_id=big.id, to_unit_ids=[part.id], decision=DECISION, actor=administrator, now=clock(), ends=False
    )
    before = ask("Phòng VH-XH", date(2024, 5, 1))
    assert before.status is Status.SUGGESTIONS
    assert {unit_id for unit_id, _score in before.candidates} == {big.id, part.id}
    assert ask("Phòng Văn hóa - Xã hội", date(2025, 6, 1)).unit_ids == (big.id,)


def test_dissolved_unit_without_successor_is_unknown_and_says_why(factories, ask, administrator, clock):
    unit = factories.unit("Ban Quản lý dự án số 2")
    reorganisation.dissolve(unit_id=unit.id, decision=DECISION, actor=administrator, now=clock())
    found = ask("Ban Quản lý dự án số 2")
    assert found.status is Status.UNKNOWN
    assert "đã ngừng hoạt động từ 01/03/2025" in found.explanation_vi


def test_typing_error_is_a_suggestion_only(factories, ask):
    unit = factories.unit("Sở Khoa học và Công nghệ", short_name="Sở KH&CN")
    found = ask("Sở Khao học và Công nghệ")
    assert (found.status, found.unit_ids, found.is_sure) == (Status.SUGGESTIONS, (), False)
    assert found.candidates[0][0] == unit.id
    assert 0.6 < found.candidates[0][1] < 1


def test_nonsense_is_unknown(factories, ask):
    factories.unit("Sở Y tế")
    assert ask("Zzz qqq").status is Status.UNKNOWN
    assert ask("???").status is Status.UNKNOWN
    assert ask("").status is Status.UNKNOWN


def test_same_name_in_two_places_asks_and_the_own_body_comes_first(factories, ask):
    commune = factories.unit("Ủy ban nhân dân xã Đồng Mây")
    other = factories.unit("Ủy ban nhân dân xã Suối Lim")
    first = factories.unit("Phòng Kinh tế", parent=commune)
    second = factories.unit("Phòng Kinh tế", parent=other)
    found = ask("Phòng Kinh tế")
    assert found.status is Status.SUGGESTIONS
    assert found.candidates == ((first.id, 1.0), (second.id, 1.0))
    office = factories.office(parent=other, name="Văn phòng xã Suối Lim")
    assert resolve(["Phòng Kinh tế"], office.id, ISSUED, db.session())[0].unit_ids == (second.id,)


def test_groups_open_sets_and_unknown_designations(factories, ask):
    members = [factories.unit(), factories.unit()]
    gone = factories.unit("Sở Cũ", is_active=False)
    group = factories.group("UBND các xã, phường", members=[*members, gone])
    found = ask("Ủy ban nhân dân các xã, phường")
    assert (found.status, found.group_id, found.unit_ids) == (
        Status.GROUP,
        group.id,
        tuple(unit.id for unit in members),
    )
    opened = factories.group("Các phòng, ban có liên quan", is_open=True, members=members)
    found = ask("các phòng, ban có liên quan")
    assert (found.status, found.group_id, found.is_sure) == (Status.OPEN_GROUP, opened.id, False)
    assert ask("các cơ quan, đơn vị có liên quan").status is Status.OPEN_GROUP
    unknown = ask("Các cơ sở giáo dục")
    assert unknown.status in (Status.UNKNOWN, Status.SUGGESTIONS)
    assert "nhóm đơn vị chưa có trong danh mục" in unknown.explanation_vi


def test_choice_is_remembered_for_the_office_and_can_be_forgotten(factories, ask, client, sign_in, clock):
    coordinator = factories.user(Role.COORDINATOR, unit=factories.office())
    actor = factories.actor(coordinator)
    unit, office = factories.unit("Công an tỉnh"), factories.office()
    remember = {"actor": actor, "office_unit_id": office.id, "now": clock()}
    assert ask("Lực lượng công an").status is not Status.REMEMBERED
    assert name_mappings.remember(wording="Lực lượng công an", unit_ids=[unit.id], **remember)
    found = ask("LỰC LƯỢNG CÔNG AN")
    assert (found.status, found.unit_ids) == (Status.REMEMBERED, (unit.id,))
    elsewhere = factories.office(name="Văn phòng khác")
    assert resolve(["Lực lượng công an"], elsewhere.id, ISSUED, db.session())[0].status is not Status.REMEMBERED
    assert not name_mappings.remember(wording="các đơn vị có liên quan", unit_ids=[unit.id], **remember)
    with pytest.raises(Invalid, match=r"mapping\.empty"):
        name_mappings.remember(wording="X", unit_ids=[], **remember)
    with unit_of_work() as session:
        name_mappings.note_uses(session, office.id, ["Lực lượng công an"])
    row = name_mappings.list_mappings(actor=actor, q="luc luong")[0][0]
    assert (row.wording, row.meaning, row.uses, row.chosen_by) == (
        "Lực lượng công an", "Công an tỉnh", 1, coordinator.full_name
    )  # fmt: skip
    name_mappings.forget(actor=actor, mapping_id=row.id, now=clock())
    assert ask("Lực lượng công an").status is not Status.REMEMBERED


def test_others_may_neither_teach_nor_forget(factories, clock):
    unit, office = factories.unit(), factories.office()
    head = factories.actor(factories.user(Role.HEAD, unit=unit))
    with pytest.raises(NotAllowed):
        name_mappings.remember(actor=head, office_unit_id=office.id, wording="X y", unit_ids=[unit.id], now=clock())
    coordinator = factories.actor(factories.user(Role.COORDINATOR))
    name_mappings.remember(actor=coordinator, office_unit_id=office.id, wording="X y", unit_ids=[unit.id], now=clock())
    row = name_mappings.list_mappings(actor=coordinator)[0][0]
    with pytest.raises(NotFound):
        name_mappings.forget(actor=head, mapping_id=row.id, now=clock())
    assert name_mappings.list_mappings(actor=head) == ([], False)


def test_initials_written_apart_are_offered(factories, ask):
    education, home = factories.unit("Sở Giáo dục và Đào tạo"), factories.unit("Sở Nội vụ")
    abroad = factories.unit("Sở Ngoại vụ")
    assert ask("SGD ĐT").candidates[0][0] == education.id
    found = ask("Sở NV")
    assert found.status is Status.SUGGESTIONS
    assert {unit_id for unit_id, score in found.candidates[:2]} == {home.id, abroad.id}


def test_what_was_remembered_can_be_changed(factories, ask, clock):
    coordinator = factories.actor(factories.user(Role.COORDINATOR))
    office, old, new = factories.office(), factories.unit("Công an tỉnh"), factories.unit("Công an xã")
    ended, group = factories.unit("Sở Cũ", is_active=False), factories.group("Công an các xã", members=[new])
    resting = factories.group("Công an các huyện", members=[new], is_active=False)
    name_mappings.remember(
        actor=coordinator, office_unit_id=office.id, wording="Lực lượng công an", unit_ids=[old.id], now=clock()
    )
    row = name_mappings.list_mappings(actor=coordinator)[0][0]

    def change(unit_ids=(), group_id=None, actor=coordinator, mapping_id=row.id):
        name_mappings.change(actor=actor, mapping_id=mapping_id, unit_ids=unit_ids, group_id=group_id, now=clock())

    change([new.id, old.id, new.id])
    assert ask("lực lượng công an").unit_ids == (new.id, old.id)
    change(group_id=group.id)
    found = ask("lực lượng công an")
    assert (found.status, found.group_id, found.unit_ids) == (Status.REMEMBERED, group.id, (new.id,))
    told = select(AuditEntry).where(AuditEntry.action == "mapping.changed").order_by(AuditEntry.id)
    assert [entry.data for entry in db.session.scalars(told)] == [
        {"name": "Lực lượng công an", "old": "Công an tỉnh", "new": "Công an xã; Công an tỉnh"},
        {"name": "Lực lượng công an", "old": "Công an xã; Công an tỉnh", "new": "Công an các xã"},
    ]
    change(group_id=group.id)
    assert len(list(db.session.scalars(told))) == 2, "what is so already is no change"

    head = factories.actor(factories.user(Role.HEAD, unit=old))
    elsewhere = factories.office(name="Văn phòng khác")
    stranger = factories.actor(factories.user(Role.COORDINATOR, unit=elsewhere))
    for how, code in (
        ({}, "mapping.empty"),
        ({"unit_ids": [new.id], "group_id": group.id}, "mapping.units_and_group"),
        ({"unit_ids": [new.id, ended.id]}, "unit.not_active"),
        ({"unit_ids": [9_999]}, "unit.not_active"),
        ({"group_id": 9_999}, "group.not_found"),
        ({"group_id": resting.id}, "group.not_found"),
        ({"unit_ids": [new.id], "actor": head}, "mapping.not_found"),
        ({"unit_ids": [new.id], "actor": stranger}, "mapping.not_found"),
        ({"unit_ids": [new.id], "mapping_id": 9_999}, "mapping.not_found"),
    ):
        with pytest.raises((Invalid, NotFound)) as refused:
            change(**how)
        assert refused.value.code == code, how
    assert ask("lực lượng công an").group_id == group.id, "what is refused changes nothing"


def test_remembered_unit_that_was_merged_away_is_followed(factories, ask, administrator, clock):
    old, new = factories.unit("Đài Phát thanh huyện"), factories.unit("Trung tâm Văn hóa - Thể thao")
    name_mappings.remember(
        actor=administrator, office_unit_id=factories.office().id, wording="cơ quan truyền thanh", unit_ids=[old.id],
        now=clock(),
    )  # fmt: skip
    reorganisation.merge(from_unit_ids=[old.id], to_unit_id=new.id, decision=DECISION, actor=administrator, now=clock())
    assert (ask("cơ quan truyền thanh").status, ask("cơ quan truyền thanh").unit_ids) == (Status.SUCCESSOR, (new.id,))


def test_number_of_queries_does_not_grow_with_the_names(factories, app):
    from sqlalchemy import event

    units = [factories.unit() for _ in range(8)]
    office = factories.office().id
    asked: list[str] = []

    def note(*arguments: object) -> None:
        asked.append(str(arguments[2]))

    def count(names: list[str]) -> int:
        asked.clear()
        resolve(names, office, ISSUED, db.session())
        return len(asked)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        few = count([units[0].name])
        many = count([unit.name for unit in units] + [f"Đơn vị lạ {number}" for number in range(40)])
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert few == many <= 7
    assert db.session.query(Unit).count() >= 8
