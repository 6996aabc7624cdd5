"""Reorganisation by decision, and handing over open work by choosing. Nothing moves by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, render_template, request, url_for

from taskflow.clock import now, today
from taskflow.domain.permissions import Permission
from taskflow.extensions import db
from taskflow.i18n import _, _l, error_sentence
from taskflow.services import reorganisation as service
from taskflow.services.hand_over import Doubled, HandOver, hand_over, hand_over_office
from taskflow.services.queries.open_work import left_work, open_work
from taskflow.services.queries.successions import list_successions, newest_succession
from taskflow.services.units import get_unit
from taskflow.web.addresses import row_number
from taskflow.web.admin.blueprint import Answer, admin, page_number
from taskflow.web.admin.reorganisation_forms import (
    DecisionForm,
    DissolveForm,
    HandOverForm,
    MergeForm,
    OfficeHandOverForm,
    RenameForm,
    SplitForm,
)
from taskflow.web.guards import requires
from taskflow.web.redirects import see_other
from taskflow.web.session import current_actor


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of reorganisation: its form, the field that names the unit, what is done."""

    form: type[DecisionForm]
    unit_field: str
    title: object
    hint: object
    do: Callable[[Any], Any]


def _rename(form: Any) -> Any:
    return service.rename(
        unit_id=form.unit_id.data,
        name=form.name.data,
        short_name=form.short_name.data or "",
        decision=form.decision(),
        actor=current_actor(),
        now=now(),
    )


def _merge(form: Any) -> Any:
    return service.merge(
        from_unit_ids=form.from_unit_ids.data,
        to_unit_id=form.to_unit_id.data,
        decision=form.decision(),
        actor=current_actor(),
        now=now(),
    )


def _split(form: Any) -> Any:
    return service.split(
        from_unit_id=form.from_unit_id.data,
        to_unit_ids=form.to_unit_ids.data,
        ends=not form.goes_on.data,
        decision=form.decision(),
        actor=current_actor(),
        now=now(),
    )


def _dissolve(form: Any) -> Any:
    return service.dissolve(
        unit_id=form.unit_id.data,
        successor_id=form.successor_id.data,
        decision=form.decision(),
        actor=current_actor(),
        now=now(),
    )


#: Two forms stand on the page of open work; the fields of the second begin so.
_OFFICE = "office-"

KINDS: dict[str, Kind] = {
    "rename": Kind(
        RenameForm,
        "unit_id",
        _l("Rename a unit"),
        _l("The old name is kept with its dates; old documents are still read. Tasks stay with the unit."),
        _rename,
    ),
    "merge": Kind(
        MergeForm,
        "from_unit_ids",
        _l("Merge units"),
        _l("The ticked units end. The unit that takes over must exist: add it first if it is new."),
        _merge,
    ),
    "split": Kind(
        SplitForm,
        "from_unit_id",
        _l("Split a unit"),
        _l("The units that take parts must exist. No task moves by itself: it is handed over task by task."),
        _split,
    ),
    "dissolve": Kind(
        DissolveForm,
        "unit_id",
        _l("Dissolve a unit"),
        _l("The unit ends. Its open tasks wait until they are handed over."),
        _dissolve,
    ),
}


@admin.get("/reorganisation")
@requires(Permission.ADMIN_UNIT_EDIT)
def reorganisation() -> Answer:
    """What was reorganised, what is still to be handed over, and the four ways to begin."""
    page = page_number()
    rows, has_next = list_successions(page=page)
    return render_template(
        "admin/reorganisation/index.html",
        rows=rows,
        has_next=has_next,
        page=page,
        kinds=KINDS,
        waiting=left_work(today()),
        unit_id=request.args.get("unit", type=row_number),
    )


@admin.route("/reorganisation/<kind>", methods=["GET", "POST"])
@requires(Permission.ADMIN_UNIT_EDIT)
def reorganise(kind: str) -> Answer:
    """Carry out one decision."""
    if kind not in KINDS:
        abort(404)
    chosen = KINDS[kind]
    unit_id = request.args.get("unit", type=row_number)
    preset = {chosen.unit_field: [unit_id] if chosen.unit_field.endswith("ids") else unit_id} if unit_id else {}
    form = chosen.form(**preset)
    if form.carry_out(lambda: chosen.do(form)):
        made = form.result if isinstance(form.result, list) else [form.result]
        flash(_("The reorganisation has been recorded."), "success")
        if kind == "rename":
            return see_other(url_for("admin.unit", unit_id=made[0].from_unit_id))
        return see_other(url_for("admin.hand_over_work", unit_id=made[0].from_unit_id))
    page = render_template("admin/reorganisation/form.html", form=form, kind=kind, chosen=chosen)
    return page, form.status


@admin.route("/reorganisation/hand-over/<int:unit_id>", methods=["GET", "POST"])
@requires(Permission.ADMIN_UNIT_EDIT)
def hand_over_work(unit_id: int) -> Answer:
    """Open work of a unit: tick, choose who receives it, hand over."""
    get_unit(db.session(), unit_id)
    succession = newest_succession(unit_id)
    form = HandOverForm(
        to_unit_id=succession.to_unit_id if succession else None,
        reason=_("Handed over by decision %(number)s", number=succession.decision_number) if succession else "",
    )
    if form.carry_out(lambda: _hand_over(form, unit_id, succession.id if succession else None)):
        result: HandOver = form.result
        done = sum(map(len, (result.task_ids, result.coordination_ids, result.series_ids, result.indicator_ids)))
        flash(_("%(number)s pieces of work have been handed over.", number=done), "success" if done else "warning")
        for _task_id, code, error in result.refused:
            flash(f"{code}: {error_sentence(error)}", "warning")
        return see_other(url_for("admin.hand_over_work", unit_id=unit_id))
    return _work_page(unit_id, form, OfficeHandOverForm(formdata=None, unit_id=unit_id, prefix=_OFFICE)), form.status


@admin.post("/reorganisation/hand-over/<int:unit_id>/office")
@requires(Permission.ADMIN_UNIT_EDIT)
def hand_over_tracking(unit_id: int) -> Answer:
    """Let another coordinating office track everything that this one tracks."""
    form = OfficeHandOverForm(unit_id=unit_id, prefix=_OFFICE)
    if form.carry_out(
        lambda: hand_over_office(
            from_unit_id=unit_id, to_unit_id=form.to_unit_id.data, actor=current_actor(), now=now()
        )
    ):
        flash(_("%(number)s open tasks are now tracked by the other office.", number=form.result), "success")
        return see_other(url_for("admin.hand_over_work", unit_id=unit_id))
    return _work_page(unit_id, HandOverForm(formdata=None), form), form.status


def _work_page(unit_id: int, form: HandOverForm, office_form: OfficeHandOverForm) -> str:
    unit = get_unit(db.session(), unit_id)
    return render_template(
        "admin/reorganisation/hand_over.html",
        form=form,
        office_form=office_form,
        unit=unit,
        work=open_work(unit_id, on=today()),
    )


def _hand_over(form: HandOverForm, unit_id: int, succession_id: int | None) -> HandOver:
    def chosen(kind: str) -> dict[int, int]:
        return dict.fromkeys(request.form.getlist(kind, type=row_number), form.to_unit_id.data)

    return hand_over(
        from_unit_id=unit_id,
        tasks=chosen("task"),
        coordinations=chosen("coordination"),
        series=chosen("series"),
        indicators=chosen("indicator"),
        reason=form.reason.data,
        doubled=Doubled(form.doubled.data) if form.doubled.data else None,
        succession_id=succession_id,
        actor=current_actor(),
        now=now(),
    )
