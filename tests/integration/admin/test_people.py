"""People: accounts with posts, invitation, closing, delegations."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from taskflow.domain.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from taskflow.domain.permissions import Permission, Role, units_of
from taskflow.extensions import db
from taskflow.models.org import Delegation, User
from taskflow.models.outbox import OutboxMessage
from taskflow.services import accounts, delegations, people
from taskflow.services.actors import actor_of
from taskflow.services.people import PersonValues
from taskflow.services.queries.people import list_people, people_choices, posts_of
from tests.integration.account.test_sign_in import post

PASSWORD = "gió mùa đông bắc về"
VALUES = PersonValues("Đỗ Thị Lan", "lan@sonha.example", "Chuyên viên", "")


@pytest.fixture
def administrator(factories):
    return factories.user(Role.ADMINISTRATOR, password=PASSWORD)


@pytest.fixture
def actor(factories, administrator):
    return factories.actor(administrator)


def create(actor, clock, **changes):
    values = {"values": VALUES, "unit_id": None, "role": None, "invite": False, **changes}
    return people.create_user(actor=actor, now=clock(), **values)


def test_invited_person_sets_a_password_and_works(client, configure, factories, administrator, sign_in):
    configure(smtp_host="127.0.0.1")
    sign_in(client, administrator)
    unit = factories.unit("Sở Y tế")
    made = post(
        client, "/admin/people/new", full_name="Đỗ Thị Lan", email="Lan@SonHa.example", job_title="", phone="",
        unit_id=str(unit.id), role="officer", invite="y",
    )  # fmt: skip
    assert made.status_code == 303
    message = db.session.query(OutboxMessage).one()
    assert (message.kind, message.address) == ("invitation", "lan@sonha.example")
    link = message.payload["link"].removeprefix("http://localhost")
    client.delete_cookie("taskflow_session")
    assert "Chào mừng" in client.get(link).get_data(as_text=True)
    assert post(client, link, password=PASSWORD, again=PASSWORD).status_code == 303
    page = client.get("/account").get_data(as_text=True)
    assert "Sở Y tế" in page


def test_invitation_works_for_a_week(actor, clock):
    create(actor, clock, invite=True)
    secret = db.session.query(OutboxMessage).one().payload["link"].rpartition("/")[2]
    clock.advance(days=6)
    assert accounts.find_password_link(secret, now=clock()).email == "lan@sonha.example"
    clock.advance(days=1)
    with pytest.raises(NotFound):
        accounts.find_password_link(secret, now=clock())


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"values": PersonValues("X", "không phải")}, "account.email"),
        ({"values": PersonValues("X", "CO@sonha.example")}, "account.email_taken"),
        ({"role": Role.HEAD}, "post.half"),
    ],
)
def test_wrong_values_are_refused(factories, actor, clock, changes, code):
    factories.user(email="co@sonha.example")
    with pytest.raises(Invalid) as refused:
        create(actor, clock, **changes)
    assert refused.value.code == code


def test_posts_hold_between_their_days(factories, actor, clock):
    unit = factories.unit()
    user_id = create(actor, clock)
    today = clock.today
    give = {"actor": actor, "user_id": user_id, "unit_id": unit.id, "role": Role.HEAD, "on": today, "now": clock()}
    people.set_post(valid_from=today + timedelta(days=1), valid_to=None, **give)
    assert units_of(actor_of(user_id, on=today)) == frozenset()
    assert units_of(actor_of(user_id, on=today + timedelta(days=1))) == {unit.id}
    people.set_post(valid_from=None, valid_to=today, **give)
    assert units_of(actor_of(user_id, on=today)) == {unit.id}
    assert units_of(actor_of(user_id, on=today + timedelta(days=1))) == frozenset()
    posts = posts_of(user_id, on=today + timedelta(days=1))
    assert [(one.valid_to, one.is_current) for one in posts] == [(today, False)], "the history stays"
    with pytest.raises(Invalid, match=r"dates\.order"):
        people.set_post(valid_from=today, valid_to=today - timedelta(days=1), **give)


def test_closing_an_account_ends_everything_but_the_history(
    app, client, factories, actor, administrator, sign_in, clock
):
    person = factories.user(Role.HEAD, password=PASSWORD)
    task = factories.task(unit=person.memberships[0].unit, person_id=person.id)
    other = app.test_client()
    sign_in(other, person)
    sign_in(client, administrator)
    question = client.get(f"/admin/people/{person.id}/close").get_data(as_text=True)
    assert task.code in question
    assert "còn phụ trách 1 nhiệm vụ" in question
    assert post(client, f"/admin/people/{person.id}/close", version=str(person.version)).status_code == 303
    assert other.get("/account").status_code == 302
    assert actor_of(person.id, on=clock.today).posts == ()
    db.session.expire_all()
    assert task.person_id == person.id
    people.activate(actor=actor, user_id=person.id, now=clock())
    assert accounts.sign_in(email=person.email, password=PASSWORD, address="", device=None, now=clock()) == person.id


def test_office_never_loses_its_last_administrator(factories, actor, administrator, clock):
    today = clock.today
    with pytest.raises(WrongState, match=r"user\.yourself"):
        people.deactivate(actor=actor, user_id=administrator.id, expected_version=1, on=today, now=clock())
    mine = administrator.memberships[0]
    with pytest.raises(WrongState, match=r"user\.last_administrator"):
        people.remove_post(actor=actor, user_id=administrator.id, post_id=mine.id, on=today, now=clock())
    with pytest.raises(WrongState, match=r"user\.last_administrator"):
        people.set_post(
            actor=actor, user_id=administrator.id, unit_id=mine.unit_id, role=Role.ADMINISTRATOR, valid_from=None,
            valid_to=today - timedelta(days=1), on=today, now=clock(),
        )  # fmt: skip
    second = factories.user(Role.ADMINISTRATOR)
    people.deactivate(actor=actor, user_id=second.id, expected_version=second.version, on=today, now=clock())
    assert not db.session.get_one(User, second.id).is_active


def test_stale_edit_is_refused(factories, actor, clock):
    person = factories.user()
    with pytest.raises(Conflict):
        people.edit_user(actor=actor, user_id=person.id, values=VALUES, expected_version=0, now=clock())


def test_only_administrators_touch_accounts(factories, clock):
    coordinator = factories.actor(factories.user(Role.COORDINATOR))
    for attempt in (
        lambda: create(coordinator, clock),
        lambda: people.send_invitation(actor=coordinator, user_id=1, now=clock()),
        lambda: people.activate(actor=coordinator, user_id=1, now=clock()),
    ):
        with pytest.raises(NotAllowed):
            attempt()


def test_list_is_searched_filtered_and_paged(factories, clock):
    health, rooms = factories.unit("Sở Y tế"), factories.unit("Phòng Dược", parent=None)
    inner = factories.unit("Phòng Nghiệp vụ", parent=health)
    lan = factories.user(Role.OFFICER, unit=inner, full_name="Đỗ Thị Lan", password=PASSWORD)
    factories.user(Role.HEAD, unit=rooms, full_name="Lê Văn Đức")
    gone = factories.user(None, full_name="Người Cũ", is_active=False)
    on = clock.today

    def names(**filters):
        return [row.full_name for row in list_people(on=on, **filters).rows]

    assert names(q="do lan") == ["Đỗ Thị Lan"]
    assert names(unit_id=health.id) == ["Đỗ Thị Lan"], "units below count"
    assert names(role=Role.HEAD) == ["Lê Văn Đức"]
    assert names(state="inactive") == [gone.full_name]
    assert names(state="invited") == ["Lê Văn Đức"]
    assert lan.id in dict(people_choices(on=on))
    assert gone.id not in dict(people_choices(on=on))
    for number in range(51):
        factories.user(None, full_name=f"Người {number:02}")
    first = list_people(on=on, q="nguoi")
    assert (len(first.rows), first.total, first.has_next) == (50, 51, True)
    assert len(list_people(on=on, q="nguoi", page=2).rows) == 1


@pytest.fixture
def pair(factories):
    """A head, and an officer elsewhere."""
    return factories.user(Role.HEAD, unit=factories.unit("Sở A")), factories.user(
        Role.OFFICER, unit=factories.unit("Sở B")
    )


def stand_in(actor, clock, principal, deputy, **changes):
    values = {
        "principal_id": principal.id,
        "delegate_id": deputy.id,
        "unit_id": None,
        "starts_on": clock.today,
        "ends_on": clock.today + timedelta(days=7),
        "reason": "Nghỉ phép",
        **changes,
    }
    return delegations.delegate(actor=actor, today=clock.today, now=clock(), **values)


def test_deputy_acts_between_the_days_and_no_longer(factories, pair, clock):
    head, deputy = pair
    given = stand_in(factories.actor(head), clock, head, deputy)
    unit_id = head.memberships[0].unit_id
    assert unit_id in units_of(actor_of(deputy.id, on=clock.today))
    assert unit_id in units_of(actor_of(deputy.id, on=clock.today + timedelta(days=7)))
    assert unit_id not in units_of(actor_of(deputy.id, on=clock.today + timedelta(days=8)))
    assert actor_of(deputy.id, on=clock.today).identities() == {head.id, deputy.id}
    delegations.revoke(actor=factories.actor(deputy), delegation_id=given, now=clock())
    assert unit_id not in units_of(actor_of(deputy.id, on=clock.today))
    with pytest.raises(WrongState):
        delegations.revoke(actor=factories.actor(head), delegation_id=given, now=clock())


def test_administration_is_never_passed_on(factories, administrator, pair, clock):
    deputy = pair[1]
    stand_in(factories.actor(administrator), clock, administrator, deputy)
    from taskflow.domain.permissions import has

    assert not has(actor_of(deputy.id, on=clock.today), Permission.ADMIN_UNIT_EDIT)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"delegate_id": 0}, "user.not_found"),
        ({"starts_on": date(2026, 3, 20), "ends_on": date(2026, 3, 19)}, "dates.order"),
        ({"starts_on": date(2026, 3, 1), "ends_on": date(2026, 3, 2)}, "delegation.past"),
        ({"unit_id": 10_000}, "delegation.unit"),
    ],
)
def test_impossible_delegations_are_refused(factories, pair, clock, changes, code):
    head, deputy = pair
    with pytest.raises(Invalid) as refused:
        stand_in(factories.actor(head), clock, head, deputy, **changes)
    assert refused.value.code == code


def test_nobody_stands_in_twice_for_oneself_or_while_gone(factories, pair, clock):
    head, deputy = pair
    own = factories.actor(head)
    with pytest.raises(Invalid, match=r"delegation\.self"):
        stand_in(own, clock, head, head)
    gone = factories.user(is_active=False)
    with pytest.raises(Invalid, match=r"delegation\.inactive"):
        stand_in(own, clock, head, gone)
    stand_in(own, clock, head, deputy)
    with pytest.raises(Invalid, match=r"delegation\.overlap"):
        stand_in(
            own, clock, head, deputy, starts_on=clock.today + timedelta(days=7), ends_on=clock.today + timedelta(days=9)
        )


def test_only_oneself_or_an_administrator_names_a_deputy(factories, pair, actor, clock):
    head, deputy = pair
    stranger = factories.user()
    with pytest.raises(NotAllowed):
        stand_in(factories.actor(stranger), clock, head, deputy)
    given = stand_in(actor, clock, head, deputy)
    with pytest.raises(NotFound):
        delegations.revoke(actor=factories.actor(stranger), delegation_id=given, now=clock())


def test_leave_is_entered_in_the_pages(client, pair, sign_in, clock):
    head, deputy = pair
    sign_in(client, head)
    until = clock.today + timedelta(days=3)
    answer = post(
        client, "/account/delegations", delegate_id=str(deputy.id), unit_id="", starts_on=f"{clock.today:%d/%m/%Y}",
        ends_on=f"{until:%d/%m/%Y}", reason="Nghỉ phép",
    )  # fmt: skip
    assert answer.status_code == 303
    page = client.get("/account/delegations").get_data(as_text=True)
    assert deputy.full_name in page
    assert "đang có hiệu lực" in page
    given = db.session.query(Delegation).one()
    ended = post(client, f"/account/delegations/{given.id}/revoke", form_on="/account/delegations")
    assert ended.status_code == 303
    assert "kết thúc sớm" in client.get("/account/delegations").get_data(as_text=True)
