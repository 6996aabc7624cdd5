"""The list of indicators, one indicator with its chart, reporting a reading, naming the unit that answers."""

from __future__ import annotations

from flask import Response, flash, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from taskflow.clock import now, today
from taskflow.domain.errors import Invalid, NotAllowed
from taskflow.i18n import _
from taskflow.services import indicators as service
from taskflow.services import settings
from taskflow.services.period_words import period_words
from taskflow.services.queries import indicators as queries
from taskflow.web.guards import signed_in
from taskflow.web.indicators import indicators
from taskflow.web.indicators.chart import chart_of
from taskflow.web.indicators.forms import ReadingForm, ResponsibleForm
from taskflow.web.redirects import see_other
from taskflow.web.serving import attachment
from taskflow.web.session import current_actor


@indicators.get("/")
@signed_in
def index() -> str:
    """The indicators that one may see, by document and responsible unit."""
    actor = current_actor()
    document, unit = _number("document"), _number("unit")
    page = queries.list_page(actor, document_id=document, unit_id=unit, page=_number("page") or 1)
    return render_template(
        "indicators/index.html",
        page=page,
        points={one.id: service.series_of(one) for one in page.rows},
        documents=queries.documents_with_indicators(actor),
        units=queries.responsible_units(actor),
        chosen={"document": document or "", "unit": unit or ""},
        period_words=period_words,
    )


@indicators.get("/<int:indicator_id>")
@signed_in
def detail(indicator_id: int) -> str:
    """One indicator: baseline, targets, readings with their evidence, target against actual as a chart and a table."""
    actor = current_actor()
    indicator = service.get_indicator(actor, indicator_id)
    points = service.series_of(indicator)
    return render_template(
        "indicators/detail.html",
        indicator=indicator,
        points=points,
        chart=chart_of(points, indicator.baseline),
        readings=queries.readings_of(indicator),
        may_report=service.may_report(actor, indicator),
        may_name=service.may_name_responsible(actor, indicator),
        period_words=period_words,
    )


@indicators.route("/<int:indicator_id>/report", methods=["GET", "POST"])
@signed_in
def report(indicator_id: int) -> str | Answer | tuple[str, int]:
    """Report what the indicator was in a period."""
    actor = current_actor()
    indicator = service.get_indicator(actor, indicator_id)
    if not service.may_report(actor, indicator):
        raise NotAllowed("indicator.not_allowed")
    form = ReadingForm(year=today().year)
    done = form.carry_out(
        lambda: service.report_reading(
            indicator_id=indicator_id,
            period=form.period,
            text=form.text.data or "",
            note=form.note.data or "",
            upload=form.upload(),
            not_secret=form.not_secret.data or "",
            actor=actor,
            now=now(),
        )
    )
    if done:
        flash(_("The value has been recorded. An earlier value of the same period stays in the history."), "success")
        return see_other(url_for("indicators.detail", indicator_id=indicator_id))
    page = render_template(
        "indicators/report.html", indicator=indicator, form=form, max_mb=settings.get(settings.EVIDENCE_MAX_MB)
    )
    return page, form.status


@indicators.route("/<int:indicator_id>/responsible", methods=["GET", "POST"])
@signed_in
def responsible(indicator_id: int) -> str | Answer | tuple[str, int]:
    """Name the unit that answers for the indicator."""
    actor = current_actor()
    indicator = service.get_indicator(actor, indicator_id)
    if not service.may_name_responsible(actor, indicator):
        raise NotAllowed("indicator.not_allowed")
    form = ResponsibleForm(version=indicator.version, unit_id=indicator.responsible_unit_id)
    done = form.carry_out(
        lambda: service.make_responsible(
            indicator_id=indicator_id,
            unit_id=form.unit_id.data,
            actor=actor,
            now=now(),
            expected_version=form.version.data,
        )
    )
    if done:
        flash(_("The responsible unit has been recorded."), "success")
        return see_other(url_for("indicators.detail", indicator_id=indicator_id))
    return render_template("indicators/responsible.html", indicator=indicator, form=form), form.status


@indicators.get("/readings/<int:reading_id>/file")
@signed_in
def reading_file(reading_id: int) -> Response:
    """The file of a reading, as an attachment."""
    return attachment(service.get_reading_file(current_actor(), reading_id))


def _number(name: str) -> int | None:
    """A number of the address. Raises ``Invalid`` for what is none."""
    text = request.args.get(name, "")
    if not text:
        return None
    if not text.isdecimal() or not 0 < int(text) < 2**31:
        raise Invalid("filter.invalid", name, value=text)
    return int(text)
