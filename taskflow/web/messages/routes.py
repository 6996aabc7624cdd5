"""Pages for those who answer for reminding: the office and the administrator."""

from __future__ import annotations

from typing import TypeVar

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from taskflow.clock import now, today
from taskflow.domain.permissions import Permission
from taskflow.i18n import _, title_of
from taskflow.models.outbox import ChannelKind, MessageStatus
from taskflow.services import mail_replies
from taskflow.services import messages as service
from taskflow.services.queries import messages as queries
from taskflow.web.addresses import row_number
from taskflow.web.guards import requires
from taskflow.web.messages.view_models import MessageView, error_words, kind_title, tabs
from taskflow.web.redirects import see_other
from taskflow.web.session import current_actor

messages = Blueprint("messages", __name__, url_prefix="/messages")

E = TypeVar("E", MessageStatus, ChannelKind)


def _choice(kind: type[E], name: str) -> E | None:
    """The chosen code, None for none and for what is no code."""
    try:
        return kind(request.args.get(name, ""))
    except ValueError:
        return None


def _page() -> int:
    return max(1, min(10_000, request.args.get("page", 1, type=row_number)))


@messages.get("/")
@requires(Permission.ADMIN_MESSAGE_MANAGE)
def index() -> str:
    """Every message and its fate."""
    wanted = queries.MessageFilter(
        status=_choice(MessageStatus, "status"),
        channel=_choice(ChannelKind, "channel"),
        text=request.args.get("q", "").strip(),
        page=_page(),
    )
    found = queries.list_messages(current_actor(), wanted)
    return render_template(
        "messages/index.html",
        tabs=tabs("messages.index"),
        rows=[MessageView.of(row) for row in found.rows],
        found=found,
        wanted=wanted,
        per_page=queries.PER_PAGE,
        statuses=[(code.value, title_of(code)) for code in MessageStatus],
        channels=[(code.value, title_of(code)) for code in ChannelKind],
    )


@messages.get("/<int:message_id>")
@requires(Permission.ADMIN_MESSAGE_MANAGE)
def detail(message_id: int) -> str:
    """One message: what happened to it, attempt by attempt."""
    found = queries.message_detail(current_actor(), message_id)
    return render_template(
        "messages/detail.html",
        found=found,
        view=MessageView.of(found.row),
        error_words=error_words,
        kind_title=kind_title,
    )


@messages.post("/<int:message_id>/resend")
@requires(Permission.ADMIN_MESSAGE_MANAGE)
def resend(message_id: int) -> Response:
    """Send it again."""
    new = service.resend(message_id, actor=current_actor(), now=now())
    flash(_("The message is queued again. It counts as sent once the receiver has taken it."), "success")
    return see_other(url_for("messages.detail", message_id=new.id))


@messages.post("/<int:message_id>/cancel")
@requires(Permission.ADMIN_MESSAGE_MANAGE)
def cancel(message_id: int) -> Response:
    """Take it back before it leaves."""
    service.cancel(message_id, actor=current_actor(), now=now())
    flash(_("The message has been cancelled and will not be sent."), "success")
    return see_other(url_for("messages.detail", message_id=message_id))


@messages.post("/<int:message_id>/revoke-links")
@requires(Permission.ADMIN_MESSAGE_MANAGE)
def revoke_links(message_id: int) -> Response:
    """Make its links worthless."""
    service.revoke_links(message_id, actor=current_actor(), now=now())
    flash(_("The links of this message open nothing any more."), "success")
    return see_other(url_for("messages.detail", message_id=message_id))


@messages.get("/unreached")
@requires(Permission.ADMIN_MESSAGE_MANAGE)
def unreached() -> str:
    """Tasks near or past their day of which nobody has been reached."""
    page = _page()
    rows, has_next = queries.unreached_tasks(current_actor(), today=today(), page=page)
    return render_template(
        "messages/unreached.html",
        tabs=tabs("messages.unreached"),
        rows=rows,
        has_next=has_next,
        page=page,
        per_page=queries.PER_PAGE,
    )


@messages.get("/replies")
@requires(Permission.ADMIN_SETTING_EDIT)
def replies() -> str:
    """What came back by e-mail: automatic answers and people's replies."""
    page = _page()
    rows, has_next = mail_replies.list_replies(actor=current_actor(), page=page)
    return render_template(
        "messages/replies.html",
        tabs=tabs("messages.replies"),
        rows=rows,
        has_next=has_next,
        page=page,
        per_page=mail_replies.PER_PAGE,
    )


@messages.get("/people")
@requires(Permission.ADMIN_MESSAGE_MANAGE)
def people() -> str:
    """How well each person is reached."""
    page = _page()
    rows, has_next = queries.reach_of_people(current_actor(), now=now(), page=page)
    return render_template(
        "messages/people.html",
        tabs=tabs("messages.people"),
        rows=rows,
        has_next=has_next,
        page=page,
        per_page=queries.PER_PAGE,
    )


@messages.get("/month")
@requires(Permission.ADMIN_MESSAGE_MANAGE)
def month() -> str:
    """The account of a month."""
    this = today()
    year, number = this.year, this.month
    chosen = request.args.get("month", "")
    head, _dash, tail = chosen.partition("-")
    if head.isdecimal() and tail.isdecimal() and 2000 <= int(head) <= 2200 and 1 <= int(tail) <= 12:
        year, number = int(head), int(tail)
    lines = queries.month_account(current_actor(), year, number)
    recent = [divmod(this.year * 12 + this.month - 1 - back, 12) for back in range(13)]
    return render_template(
        "messages/month.html",
        tabs=tabs("messages.month"),
        lines=lines,
        kind_title=kind_title,
        chosen=f"{year}-{number:02d}",
        months=[(f"{y}-{m + 1:02d}", f"{m + 1:02d}/{y}") for y, m in recent],
    )
