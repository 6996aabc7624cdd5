"""Indicators and budget of a document for export, as far as the actor may see them."""

from __future__ import annotations

from taskflow.domain.permissions import Actor
from taskflow.reports.document import BudgetRow, IndicatorRow, IndicatorTable
from taskflow.services.indicators import list_budget, list_indicators, series_of, when
from taskflow.services.period_words import period_words


def indicator_table(actor: Actor, document_id: int) -> IndicatorTable:
    """The indicators in the order of the document, their periods in that of time; a period's newest reading holds."""
    rows = []
    for one in list_indicators(actor, document_id=document_id):
        points = series_of(one)
        rows.append(
            IndicatorRow(
                group=one.group,
                name=one.name,
                unit_of_measure=one.unit_of_measure,
                baseline=one.baseline,
                responsible=one.responsible.name if one.responsible else one.responsible_wording,
                note=one.note,
                targets={point.period: point.target for point in points if point.target},
                reached={point.period: point.actual for point in points if point.actual},
            )
        )
    periods = {period for row in rows for period in (*row.targets, *row.reached)}
    return IndicatorTable({period: period_words(period) for period in sorted(periods, key=when)}, rows)


def budget_rows(actor: Actor, document_id: int) -> list[BudgetRow]:
    """The lines of the budget in the order of the document. Raises ``NotFound``."""
    return [
        BudgetRow(one.tt, one.content, one.amount_million_vnd, one.amount_text, one.source, one.note)
        for one in list_budget(actor, document_id)
    ]
