"""What several pages of the review show: its steps, its head line, places and problems in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from taskflow.domain.deadlines import DeadlineKind
from taskflow.domain.errors import WrongState
from taskflow.domain.permissions import Permission
from taskflow.i18n import _, format_date, format_number, title_of
from taskflow.models.document import ImportJob, ImportRow, ImportStatus, RowDecision
from taskflow.services.imports.access import get_job
from taskflow.services.imports.checks import BLOCKING
from taskflow.services.imports.queries import Names, Review, review_of
from taskflow.services.imports.statement import Effect
from taskflow.services.imports.values import UnitChoice, day, deadline_of, unit_choices
from taskflow.web.session import current_actor

IMPORT = Permission.DOCUMENT_IMPORT


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the review, as a tab."""

    label: str
    url: str
    active: bool
    count: int | None = None


def reviewed(job_id: int) -> ImportJob:
    """The import while it is under review. Raises ``NotFound``, ``WrongState``."""
    job = get_job(current_actor(), job_id)
    if job.status is not ImportStatus.REVIEW:
        raise WrongState("import.wrong_status", status=job.status)
    return job


def frame(job: ImportJob) -> dict[str, Any]:
    """What the head of every page of the review needs."""
    review = review_of(job)
    return {"job": job, "review": review, "steps": steps(job, review)}


def steps(job: ImportJob, review: Review) -> list[Step]:
    """The tabs of the review, with how many things each still waits for."""
    counts = review.counts
    entries: list[tuple[str, str, int | None]] = [(_("Document and tables"), "imports.head", None)]
    entries.append((_("Units"), "imports.units", counts["units"] or None))
    entries.append((_("Rows"), "imports.rows", counts["problems"] or None))
    if review.offered:
        entries.append((_("Duties in the text"), "imports.duties", None))
    if job.reading.get("indicators") or job.reading.get("budget"):
        entries.append((_("Indicators and budget"), "imports.figures", None))
    entries.append((_("Check and assign"), "imports.statement", None))
    here = request.endpoint
    also = {"imports.tables": "imports.head", "imports.row": "imports.rows"}
    return [
        Step(label, url_for(endpoint, job_id=job.id), also.get(here or "", here) == endpoint, count)
        for label, endpoint, count in entries
    ]


def effect_sentence(effect: Effect) -> str:
    """What a commit did, in one sentence."""
    parts = []
    if effect.made:
        made = _("%(count)s tasks assigned", count=format_number(effect.made))
        repeated = _("%(count)s of them repeated work", count=format_number(effect.series))
        parts.append(f"{made} ({repeated})" if effect.series else made)
    if effect.changed:
        parts.append(_("%(count)s tasks changed", count=format_number(effect.changed)))
    if effect.ended:
        parts.append(_("%(count)s tasks ended", count=format_number(effect.ended)))
    if not parts:
        return str(_("No task was assigned or changed."))
    return str(_("Done: %(what)s. The units are told.", what=", ".join(parts)))


def outcome(line: Mapping[str, Any]) -> str:
    """What became of a row of the kept statement that made no task, in words."""
    taken = line["decision"] == RowDecision.IMPORT.value
    is_replaced = line.get("noted", False)
    match line["change"]:
        case "same" | "closed" if is_replaced:
            return str(_("the task now rests on this document"))
        case "changed" if is_replaced and (not taken or not line["accepted"]):
            return str(_("differences not taken over, the task now rests on this document"))
        case "same":
            return str(_("the task stays as it is"))
        case "closed":
            return str(_("the task is finished and stays as it is"))
        case "changed" if not taken or not line["accepted"]:
            return str(_("differences not taken over, the task stays as it is"))
        case "changed":
            return str(_("repeated work, changed from now on"))
        case "dropped":
            return str(_("repeated work, ended")) if taken else str(_("no longer in the document, the task goes on"))
        case "added" if not taken:
            return str(_("not assigned"))
    return str(_("repeated work, no period due yet")) if line["kind"] == "recurring" else "–"


def place_text(place: Mapping[str, Any]) -> str:
    """Where a row stands in the source, in words."""
    parts = []
    if place.get("page"):
        parts.append(_("page %(page)s", page=place["page"]))
    if place.get("sheet"):
        parts.append(_("sheet “%(sheet)s”", sheet=place["sheet"]))
    elif place.get("table"):
        parts.append(_("table %(table)s", table=place["table"]))
    if place.get("row"):
        parts.append(_("row %(row)s", row=place["row"]))
    return ", ".join(parts)


#: Roles of the source cells, as a clerk calls them.
def role_title(role: str) -> str:
    """The title of a column's role; a heading of the source stays as it is."""
    return title_of(role, "ColumnRole")


def notes_of(row: ImportRow) -> list[tuple[str, str]]:
    """(tone, sentence) of everything there is to say about a row: what blocks it first."""
    flags = row.flags.split()
    lines = [
        ("overdue" if flag in BLOCKING else "near", title_of(flag, "RowFlag")) for flag in flags if flag != "check"
    ]
    if "check" in flags:
        known = {"row.doubtful_deadline", "row.no_lead", "row.many_leads", "row.group_lead", "row.open_lead"}
        known |= {"row.open_coordinator", "row.no_deadline", "row.before_document", "row.ocr", "row.no_content"}
        lines += [("near", problem["message"]) for problem in row.problems if problem["code"] not in known]
    return lines


def deadline_line(row: ImportRow) -> tuple[str, str]:
    """(what counts, the wording) of a row's deadline, in short."""
    deadline = deadline_of(row.deadline)
    if row.deadline.get("decision") == "later":
        return _("to be set later"), deadline.text
    if deadline.due:
        due = format_date(deadline.due)
        shown = str(_("before %(day)s", day=due)) if deadline.exclusive else due
        return (f"{format_date(deadline.start)} – {shown}" if deadline.start else shown), deadline.text
    if deadline.kind is DeadlineKind.NONE:
        return "–", deadline.text
    return title_of(deadline.kind), deadline.text


def chosen(choices: Sequence[Mapping[str, Any]], names: Names) -> list[tuple[UnitChoice, str]]:
    """The names of a cell with what each stands for."""
    return [(choice, meaning(choice, names)) for choice in unit_choices(choices)]


def meaning(choice: UnitChoice, names: Names) -> str:
    """What a name is taken for, in words; "" while nobody knows."""
    if choice.status == "ignored":
        return str(_("no coordination line"))
    if choice.group_id is not None and choice.group_id in names.groups and choice.unit_ids:
        return f"{names.groups[choice.group_id]} ({len(choice.unit_ids)})"
    return names.meant(choice.unit_ids)


def same_name(choice: UnitChoice, meant: str) -> bool:
    """Whether saying the meaning would only repeat the wording."""
    return " ".join(choice.wording.split()).lower() == meant.lower()


def old_day(value: str | None) -> str:
    """An ISO day of JSON as dd/MM/yyyy."""
    return format_date(day(value))
