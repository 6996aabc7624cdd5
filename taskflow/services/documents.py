"""What an office says of a document itself: when it has to be reported on, and to whom (kỳ báo cáo)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from taskflow.clock import local_date
from taskflow.domain.errors import Conflict, Invalid, NotAllowed
from taskflow.domain.occurrences import next_period
from taskflow.domain.permissions import Actor, Permission, offices_of
from taskflow.models.document import Document
from taskflow.services import audit, wording
from taskflow.services.queries.documents import get_document
from taskflow.services.unit_of_work import unit_of_work


def may_set_reporting(actor: Actor, document: Document) -> bool:
    """Whether the actor's office tracks the document and the actor may change its tasks."""
    return document.office_unit_id in offices_of(actor, Permission.TASK_EDIT)


def set_reporting(
    *, document_id: int, when: str, to: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> Document:
    """Remind the office of the document's reporting day. ``when`` is written as documents write it; "" ends it.

    Raises ``NotFound``, ``NotAllowed``, ``Conflict`` (changed meanwhile), ``Invalid("document.no_reporting_rule")``
    for words that do not say how the day comes again.
    """
    with unit_of_work() as session:
        document = get_document(actor, document_id)
        if not may_set_reporting(actor, document):
            raise NotAllowed("document.not_allowed")
        if expected_version is not None and document.version != expected_version:
            raise Conflict("conflict.changed_meanwhile", version=document.version)
        text, rule = when.strip(), ""
        if text:
            found = wording.read(text, document.issued_on or local_date(now))
            if not found.rule or next_period(found.rule, local_date(now)) is None:
                raise Invalid("document.no_reporting_rule", "when", explanation=found.explanation)
            rule = found.rule
        change_reporting(session, document, text, rule, to.strip() if text else "", actor=actor, now=now)
        return document


def change_reporting(
    session: Session, document: Document, text: str, rule: str, to: str, *, actor: Actor, now: datetime
) -> None:
    """Keep the reporting day, and in the log what it was; inside a unit of work."""
    before = (document.reporting_text, document.reporting_to)
    if (document.reporting_text, document.reporting_rule, document.reporting_to) == (text, rule, to):
        return
    document.reporting_text, document.reporting_rule, document.reporting_to = text, rule, to
    audit.record(
        session, actor=actor, action="document.reporting_set", subject="document", subject_id=document.id, now=now,
        number=document.number, before=list(before), after=[text, to],
    )  # fmt: skip
