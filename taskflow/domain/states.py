"""The states of a task. What moves a task from one to another is ``taskflow.domain.transitions``."""

from __future__ import annotations

from enum import StrEnum


class TaskState(StrEnum):
    """States of DESIGN.md 4, and ``awaiting_approval`` for workflows in which the unit's head approves first."""

    ASSIGNED = "assigned"  # Đã giao
    IN_PROGRESS = "in_progress"  # Đang thực hiện
    AWAITING_APPROVAL = "awaiting_approval"  # Chờ lãnh đạo đơn vị duyệt
    AWAITING_CONFIRMATION = "awaiting_confirmation"  # Chờ xác nhận
    SUSPENDED = "suspended"  # Tạm dừng
    COMPLETED = "completed"  # Hoàn thành
    CANCELLED = "cancelled"  # Không tiếp tục


#: States in which work is still expected.
OPEN_STATES = frozenset(
    {
        TaskState.ASSIGNED,
        TaskState.IN_PROGRESS,
        TaskState.AWAITING_APPROVAL,
        TaskState.AWAITING_CONFIRMATION,
        TaskState.SUSPENDED,
    }
)
