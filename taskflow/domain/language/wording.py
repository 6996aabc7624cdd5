"""What the reader says in Vietnamese: the sentence of each problem, and how dates and rules are put in words."""

from __future__ import annotations

from datetime import date

from taskflow.domain.errors import Invalid
from taskflow.domain.occurrences import next_period

_ROMAN = ("I", "II", "III", "IV")
_WEEKDAYS = {
    "MO": "thứ Hai", "TU": "thứ Ba", "WE": "thứ Tư", "TH": "thứ Năm", "FR": "thứ Sáu",
    "SA": "thứ Bảy", "SU": "Chủ nhật",
}  # fmt: skip

#: Problem code → (the most confidence that is left, what happened and what to do next).
PROBLEMS: dict[str, tuple[float, str]] = {
    "impossible_date": (
        0.0,
        "Ngày, tháng hoặc quý ghi trong văn bản không có thật. Hãy đối chiếu bản gốc và nhập lại thời "
        "hạn.",
    ),
    "reversed_range": (0.0, "Mốc kết thúc đứng trước mốc bắt đầu. Hãy đối chiếu bản gốc và nhập lại thời hạn."),
    "bounds_contradict": (
        0.3,
        "Văn bản vừa ghi “trước” một mốc vừa ghi “đến” mốc sau đó. Hãy đối chiếu bản gốc và xác định thời hạn.",
    ),
    "blank_date": (0.0, "Văn bản để trống ngày hoặc tháng. Hãy điền thời hạn khi đã có."),
    "not_understood": (0.0, "Chưa hiểu được thời hạn này. Hãy xác định ngày hoặc chọn loại thời hạn."),
    "too_long": (0.0, "Nội dung dài quá 2.000 ký tự nên không phải một thời hạn. Hãy tách phần thời hạn ra."),
    "ditto": (0.0, "Ô ghi “như trên”. Hãy lấy thời hạn của dòng phía trên."),
    "status_not_deadline": (
        0.0,
        "Ô ghi tình trạng thực hiện, không phải thời hạn. Hãy xác định thời hạn nếu còn cần theo dõi.",
    ),
    "undetermined": (0.0, "Văn bản chưa xác định thời hạn. Hãy bổ sung khi có quyết định."),
    "period_unknown": (
        0.3,
        "Có ghi “định kỳ” nhưng không rõ chu kỳ. Hãy chọn hằng tuần, hằng tháng, hằng quý hay hằng năm.",
    ),
    "vague": (
        0.3,
        "Thời hạn theo kế hoạch hoặc lộ trình khác, không có ngày cụ thể. Hãy xác định ngày theo văn bản "
        "đó.",
    ),
    "missing_year": (0.85, "Văn bản không ghi năm. Hãy kiểm tra năm được lấy theo ngày ban hành."),
    "next_year": (0.6, "Văn bản không ghi năm và ngày này trong năm ban hành đã qua nên lấy năm sau. Hãy xác nhận."),
    "no_issue_date": (
        0.3,
        "Văn bản không ghi năm và chưa có ngày ban hành. Hãy nhập ngày ban hành hoặc thời hạn đầy đủ.",
    ),
    "missing_month": (0.3, "Chỉ ghi ngày, không ghi tháng. Hãy xác định tháng."),
    "maybe_school_year": (
        0.7,
        "Cặp năm liền nhau có thể là năm học. Hãy xác nhận là hai năm dương lịch hay một năm học.",
    ),
    "maybe_target": (0.7, "Mốc “đến năm …” có thể là mục tiêu, không phải thời hạn. Hãy xác nhận."),
    "several_dates": (0.6, "Có nhiều mốc thời gian; lấy mốc cuối làm hạn. Hãy tách việc hoặc xác nhận."),
    "two_digit_year": (0.75, "Năm ghi hai chữ số. Hãy xác nhận năm đầy đủ."),
    "spreadsheet_serial": (0.75, "Ô là số ngày của bảng tính, đã đổi ra ngày. Hãy xác nhận."),
    "part_of_period": (0.75, "“Đầu”, “giữa” hiểu theo Điều 146 Bộ luật Dân sự (ngày 01, ngày 15). Hãy xác nhận."),
    "school_calendar": (
        0.75,
        "Lấy theo khung năm học thường lệ (05/9, 18/01, 31/5). Hãy kiểm tra với kế hoạch thời gian năm "
        "học.",
    ),
    "misread_digits": (0.75, "Có chữ cái đứng chỗ chữ số (O, l, I), đã hiểu là chữ số."),
    "before_period": (0.85, "“Trước” một tháng, quý hoặc năm: hạn là ngày liền trước kỳ đó."),
    "lunar": (0.8, "Ngày âm lịch đã đổi ra dương lịch."),
    "lunar_rule": (0.5, "Ngày âm lịch hằng năm không lặp theo dương lịch. Hãy nhập ngày cho từng năm."),
    "week_of_month": (0.7, "Tuần trong tháng được tính từng 7 ngày kể từ ngày 01. Hãy xác nhận."),
    "day_open": (0.75, "Chưa rõ ngày trong kỳ. Hãy xác nhận ngày phải hoàn thành của mỗi kỳ."),
    "several_periods": (0.7, "Có nhiều chu kỳ; lấy chu kỳ ngắn nhất. Hãy xác nhận hoặc tách việc."),
    "period_assumed": (
        0.6,
        "Có ghi “định kỳ” và một ngày nhưng không ghi chu kỳ; tạm hiểu là hằng năm. Hãy xác nhận.",
    ),
    "also_conditional": (0.7, "Ngoài ngày còn có điều kiện đi kèm. Hãy xác nhận ngày này là hạn cuối."),
    "waits_for_event": (0.6, "Thời hạn phụ thuộc một sự kiện. Khi sự kiện xảy ra, hãy nhập ngày để tính hạn."),
    "relative_year": (0.5, "Năm được tính so với một năm khác. Hãy xác định năm cụ thể."),
    "relative_date": (
        0.75,
        "Thời hạn tính từ ngày ban hành (tháng này, quý sau, cuối năm). Hãy xác nhận ngày được tính ra.",
    ),
    "immediate": (0.5, "Phải làm ngay nhưng không ghi ngày. Hãy nhập ngày phải hoàn thành."),
    "due_before_issue": (0.6, "Thời hạn sớm hơn ngày ban hành văn bản. Hãy kiểm tra lại năm."),
    "due_far_away": (0.3, "Thời hạn cách quá xa thời điểm của văn bản. Hãy đối chiếu bản gốc và nhập lại thời hạn."),
    "bare_year_in_text": (0.6, "Năm nằm trong câu, có thể không phải thời hạn. Hãy xác nhận."),
    "mixed": (0.75, "Vừa có mốc cụ thể vừa có việc lặp lại hoặc thường xuyên. Hãy xác nhận cả hai phần."),
    "no_day": (0.7, "Không có ngày kết thúc cụ thể."),
    "unread_words": (
        0.6,
        "Bên cạnh ngày còn có chữ chưa hiểu được. Hãy đối chiếu bản gốc và xác nhận thời hạn.",
    ),
    "not_to_be_done": (
        0.0,
        "Văn bản ghi không thực hiện, bỏ, hoãn hoặc chuyển. Hãy xác định lại thời hạn theo bản gốc.",
    ),
    "maybe_swapped": (
        0.3,
        "Cùng cột có ngày lớn hơn 12 ghi bằng chữ, nên bảng tính có thể đã đổi chỗ ngày và tháng của ô này. "
        "Hãy xác nhận.",
    ),
    "impossible_time": (0.6, "Giờ ghi trong văn bản không có thật. Hãy kiểm tra lại."),
}  # fmt: skip


def problem_message(code: str) -> str:
    """The Vietnamese sentence of a problem code of ``Deadline.problems``; KeyError for an unknown code."""
    return PROBLEMS[code][1]


def day_text(day: date) -> str:
    """dd/MM/yyyy."""
    return f"{day:%d/%m/%Y}"


def rule_text(rule: str, *, exclusive: bool = False) -> str:
    """A rule of this reader in Vietnamese: "hằng năm, hạn 30/6", "2 năm một lần", "thứ Năm hằng tuần"."""
    parts = dict(part.split("=", 1) for part in rule.split(";"))
    interval = int(parts.get("INTERVAL", "1"))
    limit = "trước" if exclusive else "hạn"
    words = _frequency_text(parts, interval, limit)
    until = parts.get("UNTIL")
    return f"{words}, đến hết ngày {until[6:8]}/{until[4:6]}/{until[:4]}" if until else words


def _frequency_text(parts: dict[str, str], interval: int, limit: str) -> str:
    days = parts.get("BYMONTHDAY", "").split(",") if "BYMONTHDAY" in parts else []
    months = [int(month) for month in parts["BYMONTH"].split(",")] if "BYMONTH" in parts else []
    names = parts.get("BYDAY", "")
    match parts["FREQ"]:
        case "DAILY":
            return "hằng ngày" if interval == 1 else f"{interval} ngày một lần"
        case "WEEKLY":
            every = "hằng tuần" if interval == 1 else f"{interval} tuần một lần"
            return f"{', '.join(_WEEKDAYS[name] for name in names.split(','))} {every}" if names else every
        case "MONTHLY":
            every = "hằng tháng" if interval == 1 else f"{interval} tháng một lần"
            return every + _month_day_text(days, months, names, limit, parts.get("BYSETPOS", ""))
    every = "hằng năm" if interval == 1 else f"{interval} năm một lần"
    if months == [3, 6, 9, 12] and days == ["-1"]:
        return "hằng quý, hạn ngày cuối quý"
    if not months:
        return every
    pairs = [_day_of_year_text(day, month) for month in months for day in days]
    if "BYSETPOS" in parts:
        pairs = [pairs[int(place) - 1] for place in parts["BYSETPOS"].split(",") if int(place) <= len(pairs)]
    return f"{every}, {limit} {', '.join(pairs)}"


def _day_of_year_text(day: str, month: int) -> str:
    if day != "-1":
        return f"{day}/{month}"
    return "cuối tháng 2" if month == 2 else f"{30 if month in (4, 6, 9, 11) else 31}/{month}"


def _month_day_text(days: list[str], months: list[int], names: str, limit: str, place: str) -> str:
    of_months = f" các tháng {', '.join(map(str, months))}" if months else ""
    if names and place:
        return f"{of_months}, ngày làm việc {'cuối cùng' if place == '-1' else 'đầu tiên'}"
    if names:
        week = {"-1": "cuối", "1": "đầu"}.get(names[:-2], f"tuần thứ {names[:-2]} của")
        return f", {_WEEKDAYS[names[-2:]]} {week} tháng"
    if not days:
        return ""
    listed = ", ".join("cuối tháng" if day == "-1" else f"ngày {day}" for day in days)
    return f"{of_months}, {limit} {listed}"


def first_time_text(rule: str, issued: date | None, start: date | None) -> str:
    """ ", lần đầu 30/06/2025 vì văn bản ban hành 11/2024"; empty without a date to count from."""
    since = max(day for day in (issued, start) if day is not None) if issued or start else None
    if since is None:
        return ""
    try:
        first = next_period(rule, date.fromordinal(since.toordinal() - 1), start=start)
    except Invalid:
        return ""
    if first is None:
        return ""
    reason = (
        f"vì văn bản ban hành {issued:%m/%Y}"
        if issued is not None and since == issued
        else f"tính từ {day_text(since)}"
    )
    return f", lần đầu {day_text(first)} {reason}"
