"""The names of a cell in the form of a row: as they are stored, as they were sent, and what is to be written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from flask import request

from taskflow.domain.errors import Invalid
from taskflow.models.document import ImportRow
from taskflow.services.imports import queries
from taskflow.services.imports.editing import NameEdit
from taskflow.services.imports.edits import seen
from taskflow.services.imports.values import UnitChoice
from taskflow.web.forms import clean
from taskflow.web.imports.units import meaning_of
from taskflow.web.imports.view_models import chosen


@dataclass(frozen=True, slots=True)
class NameLine:
    """One name of a cell in the form: as it is stored, or as it was sent when it could not be saved."""

    wording: str = ""
    choice: UnitChoice | None = None
    meant: str = ""
    means: str = "keep"
    units: tuple[int, ...] = ()


def name_lines(found: ImportRow, field: str, *, sent: bool) -> list[NameLine]:
    """The lines of a cell, and an empty one for another name."""
    names = queries.names_of([found])
    stored = {
        choice.wording: NameLine(choice.wording, choice, meant, units=choice.unit_ids if choice.by == "person" else ())
        for choice, meant in chosen(getattr(found, field), names)
    }
    typed = list(_sent(field)) if sent else []
    before = [one["wording"] for one in seen(found, field, sent_version())]
    untouched = [wording for wording, _means, _units in typed if wording] == before and all(
        means == "keep" and not units for _wording, means, units in typed
    )
    if untouched or not sent:
        return [*stored.values(), NameLine()]
    lines = []
    for wording, means, units in typed:
        if wording or units or means not in ("", "keep"):
            known = stored.get(wording, NameLine(wording))
            lines.append(replace(known, means=means, units=tuple(int(one) for one in units if one.isdecimal())))
    return [*lines, NameLine()]


def _sent(field: str) -> Iterator[tuple[str, str, list[str]]]:
    """What was sent of a cell: wording, what it means, ticked units."""
    for number in range(100):
        name = f"{field}-{number}"
        if name not in request.form:
            return
        wording = " ".join((clean(request.form[name]) or "").split())
        yield wording, request.form.get(f"{name}-means", "keep"), request.form.getlist(f"{name}-units")


def sent_names(field: str) -> tuple[NameEdit, ...]:
    """The names of a cell as sent: ``leads-0``, what it means ``leads-0-means``, ticked units ``leads-0-units``."""
    names = []
    for wording, means, units in _sent(field):
        try:
            found = meaning_of(means, units)
        except ValueError as error:
            raise Invalid("import.unit_required", field, wording=wording) from error
        if not wording and found is not None and found.unit_ids:
            wording = "; ".join(queries.names_for(found.unit_ids, ()).units.values())
        if wording:
            names.append(NameEdit(wording, found))
    return tuple(names)


def sent_version() -> int:
    """The version of the row that the reviewer saw."""
    return request.form.get("version", 0, type=int)
