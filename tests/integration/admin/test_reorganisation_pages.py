"""Reorganisation in the pages: decisions recorded, open work handed over by choosing, nothing moved by itself."""

from __future__ import annotations

import re

import pytest

from taskflow.domain.permissions import Role
from taskflow.domain.states import TaskState
from taskflow.extensions import db
from taskflow.models.org import Unit, UnitSuccession
from taskflow.models.task import TaskShape
from taskflow.services.unit_of_work import unit_of_work
from tests.integration.account.test_sign_in import post

DECISION = {"number": "19/QĐ-UBND", "decided_on": "20/02/2026", "effective_on": "01/03/2026"}


@pytest.fixture
def browser(client, factories, sign_in):
    return sign_in(client, factories.user(Role.ADMINISTRATOR))


def send(browser, path: str, **data):
    """Post a form in which a name may stand several times."""
    page = browser.get(path).get_data(as_text=True)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
    return browser.post(path, data={**data, "csrf_token": token})


def test_renaming_keeps_the_old_name(browser, factories):
    unit = factories.unit("Sở Cũ")
    answer = post(
        browser, "/admin/reorganisation/rename", unit_id=str(unit.id), name="Sở Mới", short_name="SM", **DECISION
    )
    assert answer.status_code == 303
    page = browser.get(answer.headers["Location"]).get_data(as_text=True)
    assert "Tên chính thức trước đây" in page
    assert "Sở Cũ" in page
    assert "19/QĐ-UBND" in page


def test_merged_unit_leads_to_handing_over_and_moves_nothing_by_itself(browser, factories):
    old, new = factories.unit("Sở Cũ"), factories.unit("Sở Mới")
    first, second = factories.task(unit=old), factories.task(unit=old)
    answer = send(
        browser, "/admin/reorganisation/merge", from_unit_ids=[str(old.id)], to_unit_id=str(new.id), **DECISION
    )
    assert answer.status_code == 303
    address = answer.headers["Location"]
    assert address == f"/admin/reorganisation/hand-over/{old.id}"
    db.session.expire_all()
    assert not old.is_active
    assert first.lead_unit_id == old.id
    overview = browser.get("/admin/reorganisation").get_data(as_text=True)
    assert "2 nhiệm vụ chưa xong" in overview
    page = browser.get(address).get_data(as_text=True)
    assert f'<option selected value="{new.id}">' in page, "the successor is offered"
    assert "Bàn giao theo Quyết định số 19/QĐ-UBND" in page
    done = send(browser, address, task=[str(first.id)], to_unit_id=str(new.id), reason="Bàn giao")
    assert done.status_code == 303
    db.session.expire_all()
    assert (first.lead_unit_id, second.lead_unit_id) == (new.id, old.id)
    assert "1 nhiệm vụ chưa xong" in browser.get("/admin/reorganisation").get_data(as_text=True)


def test_splitting_and_dissolving(browser, factories):
    old, a, b = (factories.unit(name) for name in ("Sở Chung", "Sở A", "Sở B"))
    answer = send(
        browser, "/admin/reorganisation/split", from_unit_id=str(old.id), to_unit_ids=[str(a.id), str(b.id)], **DECISION
    )
    assert answer.status_code == 303
    assert "Không còn việc để bàn giao" in browser.get(answer.headers["Location"]).get_data(as_text=True)
    gone = factories.unit("Ban Tạm")
    answer = send(browser, "/admin/reorganisation/dissolve", unit_id=str(gone.id), successor_id="", **DECISION)
    assert answer.status_code == 303
    kinds = [link.kind.value for link in db.session.query(UnitSuccession).order_by(UnitSuccession.id)]
    assert kinds == ["split", "split", "dissolve"]
    listed = browser.get("/admin/units?inactive=1").get_data(as_text=True)
    assert "Ban Tạm" in listed
    assert "Ban Tạm" not in browser.get("/admin/units").get_data(as_text=True)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"effective_on": "01/01/2030"}, "01/01/2030"),
        ({"number": ""}, "Hãy điền"),
        ({"decided_on": "31/02/2026"}, "Không có ngày này"),
        ({"decided_on": "02/03/2026"}, "Ngày kết thúc trước ngày bắt đầu"),
    ],
)
def test_wrong_decisions_are_refused(browser, factories, changes, sentence):
    unit = factories.unit("Sở Cũ")
    values = {**DECISION, **changes}
    answer = post(browser, "/admin/reorganisation/rename", unit_id=str(unit.id), name="Sở Mới", short_name="", **values)
    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)
    db.session.expire_all()
    assert db.session.get_one(Unit, unit.id).name == "Sở Cũ"


def test_the_page_asks_what_becomes_of_a_part_that_the_receiver_has_already(browser, factories):
    old, new = factories.unit("Xã Cũ"), factories.unit("Xã Mới")
    whole = factories.task(shape=TaskShape.COLLECTIVE)
    member = factories.task(unit=old, parent_id=whole.id, shape=TaskShape.MEMBER)
    kept = factories.task(unit=new, parent_id=whole.id, shape=TaskShape.MEMBER)
    send(browser, "/admin/reorganisation/merge", from_unit_ids=[str(old.id)], to_unit_id=str(new.id), **DECISION)
    address = f"/admin/reorganisation/hand-over/{old.id}"
    assert "Khi đơn vị nhận đã có phần việc trong cùng nhiệm vụ tập thể" in browser.get(address).text
    sent = {"task": [str(member.id)], "to_unit_id": str(new.id), "reason": "Sáp nhập"}
    assert "đã chủ trì" in browser.get(send(browser, address, **sent).headers["Location"]).text
    send(browser, address, **sent, doubled="join")
    db.session.expire_all()
    assert (member.state, kept.is_open) == (TaskState.CANCELLED, True)
    assert f"đã nhập phần việc {member.code}" in browser.get(f"/tasks/{kept.id}").text


def test_unknown_kind_and_foreign_task(browser, factories):
    assert browser.get("/admin/reorganisation/divide").status_code == 404
    mine, other = factories.unit(), factories.unit()
    foreign = factories.task(unit=other)
    answer = send(
        browser,
        f"/admin/reorganisation/hand-over/{mine.id}",
        task=[str(foreign.id)],
        to_unit_id=str(other.id),
        reason="X",
    )
    # Nothing is open here, so the page has no form; what is sent all the same is refused.
    assert answer.status_code == 404


def test_learnt_names_page_is_for_offices_and_administrators(client, browser, factories, sign_in, clock):
    from taskflow.services import name_mappings

    coordinator = factories.user(Role.COORDINATOR)
    unit = factories.unit("Công an tỉnh")
    name_mappings.remember(
        actor=factories.actor(coordinator), office_unit_id=factories.office().id, wording="Lực lượng công an",
        unit_ids=[unit.id], now=clock(),
    )  # fmt: skip
    assert "Lực lượng công an" in browser.get("/admin/names").get_data(as_text=True)
    sign_in(client, coordinator)
    page = client.get("/admin/names").get_data(as_text=True)
    assert "Công an tỉnh" in page
    assert post(client, "/admin/names/1/forget", form_on="/admin/names").status_code == 303
    assert "Chưa ghi nhớ tên gọi nào" in client.get("/admin/names").get_data(as_text=True)
    sign_in(client, factories.user(Role.HEAD))
    assert client.get("/admin/names").status_code == 403


def test_a_learnt_name_is_put_right_by_a_form(client, factories, sign_in, clock):
    from taskflow.services import name_mappings

    coordinator, office = factories.user(Role.COORDINATOR), factories.office()
    actor = factories.actor(coordinator)
    old, new, ended = factories.unit("Công an tỉnh"), factories.unit("Công an xã"), factories.unit("Sở Cũ")
    group = factories.group("Công an các xã", members=[new])
    name_mappings.remember(
        actor=actor, office_unit_id=office.id, wording="Lực lượng công an", unit_ids=[old.id], now=clock()
    )
    mapping_id = name_mappings.list_mappings(actor=actor)[0][0].id
    path = f"/admin/names/{mapping_id}"
    sign_in(client, coordinator)
    assert f'href="{path}"' in client.get("/admin/names").get_data(as_text=True)
    page = client.get(path).get_data(as_text=True)
    assert re.search(rf'<input checked[^>]*value="{old.id}"', page)
    assert send(client, path, unit_ids=[str(new.id), str(old.id)], group_id="").status_code == 303
    assert "Công an xã; Công an tỉnh" in client.get("/admin/names").get_data(as_text=True)
    assert send(client, path, group_id=str(group.id)).status_code == 303
    assert "Công an các xã" in client.get("/admin/names").get_data(as_text=True)

    assert send(client, path, group_id="").status_code == 422
    assert "không chọn cả hai" in send(client, path, unit_ids=[str(new.id)], group_id=str(group.id)).get_data(
        as_text=True
    )
    assert send(client, path, unit_ids=["999999"], group_id="").status_code == 422
    with unit_of_work() as session:
        session.get_one(Unit, ended.id).is_active = False  # dissolved while the page was open
    assert send(client, path, unit_ids=[str(ended.id)], group_id="").status_code == 422
    assert name_mappings.list_mappings(actor=actor)[0][0].meaning == "Công an các xã"

    for other in (factories.user(Role.HEAD), factories.user(Role.COORDINATOR, unit=factories.office(name="VP khác"))):
        sign_in(client, other)
        assert client.get(path).status_code == 404
        assert post(client, path, form_on="/account", unit_ids=str(new.id)).status_code == 404
    assert client.get("/admin/names/999999").status_code == 404
    sign_in(client, factories.user(Role.ADMINISTRATOR))
    assert send(client, path, unit_ids=[str(old.id)], group_id="").status_code == 303
    assert name_mappings.list_mappings(actor=actor)[0][0].meaning == "Công an tỉnh"
