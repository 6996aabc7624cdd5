"""Deeds about who does a task: the person in charge, parts for others, sending it back, moving it to another unit."""

from __future__ import annotations

from typing import Any

from taskflow.clock import today
from taskflow.domain.permissions import Actor, Permission
from taskflow.domain.states import TaskState
from taskflow.i18n import _, _l, format_date
from taskflow.models.task import TaskShape, TransferRequest, TransferState
from taskflow.services import assignment, breakdown, corrections
from taskflow.services.breakdown import NewPart
from taskflow.services.queries.task_detail import TaskDetail
from taskflow.services.queries.units import unit_choices
from taskflow.services.queries.workload import Load, workload
from taskflow.web.forms import choices
from taskflow.web.tasks import forms
from taskflow.web.tasks.deeds import WORKING, Deed, Doing, Place

_MOVABLE = WORKING | {TaskState.SUSPENDED}


def _assign(doing: Doing) -> object:
    return assignment.assign_person(person_id=doing.form.person_id.data or None, **doing.common)


def _prepare_person(form: forms.PersonForm, detail: TaskDetail, _actor: Actor, _target: int) -> None:
    """Everybody of the unit with what they have on their desk; the present one is ticked."""
    loads = workload(detail.task.lead_unit_id or 0, on=today())
    form.person_id.choices = choices([*((one.user_id, load_words(one)) for one in loads), (0, _("Nobody yet"))])
    if not form.is_submitted():
        form.person_id.data = detail.task.person_id or 0


def load_words(load: Load) -> str:
    """ "Trần Thị Mai (Phòng Tổng hợp): 5 việc chưa hoàn thành, 1 quá hạn"."""
    busy = _("%(name)s (%(unit)s): %(open)s open tasks", name=load.name, unit=load.unit, open=load.open)
    late = _("%(count)s overdue", count=load.overdue) if load.overdue else ""
    soon = _("%(count)s due soon", count=load.due_soon) if load.due_soon else ""
    return ", ".join(part for part in (str(busy), str(late), str(soon)) if part)


def _break_down(doing: Doing) -> object:
    parts = [
        NewPart(
            content=row.content.data or "",
            lead_unit_id=row.lead_unit_id.data or 0,
            person_id=row.person_id.data,
            due_on=row.due_on.data,
            product=row.product.data or "",
        )
        for row in doing.form.filled()
    ]
    return breakdown.break_down(parts=parts, **doing.common)


def _prepare_parts(form: forms.BreakDownForm, detail: TaskDetail, _actor: Actor, _target: int) -> None:
    loads = workload(detail.task.lead_unit_id or 0, on=today())
    units = _within(detail.task.lead_unit_id)
    for entry in form.parts:
        entry.form.lead_unit_id.choices = choices(units)
        entry.form.person_id.choices = choices(((one.user_id, load_words(one)) for one in loads), blank=_("nobody yet"))


def _the_limit(detail: TaskDetail, _target: int) -> str:
    limit = detail.task.due_on
    return (
        str(_("The task is due on %(day)s; a part without a date is due then.", day=format_date(limit)))
        if limit
        else ""
    )


def _within(unit_id: int | None) -> list[tuple[int, str]]:
    """The unit and those below it; without one every unit."""
    if unit_id is None:
        return unit_choices()
    outside = {other for other, _label in unit_choices(without_below=unit_id)}
    return [pair for pair in unit_choices() if pair[0] not in outside]


def _send_back(doing: Doing) -> object:
    form = doing.form
    return assignment.send_back(
        reason=form.reason.data or "", proposed_unit_id=form.proposed_unit_id.data, **doing.common
    )


def _prepare_units(field: str, blank: Any) -> Any:
    def prepare(form: Any, detail: TaskDetail, _actor: Actor, target: int) -> None:
        others = [pair for pair in _within(detail.facts.assigning_unit_id) if pair[0] != detail.task.lead_unit_id]
        form[field].choices = choices(others, blank=blank)
        asked = pending_transfer(detail, target)
        if asked is not None and asked.proposed_unit_id and not form.is_submitted():
            form[field].data = asked.proposed_unit_id

    return prepare


def pending_transfer(detail: TaskDetail, request_id: int = 0) -> TransferRequest | None:
    """The proposal to move the task that waits for a decision."""
    waiting = (one for one in detail.transfers if one.state is TransferState.PENDING)
    return next((one for one in waiting if request_id in (0, one.id)), None)


def _transfer(doing: Doing) -> object:
    return assignment.transfer(unit_id=doing.form.unit_id.data, reason=doing.form.reason.data or "", **doing.common)


def _correct_lead(doing: Doing) -> object:
    return corrections.correct_lead(
        unit_id=doing.form.unit_id.data, reason=doing.form.reason.data or "", **doing.common
    )


def _approve(doing: Doing) -> object:
    return assignment.approve_transfer(
        request_id=doing.target_id,
        **doing.seen,
        unit_id=doing.form.unit_id.data,
        reason=doing.form.reason.data or "",
    )


def _reject(doing: Doing) -> object:
    return assignment.reject_transfer(request_id=doing.target_id, **doing.seen, reason=doing.form.reason.data or "")


def _withdraw(doing: Doing) -> object:
    return assignment.withdraw_transfer(request_id=doing.target_id, **doing.seen)


def _the_proposal(detail: TaskDetail, target: int) -> str:
    asked = pending_transfer(detail, target)
    if asked is None:
        return ""
    name, unit = detail.names.person(asked.requested_by_id), detail.names.unit(asked.from_unit_id)
    return str(_("%(name)s (%(unit)s): %(reason)s", name=name, unit=unit, reason=asked.reason))


def _has_lead(detail: TaskDetail, _actor: Actor) -> bool:
    return detail.task.lead_unit_id is not None


def _no_proposal(detail: TaskDetail, actor: Actor) -> bool:
    return _has_lead(detail, actor) and pending_transfer(detail) is None


def _not_a_part_of_parts(detail: TaskDetail, actor: Actor) -> bool:
    return _has_lead(detail, actor) and detail.task.shape is not TaskShape.COLLECTIVE


def _decides(detail: TaskDetail, actor: Actor) -> bool:
    """A proposal waits, and it is not one's own."""
    asked = pending_transfer(detail)
    return asked is not None and not {asked.requested_by_id, asked.requested_for_id} & actor.identities()


def _proposed(detail: TaskDetail, _actor: Actor) -> bool:
    return pending_transfer(detail) is not None


DEEDS = [
    Deed(
        "assign",
        _l("Put somebody in charge"),
        "person-plus",
        _assign,
        _l("The person in charge has been named and sees it under the bell."),
        form=forms.PersonForm,
        permission=Permission.TASK_ASSIGN_PERSON,
        when=_has_lead,
        prepare=_prepare_person,
        text=_l("The numbers say what each person has on their desk today."),
        anchor="facts",
    ),
    Deed(
        "break_down",
        _l("Break down into parts"),
        "diagram-3",
        _break_down,
        _l("The parts have been assigned. The task stays yours until all of them are finished."),
        form=forms.BreakDownForm,
        permission=Permission.TASK_BREAK_DOWN,
        states=WORKING,
        when=_not_a_part_of_parts,
        prepare=_prepare_parts,
        about=_the_limit,
        place=Place.MORE,
        text=_l(
            "For people of the unit or units below it; no part may be due later than the task."
            " Rows without content are left out. More parts can be added afterwards in the same way."
        ),
        anchor="children",
    ),
    Deed(
        "send_back",
        _l("Send the task back"),
        "reply",
        _send_back,
        _l(
            "The proposal has gone to the coordinating office. Until it decides, the task stays with your unit"
            " and the clock runs on."
        ),
        form=forms.SendBackForm,
        permission=Permission.TASK_SEND_BACK,
        states=WORKING,
        when=_no_proposal,
        prepare=_prepare_units("proposed_unit_id", _l("No proposal")),
        place=Place.MORE,
        text=_l("When the task belongs to another unit. The office that assigned it decides; the clock runs on."),
    ),
    Deed(
        "approve_transfer",
        _l("Move it there"),
        "check2",
        _approve,
        _l("The task has been moved. Its dates stay, the new unit acknowledges receipt."),
        form=forms.ApproveTransferForm,
        permission=Permission.TASK_TRANSFER,
        when=_decides,
        prepare=_prepare_units("unit_id", _l("Please choose")),
        about=_the_proposal,
        place=Place.PART,
        tone="primary",
    ),
    Deed(
        "reject_transfer",
        _l("The unit keeps it"),
        "x",
        _reject,
        _l("The unit has been told that it keeps the task."),
        form=forms.ReasonForm,
        permission=Permission.TASK_TRANSFER,
        when=_decides,
        about=_the_proposal,
        place=Place.PART,
    ),
    Deed(
        "withdraw_transfer",
        _l("Keep the task after all"),
        "arrow-90deg-left",
        _withdraw,
        _l("The proposal has been taken back."),
        permission=Permission.TASK_SEND_BACK,
        when=_proposed,
        place=Place.PART,
    ),
    Deed(
        "transfer",
        _l("Move to another unit"),
        "arrow-left-right",
        _transfer,
        _l("The task has been moved. Its dates stay, the new unit acknowledges receipt."),
        form=forms.UnitForm,
        permission=Permission.TASK_TRANSFER,
        states=_MOVABLE,
        when=_has_lead,
        prepare=_prepare_units("unit_id", _l("Please choose")),
        place=Place.MORE,
        text=_l("The present unit keeps reading the task, and figures of the past keep counting it there."),
    ),
    Deed(
        "correct_lead",
        _l("Correct a wrong lead unit"),
        "pencil",
        _correct_lead,
        _l("The lead unit has been corrected; the new one acknowledges receipt."),
        form=forms.UnitForm,
        permission=Permission.TASK_EDIT,
        states=_MOVABLE,
        when=_has_lead,
        prepare=_prepare_units("unit_id", _l("Please choose")),
        place=Place.MORE,
        text=_l("Only for a row that named the wrong unit by mistake: that unit no longer sees the task."),
    ),
]
