"""Messages that leave, and the ways by which people are reached."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from taskflow.models.base import Base, Id, Name, Short, reference, str_enum
from taskflow.models.org import User


class ChannelKind(StrEnum):
    """Ways by which a message can leave."""

    EMAIL = "email"
    ZALO_BOT = "zalo_bot"
    ZALO_OA = "zalo_oa"  # consultation message within its window
    ZALO_TEMPLATE = "zalo_template"  # ZBS template by UID or phone
    ZALO_GROUP = "zalo_group"  # GMF
    WEBHOOK = "webhook"


class MessageStatus(StrEnum):
    """The fate of a message. ``sent`` only after the receiver's yes."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    SEEN = "seen"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"  # nothing was left to say when its time came


class OutboxMessage(Base):
    """One message to one address. ``dedupe_key`` is what makes it exist once."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        Index("ix_outbox_message_due", "status", "channel", "next_attempt_at", "id"),
        Index("ix_outbox_message_created_at", "created_at"),
        Index("ix_outbox_message_provider", "channel", "provider_id"),
    )

    id: Mapped[Id]
    dedupe_key: Mapped[Name] = mapped_column(unique=True)
    kind: Mapped[Short]  # digest, assigned, returned, password_reset, urge, webhook event …
    channel: Mapped[ChannelKind] = mapped_column(str_enum(ChannelKind))
    user_id: Mapped[int | None] = reference("user_account.id")
    task_id: Mapped[int | None] = reference("task.id")
    #: E-mail address, chat id, phone, or id of the webhook endpoint.
    address: Mapped[str] = mapped_column(default="")
    #: Values the message is rendered from; never the rendered text.
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    urgent: Mapped[bool] = mapped_column(default=False)
    status: Mapped[MessageStatus] = mapped_column(str_enum(MessageStatus), default=MessageStatus.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime]
    claimed_by: Mapped[Name] = mapped_column(default="")
    claimed_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    #: Id that the provider gave, to match delivery events.
    provider_id: Mapped[Name | None]
    last_error: Mapped[str] = mapped_column(default="")
    #: Set when the one-task links that this message carried must open nothing any more.
    links_revoked_at: Mapped[datetime | None]
    #: The message that this one replaces on another channel.
    fallback_of_id: Mapped[int | None] = reference("outbox_message.id")

    user: Mapped[User | None] = relationship()


class DeliveryAttempt(Base):
    """One try to send; written before the network is used, finished after."""

    __tablename__ = "delivery_attempt"
    __table_args__ = (Index("ix_delivery_attempt_at", "at"),)

    id: Mapped[Id]
    message_id: Mapped[int] = reference("outbox_message.id")
    at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    outcome: Mapped[Short] = mapped_column(default="started")  # started | sent | transient | permanent
    code: Mapped[Short] = mapped_column(default="")
    detail: Mapped[str] = mapped_column(default="")


class Channel(Base):
    """An address of a person on one channel, proven or not. What it says holds for this person only.

    Two people may have had the same address one after the other; only one has proven a Zalo account.
    """

    __tablename__ = "channel"
    __table_args__ = (UniqueConstraint("user_id", "kind", "address"), Index("ix_channel_address", "kind", "address"))

    id: Mapped[Id]
    user_id: Mapped[int] = reference("user_account.id", index=False)
    kind: Mapped[ChannelKind] = mapped_column(str_enum(ChannelKind))
    address: Mapped[Name]
    verified_at: Mapped[datetime | None]
    last_interaction_at: Mapped[datetime | None]
    #: Set when there is nobody at the address (no such mailbox, unfollowed, blocked): nothing more is sent there.
    disabled_at: Mapped[datetime | None]
    disabled_reason: Mapped[str] = mapped_column(default="")
    unsubscribed_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()


class Notification(Base):
    """What is new for a person inside the application (the bell)."""

    __tablename__ = "notification"
    __table_args__ = (Index("ix_notification_user_id_id", "user_id", "id"), UniqueConstraint("dedupe_key"))

    id: Mapped[Id]
    user_id: Mapped[int] = reference("user_account.id", index=False)
    at: Mapped[datetime]
    kind: Mapped[Short]
    task_id: Mapped[int | None] = reference("task.id")
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    read_at: Mapped[datetime | None]
    dedupe_key: Mapped[Name]


class ReminderRecord(Base):
    """That a rung of a ladder has been said to a person about a thing and its day: the reason it is said once.

    The thing is a task, a coordination line or a document (``subject``), without a foreign key: what was said
    stays true when an import is undone.
    """

    __tablename__ = "reminder_record"
    __table_args__ = (
        UniqueConstraint("subject", "subject_id", "user_id", "rung", "basis", name="uq_reminder_record_rung"),
        Index("ix_reminder_record_at", "subject", "subject_id", "at"),
    )

    id: Mapped[Id]
    subject: Mapped[Short]  # task | coordination | document
    subject_id: Mapped[int]
    user_id: Mapped[int] = reference("user_account.id", index=False)
    #: ``domain.reminders.Reminder.record``: event and rung.
    rung: Mapped[Short]
    #: The due date, or the day since which something waits.
    basis: Mapped[date]
    at: Mapped[datetime]
    message_id: Mapped[int] = reference("outbox_message.id", index=False)


class ReminderRule(Base):
    """A ladder of reminders for everything, an office, a document or a task (the nearest one wins)."""

    __tablename__ = "reminder_rule"

    id: Mapped[Id]
    office_unit_id: Mapped[int | None] = reference("unit.id")
    document_id: Mapped[int | None] = reference("document.id")
    task_id: Mapped[int | None] = reference("task.id")
    event: Mapped[Short] = mapped_column(default="due")
    is_active: Mapped[bool] = mapped_column(default=True)
    #: Ladder, recipients by post, escalation: see ``domain.reminders.Rule``.
    definition: Mapped[dict[str, Any]] = mapped_column(default=dict)
    updated_at: Mapped[datetime]
    updated_by_id: Mapped[int | None] = reference("user_account.id", index=False)


class ZaloToken(Base):
    """The token pair of the Official Account: one row, replaced under a lock."""

    __tablename__ = "zalo_token"

    id: Mapped[Id]
    oa_id: Mapped[Short] = mapped_column(default="", unique=True)
    access_token: Mapped[str] = mapped_column(default="")
    refresh_token: Mapped[str] = mapped_column(default="")
    expires_at: Mapped[datetime | None]
    refreshed_at: Mapped[datetime | None]
    #: Set while a process exchanges the refresh token, and the instant after which another may try.
    refreshing_until: Mapped[datetime | None]
    needs_person: Mapped[bool] = mapped_column(default=False)
    error: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class InboundEvent(Base):
    """An event that a provider sent us, kept by its id so that it counts once."""

    __tablename__ = "inbound_event"
    __table_args__ = (UniqueConstraint("provider", "event_id"),)

    id: Mapped[Id]
    provider: Mapped[Short]
    event_id: Mapped[Name]
    kind: Mapped[Short]
    at: Mapped[datetime]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)


class WebhookEndpoint(Base):
    """An address outside that is told of events (Standard Webhooks), or a chat room."""

    __tablename__ = "webhook_endpoint"

    id: Mapped[Id]
    name: Mapped[Name]
    url: Mapped[str]
    #: standard | telegram | teams | slack
    format: Mapped[Short] = mapped_column(default="standard")
    secret: Mapped[str] = mapped_column(default="")
    #: The secret before the last change signs too until then, so that the receiver can change over.
    previous_secret: Mapped[str] = mapped_column(default="")
    previous_secret_until: Mapped[datetime | None]
    events: Mapped[list[Any]] = mapped_column(default=list)
    office_unit_id: Mapped[int | None] = reference("unit.id")
    is_active: Mapped[bool] = mapped_column(default=True)
    disabled_reason: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]

    def secrets(self, now: datetime) -> list[str]:
        """The secrets that sign now, the newest first."""
        holds = self.previous_secret_until is not None and now < self.previous_secret_until
        return [self.secret, self.previous_secret] if holds else [self.secret]
