"""``taskflow remind``: a sweep now, or what a sweep at any moment would say, to whom and why."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click
from flask import current_app

from taskflow import clock
from taskflow.cli.support import fail, with_application
from taskflow.i18n import title_of
from taskflow.services.reminder_explain import explain
from taskflow.services.reminder_policy import load_policy
from taskflow.services.reminders import sweep


@click.command("remind")
@click.option("--dry-run", is_flag=True, help="Chỉ cho biết ai sẽ nhận gì và vì sao; không ghi, không gửi.")
@click.option(
    "--at", "moment", metavar="THỜI ĐIỂM", help="Thời điểm ISO, ví dụ 2026-12-01T08:00; chỉ dùng với --dry-run."
)
@click.option("--json", "as_json", is_flag=True, help="In một đối tượng JSON.")
@with_application
def remind(dry_run: bool, moment: str | None, as_json: bool) -> None:
    """Rà soát các việc đến hạn và xếp tin nhắc vào hàng đợi."""
    if moment is not None and not dry_run:
        raise click.UsageError("--at chỉ dùng cùng với --dry-run.")
    now = clock.now() if moment is None else _instant(moment)
    if dry_run:
        found = explain(now)
        if as_json:
            click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        else:
            _print(found)
        return
    report = sweep(now)
    if as_json:
        click.echo(json.dumps(asdict(report)))
        return
    click.echo(f"Đã rà soát {report.tasks} nhiệm vụ, xếp {report.messages} tin nhắc ({report.reminders} lượt nhắc).")


def _instant(text: str) -> datetime:
    """The moment meant, in the office's zone unless it names its own; a bare day means its first digest time."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        fail(f"Không hiểu thời điểm “{text}”. Hãy viết theo dạng 2026-12-01T08:00.")
    if "T" not in text and " " not in text:
        found = datetime.combine(found.date(), load_policy().times[0])
    return found if found.tzinfo else found.replace(tzinfo=current_app.config["TASKFLOW"].zone)


def _print(found: dict[str, Any]) -> None:
    at = datetime.fromisoformat(found["at"])
    click.echo(f"Lúc {at:%H:%M} ngày {at:%d/%m/%Y} sẽ xếp {len(found['messages'])} tin nhắc.")
    for message in found["messages"]:
        way = message["channel"] or "không có kênh nào"
        click.echo(f"\n{message['person']['name']} <{message['person']['email']}> – {way}")
        for part in message["groups"]:
            click.echo(f"  {title_of(part['group'], 'Group')} ({part['count']}):")
            for item in part["items"]:
                click.echo(f"    - {item.get('code', '')} {item.get('content', '')}")
                click.echo(f"      {item['why']} (nhận với tư cách {item['as']})")
            if part["more"]:
                click.echo(f"    … và {part['more']} việc khác")
    for person in found["held"]:
        click.echo(f"\n{person['person']['name']}: {person['reason']} ({person['count']} việc)")
    for thing in found["nobody"]:
        click.echo(f"\nKhông ai nhận: {thing.get('code', '')} {thing.get('content', '')} – {thing['why']}")
