"""What a person may see of tasks: one scope for lists, search, exports, files and the API.

``visible_tasks`` says in SQL what ``domain.permissions`` says about one task and ``TASK_READ``; a property
test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    bindparam,
    false,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import aliased, selectinload

from taskflow.domain.errors import NotFound
from taskflow.domain.permissions import Actor, Permission, Role, TaskFacts, can, offices_of, units_of
from taskflow.domain.transitions import DEFAULT_WORKFLOW, WorkflowRules
from taskflow.extensions import db
from taskflow.models.org import Unit
from taskflow.models.task import Coordination, FormerLead, Task, TaskShape, WorkflowDefinition


def visible_tasks(actor: Actor) -> ColumnElement[bool]:
    """A condition on ``Task``: what this person may see. ``true()`` for those who oversee every office."""
    if actor.is_system:
        return true()
    offices = offices_of(actor, Permission.TASK_READ)
    if offices and offices >= set(db.session.scalars(select(Unit.id).where(Unit.is_office))):
        return true()
    ways: list[ColumnElement[bool]] = []
    if offices:
        ways.append(Task.office_unit_id.in_(sorted(offices)))
    by_work = _ids_by_work(actor)
    if by_work:
        ways.append(Task.id.in_(union_all(*by_work)))
    # Not false(): the compiler would drop every other condition beside it, and with them the joins of a search.
    return or_(*ways) if ways else Task.id.in_(())


def own_work(actor: Actor, units: Iterable[int]) -> ColumnElement[bool]:
    """A condition on ``Task``: led by these units, as far as the actor works for them, or carried by the actor.

    Whatever fits is visible to the actor, so that a list of one's own work needs no other scope.
    """
    ours = sorted(units_of(actor) & set(units))
    works = any(post.role in (Role.OFFICER, Role.HEAD) and post.principal_id is None for post in actor.posts)
    ways: list[ColumnElement[bool]] = [Task.lead_unit_id.in_(ours)] if ours else []
    if works:
        ways.append(Task.person_id == actor.user_id)
    # Nothing by its id: told of an empty list of units, SQLite walks all open tasks to find none.
    return or_(*ways) if ways else Task.id == 0


def _ids_by_work(actor: Actor) -> list[Select[Any]]:
    """Ids of the tasks on which the person's units, or the person by name, work; one indexed select for each way."""
    units = sorted(units_of(actor))
    people = sorted(
        {post.principal_id or actor.user_id or 0 for post in actor.posts if post.role in (Role.OFFICER, Role.HEAD)}
    )
    ways: list[Select[Any]] = []
    if people:
        ways += [
            select(Task.id).where(Task.person_id.in_(people)),
            select(Coordination.task_id).where(Coordination.person_id.in_(people)),
        ]
    if units:
        led = select(Task.id).where(Task.lead_unit_id.in_(units))
        coordinated = select(Coordination.task_id).where(Coordination.unit_id.in_(units))
        parent, child, both = aliased(Task), aliased(Task), aliased(Task)
        ways += [
            led,
            coordinated,
            select(FormerLead.task_id).where(FormerLead.unit_id.in_(units)),
            # A child is seen by those who work on its parent, a parent by those who work on its children.
            select(Task.id).join(parent, parent.id == Task.parent_id).where(parent.lead_unit_id.in_(units)),
            select(Task.id)
            .join(Coordination, Coordination.task_id == Task.parent_id)
            .where(Coordination.unit_id.in_(units)),
            select(child.parent_id).where(child.parent_id.is_not(None), child.lead_unit_id.in_(units)),
            select(both.parent_id)
            .join(Coordination, Coordination.task_id == both.id)
            .where(both.parent_id.is_not(None), Coordination.unit_id.in_(units)),
        ]
    workflows = _confirmed_workflows(actor)
    if workflows:
        ways.append(select(Task.id).where(Task.workflow_id.in_(workflows)))
    return ways


def _confirmed_workflows(actor: Actor) -> list[int]:
    """Workflows in which a unit of the actor confirms: few, so they are read before and spare most people a join."""
    units = {unit for post in actor.posts if post.role in (Role.HEAD, Role.COORDINATOR) for unit in post.subtree}
    if not units:
        return []
    query = (
        select(WorkflowDefinition.id)
        .join(Unit, Unit.id == WorkflowDefinition.confirming_unit_id)
        .where(Unit.is_active, Unit.id.in_(sorted(units)))
    )
    return sorted(db.session.scalars(query))


def sees(actor: Actor, task: Task) -> bool:
    """Whether the actor may see this very task: the rules themselves, quicker for one task than ``visible_tasks``."""
    if actor.is_system or task.office_unit_id in offices_of(actor, Permission.TASK_READ):
        return True
    return can(actor, Permission.TASK_READ, facts_of(task))


# Made once: building and hashing these statements costs more than running them.
_TASK = select(Task).where(Task.id == bindparam("task_id", type_=Integer))
_TASK_FOR_CHANGE = _TASK.with_for_update(of=Task).execution_options(populate_existing=True)
_IDS = bindparam("ids", expanding=True, type_=Integer)
_RELATIVE = select(Task.id, Task.parent_id, Task.lead_unit_id)
_RELATIVES = union_all(
    _RELATIVE.where(Task.parent_id.in_(_IDS)),
    _RELATIVE.where(Task.id.in_(bindparam("parent_ids", expanding=True, type_=Integer))),
)
#: Coordinating units with the person named in them, of the tasks and of those around them; former leads of the tasks.
_UNITS: CompoundSelect[Any] = union_all(
    select(Coordination.task_id, Coordination.unit_id, Coordination.person_id, false().label("former")).where(
        Coordination.task_id.in_(bindparam("around", expanding=True, type_=Integer))
    ),
    select(FormerLead.task_id, FormerLead.unit_id, null(), true()).where(FormerLead.task_id.in_(_IDS)),
)


def get_task(actor: Actor, task_id: int, *, for_change: bool = False) -> Task:
    """The task. ``for_change`` locks its row until the unit of work ends (PostgreSQL).

    Raises ``NotFound`` when there is none, or when the actor may not know that there is.
    """
    task = db.session.scalar(_TASK_FOR_CHANGE if for_change else _TASK, {"task_id": task_id})
    if task is None or not sees(actor, task):
        raise NotFound("task.not_found")
    return task


def get_tasks(actor: Actor, task_ids: Sequence[int], *, for_change: bool = False) -> list[Task]:
    """Those of these tasks that the actor may see, in the order of their ids; with documents and workflows read."""
    query = select(Task).where(Task.id.in_(task_ids), visible_tasks(actor)).order_by(Task.id)
    query = query.options(selectinload(Task.workflow))
    if for_change:
        query = query.with_for_update(of=Task).execution_options(populate_existing=True)
    return list(db.session.scalars(query))


def ids_by_code(actor: Actor, codes: Iterable[str]) -> dict[str, int]:
    """The ids of those tasks with these codes that the actor may see."""
    found = db.session.execute(select(Task.code, Task.id).where(Task.code.in_(set(codes)), visible_tasks(actor)))
    return {row.code: row.id for row in found}


def facts_of(task: Task) -> TaskFacts:
    """What the rules of ``domain.permissions`` need to know of this task."""
    return facts_of_many([task])[task.id]


def facts_of_many(tasks: Iterable[Task], *, former_leads: bool = True) -> dict[int, TaskFacts]:
    """The facts of these tasks by id; two queries for all of them. Former leads count as related units if asked for."""
    found = list(tasks)
    ids = [task.id for task in found]
    parents = {task.id: task.parent_id for task in found if task.parent_id is not None}
    around = set(ids)
    units: dict[int, set[int]] = {}
    people: dict[int, set[int]] = {}
    lead_of: dict[int, int | None] = {}
    children: dict[int, list[int]] = {}
    for row in db.session.execute(_RELATIVES, {"ids": ids, "parent_ids": sorted(set(parents.values()))}):
        lead_of[row.id] = row.lead_unit_id
        if row.parent_id is not None:
            children.setdefault(row.parent_id, []).append(row.id)
        around.add(row.id)
    former: dict[int, set[int]] = {}
    for line in db.session.execute(_UNITS, {"around": sorted(around), "ids": ids}):
        (former if line.former else units).setdefault(line.task_id, set()).add(line.unit_id)
        if line.person_id is not None:
            people.setdefault(line.task_id, set()).add(line.person_id)

    facts = {}
    for task in found:
        related = set(former.get(task.id, ())) if former_leads else set()
        for other in [*children.get(task.id, ()), *([parents[task.id]] if task.id in parents else ())]:
            related |= units.get(other, set())
            lead = lead_of.get(other)
            if lead is not None:
                related.add(lead)
        part = task.shape is TaskShape.PART and task.id in parents
        facts[task.id] = _facts(
            task,
            units.get(task.id, ()),
            people.get(task.id, ()),
            related,
            assigning_unit_id=lead_of.get(parents[task.id]) if part else None,
            has_children=task.id in children,
        )
    return facts


def facts_of_lone(task: Task, lines: Iterable[Coordination], former_unit_ids: Iterable[int]) -> TaskFacts:
    """The facts of a task that has neither parent nor children, from what was read of it already."""
    found = list(lines)
    return _facts(
        task,
        [line.unit_id for line in found],
        [line.person_id for line in found if line.person_id is not None],
        former_unit_ids,
    )


def _facts(
    task: Task,
    unit_ids: Iterable[int],
    person_ids: Iterable[int],
    related_unit_ids: Iterable[int],
    *,
    assigning_unit_id: int | None = None,
    has_children: bool = False,
) -> TaskFacts:
    return TaskFacts(
        office_unit_id=task.office_unit_id,
        lead_unit_id=task.lead_unit_id,
        person_id=task.person_id,
        delivered_by_id=task.delivered_by_id,
        delivered_for_id=task.delivered_for_id,
        confirming_unit_id=task.workflow.confirmer_id if task.workflow else None,
        assigning_unit_id=assigning_unit_id,
        coordinating_unit_ids=frozenset(unit_ids),
        coordinating_person_ids=frozenset(person_ids),
        related_unit_ids=frozenset(related_unit_ids),
        has_children=has_children,
    )


def rules_of(task: Task) -> WorkflowRules:
    """The variable part of the workflow that this task started with."""
    collective = task.shape is TaskShape.COLLECTIVE
    if task.workflow is None:
        return WorkflowRules(closed_directly=True) if collective else DEFAULT_WORKFLOW
    return WorkflowRules(
        head_approval=task.workflow.head_approval,
        confirmation=task.workflow.confirmation,
        evidence_required=task.workflow.evidence_required,
        closed_directly=collective,
    )
