"""Every kind of deadline phrase with its reading: tests/data/deadline_phrases.txt, and what a table cannot hold."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from taskflow.domain.calendar import WorkCalendar
from taskflow.domain.deadlines import BeforeMeans, DeadlineKind
from taskflow.domain.language import LONGEST_TEXT, problem_message, read_deadline
from taskflow.domain.language.wording import PROBLEMS

ISSUED = date(2026, 7, 14)
PHRASES = Path(__file__).parents[2] / "data" / "deadline_phrases.txt"


def _rows() -> list[tuple[str, ...]]:
    rows = []
    for line in PHRASES.read_text(encoding="utf8").splitlines():
        if line and not line.startswith("# "):
            cells = [cell.strip() for cell in line.split("|")]
            rows.append(tuple(cells + [""] * (6 - len(cells))))
    return rows


def test_the_table_covers_every_kind() -> None:
    assert {row[1] for row in _rows()} == {str(kind) for kind in DeadlineKind}
    assert len(_rows()) > 500


@pytest.mark.parametrize(("phrase", "kind", "start", "due", "rule", "flags"), _rows(), ids=lambda cell: cell or "-")
def test_a_phrase_is_read_as_the_table_says(
    phrase: str, kind: str, start: str, due: str, rule: str, flags: str
) -> None:
    read = read_deadline(phrase, issued_on=ISSUED)
    suggested = next((flag.removeprefix("suggested=") for flag in flags.split() if flag.startswith("suggested=")), "")
    assert (read.kind, str(read.start or ""), str(read.due or ""), read.rule or "") == (kind, start, due, rule)
    assert read.exclusive == ("exclusive" in flags)
    assert str(read.suggested_due or "") == suggested


@pytest.mark.parametrize(
    ("phrase", "problem"),
    [
        ("trước 20/5", "next_year"),
        ("trước 20/8", "missing_year"),
        ("trước ngày 25", "missing_month"),
        ("2026-2027", "maybe_school_year"),
        ("đến năm 2030", "maybe_target"),
        ("15/09/26", "two_digit_year"),
        ("46254", "spreadsheet_serial"),
        ("đầu tháng 9/2026", "part_of_period"),
        ("năm học 2026-2027", "school_calendar"),
        ("trước tháng 9/2026", "before_period"),
        ("rằm tháng Giêng năm 2027", "lunar"),
        ("rằm tháng Giêng hằng năm", "lunar_rule"),
        ("tuần 3 tháng 9/2026", "week_of_month"),
        ("2O/11/2026", "misread_digits"),
        ("hằng năm", "day_open"),
        ("hằng tháng, quý, năm", "several_periods"),
        ("định kỳ trước ngày 15/12", "period_assumed"),
        ("quý III/2026 sau khi có hướng dẫn", "also_conditional"),
        ("sau khi có hướng dẫn", "waits_for_event"),
        ("ngày 15/01 năm sau", "relative_year"),
        ("trong quý sau", "relative_date"),
        ("thực hiện ngay", "immediate"),
        ("31/12/2024", "due_before_issue"),
        ("30% dân số, 15 xã vào nhóm đạt chuẩn năm 2027", "bare_year_in_text"),
        ("tháng 9/2026 và thường xuyên", "mixed"),
        ("sau ngày 30/9/2026", "no_day"),
        ("trước 25h00 ngày 15/8/2026", "impossible_time"),
        ("31/11/2026", "impossible_date"),
        ("từ 15/12/2026 đến 01/10/2026", "reversed_range"),
        ("trước ngày 15/9 đến ngày 20/9/2026", "bounds_contradict"),
        ("tháng … năm 2026", "blank_date"),
        ("như trên", "ditto"),
        ("đã hoàn thành", "status_not_deadline"),
        ("chưa xác định", "undetermined"),
        ("định kỳ", "period_unknown"),
        ("theo lộ trình", "vague"),
        ("Phòng Nội vụ", "not_understood"),
        ("tháng 9/2026; tháng 12/2026; tháng 3/2027", "several_dates"),
        ("x" * (LONGEST_TEXT + 1), "too_long"),
    ],
)
def test_a_doubt_is_named_and_asks_for_a_person(phrase: str, problem: str) -> None:
    read = read_deadline(phrase, issued_on=ISSUED)
    assert problem in read.problems
    assert read.confidence <= PROBLEMS[problem][0]
    assert problem_message(problem).endswith(".")


def test_no_year_and_no_document_date_give_no_day() -> None:
    for phrase in ("trước ngày 30/11", "quý III", "cuối năm", "tháng 6", "học kỳ I", "trước Tết Nguyên đán"):
        read = read_deadline(phrase, issued_on=None)
        assert read.due is None
        assert read.problems == ("no_issue_date",)
        assert read.needs_confirmation


def test_the_day_before_reading_moves_only_a_named_day() -> None:
    def due(phrase: str) -> date | None:
        return read_deadline(phrase, issued_on=ISSUED, before_means=BeforeMeans.DAY_BEFORE).due

    assert due("trước ngày 30/11/2026") == date(2026, 11, 29)
    assert due("chậm nhất ngày 30/11/2026") == date(2026, 11, 30)
    assert due("trước 17h00 ngày 30/11/2026") == date(2026, 11, 30)
    assert due("trước tháng 12/2026") == date(2026, 11, 30)


def test_working_days_from_the_issue_date_skip_the_offices_days_off() -> None:
    calendar = WorkCalendar(days_off={date(2026, 9, 1): "Quốc khánh", date(2026, 9, 2): "Quốc khánh"})
    phrase = "trong 3 ngày làm việc kể từ ngày ban hành"
    read = read_deadline(phrase, issued_on=date(2026, 8, 31), calendar=calendar)
    assert (read.kind, read.due, read.suggested_due) == (DeadlineKind.CONDITIONAL, None, date(2026, 9, 7))


@pytest.mark.parametrize(
    ("phrase", "issued", "said"),
    [
        (
            "Tháng 5 hàng năm",
            date(2024, 11, 8),
            "hằng năm, hạn 31/5, lần đầu 31/05/2025 vì văn bản ban hành 11/2024",
        ),
        (
            "trước ngày 10/12 hằng năm",
            date(2026, 7, 14),
            "hằng năm, trước 10/12, lần đầu 10/12/2026 vì văn bản ban hành 07/2026",
        ),
        ("trước 20/5", ISSUED, "văn bản không ghi năm và ngày này trong năm ban hành đã qua nên lấy năm 2027"),
        ("Quý IV/2026", ISSUED, "hạn 31/12/2026 (ngày cuối quý)"),
        ("15 ngày kể từ ngày ban hành", ISSUED, "đề xuất hạn 29/07/2026 chờ xác nhận"),
        ("02 năm một lần", date(2026, 7, 14), "2 năm một lần"),
        ("Thường xuyên trong năm", ISSUED, "hạn 31/12/2026 (ngày cuối năm); đồng thời là việc làm thường xuyên"),
        ("Hằng quý", ISSUED, "hằng quý, hạn ngày cuối quý, lần đầu 30/09/2026"),
    ],
)
def test_the_explanation_says_how_the_phrase_was_understood(phrase: str, issued: date, said: str) -> None:
    explanation = read_deadline(phrase, issued_on=issued).explanation
    assert explanation.startswith(f"{phrase} → ")
    assert said in explanation


def test_an_empty_cell_has_no_deadline() -> None:
    for phrase in ("", "   ", "-", "–", " \n "):
        assert read_deadline(phrase, issued_on=ISSUED).kind is DeadlineKind.NONE


def test_a_long_row_of_results_spans_from_the_first_to_the_last() -> None:
    phrase = "Khảo sát xong quý III/2026; nghiệm thu tháng 6/2027; tập huấn hằng năm đến năm 2029; duy trì hằng quý."
    read = read_deadline(phrase, issued_on=ISSUED)
    assert (read.kind, read.start, read.due) == (DeadlineKind.RANGE, date(2026, 7, 1), date(2029, 12, 31))
    assert read.needs_confirmation
