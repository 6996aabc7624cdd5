"""Bounces: what mail servers report later about a message that ours had taken (delivery status, RFC 3464).

The office's mail server hands over every mail to the sender's address (``taskflow outbox bounce``). A report counts
only for a message of ours that was sent, and only about the very address it was sent to: it takes nobody else's away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import Message
from email.policy import compat32

from sqlalchemy import select

from taskflow.domain.errors import Invalid
from taskflow.models.outbox import ChannelKind, DeliveryAttempt, MessageStatus, OutboxMessage
from taskflow.notifications.transports.smtp_answers import says_no_mailbox
from taskflow.services import undelivered
from taskflow.services.letters import ACCOUNT_KINDS
from taskflow.services.mail_replies import keep_reply
from taskflow.services.outbox import LADDER
from taskflow.services.unit_of_work import unit_of_work

_OURS = re.compile(r"<taskflow-(\d{1,18})@")
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
#: A report is short; what is longer is not read.
LONGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Report:
    """What a server says about one recipient of one message."""

    message_id: int
    address: str
    action: str  # failed | delayed | delivered | relayed | expanded
    status: str
    detail: str


def _read_reports(mail: Message) -> list[Report]:
    """The reports about a message of ours in a mail; none for any other mail."""
    parts = list(mail.walk())
    message_id = next(filter(None, map(_message_id, parts)), 0)
    return [
        report
        for part in parts
        if message_id and part.get_content_type() == "message/delivery-status"
        for report in _recipients(part, message_id)
    ]


def _message_id(part: Message) -> int:
    """The number of our message that this part quotes, whole or by its headers; 0 for none."""
    text = str(part.get("Message-ID", ""))
    if part.get_content_type() == "text/rfc822-headers":
        content = part.get_payload(decode=True)
        quoted = message_from_bytes(content if isinstance(content, bytes) else b"", policy=compat32)
        text = str(quoted.get("Message-ID", ""))
    ours = _OURS.search(text)
    return int(ours.group(1)) if ours else 0


def _recipients(part: Message, message_id: int) -> Iterator[Report]:
    blocks = part.get_payload()
    for block in blocks if isinstance(blocks, list) else ():
        if not isinstance(block, Message) or "Action" not in block:
            continue
        recipient = str(block.get("Original-Recipient") or block.get("Final-Recipient") or "")
        status = _STATUS.search(str(block.get("Status", "")))
        yield Report(
            message_id,
            recipient.rpartition(";")[2].strip().strip("<>"),
            str(block["Action"]).strip().lower(),
            status.group(1) if status else "5.0.0",
            " ".join(str(block.get("Diagnostic-Code", "")).rpartition(";")[2].split())[:400],
        )


def receive_mail(raw: bytes, *, now: datetime) -> int | None:
    """Take a mail that came to the sender's address: how many messages its reports changed, or None for no report.

    Any other mail (an automatic answer, a person's reply) is kept for the administrators. Raises ``Invalid`` for what
    is no mail at all.
    """
    mail = message_from_bytes(raw[:LONGEST], policy=compat32)
    if not mail.keys():
        raise Invalid("bounce.not_a_mail")
    reports = _read_reports(mail)
    if not reports:
        keep_reply(mail, raw, message_id=_answered(mail), now=now)
        return None
    return sum(_apply(report, now) for report in reports)


def _answered(mail: Message) -> int:
    """The number of our message that a reply refers to; 0 for none."""
    ours = _OURS.search(f"{mail.get('In-Reply-To', '')} {mail.get('References', '')}")
    return int(ours.group(1)) if ours else 0


def _apply(report: Report, now: datetime) -> bool:
    with unit_of_work() as session:
        message = session.scalar(
            select(OutboxMessage)
            .where(
                OutboxMessage.id == report.message_id,
                OutboxMessage.channel == ChannelKind.EMAIL,
                OutboxMessage.status == MessageStatus.SENT,
            )
            .with_for_update()
        )
        if message is None or message.address.casefold() != report.address.casefold():
            return False
        if report.action == "delivered":
            message.status, message.delivered_at = MessageStatus.DELIVERED, now
            return True
        if report.action != "failed":
            return False  # delayed, relayed, expanded: nothing is decided yet
        message.status, message.last_error = MessageStatus.FAILED, f"{report.status} {report.detail}".strip()[:500]
        session.add(
            DeliveryAttempt(
                message_id=message.id, at=now, finished_at=now, outcome="permanent", code=report.status,
                detail=report.detail,
            )
        )  # fmt: skip
        session.flush()
        if says_no_mailbox(report.status, report.detail):
            undelivered.mark_address(session, message.id, message.last_error, now=now)
        elif not undelivered.has_other_way(session, message.id) and message.kind not in ACCOUNT_KINDS:
            _try_again(message, now)
            undelivered.tell_if_for_all(session, message.channel, message.last_error, now=now)
            return True
        undelivered.fall_back(session, message.id, now=now)
        return True


def _try_again(message: OutboxMessage, now: datetime) -> None:
    """A full mailbox or a policy may pass, though not within minutes; after the last delay it has failed."""
    delays = [delay for delay in LADDER if delay >= timedelta(hours=1)]
    if message.attempts <= len(delays):
        message.status, message.sent_at = MessageStatus.QUEUED, None
        message.next_attempt_at = now + delays[message.attempts - 1]
