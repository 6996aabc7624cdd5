"""What one may not see is found nowhere: people × tasks × every list, search, export, file and action."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import select

from taskflow.domain.errors import DomainError, NotAllowed, NotFound, WrongState
from taskflow.domain.permissions import Actor, Permission, Role, can
from taskflow.domain.states import TaskState
from taskflow.domain.task_filter import Openness, TaskFilter
from taskflow.domain.transitions import Action, allowed_actions, rules_for_reporter, transition
from taskflow.extensions import db
from taskflow.models.document import DocumentLink
from taskflow.models.org import Delegation, User
from taskflow.models.outbox import Notification
from taskflow.models.task import Evidence, ExtensionRequest, FormerLead, Task, TaskShape, TransferRequest, Urge
from taskflow.services import (
    assignment,
    breakdown,
    comments,
    coordination,
    corrections,
    evidence,
    extensions_of_time,
    files,
    progress,
    task_steps,
    urges,
    waiting,
)
from taskflow.services.bulk import BulkKind, BulkRequest, preview
from taskflow.services.progress import ReportText
from taskflow.services.queries.scope import facts_of_many, get_task, get_tasks, rules_of, visible_tasks
from taskflow.services.queries.task_detail import task_detail
from taskflow.services.queries.task_export import export_rows
from taskflow.services.queries.task_list import list_tasks
from taskflow.services.task_steps import StepInputs
from taskflow.services.unit_of_work import unit_of_work
from tests.factories import Factories
from tests.support.clock import Clock


@dataclass
class World:
    """Two bodies with an office each, units of two levels, people of every role, tasks of every shape."""

    people: dict[str, Actor] = field(default_factory=dict)
    tasks: list[Task] = field(default_factory=list)


@pytest.fixture
def world(app, factories: Factories, clock: Clock) -> World:
    made = World()
    body, office = factories.body(), factories.office()
    schools, room, health = (
        factories.unit(),
        factories.unit("Phòng Tổng hợp", parent=factories.unit()),
        factories.unit(),
    )
    department = room.parent
    district = factories.unit("Ủy ban nhân dân xã Bình An", parent=body)
    second_office = factories.office(parent=district, name="Văn phòng xã Bình An")
    village = factories.unit("Trạm Y tế xã", parent=district)
    judge = factories.workflow(confirming_unit_id=health.id)
    units = [schools, department, room, health, village]
    users: dict[str, User] = {}
    for number, unit in enumerate(units):
        users[f"officer {number}"] = factories.user(unit=unit)
        users[f"head {number}"] = factories.user(Role.HEAD, unit=unit)
    users["clerk"] = factories.user(Role.COORDINATOR)
    users["second clerk"] = factories.user(Role.COORDINATOR, unit=second_office)
    users["leader"] = factories.user(Role.LEADER)
    users["village leader"] = factories.user(Role.LEADER, unit=district)
    users["administrator"] = factories.user(Role.ADMINISTRATOR)
    users["nobody"] = factories.user(None)
    users["deputy"] = factories.user(unit=village)
    factories.add(
        Delegation(
            principal_id=users["head 0"].id,
            delegate_id=users["deputy"].id,
            starts_on=clock.today,
            ends_on=clock.today + timedelta(days=1),
            created_at=clock(),
        )
    )
    made.people = {name: factories.actor(user) for name, user in users.items()}

    task = factories.task
    in_charge = task(unit=schools, person_id=users["officer 2"].id, content="Có người phụ trách ở phòng khác")
    partnered = task(unit=department, content="Có đơn vị phối hợp")
    factories.coordination(partnered, schools)
    named = task(unit=department, content="Có người phối hợp được nêu tên")
    factories.coordination(named, health, person_id=users["officer 4"].id)
    judged = task(unit=schools, workflow_id=judge.id, content="Đơn vị khác xác nhận")
    parent = task(shape=TaskShape.COLLECTIVE, content="Việc chung")
    factories.coordination(parent, room)
    members = [task(unit=unit, shape=TaskShape.MEMBER, parent_id=parent.id) for unit in (schools, department)]
    factories.coordination(members[0], village)
    part = task(unit=room, shape=TaskShape.PART, parent_id=partnered.id, content="Phần việc của phòng")
    moved = task(unit=department, content="Đã chuyển đơn vị")
    factories.add(FormerLead(task_id=moved.id, unit_id=health.id, since=clock(), until=clock()))
    foreign = task(unit=village, office=second_office, content="Việc của xã")
    made.tasks = [in_charge, partnered, named, judged, parent, *members, part, moved, foreign]
    assert office.id != second_office.id
    with unit_of_work() as session:
        stored = files.store(session, b"Minh chung", "minh-chung.txt", now=clock())
        for one in made.tasks:
            session.add(
                Evidence(
                    task_id=one.id,
                    number=f"{one.id}/BC",
                    sha256=stored.sha256,
                    filename="minh-chung.txt",
                    added_at=clock(),
                    added_by_id=users["officer 0"].id,
                )
            )
    return made


def test_sql_and_rules_agree_on_every_person_and_task(world: World) -> None:
    facts = facts_of_many(world.tasks)
    seen = {
        name: set(db.session.scalars(select(Task.id).where(visible_tasks(one)))) for name, one in world.people.items()
    }
    wanted = {
        name: {task.id for task in world.tasks if can(one, Permission.TASK_READ, facts[task.id])}
        for name, one in world.people.items()
    }
    assert seen == wanted
    assert seen["leader"] == {task.id for task in world.tasks}
    assert seen["nobody"] == set()
    assert all(0 < len(ids) < len(world.tasks) for name, ids in seen.items() if name.startswith(("officer", "head")))


@pytest.mark.slow
def test_lists_search_export_pages_and_files_show_the_same(world: World, clock: Clock) -> None:
    everything = TaskFilter(shown=Openness.ALL)
    codes = {task.id: task.code for task in world.tasks}
    evidence_of = {row.task_id: row.id for row in db.session.query(Evidence)}
    for actor in world.people.values():
        visible = {task.id for task in get_tasks(actor, [task.id for task in world.tasks])}
        assert {row.id for row in list_tasks(actor, everything).rows} == visible
        assert {row.code for row in export_rows(actor, everything)} == {codes[one] for one in visible}
        for task in world.tasks:
            found = list_tasks(actor, TaskFilter(shown=Openness.ALL, q=task.code)).rows
            reads: list[Callable[[], object]] = [
                lambda: get_task(actor, task.id),  # noqa: B023 - called in this turn
                lambda: task_detail(actor, task.id),  # noqa: B023 - called in this turn
                lambda: evidence.get_file(actor, task.id, evidence_of[task.id]),  # noqa: B023 - called in this turn
                lambda: comments.mentionable(actor, task.id, on=clock.today),  # noqa: B023 - called in this turn
            ]
            assert (task.id in {row.id for row in found}) is (task.id in visible)
            for read in reads:
                if task.id in visible:
                    read()
                else:
                    with pytest.raises(NotFound):
                        read()


def actions_on(task: Task, actor: Actor, clock: Clock) -> dict[str, Callable[[], object]]:
    """Every use case on one task."""
    common = {"actor": actor, "now": clock()}
    task_id = task.id
    extension = db.session.scalar(select(ExtensionRequest.id).where(ExtensionRequest.task_id == task_id))
    sent_back = db.session.scalar(select(TransferRequest.id).where(TransferRequest.task_id == task_id))
    urged = db.session.scalar(select(Urge.id).where(Urge.task_id == task_id))
    line = task.coordinations[0].id if task.coordinations else None
    day = clock.today + timedelta(days=20)
    calls: dict[str, Callable[[], object]] = {
        f"step {action}": lambda action=action: task_steps.apply(  # type: ignore[misc] # mypy and lambda defaults
            action, task_id=task_id, inputs=StepInputs(reason="Lý do"), **common
        )
        for action in Action
    }
    calls |= {
        "progress": lambda: progress.report_progress(task_id=task_id, report=progress.ReportText("Đang làm"), **common),
        "evidence": lambda: evidence.add_evidence(
            task_id=task_id, items=[evidence.NewEvidence(number="1/X")], **common
        ),
        "person": lambda: assignment.assign_person(task_id=task_id, person_id=None, **common),
        "send back": lambda: assignment.send_back(task_id=task_id, reason="Không đúng", **common),
        "transfer": lambda: assignment.transfer(task_id=task_id, unit_id=1, reason="Chuyển", **common),
        "parts": lambda: breakdown.break_down(task_id=task_id, parts=[breakdown.NewPart("Phần", 1)], **common),
        "ask": lambda: coordination.ask(task_id=task_id, unit_id=1, request="Giúp", **common),
        "wait": lambda: waiting.start_waiting(task_id=task_id, unit_id=1, **common),
        "stop waiting": lambda: waiting.stop_waiting(task_id=task_id, **common),
        "more time": lambda: extensions_of_time.ask(
            task_id=task_id, due_on=day, reason="Khó", cause="objective", **common
        ),
        "edit": lambda: corrections.edit_task(
            task_id=task_id, changes=corrections.TaskChanges(note="x"), reason="Sửa", **common
        ),
        "date": lambda: corrections.set_deadline(
            task_id=task_id, deadline=corrections.NewDeadline(day), reason="Dời", **common
        ),
        "lead": lambda: corrections.correct_lead(task_id=task_id, unit_id=1, reason="Nhầm", **common),
        "urge": lambda: urges.urge(task_ids=[task_id], text="Nhanh", **common),
        "comment": lambda: comments.comment(task_id=task_id, text="Ý kiến", **common),
        "note": lambda: comments.comment(task_id=task_id, text="Ghi riêng", is_private=True, **common),
        "watch": lambda: comments.watch(task_id=task_id, on=True, **common),
        "tags": lambda: comments.set_tags(task_id=task_id, tags=["a"], **common),
    }
    if line is not None:
        calls |= {
            "accept": lambda: coordination.accept(coordination_id=line, **common),
            "answer": lambda: coordination.answer(coordination_id=line, text="Ý kiến", **common),
            "not needed": lambda: coordination.not_needed(coordination_id=line, **common),
        }
    if extension is not None:
        calls |= {
            "approve": lambda: extensions_of_time.approve(request_id=extension, **common),
            "reject": lambda: extensions_of_time.reject(request_id=extension, reason="Không", **common),
            "counter": lambda: extensions_of_time.counter(request_id=extension, due_on=day, reason="", **common),
            "accept time": lambda: extensions_of_time.accept(request_id=extension, **common),
            "decline": lambda: extensions_of_time.decline(request_id=extension, **common),
            "withdraw": lambda: extensions_of_time.withdraw(request_id=extension, **common),
        }
    if sent_back is not None:
        calls |= {
            "approve transfer": lambda: assignment.approve_transfer(request_id=sent_back, unit_id=1, **common),
            "reject transfer": lambda: assignment.reject_transfer(request_id=sent_back, reason="Không", **common),
            "withdraw transfer": lambda: assignment.withdraw_transfer(request_id=sent_back, **common),
        }
    if urged is not None:
        calls["answer urge"] = lambda: urges.answer_urge(urge_id=urged, text="Đã rõ", **common)
    return calls


@pytest.mark.slow
@pytest.mark.parametrize("name", ["officer 0", "officer 2", "officer 4", "head 1", "second clerk", "deputy", "nobody"])
def test_no_page_names_or_opens_a_hidden_task(app, client, sign_in, world: World, name: str) -> None:
    actor = world.people[name]
    sign_in(client, db.session.get_one(User, actor.user_id))
    visible = {task.id for task in get_tasks(actor, [task.id for task in world.tasks])}
    hidden = [task for task in world.tasks if task.id not in visible]
    assert hidden
    codes, ids = re.compile("|".join(rf"{task.code}\b" for task in hidden)), {task.id for task in hidden}
    areas = {"documents", "imports", "inbox", "indicators", "messages", "office", "series", "tasks"}
    lists = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.partition(".")[0] in areas and not rule.arguments and "GET" in (rule.methods or ())
    ]
    assert len(lists) > 12
    pages = [f"/tasks/{task_id}{page}" for task_id in sorted(visible) for page in ("", "/print", "/history")]
    for address in [*lists, "/tasks/?shown=all&q=viec", *pages]:
        answer = client.get(address)
        assert answer.status_code in (200, 302, 403, 404), address
        if answer.mimetype == "text/html":
            assert not codes.search(answer.get_data(as_text=True)), address
    for task_id in sorted(ids):
        proof = db.session.scalar(select(Evidence.id).where(Evidence.task_id == task_id))
        for page in ("", "/print", "/history", "/comment", "/confirm", "/files/1", f"/files/{proof}"):
            assert client.get(f"/tasks/{task_id}{page}").status_code == 404, page


@pytest.mark.slow
def test_no_action_touches_or_betrays_an_invisible_task(world: World, factories: Factories, clock: Clock) -> None:
    user = db.session.query(User).first()
    for task in world.tasks:
        factories.add(
            ExtensionRequest(
                task_id=task.id,
                requested_at=clock(),
                requested_by_id=user.id,
                reason="Khó",
                asked_due_on=clock.today + timedelta(days=9),
            )
        )
        factories.add(
            TransferRequest(
                task_id=task.id,
                from_unit_id=task.lead_unit_id or task.office_unit_id,
                reason="Không đúng",
                requested_at=clock(),
                requested_by_id=user.id,
            )
        )
        factories.add(Urge(task_id=task.id, at=clock(), by_id=user.id, text="Nhanh"))
    tried = 0
    for actor in world.people.values():
        visible = {task.id for task in get_tasks(actor, [task.id for task in world.tasks])}
        hidden = [task for task in world.tasks if task.id not in visible]
        if hidden:
            seen = preview(BulkRequest(BulkKind.CONFIRM), [task.id for task in hidden], actor=actor, now=clock())
            assert (seen.ready, seen.refused) == ((), ())
        for task in hidden:
            for name, call in actions_on(task, actor, clock).items():
                tried += 1
                try:
                    call()
                except NotFound:
                    continue
                pytest.fail(f"{actor.name} could do to a task they do not see: {name}")
    assert tried > 2_000


def test_a_visible_task_yields_only_to_those_with_the_right(world: World, clock: Clock) -> None:
    """Readers who work neither for the unit nor for the office can change nothing but comments and following."""
    allowed = {"comment", "watch", "accept", "answer"}
    facts = facts_of_many(world.tasks)
    for name in ("officer 0", "officer 3", "leader", "administrator"):
        actor = world.people[name]
        for task in get_tasks(actor, [task.id for task in world.tasks]):
            rights = {one for one in Permission if can(actor, one, facts[task.id])}
            if rights - {
                Permission.TASK_READ,
                Permission.TASK_COMMENT,
                Permission.COORDINATION_ANSWER,
                Permission.DOCUMENT_READ,
            }:
                continue
            for action, call in actions_on(task, actor, clock).items():
                if action not in allowed:
                    with pytest.raises((NotAllowed, WrongState)):
                        call()


def test_every_step_of_every_state_does_what_the_table_says(app, factories: Factories, clock: Clock) -> None:
    """States × actions × people × workflows through the service: refused where the rules refuse, else done."""
    unit = factories.unit()
    people = [
        factories.actor(factories.user(role, **({"unit": unit} if role in (Role.OFFICER, Role.HEAD) else {})))
        for role in Role
    ]
    inputs = StepInputs(reason="Có lý do", report=ReportText("Xong"), evidence=[evidence.NewEvidence(number="9/BC")])
    done = 0
    for head_approval in (False, True):
        for confirmation in (False, True):
            workflow = factories.workflow(head_approval=head_approval, confirmation=confirmation)
            for state in TaskState:
                for actor in people:
                    task = factories.task(unit=unit, state=state, workflow_id=workflow.id)
                    facts, rules = facts_of_many([task])[task.id], rules_of(task)
                    offered = allowed_actions(state, actor, facts, rules)
                    for action in set(Action) - set(offered):
                        with pytest.raises((NotAllowed, WrongState)) as refused:
                            task_steps.plan(task, facts, action, actor)
                        assert isinstance(refused.value, DomainError)
                    if not offered:
                        continue
                    action = offered[done % len(offered)]
                    if action is Action.REPORT_DONE:
                        rules = rules_for_reporter(rules, actor, facts)
                    wanted = transition(state, action, rules)
                    taken = task_steps.apply(action, task_id=task.id, actor=actor, now=clock(), inputs=inputs)
                    assert taken.state is wanted.to
                    assert (taken.delivered_on is not None) is (
                        taken.state in (TaskState.AWAITING_CONFIRMATION, TaskState.COMPLETED)
                        or (action is Action.CANCEL and state is TaskState.AWAITING_CONFIRMATION)
                        or (action is Action.CANCEL and state is TaskState.AWAITING_APPROVAL)
                    )
                    done += 1
    assert done > 50


def test_who_left_hears_and_sees_no_more_of_what_they_followed(
    app, client, sign_in, factories: Factories, clock: Clock
) -> None:
    unit = factories.unit()
    user, head = factories.user(unit=unit), factories.user(Role.HEAD, unit=unit)
    task = factories.task("Việc nội bộ của sở", unit=unit)
    follower = factories.actor(user)
    comments.watch(task_id=task.id, on=True, actor=follower, now=clock())
    comments.comment(task_id=task.id, text="Trước khi đi", actor=factories.actor(head), now=clock())
    sign_in(client, user)
    assert task.code in client.get("/inbox/").get_data(as_text=True)
    post = user.memberships[0]
    with unit_of_work():
        post.valid_to = clock.today - timedelta(days=1)
    comments.comment(task_id=task.id, text="Sau khi đi", actor=factories.actor(head), now=clock())
    told = [line.data.get("text") for line in db.session.query(Notification).filter_by(user_id=user.id)]
    assert told == ["Trước khi đi"]
    page = client.get("/inbox/").get_data(as_text=True)
    assert task.code not in page
    assert "Trước khi đi" not in page


def test_documents_beside_ones_own_are_named_but_not_opened(
    client, sign_in, factories: Factories, clock: Clock
) -> None:
    unit = factories.unit()
    own, basis, later = (factories.document() for _ in range(3))
    factories.task(unit=unit, document=own)
    factories.add(DocumentLink(document_id=own.id, relation="basis", number=basis.number, target_id=basis.id))
    factories.add(DocumentLink(document_id=later.id, relation="amends", number=own.number, target_id=own.id))
    clerk, officer = factories.user(Role.COORDINATOR), factories.user(unit=unit)
    for user, opens in ((clerk, True), (officer, False)):
        page = sign_in(client, user).get(f"/documents/{own.id}").get_data(as_text=True)
        for other in (basis, later):
            assert (f'href="/documents/{other.id}"' in page) is opens
            assert client.get(f"/documents/{other.id}").status_code == (200 if opens else 404)
        assert basis.number in page, "it stands in the text of one's own document"
        assert (later.number in page) is opens
