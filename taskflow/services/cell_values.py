"""What a person typed into a cell of the organisation workbook, as a value. Each raises ``Invalid`` for nonsense."""

from __future__ import annotations

from datetime import date, datetime

from taskflow.domain.errors import Invalid
from taskflow.domain.permissions import Role
from taskflow.domain.units import plain

#: What people write for each role, without accents.
ROLES: dict[str, Role] = {
    "chuyen vien": Role.OFFICER,
    "can bo": Role.OFFICER,
    "cong chuc": Role.OFFICER,
    "lanh dao don vi": Role.HEAD,
    "thu truong don vi": Role.HEAD,
    "truong don vi": Role.HEAD,
    "dieu phoi": Role.COORDINATOR,
    "van phong dieu phoi": Role.COORDINATOR,
    "co quan dieu phoi": Role.COORDINATOR,
    "lanh dao": Role.LEADER,
    "lanh dao co quan": Role.LEADER,
    "quan tri": Role.ADMINISTRATOR,
    "quan tri vien": Role.ADMINISTRATOR,
}


def ticked(text: str) -> bool:
    """Whether a box is ticked ("x", "có", 1)."""
    return plain(text) in ("x", "co", "1", "v", "yes", "true", "✓", "✔")


def number(text: str) -> int:
    """A whole number, 0 for an empty cell."""
    if not text:
        return 0
    if not text.isdigit() or len(text) > 6:
        raise Invalid("organisation.number")
    return int(text)


def role(text: str) -> Role:
    """The role that people mean."""
    found = ROLES.get(plain(text))
    if found is None:
        raise Invalid("organisation.role", value=text)
    return found


def day(text: str) -> date | None:
    """A day, None for an empty cell."""
    if not text:
        return None
    for form in ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a calendar day has no zone
        except ValueError:
            continue
    raise Invalid("organisation.day", value=text)
