"""Rules and reminders in words: a rule explains itself in one Vietnamese sentence, a reminder says why it is due."""

from __future__ import annotations

from taskflow.domain.reminders import AT_ONCE, DATED, Escalation, Group, Recipient, Reminder, ReminderEvent, Rule

#: The posts in words.
RECIPIENT_WORDS = {
    Recipient.PERSON: "người phụ trách",
    Recipient.HEAD: "lãnh đạo đơn vị chủ trì",
    Recipient.COORDINATING: "lãnh đạo đơn vị phối hợp",
    Recipient.OFFICE: "cán bộ cơ quan điều phối",
    Recipient.OFFICE_HEAD: "lãnh đạo cơ quan điều phối",
    Recipient.LEADER: "lãnh đạo cấp trên",
    Recipient.REPORTER: "người đã báo cáo",
}
_SUBJECT_WORDS = {
    ReminderEvent.DUE: "thời hạn của nhiệm vụ",
    ReminderEvent.COORDINATION_DUE: "thời hạn trả lời của đơn vị phối hợp",
    ReminderEvent.REPORT_DAY: "kỳ báo cáo của văn bản",
    ReminderEvent.NEVER_ACKNOWLEDGED: "nhiệm vụ chưa được tiếp nhận",
    ReminderEvent.NO_PROGRESS: "nhiệm vụ không được cập nhật tiến độ",
    ReminderEvent.AWAITING_APPROVAL: "báo cáo chờ lãnh đạo đơn vị duyệt",
    ReminderEvent.AWAITING_CONFIRMATION: "kết quả chờ cơ quan điều phối xác nhận",
    ReminderEvent.EXTENSION_WAITING: "đề nghị gia hạn chờ trả lời",
    ReminderEvent.DECISION_NEEDED: "nội dung chờ lãnh đạo quyết định",
    ReminderEvent.ASSIGNED: "nhiệm vụ được giao",
    ReminderEvent.RETURNED: "kết quả bị trả lại",
    ReminderEvent.EXTENSION_ANSWERED: "đề nghị gia hạn được trả lời",
}


def sentence(rule: Rule) -> str:
    """The rule in one Vietnamese sentence, for the person who edits it."""
    subject = _SUBJECT_WORDS[rule.event]
    posts = _listed([RECIPIENT_WORDS[code] for code in rule.recipients]) if rule.recipients else ""
    if rule.event in AT_ONCE:
        return f"Khi {subject}, báo ngay cho {posts}." if rule.is_active else f"Khi {subject}, không gửi tin."
    if not rule.is_active:
        return f"Không nhắc về {subject}."
    parts = []
    before = [str(day) for day in sorted(rule.before, reverse=True) if day]
    if before:
        parts.append(f"trước {_listed(before)} ngày làm việc")
    if 0 in rule.before:
        parts.append(
            "vào ngày làm việc cuối cùng của thời hạn" if rule.event is not ReminderEvent.REPORT_DAY else "đúng ngày"
        )
    if rule.after:
        since = "khi quá hạn" if rule.event in DATED else "sau"
        parts.append(f"{since} {_listed([str(day) for day in sorted(rule.after)])} ngày làm việc")
    if rule.repeat_days:
        parts.append(f"rồi cứ {rule.repeat_days} ngày một lần")
    text = f"Nhắc về {subject} {', '.join(parts)}; gửi {posts}"
    for step in rule.escalations:
        text += f"; {_condition(rule, step)} thì gửi cả {RECIPIENT_WORDS[step.to]}"
    return text + "."


def _condition(rule: Rule, step: Escalation) -> str:
    late = "quá hạn" if rule.event in DATED else "chờ"
    words = []
    if step.after_days is not None:
        words.append(f"{late} từ {step.after_days} ngày làm việc")
    if step.after_urges is not None:
        words.append(f"đã đôn đốc từ {step.after_urges} lần")
    return " hoặc ".join(words)


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} và {words[-1]}"


def reason(reminder: Reminder) -> str:
    """Why this reminder is due, in one Vietnamese sentence."""
    basis, rung = f"{reminder.basis:%d/%m/%Y}", reminder.rung
    if reminder.event in DATED:
        if rung.group is Group.OVERDUE:
            return f"Thời hạn {basis} đã quá {rung.late_by} ngày làm việc (mốc {_rung_words(rung.code)})."
        if rung.group is Group.TODAY:
            return f"Hôm nay là ngày làm việc cuối cùng của thời hạn {basis}."
        return f"Thời hạn {basis} đang đến gần (mốc {_rung_words(rung.code)})."
    return f"{_SUBJECT_WORDS[reminder.event].capitalize()} từ ngày {basis}, đã {rung.late_by} ngày làm việc."


def _rung_words(code: str) -> str:
    if code[0] in "wr":
        return f"nhắc lại sau {int(code[1:]) * (7 if code[0] == 'w' else 1)} ngày"
    if code.startswith("+"):
        return f"sau {code[1:]} ngày làm việc"
    return f"trước {code[1:]} ngày làm việc" if code != "0" else "đúng hạn"
