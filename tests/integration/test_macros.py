"""The shared macros: what pages rely on, seen in the HTML they make."""

from __future__ import annotations

import re
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, render_template
from lxml import html
from wtforms import Form, StringField
from wtforms.validators import DataRequired

from taskflow.domain.deadlines import TimeLabel
from taskflow.domain.states import TaskState
from taskflow.web.errors import PAGES
from taskflow.web.forms import MultiCheckboxField, choices
from tests.support.browser import html_problems

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


def render(app: Flask, source: str, address: str = "/x", **context: Any) -> html.HtmlElement:
    """The HTML of a template source, asked for at an address; it must be well-formed."""
    with app.test_request_context(address):
        text = app.jinja_env.from_string(source).render(**context).strip()
    assert not html_problems(text), text
    return html.fromstring(f"<div>{text}</div>")


class _Form(Form):
    title = StringField("Title", [DataRequired("say what")], description="short")
    units = MultiCheckboxField("Units", [DataRequired("tick one")], choices=choices([("1", "One"), ("2", "Two")]))


def _wrong_form() -> _Form:
    form = _Form()
    form.validate()
    return form


def test_a_field_tells_its_hint_and_its_error_to_screen_readers(app: Flask) -> None:
    page = render(
        app, '{% from "macros/forms.html" import render_field %}{{ render_field(form.title) }}', form=_wrong_form()
    )
    (field,) = page.xpath("//input")
    assert field.get("aria-invalid") == "true"
    described = [page.get_element_by_id(name).text_content().strip() for name in field.get("aria-describedby").split()]
    assert described == ["short", "say what"]
    assert page.xpath("//label/@for") == ["title"]


def test_the_error_summary_leads_to_fields_that_are_on_the_page(app: Flask) -> None:
    source = (
        '{% from "macros/forms.html" import error_summary, render_field %}{{ error_summary(form) }}'
        "{% for field in form %}{{ render_field(field) }}{% endfor %}"
    )
    page = render(app, source, form=_wrong_form())
    targets = [href.removeprefix("#") for href in page.xpath("//*[@role='alert']//a/@href")]
    assert targets == ["title", "units"]
    assert all(page.get_element_by_id(target) is not None for target in targets)


def test_no_summary_without_errors(app: Flask) -> None:
    assert not render(
        app, '{% from "macros/forms.html" import error_summary %}<p></p>{{ error_summary(form) }}', form=_Form()
    ).xpath("//*[@role]")


@pytest.mark.parametrize("state", list(TaskState))
def test_every_state_has_an_icon_and_a_word(app: Flask, state: TaskState) -> None:
    badge = render(app, '{% from "macros/status.html" import state_badge %}{{ state_badge(state) }}', state=state)
    assert badge.xpath(".//svg")
    assert badge.text_content().strip() not in ("", state.value)


@pytest.mark.parametrize("label", list(TimeLabel))
def test_every_time_label_has_an_icon_and_a_word(app: Flask, label: TimeLabel) -> None:
    badge = render(app, '{% from "macros/status.html" import time_badge %}{{ time_badge(label, 3) }}', label=label)
    assert badge.xpath(".//svg")
    assert badge.text_content().strip() not in ("", label.value)


def _due(app: Flask, *values: Any) -> str:
    source = '{% from "macros/status.html" import due_cell %}{{ due_cell(*values) }}'
    return " ".join(render(app, source, values=values).text_content().split())


def test_a_moved_deadline_shows_the_first_one_too(app: Flask) -> None:
    moved = _due(app, date(2026, 12, 5), "on_time", 3, date(2026, 11, 30))
    assert "05/12/2026" in moved
    assert "30/11/2026" in moved
    assert "30/11/2026" not in _due(app, date(2026, 12, 5), "on_time", 3, date(2026, 12, 5))


def test_a_deadline_without_a_day_shows_its_wording(app: Flask) -> None:
    assert "Sau khi có hướng dẫn" in _due(app, None, "waiting_condition", None, None, "Sau khi có hướng dẫn")


LIST = (
    '{% from "macros/tables.html" import data_table %}'
    '{% call data_table([{"label": "Due", "sort": "due"}], "Tasks") %}<tr><td data-label="Due">1</td></tr>{% endcall %}'
)


@pytest.mark.parametrize(
    ("address", "wanted", "order"),
    [
        ("/x?unit=1&unit=2&page=3", "/x?unit=1&unit=2&sort=due", None),
        ("/x?sort=-due", "/x?sort=due", "descending"),
        ("/x?sort=due", "/x?sort=-due", "ascending"),
    ],
)
def test_sorting_keeps_the_filters_and_turns_round(app: Flask, address: str, wanted: str, order: str | None) -> None:
    (head,) = render(app, LIST, address).xpath("//thead//th")
    assert head.xpath("a/@href") == [wanted]
    assert head.get("aria-sort") == order


def test_pages_keep_the_filters(app: Flask) -> None:
    result = SimpleNamespace(rows=[None] * 50, page=2, page_size=50, total=120, more_than_total=False, has_next=True)
    source = '{% from "macros/pagination.html" import list_pages %}{{ list_pages(result) }}'
    page = render(app, source, "/x?q=gi%C3%A1o&page=2", result=result)
    assert page.xpath("//a/@href") == ["/x?q=gi%C3%A1o", "/x?q=gi%C3%A1o&page=3"]
    assert re.findall(r"\d+", page.xpath("//p")[0].text_content()) == ["51", "100", "120"]


def test_a_chip_takes_off_its_own_value_only(app: Flask) -> None:
    chip = SimpleNamespace(key="unit", value=2, label="Unit", text="Two")
    source = '{% from "macros/filters.html" import filter_chips %}{{ filter_chips([chip]) }}'
    assert render(app, source, "/x?unit=1&unit=2&page=3", chip=chip).xpath("//a/@href") == ["/x?unit=1"]


def test_names_in_the_address_cannot_lead_to_another_host(app: Flask) -> None:
    source = '{% from "macros/links.html" import url_with %}<a href="{{ url_with({"page": 2}) }}">2</a>'
    (href,) = render(app, source, "/x?_external=1&_scheme=javascript&endpoint=a&%22%3E%3Cb%3E=1").xpath("//a/@href")
    assert href.startswith("/x?")
    assert "<b>" not in href


@pytest.mark.parametrize("status", PAGES)
def test_every_error_page_says_what_to_do_and_names_the_request(app: Flask, status: int) -> None:
    with app.test_request_context("/x"):
        text = render_template(f"errors/{status}.html", message="", request_id="0123abcd")
    assert not html_problems(text)
    page = html.fromstring(text)
    (section,) = page.xpath("//main//section")
    assert len(section.xpath("./p")) == 3
    assert "0123abcd" in section.text_content()
    assert section.xpath(".//a[@href]")
    assert page.findtext(".//title") == f"{section.findtext('h1')} · taskflow"
