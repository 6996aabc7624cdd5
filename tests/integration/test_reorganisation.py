"""Units renamed, merged, split and dissolved; their work handed over by choosing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from taskflow.domain.errors import Invalid, NotAllowed, NotFound, WrongState
from taskflow.domain.permissions import Role
from taskflow.domain.states import TaskState
from taskflow.extensions import db
from taskflow.models.indicator import Indicator
from taskflow.models.org import Membership, Unit
from taskflow.models.task import Coordination, CoordinationState, Series, Task, TaskEvent, TaskShape
from taskflow.services import hand_over, moving, reorganisation
from taskflow.services.hand_over import Doubled
from taskflow.services.queries.open_work import left_work, open_work
from taskflow.services.queries.scope import get_task
from taskflow.services.queries.unit_history import lead_then, units_now
from taskflow.services.reorganisation import Decision
from tests.factories import Factories
from tests.support.clock import Clock


def decision(clock: Clock) -> Decision:
    """A decision that takes effect today."""
    return Decision("21/QĐ-UBND", clock.today - timedelta(days=3), clock.today)


def test_a_renamed_unit_keeps_its_old_name_and_is_found_by_both(app, factories: Factories, clock: Clock) -> None:
    admin = factories.actor(factories.user(Role.ADMINISTRATOR))
    unit = factories.unit("Sở Thông tin và Truyền thông", short_name="Sở 4T")
    task = factories.task(unit=unit)
    reorganisation.rename(
        unit_id=unit.id,
        name="Sở Chuyển đổi số",
        short_name="Sở CĐS",
        decision=decision(clock),
        actor=admin,
        now=clock(),
    )
    unit = db.session.get(Unit, unit.id)
    assert (unit.name, unit.is_active) == ("Sở Chuyển đổi số", True)
    assert {name.name for name in unit.names} == {"Sở Thông tin và Truyền thông", "Sở 4T"}
    assert all(name.valid_to == clock.today - timedelta(days=1) for name in unit.names)
    assert "thong tin va truyen thong" in unit.search_text
    assert "so chuyen doi so" in db.session.get(Task, task.id).search_text


def test_a_merge_moves_nothing_until_somebody_hands_it_over(app, factories: Factories, clock: Clock) -> None:
    admin = factories.actor(factories.user(Role.ADMINISTRATOR))
    factories.office()
    first, second, new = factories.unit(), factories.unit(), factories.unit()
    old_head = factories.actor(factories.user(Role.HEAD, unit=first))
    open_, waiting, done = (
        factories.task(unit=first, due_on=date(2026, 4, 1), state=TaskState.IN_PROGRESS),
        factories.task(unit=first, state=TaskState.AWAITING_CONFIRMATION),
        factories.task(unit=first, state=TaskState.COMPLETED),
    )
    line = factories.coordination(factories.task(unit=factories.unit()), first)
    made = reorganisation.merge(
        from_unit_ids=[first.id, second.id], to_unit_id=new.id, decision=decision(clock), actor=admin, now=clock()
    )
    assert [one.to_unit_id for one in made] == [new.id, new.id]
    assert not db.session.get(Unit, first.id).is_active
    assert db.session.get(Task, open_.id).lead_unit_id == first.id
    assert [(left.unit_id, left.tasks, left.coordinations, left.people) for left in left_work(clock.today)] == [
        (first.id, 2, 1, 1)
    ]
    work = open_work(first.id, on=clock.today)
    assert ({task.id for task in work.tasks}, work.task_count) == ({open_.id, waiting.id}, 2)
    assert [one.id for one in work.coordinations] == [line.id]

    before = clock()
    clock.advance(days=1)
    result = hand_over.hand_over(
        from_unit_id=first.id,
        tasks={open_.id: new.id, waiting.id: new.id},
        coordinations={line.id: new.id},
        reason="Sáp nhập theo Quyết định 21",
        succession_id=made[0].id,
        actor=admin,
        now=clock(),
    )
    assert (result.task_ids, result.refused) == ((open_.id, waiting.id), ())
    assert db.session.get(Task, waiting.id).state is TaskState.AWAITING_CONFIRMATION
    moved = db.session.get(Task, open_.id)
    assert (moved.lead_unit_id, moved.due_on, moved.state) == (new.id, date(2026, 4, 1), TaskState.ASSIGNED)
    assert get_task(old_head, open_.id).id == open_.id
    assert db.session.get(Coordination, line.id).unit_id == new.id
    led = {
        row[0]: row[1]
        for row in db.session.execute(select(Task.id, lead_then(before)).where(Task.id.in_([open_.id, done.id])))
    }
    assert led == {open_.id: first.id, done.id: first.id}
    assert units_now() == {first.id: new.id, second.id: new.id}


def test_a_split_names_its_heirs_and_reassigns_nothing(app, factories: Factories, clock: Clock) -> None:
    admin = factories.actor(factories.user(Role.ADMINISTRATOR))
    unit, left, right = factories.unit(), factories.unit(), factories.unit()
    task = factories.task(unit=unit)
    with pytest.raises(Invalid):
        reorganisation.split(
            from_unit_id=unit.id, to_unit_ids=[left.id], decision=decision(clock), actor=admin, now=clock()
        )
    reorganisation.split(
        from_unit_id=unit.id, to_unit_ids=[left.id, right.id], decision=decision(clock), actor=admin, now=clock()
    )
    assert db.session.get(Task, task.id).lead_unit_id == unit.id
    assert units_now() == {}


def test_a_unit_with_units_below_it_or_without_a_decision_does_not_end(app, factories: Factories, clock: Clock) -> None:
    admin = factories.actor(factories.user(Role.ADMINISTRATOR))
    unit = factories.unit()
    factories.unit("Phòng Hành chính", parent=unit)
    with pytest.raises(WrongState, match=r"reorganisation\.units_below"):
        reorganisation.dissolve(unit_id=unit.id, decision=decision(clock), actor=admin, now=clock())
    nameless = Decision(" ", clock.today, clock.today)
    with pytest.raises(Invalid, match=r"reorganisation\.decision_required"):
        reorganisation.dissolve(unit_id=factories.unit().id, decision=nameless, actor=admin, now=clock())
    later = Decision("1/QĐ", clock.today, clock.today + timedelta(days=1))
    with pytest.raises(Invalid, match=r"reorganisation\.not_yet"):
        reorganisation.dissolve(unit_id=factories.unit().id, decision=later, actor=admin, now=clock())
    with pytest.raises(NotAllowed):
        reorganisation.dissolve(
            unit_id=unit.id, decision=decision(clock), actor=factories.actor(factories.user(Role.HEAD)), now=clock()
        )


def test_work_of_another_unit_cannot_be_handed_over(app, factories: Factories, clock: Clock) -> None:
    admin = factories.actor(factories.user(Role.ADMINISTRATOR))
    head = factories.actor(factories.user(Role.HEAD))
    old, new = factories.unit(), factories.unit()
    task = factories.task(unit=old)
    with pytest.raises(NotFound):
        hand_over.hand_over(from_unit_id=new.id, tasks={task.id: old.id}, reason="x", actor=admin, now=clock())
    with pytest.raises(NotAllowed):
        hand_over.hand_over(from_unit_id=old.id, tasks={task.id: new.id}, reason="x", actor=head, now=clock())


def test_a_person_moves_only_when_each_of_their_tasks_is_decided(app, factories: Factories, clock: Clock) -> None:
    admin = factories.actor(factories.user(Role.ADMINISTRATOR))
    old, new = factories.unit(), factories.unit()
    person, colleague = factories.user(unit=old), factories.user(unit=old)
    first, second = factories.task(unit=old, person_id=person.id), factories.task(unit=old, person_id=person.id)

    def move(tasks: dict[int, int | None]) -> None:
        moving.move_person(
            user_id=person.id,
            from_unit_id=old.id,
            to_unit_id=new.id,
            role=Role.OFFICER,
            starts_on=clock.today,
            tasks=tasks,
            actor=admin,
            now=clock(),
        )

    with pytest.raises(Invalid, match=r"person\.tasks_undecided"):
        move({first.id: colleague.id})
    move({first.id: colleague.id, second.id: None})
    assert db.session.get(Task, first.id).person_id == colleague.id
    assert db.session.get(Task, second.id).person_id is None
    actor = factories.actor(person)
    assert {post.unit_id for post in actor.posts} == {new.id}
    assert db.session.query(Membership).filter_by(user_id=person.id).count() == 2


def test_a_person_keeps_what_they_can_still_do_and_nothing_else(app, factories: Factories, clock: Clock) -> None:
    admin = factories.actor(factories.user(Role.ADMINISTRATOR))
    department, elsewhere = factories.unit(), factories.unit()
    left, near = factories.unit("Phòng A", parent=department), factories.unit("Phòng B", parent=department)
    person, colleague = factories.user(unit=left), factories.user(unit=left)
    above = factories.task(unit=department, person_id=person.id)
    asked = factories.task(unit=elsewhere)
    line = factories.coordination(asked, left, person_id=person.id)

    def move(to: Unit, tasks: dict[int, int | None], lines: dict[int, int | None]) -> None:
        moving.move_person(
            user_id=person.id,
            from_unit_id=left.id,
            to_unit_id=to.id,
            role=Role.OFFICER,
            starts_on=clock.today,
            tasks=tasks,
            lines=lines,
            actor=admin,
            now=clock(),
        )

    for tasks, lines in (({}, {line.id: None}), ({above.id: None}, {})):
        with pytest.raises(Invalid, match=r"person\.tasks_undecided"):
            move(elsewhere, tasks, lines)
    assert (above.person_id, line.person_id) == (person.id, person.id)
    move(near, {}, {line.id: colleague.id})
    db.session.expire_all()
    assert (above.person_id, line.person_id) == (person.id, colleague.id), "the department's task stays with them"


def test_indicators_are_handed_over_and_only_by_the_unit_that_answers(app, factories: Factories, clock: Clock) -> None:
    admin = factories.actor(factories.user(Role.ADMINISTRATOR))
    old, new, other = factories.unit(), factories.unit(), factories.unit()
    document = factories.document()
    mine, foreign = (
        factories.add(Indicator(document_id=document.id, name="Tỷ lệ", responsible_unit_id=unit.id))
        for unit in (old, other)
    )
    assert [one.id for one in open_work(old.id, on=clock.today).indicators] == [mine.id]

    def give(**work: dict[int, int]) -> None:
        hand_over.hand_over(from_unit_id=old.id, tasks={}, reason="Sáp nhập", actor=admin, now=clock(), **work)

    series = factories.add(
        Series(
            office_unit_id=factories.office().id,
            content="Báo cáo quý",
            lead_unit_ids=[other.id],
            coordinator_unit_ids=[],
            rule="FREQ=MONTHLY",
            starts_on=clock.today,
            created_at=clock(),
        )
    )
    line = factories.coordination(factories.task(unit=new), other)
    for work in (
        {"indicators": {foreign.id: new.id}},
        {"series": {series.id: new.id}},
        {"coordinations": {line.id: 1}},
    ):
        with pytest.raises(NotFound):
            give(**work)
    give(indicators={mine.id: new.id})
    assert db.session.get(Indicator, mine.id).responsible_unit_id == new.id
    assert db.session.get(Indicator, foreign.id).responsible_unit_id == other.id


def test_the_same_decision_is_recorded_once(app, factories: Factories, clock: Clock) -> None:
    admin = factories.actor(factories.user(Role.ADMINISTRATOR))
    unit, part = factories.unit("Sở Cũ"), factories.unit("Sở Con")

    def rename(name: str) -> None:
        reorganisation.rename(
            unit_id=unit.id, name=name, short_name="", decision=decision(clock), actor=admin, now=clock()
        )

    def split() -> None:
        reorganisation.split(
            from_unit_id=unit.id, to_unit_ids=[part.id], ends=False, decision=decision(clock), actor=admin, now=clock()
        )

    rename("Sở Moi")
    split()
    for again in (lambda: rename("Sở Mới"), split):
        with pytest.raises(Invalid, match=r"reorganisation\.known"):
            again()
    assert db.session.get(Unit, unit.id).name == "Sở Moi"


def test_another_office_takes_over_what_an_office_tracked(app, factories: Factories, clock: Clock) -> None:
    admin = factories.actor(factories.user(Role.ADMINISTRATOR))
    old, new = factories.office(), factories.office(name="Văn phòng mới")
    task = factories.task(office=old)
    assert hand_over.hand_over_office(from_unit_id=old.id, to_unit_id=new.id, actor=admin, now=clock()) == 1
    assert db.session.get(Task, task.id).office_unit_id == new.id
    with pytest.raises(Invalid):
        hand_over.hand_over_office(from_unit_id=old.id, to_unit_id=factories.unit().id, actor=admin, now=clock())


def test_series_and_coordination_follow_without_doubles(app, factories: Factories, clock: Clock) -> None:
    admin = factories.actor(factories.user(Role.ADMINISTRATOR))
    old, new = factories.unit(), factories.unit()
    task = factories.task(unit=factories.unit())
    line = factories.coordination(task, old)
    factories.coordination(task, new)
    series = factories.add(
        Series(
            office_unit_id=factories.office().id,
            content="Báo cáo tháng",
            lead_unit_ids=[old.id, new.id],
            coordinator_unit_ids=[],
            rule="FREQ=MONTHLY",
            starts_on=clock.today,
            created_at=clock(),
        )
    )
    hand_over.hand_over(
        from_unit_id=old.id,
        tasks={},
        coordinations={line.id: new.id},
        series={series.id: new.id},
        reason="Giải thể",
        actor=admin,
        now=clock(),
    )
    assert db.session.get(Coordination, line.id).state is CoordinationState.NOT_NEEDED
    assert db.session.get(Series, series.id).lead_unit_ids == [new.id]


@pytest.mark.parametrize("doubled", [None, *Doubled])
@pytest.mark.parametrize("state", [TaskState.IN_PROGRESS, TaskState.AWAITING_CONFIRMATION, TaskState.SUSPENDED])
def test_parts_of_one_collective_task_at_a_merged_unit(
    app, factories: Factories, clock: Clock, doubled: Doubled | None, state: TaskState
) -> None:
    admin = factories.actor(factories.user(Role.ADMINISTRATOR))
    first, second, new = factories.unit("Xã A"), factories.unit("Xã B"), factories.unit("Xã C")
    whole = factories.task(shape=TaskShape.COLLECTIVE, due_on=date(2026, 4, 1))
    members = [
        factories.task(unit=unit, parent_id=whole.id, shape=TaskShape.MEMBER, state=state, due_on=date(2026, 4, 1))
        for unit in (first, second)
    ]
    alone = factories.task(unit=second, state=TaskState.AWAITING_APPROVAL)
    kept_id, other_id = (one.id for one in members)
    part = factories.task(unit=second, parent_id=other_id, shape=TaskShape.PART)
    ids = (first.id, second.id, new.id, alone.id, part.id)
    first_id, second_id, new_id, alone_id, part_id = ids
    reorganisation.merge(
        from_unit_ids=[first_id, second_id], to_unit_id=new_id, decision=decision(clock), actor=admin, now=clock()
    )

    def give(unit_id: int, *chosen: int, how: Doubled | None = doubled) -> hand_over.HandOver:
        return hand_over.hand_over(
            from_unit_id=unit_id,
            tasks=dict.fromkeys(chosen, new_id),
            reason="Sáp nhập theo Quyết định 21",
            doubled=how,
            actor=admin,
            now=clock(),
        )

    assert give(first_id, kept_id).refused == ()
    result = give(second_id, other_id, alone_id)
    assert db.session.get_one(Task, alone_id).state is TaskState.AWAITING_APPROVAL
    if doubled is None:
        assert [error.code for _id, _code, error in result.refused] == ["transfer.leads_already"]
        assert [one.tasks for one in left_work(clock.today)] == [2]
        result = give(second_id, other_id, how=Doubled.JOIN)
    assert result.refused == ()
    kept, other = db.session.get_one(Task, kept_id), db.session.get_one(Task, other_id)
    assert (kept.lead_unit_id, kept.is_open) == (new_id, True)
    if doubled is Doubled.APART:
        waits = state is TaskState.IN_PROGRESS
        assert (other.lead_unit_id, other.state) == (new_id, TaskState.ASSIGNED if waits else state)
    else:
        assert other.state is TaskState.CANCELLED
    joined = db.session.scalars(select(TaskEvent).where(TaskEvent.kind == "joined")).all()
    if doubled in (None, Doubled.JOIN):
        assert [(one.task_id, one.data["joined"]) for one in joined] == [(kept_id, other.code)]
        moved = db.session.get_one(Task, part_id)
        assert (moved.parent_id, moved.lead_unit_id, moved.is_open) == (kept_id, new_id, True)
    assert left_work(clock.today) == []


def test_nothing_is_joined_to_a_closed_part(app, factories: Factories, clock: Clock) -> None:
    admin = factories.actor(factories.user(Role.ADMINISTRATOR))
    old, new = factories.unit(), factories.unit()
    whole = factories.task(shape=TaskShape.COLLECTIVE)
    factories.task(unit=new, parent_id=whole.id, shape=TaskShape.MEMBER, state=TaskState.COMPLETED)
    member = factories.task(unit=old, parent_id=whole.id, shape=TaskShape.MEMBER)
    with pytest.raises(WrongState, match=r"transfer\.joins_closed"):
        hand_over.hand_over(
            from_unit_id=old.id, tasks={member.id: new.id}, reason="x", doubled=Doubled.JOIN, actor=admin, now=clock()
        )
    assert db.session.get_one(Task, member.id).is_open
