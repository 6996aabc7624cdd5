"""The last step: the statement that accounts for every row, the commit, what was made, and taking it back."""

from __future__ import annotations

from typing import Any

from flask import flash, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from taskflow.clock import now
from taskflow.domain.errors import Conflict, DomainError, NotAllowed, NotFound
from taskflow.extensions import db
from taskflow.i18n import _, error_sentence
from taskflow.models.document import ImportJob, ImportRow, ImportStatus, RowDecision
from taskflow.models.org import User
from taskflow.services.imports import freshness, undoing
from taskflow.services.imports.access import all_rows, get_job
from taskflow.services.imports.commit import commit_rows
from taskflow.services.imports.relation import imported_before, relation_of
from taskflow.services.imports.statement import asks_for_several_leads, effect_of, has_several_leads, unread_tables
from taskflow.services.queries.scope import ids_by_code
from taskflow.web.errors import status_of
from taskflow.web.guards import requires
from taskflow.web.imports import imports
from taskflow.web.imports.view_models import IMPORT, effect_sentence, frame, outcome, place_text, reviewed
from taskflow.web.redirects import see_other
from taskflow.web.session import current_actor


@imports.get("/<int:job_id>/statement")
@requires(IMPORT)
def statement(job_id: int) -> str:
    """What will be made of every row, and what still stands in the way."""
    return _page(reviewed(job_id))


@imports.post("/<int:job_id>/commit")
@requires(IMPORT)
def commit(job_id: int) -> Response:
    """Confirm the statement and make the tasks. Pressed twice it shows what the first time made."""
    try:
        made = commit_rows(
            job_id,
            actor=current_actor(),
            now=now(),
            fingerprint=request.form.get("fingerprint", ""),
            reason=request.form.get("reason", ""),
        )
    except (NotFound, NotAllowed):
        raise
    except DomainError as error:
        job = get_job(current_actor(), job_id)
        if job.status is not ImportStatus.REVIEW:
            raise
        if error.code == "import.tasks_changed":
            freshness.compare_again(job_id, actor=current_actor())
        return make_response(_page(job, error_sentence(error)), status_of(error))
    if made.is_new:
        flash(effect_sentence(made.effect), "success")
    else:
        flash(_("This import had been committed before. Nothing was made twice."), "info")
    return see_other(url_for("imports.show", job_id=job_id))


@imports.get("/<int:job_id>/statement/print")
@requires(IMPORT)
def printed(job_id: int) -> str:
    """The kept statement on paper."""
    return render_template("imports/printed.html", **_kept(get_job(current_actor(), job_id)))


@imports.route("/<int:job_id>/undo-import", methods=["GET", "POST"])
@requires(IMPORT)
def undo_import(job_id: int) -> Response:
    """Ask, then take the whole import back."""
    job = get_job(current_actor(), job_id)
    problem, status = "", 200
    if request.method == "POST":
        try:
            undoing.undo_import(job_id, actor=current_actor(), now=now())
        except Conflict:
            raise
        except (NotFound, NotAllowed):
            raise
        except DomainError as error:
            problem, status = error_sentence(error), status_of(error)
        else:
            flash(_("The import has been taken back: its tasks, figures and notices are gone."), "success")
            return see_other(url_for("imports.show", job_id=job_id))
    session = db.session()
    touched, named = undoing.touched(session, job), undoing.first_touched(session, job)
    is_final = undoing.changed_others(job)
    page = render_template(
        "imports/undo.html", job=job, touched=touched, named=named, problem=problem, is_final=is_final
    )
    return make_response(page, status)


def done(job: ImportJob) -> str:
    """What a committed import made, with links to it."""
    return render_template("imports/done.html", **_kept(job))


def _kept(job: ImportJob) -> dict[str, object]:
    by = db.session.get(User, job.committed_by_id) if job.committed_by_id else None
    kept = job.statement
    left = [line for line in kept.get("rows", ()) if _was_left(line)] if job.kind != "round_trip" else []
    skipped = [
        *((line["place"], line["content"], line["reason"]) for line in kept.get("rows", ()) if line["reason"]),
        *((line["place"], line["text"], line["reason"]) for line in kept.get("left_out_by_reader", ())),
    ]
    codes = [code for line in kept.get("rows", ()) for code in line["codes"]]
    return {
        "job": job,
        "kept": kept,
        "task_ids": ids_by_code(current_actor(), codes),
        "effect": effect_sentence(effect_of(kept)),
        "is_final": undoing.changed_others(job),
        "by": by.full_name if by else kept.get("by", ""),
        "skipped": skipped,
        "left": left,
        "made": [
            line
            for line in kept.get("rows", ())
            if line["decision"] == "import" or (line["change"] and not line["reason"])
        ],
        "outcome": outcome,
        "place_text": place_text,
    }


def _was_left(line: dict[str, Any]) -> bool:
    """Whether a row of a kept statement could still be assigned or taken over by a further import of the file."""
    if line["decision"] == RowDecision.IMPORT.value:
        return bool(line["change"] == "changed" and not line["accepted"])
    return line["change"] in ("changed", "added") or line["source"] in ("table", "list")


def _page(job: ImportJob, problem: str = "") -> str:
    rows = all_rows(db.session(), job)
    return render_template(
        "imports/statement.html",
        problem=problem,
        blocking=[row for row in rows if row.is_blocking],
        skipped=[row for row in rows if row.decision is RowDecision.SKIP],
        unread=job.reconciliation.get("skipped", ()),
        several=[row for row in rows if has_several_leads(row)],
        asks_several=asks_for_several_leads(job, rows),
        unread_tables=unread_tables(job),
        changes=_changes(rows),
        relation=relation_of(job),
        same=imported_before(db.session(), job),
        place_text=place_text,
        **frame(job),
    )


def _changes(rows: list[ImportRow]) -> dict[str, int]:
    """How many existing tasks stay, change, are dropped; how many rows are new: of an amendment or a round trip."""
    counts: dict[str, int] = {}
    for row in rows:
        if row.change:
            kind = row.change["kind"]
            taken = row.decision is RowDecision.IMPORT and (kind != "changed" or row.change["accept"])
            counts[kind] = counts.get(kind, 0) + 1
            if taken and kind in ("changed", "dropped", "added"):
                counts[f"{kind}_taken"] = counts.get(f"{kind}_taken", 0) + 1
    return counts
