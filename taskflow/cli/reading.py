"""``taskflow import`` and ``taskflow deadline``: what the reader makes of a file or a phrase."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from flask import current_app
from sqlalchemy import select

from taskflow.cli.support import application, fail
from taskflow.clock import now, today
from taskflow.config import Settings
from taskflow.documents import limits
from taskflow.documents.messages import DocumentError, sentence
from taskflow.documents.model import ParsedDocument
from taskflow.documents.parse import deadline_to_dict, to_contract
from taskflow.documents.sandbox import parse_in_subprocess
from taskflow.domain.errors import DomainError, Invalid
from taskflow.domain.language import problem_message, read_deadline
from taskflow.extensions import db
from taskflow.i18n import error_sentence
from taskflow.models.org import User
from taskflow.services.actors import actor_of
from taskflow.services.files import Upload
from taskflow.services.imports import reading
from taskflow.services.imports.access import get_job
from taskflow.services.imports.uploads import Source, receive
from taskflow.services.known_units import KnownUnits


class Day(click.ParamType[date]):
    """A day, YYYY-MM-DD or dd/MM/yyyy."""

    name = "ngày"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day that was typed."""
        if isinstance(value, date):
            return value
        try:
            return datetime.strptime(value, "%d/%m/%Y" if "/" in value else "%Y-%m-%d").date()  # noqa: DTZ007 - a calendar day has no zone
        except ValueError:
            self.fail(f"“{value}” không phải là ngày. Hãy viết theo dạng 2026-10-30 hoặc 30/10/2026.", param, ctx)


DAY = Day()


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Chỉ đọc và cho xem kết quả; không ghi gì.")
@click.option("--issued", type=DAY, help="Ngày ban hành, dùng khi văn bản không ghi ngày.")
@click.option("--json", "as_json", is_flag=True, help="In một đối tượng JSON.")
@click.option("--office", help="Văn phòng điều phối nhận đợt nhập: mã hoặc tên đơn vị.")
@click.option("--user", "email", help="E-mail của người nhập.")
def import_file(
    file: Path, *, dry_run: bool, issued: date | None, as_json: bool, office: str | None, email: str | None
) -> None:
    """Đọc FILE: với --dry-run chỉ in kết quả, không thì lập một đợt nhập để rà soát trên trang web."""
    if not dry_run and not (office and email):
        raise click.UsageError("Cần --office và --user khi nhập thật, hoặc --dry-run để chỉ xem kết quả.")
    data = _bytes_of(file)
    if office and email and not dry_run:
        with application().app_context():
            try:
                answer = _import(Upload(data, file.name), office, email, issued)
            except DomainError as error:
                fail(error_sentence(error))
        click.echo(json.dumps(answer, ensure_ascii=False) if as_json else answer["address"])
        return
    parsed = _parsed(data, file.name, issued)
    if as_json:
        click.echo(json.dumps(to_contract(parsed), ensure_ascii=False, indent=1))
    else:
        _print(parsed)
    _end(parsed)


@click.command("deadline")
@click.argument("texts", nargs=-1, required=True, metavar="CỤM TỪ...")
@click.option("--issued", type=DAY, help="Ngày ban hành văn bản, để suy ra năm không ghi.")
@click.option("--json", "as_json", is_flag=True, help="In một danh sách JSON.")
def deadline(texts: tuple[str, ...], *, issued: date | None, as_json: bool) -> None:
    """Cho biết các cụm từ thời hạn được hiểu thế nào."""
    found = [read_deadline(text, issued_on=issued) for text in texts]
    if not as_json:
        for one in found:
            click.echo(one.explanation)
        return
    answer = [
        {
            **deadline_to_dict(one),
            "text": text,
            "explanation": one.explanation,
            "problems": [
                {"code": code, "field": "deadline", "message": problem_message(code)} for code in one.problems
            ],
        }
        for text, one in zip(texts, found, strict=True)
    ]
    click.echo(json.dumps(answer, ensure_ascii=False, indent=1))


def _bytes_of(file: Path) -> bytes:
    """The file's bytes; what cannot be read ends the program with a sentence."""
    try:
        if file.stat().st_size > limits.MAX_UPLOAD:
            error = DocumentError("document.too_large", "file", limit_mb=limits.MAX_UPLOAD // 1024 // 1024)
            fail(sentence(error))
        return file.read_bytes()
    except FileNotFoundError:
        fail(f"Không có tệp “{file}”. Hãy kiểm tra lại đường dẫn.")
    except OSError:
        fail(f"Không mở được tệp “{file}”. Hãy kiểm tra đây là một tệp, không phải thư mục, và được phép đọc.")


def _parsed(data: bytes, filename: str, issued: date | None) -> ParsedDocument:
    try:
        return parse_in_subprocess(data, filename=filename, issued_on=issued)
    except DomainError as error:
        fail(sentence(error))


def _import(upload: Upload, office: str, email: str, issued: date | None) -> dict[str, Any]:
    """Receive the file for the office as this person and have it read; answers the import and where to review it."""
    settings: Settings = current_app.config["TASKFLOW"]
    user = db.session.scalar(select(User).where(User.email == email.strip().lower(), User.is_active))
    if user is None:
        raise Invalid("account.not_found", "user")
    actor = actor_of(user.id, on=today())
    unit = KnownUnits(db.session()).find(office)
    source = Source(unit.id, issued_on=issued)
    receipt = receive(upload, source, actor=actor, now=now(), max_mb=settings.max_upload_mb)
    if not receipt.is_known:
        reading.start(receipt.job_id, actor=actor, wait=limits.OCR_SECONDS)
    job = get_job(actor, receipt.job_id)
    if job.error:
        raise DomainError(job.error["code"], "file", **job.error.get("params", {}))
    return {
        "id": job.id,
        "known": receipt.is_known,
        "status": job.status.value,
        "address": f"{settings.base_url}/imports/{job.id}",
    }


def _end(parsed: ParsedDocument) -> None:
    """What a reader of the answer should know goes to stderr; a file without anything to import ends with 1."""
    head = parsed.head
    if not (parsed.items or parsed.indicators or parsed.budget or head.number or head.type):
        fail(" ".join(problem.message for problem in parsed.problems))
    for problem in parsed.problems:
        click.echo(problem.message, err=True)


def _print(parsed: ParsedDocument) -> None:
    head, count = parsed.head, parsed.reconciliation
    issued = f" ngày {head.issued_on:%d/%m/%Y}" if head.issued_on else ""
    click.echo(f"{head.type or 'Văn bản'} {head.number or '(chưa có số)'}{issued}: {head.title or ''}".rstrip())
    click.echo(
        f"{count.source_rows} dòng: {count.items} việc, {count.group_rows} nhãn nhóm, "
        f"{count.header_rows} dòng tiêu đề, {len(count.skipped)} bỏ qua."
    )
    for item in parsed.items:
        mark = " " if item.selected else "?"
        click.echo(f"{mark} {item.tt or '-'}. {' '.join(item.content.split())}")
        click.echo(f"    chủ trì: {'; '.join(item.lead) or '-'} | phối hợp: {'; '.join(item.coordinators) or '-'}")
        click.echo(f"    {item.deadline.explanation}")
        for problem in item.problems:
            click.echo(f"    ! {problem.message}")
