"""Links between documents: added, corrected and removed by the office; cited numbers become links one can follow."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from taskflow.domain.errors import Invalid, NotFound
from taskflow.domain.permissions import Actor
from taskflow.domain.units import fold
from taskflow.models.document import Document, DocumentLink
from taskflow.services import audit
from taskflow.services.citations import relink
from taskflow.services.documents import open_document
from taskflow.services.unit_of_work import unit_of_work

RELATIONS = ("basis", "executes", "amends", "supersedes", "mentions")


@dataclass(frozen=True, slots=True)
class Citation:
    """What a document says of another one."""

    relation: str
    number: str
    issued_on: date | None = None
    text: str = ""


def save_link(
    *, document_id: int, citation: Citation, actor: Actor, now: datetime, link_id: int | None = None
) -> DocumentLink:
    """Add a link, or correct one. Raises ``NotFound``, ``NotAllowed``, ``Invalid`` for no number or relation."""
    with unit_of_work() as session:
        document = open_document(actor, document_id)
        number = " ".join(citation.number.split())[:300]
        if citation.relation not in RELATIONS:
            raise Invalid("document.no_relation", "relation")
        if not fold(number):
            raise Invalid("document.number_required", "number")
        if fold(number) == document.number_folded:
            raise Invalid("document.cites_itself", "number")
        before = None
        if link_id is None:
            link = DocumentLink(document_id=document.id)
            session.add(link)
        else:
            link = _open(session, document, link_id)
            before = _values(link)
        link.relation, link.number, link.issued_on = citation.relation, number, citation.issued_on
        link.text, link.target_id = citation.text.strip(), None
        session.flush()
        relink(session, document)
        audit.record(
            session, actor=actor, action="document.link_saved", subject="document", subject_id=document.id, now=now,
            before=before, after=_values(link),
        )  # fmt: skip
        return link


def remove_link(*, document_id: int, link_id: int, actor: Actor, now: datetime) -> None:
    """Take a wrong link away; the log keeps it."""
    with unit_of_work() as session:
        document = open_document(actor, document_id)
        link = _open(session, document, link_id)
        audit.record(
            session, actor=actor, action="document.link_removed", subject="document", subject_id=document.id, now=now,
            before=_values(link), after=None,
        )  # fmt: skip
        session.delete(link)


def _open(session: Session, document: Document, link_id: int) -> DocumentLink:
    link = session.get(DocumentLink, link_id)
    if link is None or link.document_id != document.id:
        raise NotFound("document.link_not_found")
    return link


def _values(link: DocumentLink) -> dict[str, str]:
    said = asdict(Citation(link.relation, link.number, link.issued_on, link.text))
    return {key: value.isoformat() if isinstance(value, date) else value or "" for key, value in said.items()}
