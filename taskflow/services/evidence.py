"""Evidence (minh chứng): documents by number and files that prove a result; what looks wrong; who may read them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from taskflow.clock import local_date
from taskflow.documents.messages import DocumentError
from taskflow.documents.page_image import page_image
from taskflow.domain.errors import Invalid, NotFound, WrongState
from taskflow.domain.permissions import Actor, Permission
from taskflow.domain.states import OPEN_STATES
from taskflow.domain.units import fold
from taskflow.extensions import db
from taskflow.models.task import Evidence, ProgressReport, Task
from taskflow.services import audit, files, history, settings
from taskflow.services.files import ServedFile, Upload
from taskflow.services.queries.scope import visible_tasks
from taskflow.services.task_access import find_of_task, open_task
from taskflow.services.unit_of_work import unit_of_work

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class NewEvidence:
    """A document by its number, a file, or both."""

    number: str = ""
    issued_on: date | None = None
    issuer: str = ""
    description: str = ""
    upload: Upload | None = None
    #: Why a file that looks like a secret document is none.
    not_secret: str = ""


def screen(items: Iterable[NewEvidence]) -> None:
    """Raise ``DocumentError("document.secret")`` for a file that is marked as secret and not said to be none."""
    for item in items:
        files.refuse_secret(item.upload, item.not_secret)


def screened(function: Callable[P, R]) -> Callable[P, R]:
    """A use case that takes evidence reads its files for marks of secrecy before its unit of work begins."""

    @wraps(function)
    def screening(*args: P.args, **kwargs: P.kwargs) -> R:
        screen(cast("Sequence[NewEvidence]", kwargs.get("evidence") or kwargs.get("items") or ()))
        return function(*args, **kwargs)

    return screening


@dataclass(frozen=True, slots=True)
class EvidenceWarning:
    """Something that a person should look at; it forbids nothing.

    Codes: ``number_used``, ``duplicate_file``, ``sent_before`` (the same file on this very task),
    ``before_assignment``, ``after_closing``, ``not_yet``. ``task_code`` is that of the other task, empty when the
    reader may not see it.
    """

    evidence_id: int
    code: str
    task_code: str = ""
    day: date | None = None


def attach(
    session: Session,
    task: Task,
    items: Sequence[NewEvidence],
    *,
    actor: Actor,
    now: datetime,
    report: ProgressReport | None = None,
    coordination_id: int | None = None,
) -> list[Evidence]:
    """Store evidence inside the unit of work of a report. Raises ``Invalid`` for an empty item."""
    made = []
    for item in items:
        number = " ".join(item.number.split())
        if not number and item.upload is None:
            raise Invalid("evidence.empty", "evidence")
        stored = None
        if item.upload is not None:
            stored = files.store(
                session,
                item.upload.data,
                item.upload.filename,
                now=now,
                max_mb=settings.get(settings.EVIDENCE_MAX_MB),
                types=settings.get(settings.EVIDENCE_TYPES),
            )
        evidence = Evidence(
            task=task,
            report=report,
            coordination_id=coordination_id,
            number=number,
            number_folded=fold(number),
            issued_on=item.issued_on,
            issuer=item.issuer.strip(),
            description=item.description.strip(),
            sha256=stored.sha256 if stored else None,
            filename=files.clean_filename(item.upload.filename) if item.upload else "",
            added_at=now,
            added_by_id=actor.user_id,
        )
        session.add(evidence)
        session.flush()
        made.append(evidence)
        if item.upload is not None and item.not_secret.strip():
            audit.record(
                session,
                actor=actor,
                action="evidence.not_secret",
                subject="task",
                subject_id=task.id,
                now=now,
                file=evidence.filename,
                reason=item.not_secret.strip(),
            )
    return made


@screened
def add_evidence(*, task_id: int, items: Sequence[NewEvidence], actor: Actor, now: datetime) -> list[EvidenceWarning]:
    """Add evidence to an open task besides any report; returns what looks wrong about it."""
    with unit_of_work() as session:
        opened = open_task(actor, task_id, Permission.TASK_REPORT)
        if opened.task.state not in OPEN_STATES:
            raise WrongState("task.closed")
        made = attach(session, opened.task, items, actor=actor, now=now)
        history.record(
            opened.task,
            "evidence_added",
            actor=actor,
            post=opened.post,
            now=now,
            data={"evidence": [one.id for one in made]},
            tell=False,
        )
        return [warning for warning in warnings_of(actor, [opened.task]) if warning.evidence_id in {e.id for e in made}]


def remove_evidence(*, evidence_id: int, actor: Actor, now: datetime, reason: str = "") -> None:
    """Take evidence back; the history keeps that it was there. Not once the result waits or is confirmed."""
    with unit_of_work() as session:
        evidence = find_of_task(session, actor, Evidence, evidence_id, "evidence.not_found")
        opened = open_task(actor, evidence.task_id, Permission.TASK_REPORT)
        if not opened.task.is_open or opened.task.delivered_by_id is not None:
            raise WrongState("evidence.reported")
        evidence.removed_at = now
        history.record(
            opened.task,
            "evidence_removed",
            actor=actor,
            post=opened.post,
            now=now,
            reason=reason,
            data={"evidence": [evidence.id], "number": evidence.number, "filename": evidence.filename},
            tell=False,
        )


def get_file(actor: Actor, task_id: int, evidence_id: int) -> ServedFile:
    """The file of a task's evidence, for those in whose scope the task is. Raises ``NotFound``."""
    evidence = find_of_task(db.session(), actor, Evidence, evidence_id, "evidence.not_found")
    if evidence.task_id != task_id or evidence.stored is None:
        raise NotFound("evidence.not_found")
    return ServedFile(evidence.stored.sha256, evidence.filename, evidence.stored.media_type, evidence.stored.size)


def draw_page(actor: Actor, task_id: int, evidence_id: int, page: int) -> bytes:
    """A page (from 1) of a PDF or picture of evidence as PNG. Raises ``NotFound`` when there is none to draw."""
    served = get_file(actor, task_id, evidence_id)
    if served.media_type != "application/pdf" and not served.media_type.startswith("image/"):
        raise NotFound("evidence.no_page")
    with served.open() as stream:
        data = stream.read()
    try:
        return page_image(data, page)
    except DocumentError as error:
        raise NotFound("evidence.no_page") from error


def proven_task_ids(session: Session, task_ids: Iterable[int]) -> set[int]:
    """Those of these tasks that have evidence which no returned report carries."""
    query = (
        select(Evidence.task_id)
        .outerjoin(ProgressReport, ProgressReport.id == Evidence.report_id)
        .where(
            Evidence.task_id.in_(list(task_ids)),
            Evidence.removed_at.is_(None),
            Evidence.coordination_id.is_(None),
            ProgressReport.returned_at.is_(None),
        )
    )
    return set(session.scalars(query))


def warnings_of(actor: Actor, tasks: Sequence[Task]) -> list[EvidenceWarning]:
    """What looks wrong about the evidence of these tasks: two queries for all of them."""
    by_id = {task.id: task for task in tasks}
    mine = db.session.scalars(
        select(Evidence).where(Evidence.task_id.in_(list(by_id)), Evidence.removed_at.is_(None)).order_by(Evidence.id)
    ).all()
    others = _alike(actor, mine)
    found = []
    for evidence in mine:
        task = by_id[evidence.task_id]
        for code, is_same in (("number_used", _same_document), ("duplicate_file", _same_file)):
            elsewhere = [other.code for other in others if other.task_id != task.id and is_same(evidence, other)]
            if elsewhere:
                found.append(EvidenceWarning(evidence.id, code, max(elsewhere)))
        if any(one.task_id == task.id and one.id < evidence.id and _same_file(evidence, one) for one in mine):
            found.append(EvidenceWarning(evidence.id, "sent_before"))
        found += _doubtful_day(evidence, task)
    return found


def _doubtful_day(evidence: Evidence, task: Task) -> list[EvidenceWarning]:
    day = evidence.issued_on
    if day is None:
        return []
    closing = local_date(task.confirmed_at) if task.confirmed_at else task.delivered_on
    if day < local_date(task.assigned_at):
        code = "before_assignment"
    elif closing is not None and day > closing:
        code = "after_closing"
    elif day > local_date(evidence.added_at):
        code = "not_yet"
    else:
        return []
    return [EvidenceWarning(evidence.id, code, day=day)]


@dataclass(frozen=True, slots=True)
class _Other:
    """Evidence of any task that has a number or a file of those looked at; ``code`` is "" where it may not be seen."""

    task_id: int
    number_folded: str
    issued_on: date | None
    issuer: str
    sha256: str | None
    code: str


def _same_document(one: Evidence, other: _Other) -> bool:
    """Numbers begin anew every year, and every issuer counts by itself."""
    if not one.number_folded or one.number_folded != other.number_folded:
        return False
    if one.issued_on and other.issued_on and one.issued_on.year != other.issued_on.year:
        return False
    return not (one.issuer and other.issuer) or fold(one.issuer) == fold(other.issuer)


def _same_file(one: Evidence, other: Evidence | _Other) -> bool:
    return one.sha256 is not None and one.sha256 == other.sha256


def _alike(actor: Actor, mine: Sequence[Evidence]) -> list[_Other]:
    """Evidence with the number or the file of one of these, whoever may see its task."""
    numbers = sorted({one.number_folded for one in mine if one.number_folded})
    hashes = sorted({one.sha256 for one in mine if one.sha256})
    if not numbers and not hashes:
        return []
    rows = db.session.execute(
        select(
            Evidence.task_id,
            Evidence.number_folded,
            Evidence.issued_on,
            Evidence.issuer,
            Evidence.sha256,
            case((visible_tasks(actor), Task.code), else_="").label("code"),
        )
        .join(Task, Task.id == Evidence.task_id)
        .where(Evidence.number_folded.in_(numbers) | Evidence.sha256.in_(hashes), Evidence.removed_at.is_(None))
        .order_by(Evidence.id)
    )
    return [_Other(*row) for row in rows]
