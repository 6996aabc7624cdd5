"""Deeds between the lead unit and its coordinating units: asking, answering, waiting."""

from __future__ import annotations

from taskflow.clock import today
from taskflow.domain.permissions import Actor, Permission, units_of
from taskflow.i18n import _, _l
from taskflow.models.task import OWED_COORDINATION, Coordination, CoordinationState
from taskflow.services import coordination, waiting
from taskflow.services.queries.task_detail import TaskDetail
from taskflow.services.queries.units import unit_choices
from taskflow.services.queries.workload import workload
from taskflow.web.forms import choices
from taskflow.web.tasks import forms
from taskflow.web.tasks.assigning import load_words
from taskflow.web.tasks.deeds import WORKING, Deed, Doing, Place


def is_ours(line: Coordination, actor: Actor) -> bool:
    """Whether this line asks the actor's own unit, or the actor by name."""
    return line.unit_id in units_of(actor) or line.person_id in actor.identities()


def _ask(doing: Doing) -> object:
    form = doing.form
    return coordination.ask(
        task_id=doing.task_id,
        unit_id=form.unit_id.data,
        request=form.request.data or "",
        due_on=form.due_on.data,
        actor=doing.actor,
        now=doing.now,
    )


def _prepare_ask(form: forms.AskUnitForm, detail: TaskDetail, _actor: Actor, target: int) -> None:
    others = [pair for pair in unit_choices() if pair[0] != detail.task.lead_unit_id]
    form.unit_id.choices = choices(others, blank=_("Please choose"))
    line = next((one for one in detail.coordinations if one.id == target), None)
    if line is not None and not form.is_submitted():
        form.unit_id.data, form.request.data = line.unit_id, line.request


def _accept(doing: Doing) -> object:
    return coordination.accept(
        coordination_id=doing.target_id, person_id=doing.form.person_id.data, actor=doing.actor, now=doing.now
    )


def _prepare_accept(form: forms.AcceptForm, detail: TaskDetail, _actor: Actor, target: int) -> None:
    unit_id = next((line.unit_id for line in detail.coordinations if line.id == target), 0)
    loads = workload(unit_id, on=today())
    form.person_id.choices = choices(((one.user_id, load_words(one)) for one in loads), blank=_("nobody yet"))


def _answer(doing: Doing) -> object:
    return coordination.answer(
        coordination_id=doing.target_id,
        text=doing.form.text.data or "",
        evidence=doing.form.evidence(),
        actor=doing.actor,
        now=doing.now,
    )


def _not_needed(doing: Doing) -> object:
    return coordination.not_needed(
        coordination_id=doing.target_id, reason=doing.form.reason.data or "", actor=doing.actor, now=doing.now
    )


def _wait(doing: Doing) -> object:
    form = doing.form
    return waiting.start_waiting(
        task_id=doing.task_id,
        unit_id=form.unit_id.data,
        note=form.note.data or "",
        actor=doing.actor,
        now=doing.now,
    )


def _prepare_wait(form: forms.WaitForm, detail: TaskDetail, _actor: Actor, target: int) -> None:
    owing = [line for line in detail.coordinations if line.state in OWED_COORDINATION]
    form.unit_id.choices = choices((line.unit_id, detail.names.unit(line.unit_id)) for line in owing)
    meant = next((line.unit_id for line in owing if line.id == target), None)
    if meant is not None and not form.is_submitted():
        form.unit_id.data = meant


def _stop_waiting(doing: Doing) -> object:
    return waiting.stop_waiting(task_id=doing.task_id, actor=doing.actor, now=doing.now)


def _the_request(detail: TaskDetail, target: int) -> str:
    return next((line.request for line in detail.coordinations if line.id == target), "")


def _is_owed(detail: TaskDetail, _actor: Actor) -> bool:
    return any(line.state in OWED_COORDINATION for line in detail.coordinations)


def _owes(detail: TaskDetail, actor: Actor) -> bool:
    return any(line.state in OWED_COORDINATION and is_ours(line, actor) for line in detail.coordinations)


def _answerable(detail: TaskDetail, actor: Actor) -> bool:
    return any(line.state is not CoordinationState.NOT_NEEDED and is_ours(line, actor) for line in detail.coordinations)


def _does_not_wait(detail: TaskDetail, actor: Actor) -> bool:
    return detail.task.waiting_unit_id is None and _is_owed(detail, actor)


def _waits(detail: TaskDetail, _actor: Actor) -> bool:
    return detail.task.waiting_unit_id is not None


DEEDS = [
    Deed(
        "answer_coordination",
        _l("Answer"),
        "reply",
        _answer,
        _l("The answer is on record, and the lead unit sees it."),
        form=forms.AnswerForm,
        permission=Permission.COORDINATION_ANSWER,
        when=_answerable,
        about=_the_request,
        place=Place.PART,
        tone="primary",
        anchor="coordination",
    ),
    Deed(
        "accept_coordination",
        _l("Accept the request"),
        "check2",
        _accept,
        _l("The lead unit sees that your unit is on it."),
        form=forms.AcceptForm,
        permission=Permission.COORDINATION_ANSWER,
        when=_owes,
        prepare=_prepare_accept,
        about=_the_request,
        place=Place.PART,
        anchor="coordination",
    ),
    Deed(
        "ask_coordination",
        _l("Ask a unit"),
        "people",
        _ask,
        _l("The unit has been asked and sees it under the bell."),
        form=forms.AskUnitForm,
        permission=Permission.COORDINATION_ASK,
        prepare=_prepare_ask,
        place=Place.PART,
        anchor="coordination",
    ),
    Deed(
        "drop_coordination",
        _l("No longer needed"),
        "x",
        _not_needed,
        _l("The unit has been told that nothing is needed of it any more."),
        form=forms.OptionalReasonForm,
        permission=Permission.COORDINATION_ASK,
        when=_is_owed,
        about=_the_request,
        place=Place.PART,
        anchor="coordination",
    ),
    Deed(
        "wait",
        _l("Waiting for a unit"),
        "hourglass-split",
        _wait,
        _l("From now on the days are shown against the unit that is waited for; the clock of the task runs on."),
        form=forms.WaitForm,
        permission=Permission.COORDINATION_ASK,
        states=WORKING,
        when=_does_not_wait,
        prepare=_prepare_wait,
        place=Place.PART,
        text=_l("When the work cannot go on without what was asked of a coordinating unit."),
        anchor="coordination",
    ),
    Deed(
        "stop_waiting",
        _l("No longer waiting"),
        "play-circle",
        _stop_waiting,
        _l("The wait has ended; its days are kept with the unit."),
        permission=Permission.COORDINATION_ASK,
        when=_waits,
        place=Place.PART,
        anchor="coordination",
    ),
]
