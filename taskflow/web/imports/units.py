"""Which units the names mean: one decision for each distinct wording, remembered for the office."""

from __future__ import annotations

from collections.abc import Iterator

from flask import flash, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from taskflow.clock import now
from taskflow.domain.errors import DomainError, NotAllowed, NotFound
from taskflow.extensions import db
from taskflow.i18n import _, error_sentence
from taskflow.models.document import ImportJob
from taskflow.services.imports import heads, queries
from taskflow.services.imports.access import all_rows
from taskflow.services.imports.statement import asks_for_several_leads, has_several_leads
from taskflow.services.imports.unit_names import Meaning, Wording, decide, wordings
from taskflow.services.queries.units import unit_choices
from taskflow.web.addresses import row_number
from taskflow.web.errors import status_of
from taskflow.web.guards import requires
from taskflow.web.imports import imports
from taskflow.web.imports.view_models import IMPORT, frame, meaning, reviewed
from taskflow.web.redirects import see_other
from taskflow.web.session import current_actor
from taskflow.web.submissions import is_resumed


@imports.get("/<int:job_id>/units")
@requires(IMPORT)
def units(job_id: int) -> str:
    """The distinct names of the import, those that need a person first."""
    return _page(reviewed(job_id))


@imports.post("/<int:job_id>/units")
@requires(IMPORT)
def decide_units(job_id: int) -> Response:
    """Keep the decisions; what was left open stays open."""
    job = reviewed(job_id)
    if is_resumed():
        return make_response(_page(job))
    try:
        decisions = dict(_sent())
        changed = decide(job.id, decisions, actor=current_actor(), now=now(), keep=request.form.get("remember") == "1")
    except (NotFound, NotAllowed):
        raise
    except (DomainError, ValueError) as error:
        sentence = error_sentence(error) if isinstance(error, DomainError) else _("This is not a valid choice.")
        status = status_of(error) if isinstance(error, DomainError) else 422
        return make_response(_page(reviewed(job_id), sentence), status)
    if request.form.get("next") and not changed:
        return see_other(url_for("imports.rows", job_id=job.id))
    if changed:
        flash(_("%(count)s rows now have these units.", count=changed), "success")
    else:
        flash(_("Nothing was chosen yet."), "info")
    return see_other(url_for("imports.rows" if request.form.get("next") else "imports.units", job_id=job.id))


@imports.post("/<int:job_id>/several-leads")
@requires(IMPORT)
def several_leads(job_id: int) -> Response:
    """Answer what several leads in one row mean, once for the import."""
    heads.set_several_leads(reviewed(job_id).id, request.form.get("way", ""), actor=current_actor())
    flash(_("Saved."), "success")
    return see_other(url_for(f"imports.{'statement' if request.form.get('back') else 'units'}", job_id=job_id))


def meaning_of(means: str, ticked: list[str]) -> Meaning | None:
    """A decision as forms send it: ticked units, or "unit:5", "group:2", "ignore"; None for "leave as it is"."""
    if ticked:
        return Meaning(unit_ids=tuple(int(unit_id) for unit_id in ticked))
    kind, _colon, number = means.partition(":")
    if kind == "unit":
        return Meaning(unit_ids=(int(number),))
    if kind == "group":
        return Meaning(group_id=int(number))
    return Meaning(ignore=True) if kind == "ignore" else None


def _sent() -> Iterator[tuple[str, Meaning]]:
    for name, text in request.form.items():
        if name.startswith("text-"):
            number = name.removeprefix("text-")
            found = meaning_of(request.form.get(f"means-{number}", ""), request.form.getlist(f"units-{number}"))
            if found is not None:
                yield text, found


def _choices() -> dict[str, tuple[str, list[int]]]:
    """What was chosen for each name in the form that was sent, to be shown again."""
    return {
        text: (
            request.form.get(f"means-{name.removeprefix('text-')}", ""),
            request.form.getlist(f"units-{name.removeprefix('text-')}", type=row_number),
        )
        for name, text in request.form.items()
        if name.startswith("text-")
    }


def _page(job: ImportJob, problem: str = "") -> str:
    found = wordings(job)
    names = queries.names_for(
        {unit_id for one in found for unit_id in (*one.choice.unit_ids, *(pair[0] for pair in one.candidates))},
        {group_id for one in found for group_id in (*_own_group(one), *(pair[0] for pair in one.group_candidates))},
    )
    rows = all_rows(db.session(), job)
    return render_template(
        "imports/units.html",
        wordings=found,
        undecided=[one for one in found if not one.choice.settled],
        decided=[one for one in found if one.choice.settled],
        names=names,
        meaning=lambda choice: meaning(choice, names),
        unit_options=unit_choices(),
        group_options=queries.group_options(),
        several=[row for row in rows if has_several_leads(row)],
        asks_several=asks_for_several_leads(job, rows),
        problem=problem,
        sent=_choices(),
        **frame(job),
    )


def _own_group(one: Wording) -> tuple[int, ...]:
    return (one.choice.group_id,) if one.choice.group_id is not None else ()
