"""Deeds by which people ask something of each other: more time and the answer to it, urging and the answer to it."""

from __future__ import annotations

from taskflow.domain.permissions import Actor, Permission
from taskflow.i18n import _, _l, format_date
from taskflow.models.task import ExtensionRequest, ExtensionState, TaskShape
from taskflow.services import extensions_of_time as extension
from taskflow.services import urges
from taskflow.services.queries.task_detail import TaskDetail
from taskflow.web.tasks import forms
from taskflow.web.tasks.deeds import WORKING, Deed, Doing, Place


def _ask(doing: Doing) -> object:
    form = doing.form
    return extension.ask(
        due_on=form.due_on.data, reason=form.reason.data or "", cause=form.cause.data or "", **doing.common
    )


def _prepare_ask(form: forms.ExtensionForm, detail: TaskDetail, _actor: Actor, _target: int) -> None:
    """Say the limits beside the box in which they matter."""
    limits = extension.policy()
    now = _("Now due on %(date)s.", date=format_date(detail.task.due_on))
    rule = _(
        "At most %(count)s times by %(days)s days each; asked later than %(before)s working days before, it is marked"
        " as late.",
        count=limits.max_count,
        days=limits.max_days,
        before=limits.days_before,
    )
    form.due_on.description = f"{now} {rule}"


def _approve(doing: Doing) -> object:
    form = doing.form
    return extension.approve(
        request_id=doing.target_id,
        **doing.seen,
        reason=form.reason.data or "",
        decision_number=form.decision_number.data or "",
    )


def _reject(doing: Doing) -> object:
    return extension.reject(request_id=doing.target_id, **doing.seen, reason=doing.form.reason.data or "")


def _counter(doing: Doing) -> object:
    return extension.counter(
        request_id=doing.target_id,
        **doing.seen,
        due_on=doing.form.due_on.data,
        reason=doing.form.reason.data or "",
    )


def _accept(doing: Doing) -> object:
    return extension.accept(request_id=doing.target_id, **doing.seen)


def _decline(doing: Doing) -> object:
    return extension.decline(request_id=doing.target_id, **doing.seen, reason=doing.form.reason.data or "")


def _withdraw(doing: Doing) -> object:
    return extension.withdraw(request_id=doing.target_id, **doing.seen)


def _urge(doing: Doing) -> object:
    form = doing.form
    return urges.urge(
        task_ids=[doing.task_id],
        text=form.words(),
        channel=form.channel.data or "",
        reply_due_on=form.reply_due_on.data,
        actor=doing.actor,
        now=doing.now,
    )


def _answer_urge(doing: Doing) -> object:
    return urges.answer_urge(
        urge_id=doing.target_id,
        text=doing.form.text.data or "",
        evidence=doing.form.evidence(),
        actor=doing.actor,
        now=doing.now,
    )


def _the_request(detail: TaskDetail, target: int) -> str:
    asked = next((one for one in detail.extensions if one.id == target), None)
    if asked is None:
        return ""
    words = _(
        "%(name)s asks to move the deadline from %(old)s to %(new)s: %(reason)s",
        name=detail.names.person(asked.requested_by_id),
        old=format_date(asked.current_due_on),
        new=format_date(asked.asked_due_on),
        reason=asked.reason,
    )
    return str(words)


def _the_urging(detail: TaskDetail, target: int) -> str:
    return next((urge.text for urge in detail.urges if urge.id == target), "")


def open_extension(detail: TaskDetail) -> ExtensionRequest | None:
    """The request for more time that is not settled yet."""
    unsettled = (ExtensionState.PENDING, ExtensionState.COUNTERED)
    return next((one for one in detail.extensions if one.state in unsettled), None)


def _may_ask(detail: TaskDetail, _actor: Actor) -> bool:
    return detail.task.due_on is not None and open_extension(detail) is None


def _decides(detail: TaskDetail, actor: Actor) -> bool:
    """A request waits, and it is not one's own."""
    asked = open_extension(detail)
    return (
        asked is not None
        and asked.state is ExtensionState.PENDING
        and not {asked.requested_by_id, asked.requested_for_id} & actor.identities()
    )


def _offered(detail: TaskDetail, _actor: Actor) -> bool:
    asked = open_extension(detail)
    return asked is not None and asked.state is ExtensionState.COUNTERED


def _asked(detail: TaskDetail, _actor: Actor) -> bool:
    return open_extension(detail) is not None


def _urged(detail: TaskDetail, _actor: Actor) -> bool:
    return any(urge.answered_at is None for urge in detail.urges)


def _somebody_owes(detail: TaskDetail, _actor: Actor) -> bool:
    """A collective task is urged in the members that have not handed over a result."""
    return detail.task.shape is not TaskShape.COLLECTIVE or any(child.state in urges.OWED for child in detail.children)


def _prepare_urge(form: forms.UrgeForm, detail: TaskDetail, _actor: Actor, _target: int) -> None:
    owing = [detail.names.unit(child.lead_unit_id) for child in detail.children if child.state in urges.OWED]
    if detail.task.shape is TaskShape.COLLECTIVE and owing:
        form.text.description = _("Goes to the units that have not finished: %(units)s.", units=", ".join(owing))


DEEDS = [
    Deed(
        "ask_extension",
        _l("Ask for more time"),
        "calendar-plus",
        _ask,
        _l("The request has been sent. Until it is decided the present deadline holds."),
        form=forms.ExtensionForm,
        permission=Permission.EXTENSION_ASK,
        states=WORKING,
        when=_may_ask,
        prepare=_prepare_ask,
        text=_l("The original date stays on record beside the new one."),
        anchor="extensions",
    ),
    Deed(
        "approve_extension",
        _l("Grant the date"),
        "calendar-check",
        _approve,
        _l("The deadline has been moved; reminders follow the new date."),
        form=forms.GrantForm,
        permission=Permission.EXTENSION_DECIDE,
        when=_decides,
        about=_the_request,
        place=Place.PART,
        tone="primary",
        anchor="extensions",
    ),
    Deed(
        "counter_extension",
        _l("Offer another date"),
        "calendar-event",
        _counter,
        _l("The unit has been told of the offered date and accepts or declines it."),
        form=forms.CounterForm,
        permission=Permission.EXTENSION_DECIDE,
        when=_decides,
        about=_the_request,
        place=Place.PART,
        anchor="extensions",
    ),
    Deed(
        "reject_extension",
        _l("Refuse"),
        "calendar-x",
        _reject,
        _l("The unit has been told; its deadline stays."),
        form=forms.ReasonForm,
        permission=Permission.EXTENSION_DECIDE,
        when=_decides,
        about=_the_request,
        place=Place.PART,
        anchor="extensions",
    ),
    Deed(
        "accept_extension",
        _l("Accept the offered date"),
        "calendar-check",
        _accept,
        _l("The offered date is now the deadline."),
        permission=Permission.EXTENSION_ASK,
        when=_offered,
        place=Place.PART,
        tone="primary",
        anchor="extensions",
    ),
    Deed(
        "decline_extension",
        _l("Decline"),
        "x",
        _decline,
        _l("The offered date has been declined; the present deadline holds."),
        form=forms.OptionalReasonForm,
        permission=Permission.EXTENSION_ASK,
        when=_offered,
        about=_the_request,
        place=Place.PART,
        anchor="extensions",
    ),
    Deed(
        "withdraw_extension",
        _l("Withdraw the request"),
        "arrow-90deg-left",
        _withdraw,
        _l("The request has been withdrawn."),
        permission=Permission.EXTENSION_ASK,
        when=_asked,
        place=Place.PART,
        anchor="extensions",
    ),
    Deed(
        "urge",
        _l("Urge"),
        "megaphone",
        _urge,
        _l("The urging is on record and counted. Whether a message has arrived is shown on the page of messages."),
        form=forms.UrgeForm,
        permission=Permission.TASK_URGE,
        when=_somebody_owes,
        prepare=_prepare_urge,
        anchor="urges",
    ),
    Deed(
        "answer_urge",
        _l("Answer"),
        "reply",
        _answer_urge,
        _l("The answer stands beside the urging."),
        form=forms.AnswerForm,
        permission=Permission.TASK_REPORT,
        when=_urged,
        about=_the_urging,
        place=Place.PART,
        anchor="urges",
    ),
]
