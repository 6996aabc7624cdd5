"""Mail to the sender's address that is no delivery report: absences and other automatic answers, and people's replies.

Kept for the administrators, who alone may read them; nothing is answered by itself, so that two machines never talk.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr

from sqlalchemy import select

from taskflow.domain.permissions import Actor, Permission
from taskflow.extensions import db
from taskflow.models.outbox import InboundEvent
from taskflow.services.inbound import is_new
from taskflow.services.rights import require
from taskflow.services.unit_of_work import unit_of_work

PROVIDER = "mail"
REPLY, AUTOMATIC = "reply", "automatic"
LONGEST_TEXT = 2000
LONGEST_HEADER = 300
#: Replies on one page.
PER_PAGE = 50
_TAGS = re.compile(r"<(?:style|script)\b.*?</(?:style|script)>|<[^>]*>", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Reply:
    """A mail that was kept. ``is_automatic``: written by a program (an absence, a report of another mail)."""

    at: datetime
    is_automatic: bool
    sender: str
    subject: str
    text: str
    #: The message of ours that it answers, 0 when it names none.
    message_id: int


def keep_reply(mail: Message, raw: bytes, *, message_id: int, now: datetime) -> None:
    """Keep a mail once, however often it is handed over."""
    data = {
        "from": _clean(parseaddr(_header(mail, "From"))[1] or _header(mail, "From"))[:LONGEST_HEADER],
        "subject": _clean(_header(mail, "Subject"))[:LONGEST_HEADER],
        "text": _text(mail)[:LONGEST_TEXT],
        "message": message_id,
    }
    identity = _clean(str(mail.get("Message-ID", ""))).strip() or hashlib.sha256(raw).hexdigest()
    kind = AUTOMATIC if _is_automatic(mail) else REPLY
    with unit_of_work() as session:
        is_new(session, PROVIDER, identity, kind, now, data=data)


def list_replies(*, actor: Actor, page: int) -> tuple[list[Reply], bool]:
    """The replies on a page, the newest first, and whether there are more. Raises ``NotAllowed``."""
    require(actor, Permission.ADMIN_SETTING_EDIT)
    rows = db.session.scalars(
        select(InboundEvent)
        .where(InboundEvent.provider == PROVIDER)
        .order_by(InboundEvent.id.desc())
        .offset((page - 1) * PER_PAGE)
        .limit(PER_PAGE + 1)
    ).all()
    found = [
        Reply(
            row.at,
            row.kind == AUTOMATIC,
            str(row.data.get("from", "")),
            str(row.data.get("subject", "")),
            str(row.data.get("text", "")),
            int(row.data.get("message", 0)),
        )
        for row in rows
    ]
    return found[:PER_PAGE], len(found) > PER_PAGE


def _is_automatic(mail: Message) -> bool:
    """Whether a program wrote it (RFC 3834, and what older programs do)."""
    said = str(mail.get("Auto-Submitted", "no")).strip().lower()
    precedence = str(mail.get("Precedence", "")).strip().lower()
    return (
        not said.startswith("no")
        or precedence in ("bulk", "junk", "auto_reply")
        or any(name in mail for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Reply"))
        or mail.get_content_type() == "multipart/report"
        or str(mail.get("Return-Path", "")).strip() == "<>"
    )


def _header(mail: Message, name: str) -> str:
    """A header in letters: encoded words (RFC 2047), or UTF-8 as it stands (RFC 6532)."""
    found = next((value for key, value in mail.raw_items() if key.lower() == name.lower()), "")
    value = str(found).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    try:
        return str(make_header(decode_header(value)))
    except (ValueError, LookupError):  # an encoding that is none
        return value


def _text(mail: Message) -> str:
    """The words of the first text part; of a mail in HTML alone, without its tags."""
    parts = sorted(_texts(mail), key=lambda part: part.get_content_type() != "text/plain")
    if not parts:
        return ""
    content = parts[0].get_payload(decode=True)
    try:
        text = (content if isinstance(content, bytes) else b"").decode(parts[0].get_content_charset("utf-8"), "replace")
    except LookupError:
        text = (content if isinstance(content, bytes) else b"").decode("utf-8", "replace")
    if parts[0].get_content_type() == "text/html":
        text = _TAGS.sub(" ", text)
    return "\n".join(filter(None, (" ".join(_clean(line).split()) for line in text.splitlines())))


def _texts(mail: Message) -> Iterator[Message]:
    return (part for part in mail.walk() if part.get_content_type() in ("text/plain", "text/html"))


def _clean(text: str) -> str:
    """Without what the database cannot hold and nobody can read."""
    return "".join(char if char.isprintable() else " " for char in text)
