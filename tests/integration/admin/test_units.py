"""Units and groups: the tree and its paths, names, deletion, groups with members."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from taskflow.domain.errors import Conflict, Invalid, NotAllowed, WrongState
from taskflow.domain.permissions import Role
from taskflow.extensions import db
from taskflow.models.org import Unit, UnitGroup
from taskflow.models.system import AuditEntry
from taskflow.services import unit_groups, units
from taskflow.services.queries.units import list_groups, list_units, unit_choices
from taskflow.services.unit_groups import GroupValues
from taskflow.services.units import UnitValues
from tests.integration.account.test_sign_in import post


@pytest.fixture
def administrator(factories):
    return factories.user(Role.ADMINISTRATOR)


@pytest.fixture
def actor(factories, administrator):
    return factories.actor(administrator)


@pytest.fixture
def change(factories, actor, clock):
    """Change some values of a unit, as the form does."""

    def one(unit: Unit, version: int | None = None, **values: object) -> None:
        now = UnitValues(
            **{field: getattr(unit, field) for field in UnitValues.__dataclass_fields__}  # what the page showed
        )
        units.edit_unit(
            actor=actor,
            unit_id=unit.id,
            values=replace(now, **values),
            expected_version=unit.version if version is None else version,
            now=clock(),
        )
        db.session.expire_all()

    return one


def test_moving_a_unit_takes_its_subtree_along(factories, change):
    body = factories.body()
    a, b = factories.unit("Sở A"), factories.unit("Sở B")
    room = factories.unit("Phòng 1", parent=a)
    desk = factories.unit("Tổ 1", parent=room)
    change(room, parent_id=b.id)
    assert room.path == f"/{body.id}/{b.id}/{room.id}/"
    assert desk.path == f"/{body.id}/{b.id}/{room.id}/{desk.id}/"
    assert db.session.query(Unit).filter(units.subtree(a.path)).all() == [a]
    change(room, parent_id=None)
    assert (room.path, desk.path) == (f"/{room.id}/", f"/{room.id}/{desk.id}/")


def test_unit_cannot_stand_below_itself(factories, change):
    a = factories.unit("Sở A")
    room = factories.unit("Phòng 1", parent=a)
    for below in (a, room):
        with pytest.raises(Invalid, match=r"unit\.cycle"):
            change(a, parent_id=below.id)
    assert room.path.endswith(f"/{a.id}/{room.id}/")


def test_similar_ids_do_not_mix_up_paths(factories, change):
    many = [factories.unit(f"Phòng {number}") for number in range(25)]
    one = many[0]
    ten = next(unit for unit in many if unit.id >= 10 and str(unit.id).startswith(str(one.id)))
    child = factories.unit("Tổ", parent=ten)
    before = child.path
    change(one, parent_id=many[5].id)
    assert child.path == before


def test_stale_form_is_refused_and_changes_nothing(factories, change):
    unit = factories.unit("Sở A")
    with pytest.raises(Conflict):
        change(unit, version=unit.version - 1, name="Sở Khác")
    assert unit.name == "Sở A"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"name": "  "}, "unit.name_empty"),
        ({"name": "so b"}, "unit.name_taken"),
        ({"code": "SB"}, "unit.code_taken"),
    ],
)
def test_wrong_values_are_refused(factories, change, values, code):
    a = factories.unit("Sở A")
    factories.unit("Sở B", code="SB")
    with pytest.raises(Invalid) as refused:
        change(a, **values)
    assert refused.value.code == code


def test_names_are_searched_without_accents_by_abbreviation_and_alias(factories, actor, clock):
    unit = factories.unit("Sở Giáo dục và Đào tạo")
    units.add_name(
        actor=actor, unit_id=unit.id, name="Ngành học đường", kind="alias", valid_from=None, valid_to=None, now=clock()
    )
    for query in ("giao duc", "gd", "Giáo", "hoc duong", "ngành HỌC"):
        assert [row.id for row in list_units(q=query, on=clock.today).rows] == [unit.id], query
    assert list_units(q="y te", on=clock.today).rows == []


def test_alias_can_go_but_a_former_official_name_stays(factories, actor, clock):
    unit = factories.unit("Sở A")
    add = {"actor": actor, "unit_id": unit.id, "now": clock()}
    units.add_name(name="Tên gọi", kind="alias", valid_from=None, valid_to=None, **add)
    units.add_name(name="Ty A", kind="official", valid_from=date(1990, 1, 1), valid_to=date(1995, 1, 1), **add)
    with pytest.raises(Invalid, match=r"unit\.name_known"):
        units.add_name(name="TÊN GỌI", kind="alias", valid_from=None, valid_to=None, **add)
    with pytest.raises(Invalid, match=r"dates\.order"):
        units.add_name(name="X", kind="alias", valid_from=date(2020, 1, 2), valid_to=date(2020, 1, 1), **add)
    alias, official = unit.names
    units.remove_name(actor=actor, unit_id=unit.id, name_id=alias.id, now=clock())
    with pytest.raises(WrongState, match=r"unit\.name_official"):
        units.remove_name(actor=actor, unit_id=unit.id, name_id=official.id, now=clock())
    db.session.expire_all()
    assert [name.name for name in unit.names] == ["Ty A"]
    assert "goi" not in unit.search_text.split()


def test_only_a_unit_without_any_history_can_be_deleted(factories, actor, clock):
    fresh, child_of, led, grouped = (factories.unit(f"Đơn vị {number}") for number in range(4))
    factories.unit("Con", parent=child_of)
    factories.task(unit=led)
    factories.group(members=[grouped])
    for used in (child_of, led, grouped):
        with pytest.raises(WrongState, match=r"unit\.in_use"):
            units.delete_unit(actor=actor, unit_id=used.id, expected_version=used.version, now=clock())
    units.delete_unit(actor=actor, unit_id=fresh.id, expected_version=fresh.version, now=clock())
    assert db.session.get(Unit, fresh.id) is None
    assert db.session.query(AuditEntry).one().action == "unit.deleted"


def test_only_administrators_touch_units(factories, clock):
    head = factories.actor(factories.user(Role.HEAD))
    with pytest.raises(NotAllowed):
        units.create_unit(actor=head, values=UnitValues(name="X"), now=clock())


def test_tree_is_listed_in_its_order_with_depth(factories, clock):
    b = factories.unit("B", position=2)
    a = factories.unit("A", position=1)
    under_b = factories.unit("B1", parent=b)
    rows = list_units(on=clock.today).rows
    assert [(row.name, row.depth) for row in rows] == [(factories.body().name, 0), ("A", 1), ("B", 1), ("B1", 2)]
    choices = dict(unit_choices(without_below=b.id))
    assert b.id not in choices
    assert under_b.id not in choices
    assert a.id in choices
    assert list_units(q="b1", on=clock.today).rows[0].above == "UBND tỉnh › B"


def test_unit_is_added_and_corrected_in_the_pages(client, factories, administrator, sign_in):
    sign_in(client, administrator)
    body = factories.body()
    made = post(
        client, "/admin/units/new", name="Sở Mới", parent_id=str(body.id), position="1", short_name="SM", code=""
    )
    assert made.status_code == 303
    page = client.get(made.headers["Location"]).get_data(as_text=True)
    assert "Sở Mới" in page
    unit = db.session.query(Unit).filter_by(name="Sở Mới").one()
    assert (unit.path, unit.code, unit.short_name) == (f"/{body.id}/{unit.id}/", None, "SM")
    values = {"parent_id": str(body.id), "position": "1", "short_name": "SM", "code": "", "version": "1"}
    stale = post(client, f"/admin/units/{unit.id}", name="Sở Khác", **{**values, "version": "99"})
    assert stale.status_code == 409
    fresh = stale.get_data(as_text=True)
    assert 'value="Sở Khác"' in fresh, "what was typed stays"
    assert "Hiện đang lưu: “Sở Mới”." in fresh
    assert re.search(rf'<input[^>]+name="version"[^>]+value="{unit.version}"', fresh)
    ring = post(client, f"/admin/units/{unit.id}", name="Sở Mới", **{**values, "parent_id": str(unit.id)})
    assert ring.status_code == 422
    address = f"/admin/units/{unit.id}"
    assert post(client, f"{address}/delete", version=str(unit.version)).status_code == 303
    assert client.get(address).status_code == 404


def test_group_has_members_or_is_open(factories, actor, clock):
    a, b = factories.unit(), factories.unit()
    save = {"actor": actor, "group_id": None, "now": clock()}
    with pytest.raises(Invalid, match=r"group\.no_members"):
        unit_groups.save_group(values=GroupValues("Các sở"), **save)
    group_id = unit_groups.save_group(values=GroupValues("Các sở", member_ids=(b.id, a.id)), **save)
    unit_groups.save_group(values=GroupValues("Các đơn vị có liên quan", is_open=True), **save)
    with pytest.raises(Invalid, match=r"group\.name_taken"):
        unit_groups.save_group(values=GroupValues("CÁC SỞ", member_ids=(a.id,)), **save)
    assert [unit.id for unit in db.session.get_one(UnitGroup, group_id).members] == [a.id, b.id]
    unit_groups.set_group_active(actor=actor, group_id=group_id, is_active=False, now=clock())
    rows, total = list_groups()
    assert total == 2
    assert [(row.name, row.is_active, row.members) for row in rows] == [
        ("Các đơn vị có liên quan", True, 0),
        ("Các sở", False, 2),
    ]
