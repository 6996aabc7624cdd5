"""Make the fictional office: its administrator first, the rest as that administrator, through the services."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from taskflow.clock import local_date
from taskflow.demo.people import BODY, COMMUNES, DEPARTMENTS, GROUPS, OFFICE, Person, email_of, people
from taskflow.domain.permissions import Actor
from taskflow.models.org import Unit, User
from taskflow.services import settings
from taskflow.services.accounts import create_administrator
from taskflow.services.actors import actor_of
from taskflow.services.passwords import hash_password
from taskflow.services.people import PersonValues, create_user, set_post
from taskflow.services.unit_groups import GroupValues, save_group
from taskflow.services.unit_of_work import unit_of_work
from taskflow.services.units import UnitValues, add_name, create_unit


@dataclass(frozen=True, slots=True)
class Office:
    """What was made: ids of units by short name, of people by sign-in name, and the password of all of them."""

    unit_ids: dict[str, int]
    user_ids: dict[str, int]
    password: str

    def actor(self, login: str, now: datetime) -> Actor:
        """A person of the demo as an ``Actor``."""
        return actor_of(self.user_ids[login], on=local_date(now))


def make_organisation(now: datetime) -> Office:
    """The whole office. The password is made by chance: a demo that is reachable from outside has no known one."""
    password = "-".join(secrets.token_hex(2) for _ in range(3))
    named = {person.login: person for person in people()}
    administrator = named["quantri"]
    user_id, _link = create_administrator(
        email=email_of(administrator), full_name=administrator.name, password=password, office=BODY[0], now=now
    )
    actor = actor_of(user_id, on=local_date(now))
    settings.change(
        {
            settings.PAPER_PLACE.key: "Sơn Hà",
            settings.PAPER_CODE.key: "VP",
            settings.PAPER_SIGNER.key: "Chánh Văn phòng",
        },
        actor=actor,
        now=now,
    )
    root = actor.posts[0].unit_id
    unit_ids = {BODY[1]: root, **_units(actor, root, now)}
    with unit_of_work() as session:
        session.get_one(Unit, root).short_name = BODY[1]
    for name, is_open, members in GROUPS:
        values = GroupValues(name=name, is_open=is_open, member_ids=tuple(unit_ids[short] for short in members))
        save_group(actor=actor, group_id=None, values=values, now=now)
    user_ids = {"quantri": user_id}
    hashed = hash_password(password)
    for person in named.values():
        if person is not administrator:
            user_ids[person.login] = _person(actor, person, unit_ids, hashed, now)
    return Office(unit_ids, user_ids, password)


def _units(actor: Actor, root: int, now: datetime) -> dict[str, int]:
    made = {}
    rows = [(*OFFICE, ()), *DEPARTMENTS, *COMMUNES]
    for position, (name, short, aliases) in enumerate(rows, 1):
        values = UnitValues(
            name=name, short_name=short, parent_id=root, position=position, is_office=short == OFFICE[1]
        )
        made[short] = create_unit(actor=actor, values=values, now=now)
        for alias in aliases:
            add_name(
                actor=actor, unit_id=made[short], name=alias, kind="alias", valid_from=None, valid_to=None, now=now
            )
    return made


def _person(actor: Actor, person: Person, unit_ids: dict[str, int], hashed: str, now: datetime) -> int:
    (role, short), *others = person.posts
    values = PersonValues(full_name=person.name, email=email_of(person), job_title=person.title)
    user_id = create_user(actor=actor, values=values, unit_id=unit_ids[short], role=role, invite=False, now=now)
    for other, unit in others:
        set_post(
            actor=actor,
            user_id=user_id,
            unit_id=unit_ids[unit],
            role=other,
            valid_from=None,
            valid_to=None,
            on=local_date(now),
            now=now,
        )
    with unit_of_work() as session:
        session.get_one(User, user_id).password_hash = hashed
    return user_id
