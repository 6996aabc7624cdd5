"""The queue of results that wait for this person: one after the other, with report and evidence, until none is left."""

from __future__ import annotations

from flask import Response, render_template, request

from taskflow.domain.deadlines import TimeLabel
from taskflow.services.evidence import draw_page
from taskflow.services.queries.awaiting import next_result
from taskflow.services.queries.task_detail import task_detail
from taskflow.web.addresses import row_number
from taskflow.web.guards import signed_in
from taskflow.web.session import current_actor
from taskflow.web.tasks import tasks
from taskflow.web.tasks.forms import ConfirmForm, ReasonForm
from taskflow.web.tasks.table import offered
from taskflow.web.tasks.view_models import evidence_warnings


@tasks.get("/queue")
@signed_in
def queue() -> str:
    """The next result to decide on; ``after``: the one that was looked at last."""
    actor = current_actor()
    found = next_result(actor, after=request.args.get("after", type=row_number))
    if found is None:
        return render_template("tasks/queue.html", page=None)
    page = task_detail(actor, found.task_id)
    form, answer = ConfirmForm(formdata=None), ReasonForm(formdata=None)
    if page.timing.label is not TimeLabel.OVERDUE:
        del form.delay_cause
    for one in (form, answer):
        one.version.data, one.back.data = page.task.version, "queue"
    return render_template(
        "tasks/queue.html",
        page=page,
        task=page.task,
        names=page.names,
        deeds=offered(page, actor),
        waiting=found.waiting,
        form=form,
        answer=answer,
        evidence_warnings=evidence_warnings(page.warnings),
    )


@tasks.get("/<int:task_id>/files/<int:evidence_id>/page-<int:page>.png")
@signed_in
def evidence_page(task_id: int, evidence_id: int, page: int) -> Response:
    """A page of a PDF or a picture, drawn anew: nothing that was uploaded is shown inside a page of ours as it is."""
    answer = Response(draw_page(current_actor(), task_id, evidence_id, page), mimetype="image/png")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
