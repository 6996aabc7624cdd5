"""Everything that can be done to one task, as one table in the order in which its page offers it.

The page of a task offers from this table, ``/tasks/<id>/<deed>`` shows the form of an entry and carries it out.
Rules are not here: the services check everything again.
"""

from __future__ import annotations

from taskflow.domain.permissions import Actor, can
from taskflow.domain.transitions import allowed_actions
from taskflow.services.queries.task_detail import TaskDetail
from taskflow.web.tasks import asking, assigning, coordinating, steps, talking
from taskflow.web.tasks.deeds import Deed

DEEDS: dict[str, Deed] = {
    deed.name: deed for deed in (*steps.DEEDS, *assigning.DEEDS, *coordinating.DEEDS, *asking.DEEDS, *talking.DEEDS)
}


def is_offered(deed: Deed, detail: TaskDetail, actor: Actor) -> bool:
    """Whether the page offers this deed to this person now."""
    return deed.name in offered(detail, actor)


def offered(detail: TaskDetail, actor: Actor) -> dict[str, Deed]:
    """Everything that this person may do to the task now, by name, in the order of the table."""
    state = detail.task.state
    steps_now = allowed_actions(state, actor, detail.facts, detail.rules)
    rights = {right: can(actor, right, detail.facts) for right in {deed.permission for deed in DEEDS.values()}}
    return {
        name: deed
        for name, deed in DEEDS.items()
        if (deed.action in steps_now if deed.action is not None else state in deed.states and rights[deed.permission])
        and deed.when(detail, actor)
    }
