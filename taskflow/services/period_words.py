"""Periods of indicators in words."""

from __future__ import annotations

from taskflow.i18n import _
from taskflow.services.indicators import PERIOD

_ROMAN = {"Q1": "I", "Q2": "II", "Q3": "III", "Q4": "IV"}


def period_words(period: str) -> str:
    """ "2026-Q2" is "Quý II/2026"; what is no period of ours stays as the document writes it ("2026-2030")."""
    year, _sep, part = period.partition("-")
    if not part or PERIOD.fullmatch(period) is None:
        return period
    if part in _ROMAN:
        return str(_("Quarter %(quarter)s/%(year)s", quarter=_ROMAN[part], year=year))
    if part == "H1":
        return str(_("First half of %(year)s", year=year))
    if part == "H2":
        return str(_("Second half of %(year)s", year=year))
    return str(_("Month %(month)s/%(year)s", month=int(part), year=year))
