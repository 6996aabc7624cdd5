"""Which documents cited numbers mean."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from taskflow.domain.units import fold
from taskflow.models.document import Document, DocumentLink


def relink(session: Session, document: Document) -> None:
    """Let cited numbers that are known in the office lead to their documents: those it cites, and those citing it."""
    ours = select(Document).where(Document.office_unit_id == document.office_unit_id)
    open_links = session.scalars(
        select(DocumentLink).where(DocumentLink.document_id == document.id, DocumentLink.target_id.is_(None))
    ).all()
    numbers = {fold(link.number)[:300] for link in open_links} - {"", document.number_folded}
    known = session.scalars(ours.where(Document.number_folded.in_(numbers))).all() if numbers else []
    for link in open_links:
        fitting = [one for one in known if _fits(link, one)]
        if len(fitting) == 1:
            link.target_id = fitting[0].id
    if not any(char.isdigit() for char in document.number):
        return
    citing = session.scalars(
        select(DocumentLink)
        .join(Document, Document.id == DocumentLink.document_id)
        .where(
            DocumentLink.target_id.is_(None),
            DocumentLink.number.startswith(document.number[:1], autoescape=True),
            Document.office_unit_id == document.office_unit_id,
            Document.id != document.id,
        )
    )
    for link in citing:
        if _fits(link, document):
            link.target_id = document.id


def _fits(link: DocumentLink, document: Document) -> bool:
    """Numbers begin anew every year: where both say a date, it must be the same."""
    if fold(link.number)[:300] != document.number_folded:
        return False
    return link.issued_on is None or document.issued_on is None or link.issued_on == document.issued_on
