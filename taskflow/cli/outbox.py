"""``taskflow outbox``: the messages, without the pages: what waits, what failed, delivering now."""

from __future__ import annotations

from typing import BinaryIO

import click
from flask import current_app
from sqlalchemy import func, select

from taskflow import clock
from taskflow.cli.support import fail, with_application
from taskflow.domain.errors import Invalid
from taskflow.extensions import db
from taskflow.i18n import error_sentence
from taskflow.models.outbox import MessageStatus, OutboxMessage
from taskflow.scheduling.jobs import node_name
from taskflow.services.bounces import LONGEST, receive_mail
from taskflow.services.outbox import Courier
from taskflow.services.transports import LANES, transport_of


@click.group("outbox")
def outbox_group() -> None:
    """Hàng đợi tin."""


@outbox_group.command("list")
@click.option("--status", type=click.Choice([code.value for code in MessageStatus]), help="Chỉ các tin có kết quả này.")
@click.option("--limit", default=20, show_default=True, help="Số tin mới nhất được liệt kê.")
@with_application
def list_messages(status: str | None, limit: int) -> None:
    """Đếm tin theo kết quả và liệt kê các tin mới nhất."""
    counts = db.session.execute(
        select(OutboxMessage.status, OutboxMessage.channel, func.count())
        .group_by(OutboxMessage.status, OutboxMessage.channel)
        .order_by(OutboxMessage.status, OutboxMessage.channel)
    )
    for found, channel, number in counts:
        click.echo(f"{found.value:10} {channel.value:14} {number}")
    statement = select(OutboxMessage).order_by(OutboxMessage.id.desc()).limit(limit)
    if status is not None:
        statement = statement.where(OutboxMessage.status == MessageStatus(status))
    for message in db.session.scalars(statement):
        click.echo(
            f"{message.id} {message.kind} {message.channel.value} {message.address or '–'}"
            f" {message.status.value} {message.last_error}".rstrip()
        )


@outbox_group.command("deliver")
@with_application
def deliver() -> None:
    """Gửi ngay mọi tin đã đến giờ, rồi kết thúc."""
    settings = current_app.config["TASKFLOW"]
    total = 0
    for lane, channels in LANES.items():
        transport = transport_of(lane, settings, clock.now)
        if transport is None:
            continue
        courier = Courier(name=f"{node_name()}:cli", channels=channels, transport=transport, now=clock.now)
        while dealt := courier.deliver_batch():
            total += dealt
        courier.close()
    click.echo(f"Đã xử lý {total} tin.")


@outbox_group.command("bounce")
@click.argument("report", type=click.File("rb"), default="-")
@with_application
def bounce(report: BinaryIO) -> None:
    """Nhận thư trả về địa chỉ người gửi: thông báo không gửi được (RFC 3464), thư trả lời.

    Đọc từ REPORT hoặc đầu vào chuẩn.
    """
    try:
        changed = receive_mail(report.read(LONGEST), now=clock.now())
    except Invalid as error:
        fail(error_sentence(error))
    if changed is None:
        click.echo("Đây không phải thông báo của máy chủ thư; đã lưu để quản trị viên xem tại Tin nhắn → Thư trả lời.")
    else:
        click.echo(f"Đã ghi nhận {changed} tin.")
