"""A person changes units; a coordinating office hands its tracking over."""

from __future__ import annotations

from datetime import timedelta

import pytest

from taskflow.domain.permissions import Role, units_of
from taskflow.extensions import db
from taskflow.services.actors import actor_of
from tests.integration.account.test_sign_in import post


@pytest.fixture
def browser(client, factories, sign_in):
    return sign_in(client, factories.user(Role.ADMINISTRATOR))


def test_every_open_task_is_decided_before_a_person_moves(browser, factories, clock):
    old, new = factories.unit("Sở Cũ"), factories.unit("Sở Mới")
    person, colleague = factories.user(Role.OFFICER, unit=old), factories.user(Role.OFFICER, unit=old)
    kept, given = factories.task(unit=old, person_id=person.id), factories.task(unit=old, person_id=person.id)
    address = f"/admin/people/{person.id}/move?from={old.id}"
    page = browser.get(address).get_data(as_text=True)
    assert kept.code in page
    assert given.code in page
    assert colleague.full_name in page
    values = {"to_unit_id": str(new.id), "role": "officer", "starts_on": f"{clock.today:%d/%m/%Y}"}
    refused = post(browser, address, **values, **{f"task-{kept.id}": "nobody"})
    assert refused.status_code == 422
    assert given.code in refused.get_data(as_text=True)
    db.session.expire_all()
    assert {kept.person_id, given.person_id} == {person.id}
    done = post(browser, address, **values, **{f"task-{kept.id}": "nobody", f"task-{given.id}": str(colleague.id)})
    assert done.status_code == 303
    db.session.expire_all()
    assert (kept.person_id, given.person_id) == (None, colleague.id)
    assert (kept.lead_unit_id, given.lead_unit_id) == (old.id, old.id), "tasks stay with their unit"
    assert units_of(actor_of(person.id, on=clock.today)) == {new.id}
    assert units_of(actor_of(person.id, on=clock.today - timedelta(days=1))) == {old.id}


def test_task_cannot_go_to_somebody_outside_the_unit(browser, factories, clock):
    old, new = factories.unit(), factories.unit()
    person, stranger = factories.user(Role.OFFICER, unit=old), factories.user(Role.OFFICER, unit=new)
    task = factories.task(unit=old, person_id=person.id)
    values = {"to_unit_id": str(new.id), "role": "officer", "starts_on": f"{clock.today:%d/%m/%Y}"}
    address = f"/admin/people/{person.id}/move?from={old.id}"
    assert post(browser, address, **values, **{f"task-{task.id}": str(stranger.id)}).status_code == 422
    db.session.expire_all()
    assert task.person_id == person.id


def test_taking_a_role_away_says_which_tasks_stay_behind(browser, factories):
    department = factories.unit()
    room = factories.unit("Phòng A", parent=department)
    person = factories.user(Role.OFFICER, unit=room)
    factories.task(unit=department, person_id=person.id)
    other = factories.membership(person, factories.unit("Phòng B", parent=department), Role.OFFICER)
    address = f"/admin/people/{person.id}"

    def remove(membership_id: int) -> str:
        answer = post(browser, f"{address}/posts/{membership_id}/remove", form_on=address)
        assert answer.status_code == 303
        return browser.get(address).get_data(as_text=True)

    sentence = "vẫn đang phụ trách 1 nhiệm vụ"
    assert sentence not in remove(other.id), "the other room is in the department as well"
    assert sentence in remove(person.memberships[0].id)


def test_person_without_a_unit_is_not_moved(browser, factories):
    person = factories.user(None)
    page = browser.get(f"/admin/people/{person.id}/move").get_data(as_text=True)
    assert "không có vai trò trong đơn vị nào" in page


def test_office_hands_its_tracking_over_as_a_whole(browser, factories):
    old, new = factories.office(), factories.office(name="Văn phòng mới")
    task = factories.task()
    assert task.office_unit_id == old.id
    address = f"/admin/reorganisation/hand-over/{old.id}"
    answer = post(browser, f"{address}/office", form_on=address, **{"office-to_unit_id": str(new.id)})
    assert answer.status_code == 303
    db.session.expire_all()
    assert task.office_unit_id == new.id
    department = task.lead_unit_id
    page = browser.get(f"/admin/reorganisation/hand-over/{department}").get_data(as_text=True)
    assert "Cơ quan điều phối tiếp nhận" not in page
