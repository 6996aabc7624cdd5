"""Deeds that change words only: comments, following, tags, corrections and the deadline by decision."""

from __future__ import annotations

from typing import Any

from taskflow.clock import today
from taskflow.domain.deadlines import DeadlineKind
from taskflow.domain.errors import NotAllowed
from taskflow.domain.permissions import Actor, Permission
from taskflow.domain.states import OPEN_STATES, TaskState
from taskflow.i18n import _l
from taskflow.models.task import Priority
from taskflow.services import comments, corrections
from taskflow.services.corrections import NewDeadline, TaskChanges
from taskflow.services.queries.task_detail import TaskDetail
from taskflow.services.rescheduling import require_mover
from taskflow.web.forms import choices
from taskflow.web.tasks import forms
from taskflow.web.tasks.deeds import Deed, Doing, Place

EVERY_STATE = frozenset(TaskState)


def _comment(doing: Doing) -> object:
    form = doing.form
    return comments.comment(
        task_id=doing.task_id,
        text=form.text.data or "",
        is_private="is_private" in form and bool(form.is_private.data),
        mentions=form.mentions.data or (),
        actor=doing.actor,
        now=doing.now,
    )


def _prepare_comment(form: forms.CommentForm, detail: TaskDetail, actor: Actor, _target: int) -> None:
    people = comments.mentionable(actor, detail.task.id, on=today())
    form.mentions.choices = choices(
        (one.id, f"{one.full_name} – {one.job_title}" if one.job_title else one.full_name)
        for one in people
        if one.id != actor.user_id
    )
    if not detail.sees_notes:
        del form.is_private


def _correct_comment(doing: Doing) -> object:
    return comments.correct_comment(
        comment_id=doing.target_id, text=doing.form.text.data or "", actor=doing.actor, now=doing.now
    )


def _prepare_correction(form: forms.CorrectCommentForm, detail: TaskDetail, _actor: Actor, target: int) -> None:
    if not form.is_submitted():
        form.text.data = _comment_text(detail, target)


def _withdraw_comment(doing: Doing) -> object:
    return comments.withdraw_comment(comment_id=doing.target_id, actor=doing.actor, now=doing.now)


def _comment_text(detail: TaskDetail, target: int) -> str:
    return next((one.text for one in detail.comments if one.id == target), "")


def _has_own_comment(detail: TaskDetail, actor: Actor) -> bool:
    return any(one.by_id == actor.user_id and one.withdrawn_at is None for one in detail.comments)


def _watch(doing: Doing) -> None:
    comments.watch(task_id=doing.task_id, on=True, actor=doing.actor, now=doing.now)


def _unwatch(doing: Doing) -> None:
    comments.watch(task_id=doing.task_id, on=False, actor=doing.actor, now=doing.now)


def _tag(doing: Doing) -> object:
    return comments.set_tags(task_id=doing.task_id, tags=doing.form.words(), actor=doing.actor, now=doing.now)


def _prepare_tags(form: forms.TagsForm, detail: TaskDetail, _actor: Actor, _target: int) -> None:
    if not form.is_submitted():
        form.tags.data = ", ".join(detail.tags)


_WORDS = ("content", "product", "note", "group", "lead_wording")


def _edit(doing: Doing) -> object:
    form = doing.form
    changes = TaskChanges(
        **{name: form[name].data or "" for name in _WORDS}, priority=Priority(form.priority.data or Priority.NORMAL)
    )
    return corrections.edit_task(changes=changes, reason=form.reason.data or "", **doing.common)


def _prepare_edit(form: forms.EditForm, detail: TaskDetail, _actor: Actor, _target: int) -> None:
    if form.is_submitted():
        return
    for name in (*_WORDS, "priority"):
        form[name].data = getattr(detail.task, name)


def _set_deadline(doing: Doing) -> object:
    form = doing.form
    kind = DeadlineKind(form.kind.data)
    due_on = form.due_on.data if kind is DeadlineKind.DATE else None
    deadline = NewDeadline(
        due_on=due_on,
        kind=None if kind is DeadlineKind.DATE else kind,
        start_on=form.start_on.data,
        exclusive=bool(form.exclusive.data),
    )
    return corrections.set_deadline(
        deadline=deadline,
        reason=form.reason.data or "",
        decision_number=form.decision_number.data or "",
        corrects="corrects" in form and bool(form.corrects.data),
        pull_parts="pull_parts" in form and bool(form.pull_parts.data),
        **doing.common,
    )


def _may_move_date(detail: TaskDetail, actor: Actor) -> bool:
    try:
        require_mover(actor, detail.task, detail.facts)
    except NotAllowed:
        return False
    return True


def _prepare_deadline(form: forms.DeadlineForm, detail: TaskDetail, _actor: Actor, _target: int) -> None:
    task = detail.task
    if not detail.children:
        del form.pull_parts
    if task.original_due_on is None or not task.deadline_confirmed:
        del form.corrects
    if form.is_submitted():
        return
    form.due_on.data, form.start_on.data, form.exclusive.data = task.due_on, task.start_on, task.exclusive
    if task.kind in (DeadlineKind.CONTINUOUS, DeadlineKind.CONDITIONAL):
        form.kind.data = task.kind.value


def _is_watched(detail: TaskDetail, _actor: Actor) -> bool:
    return detail.is_watched


def _is_not_watched(detail: TaskDetail, _actor: Actor) -> bool:
    return not detail.is_watched


def _deed(name: str, label: Any, icon: str, run: Any, done: Any, **more: Any) -> Deed:
    return Deed(name, label, icon, run, done, **{"place": Place.MORE, "states": EVERY_STATE, **more})


DEEDS = [
    _deed(
        "comment",
        _l("Write a comment"),
        "chat-left-text",
        _comment,
        _l("The comment has been added."),
        form=forms.CommentForm,
        permission=Permission.TASK_COMMENT,
        prepare=_prepare_comment,
        place=Place.PART,
        anchor="comments",
    ),
    _deed(
        "correct_comment",
        _l("Correct the comment"),
        "pencil",
        _correct_comment,
        _l("The comment has been corrected. What it said before is kept."),
        form=forms.CorrectCommentForm,
        permission=Permission.TASK_COMMENT,
        when=_has_own_comment,
        prepare=_prepare_correction,
        place=Place.PART,
        anchor="comments",
        text=_l("News of the comment that has not been sent yet says the corrected text."),
    ),
    _deed(
        "withdraw_comment",
        _l("Withdraw the comment"),
        "trash",
        _withdraw_comment,
        _l("The comment has been withdrawn."),
        form=forms.WithdrawCommentForm,
        permission=Permission.TASK_COMMENT,
        when=_has_own_comment,
        about=_comment_text,
        place=Place.PART,
        tone="danger",
        anchor="comments",
        text=_l("Only you and the office can read it then, and no news of it is sent any more."),
    ),
    _deed("watch", _l("Follow"), "eye", _watch, _l("You are told of what happens to this task."), when=_is_not_watched),
    _deed(
        "unwatch",
        _l("No longer follow"),
        "eye-slash",
        _unwatch,
        _l("You no longer follow this task."),
        when=_is_watched,
    ),
    _deed(
        "deadline",
        _l("Set the deadline"),
        "calendar-range",
        _set_deadline,
        _l("The deadline has been set; reminders follow it."),
        form=forms.DeadlineForm,
        permission=Permission.TASK_EDIT,
        states=OPEN_STATES,
        when=_may_move_date,
        prepare=_prepare_deadline,
        text=_l("By decision of the office. The original date stays on record unless it was wrong."),
        anchor="facts",
    ),
    _deed(
        "edit",
        _l("Correct the words"),
        "pencil",
        _edit,
        _l("The task has been corrected. The history keeps what was there before."),
        form=forms.EditForm,
        permission=Permission.TASK_EDIT,
        prepare=_prepare_edit,
    ),
    _deed(
        "tags",
        _l("Tags"),
        "tag",
        _tag,
        _l("The tags have been changed."),
        form=forms.TagsForm,
        permission=Permission.TASK_EDIT,
        prepare=_prepare_tags,
    ),
]
