"""What the demo has besides its plan: tasks assigned by hand, figures, a stand-in, kept filters, reminders."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select

from taskflow.clock import local_date
from taskflow.demo.diary import Diary
from taskflow.demo.organisation import Office
from taskflow.demo.people import OFFICE, holder_of, worker_of
from taskflow.domain.deadlines import DeadlineKind
from taskflow.domain.permissions import Role
from taskflow.extensions import db
from taskflow.models.indicator import Indicator
from taskflow.models.outbox import MessageStatus, OutboxMessage
from taskflow.models.task import Task
from taskflow.services import (
    assignment,
    delegations,
    evidence,
    indicators,
    messages,
    progress,
    reminders,
    saved_views,
    tasks,
    workflows,
)
from taskflow.services import task_steps as steps


class Around:
    """Notes it in the diary."""

    def __init__(self, office: Office, document_id: int, diary: Diary) -> None:
        self._office = office
        self._document_id = document_id
        self._diary = diary

    def note(self) -> None:
        """Everything."""
        self._diary.on(-20, self._report_for_the_head)
        self._diary.on(-9, self._sent_back)
        self._diary.on(-4, self._without_a_date)
        for day, name, text in (
            (-105, "Tỷ lệ hồ sơ trực tuyến toàn trình", "64,2"),
            (-14, "Tỷ lệ hồ sơ trực tuyến toàn trình", "68,5"),
            (-13, "Tỷ lệ số hóa kết quả giải quyết", "61"),
            (-12, "Tỷ trọng kinh tế số", "9,4"),
        ):
            self._diary.on(day, partial(self._reading, name, text))
        self._diary.on(-3, self._stand_in)
        self._diary.on(-30, self._views)
        self._diary.on(0, self._taken_back)
        weekday = self._diary.morning(-7).weekday()
        for day in (-21, -14, -7):
            self._diary.on(day - max(0, weekday - 4), reminders.sweep)

    def _report_for_the_head(self, now: datetime) -> None:
        """A task under a workflow in which the unit's head approves first."""
        text = workflows.WorkflowText(
            code="bao-cao-chuyen-de",
            name="Báo cáo chuyên đề: lãnh đạo đơn vị duyệt trước",
            head_approval=True,
            document_type="Báo cáo chuyên đề",
        )
        workflow = workflows.save_workflow(text, actor=self._office.actor("quantri", now), now=now)
        content = "Báo cáo chuyên đề về phòng, chống tai nạn, thương tích học sinh học kỳ I"
        task = self._assign(content, "Sở GD&ĐT", now, 20, product="Báo cáo chuyên đề", workflow_id=workflow.id)
        officer = worker_of("Sở GD&ĐT").login
        number, issuer = "312/BC-SGDĐT", task.lead.name if task.lead else ""
        self._diary.on(
            -19, lambda then: steps.acknowledge(task_id=task.id, actor=self._office.actor(officer, then), now=then)
        )
        self._diary.on(
            -1,
            lambda then: steps.report_done(
                task_id=task.id,
                actor=self._office.actor(officer, then),
                now=then,
                report=progress.ReportText(result=f"Đã hoàn thành, sản phẩm là văn bản số {number}.", percent=100),
                evidence=[evidence.NewEvidence(number=number, issued_on=local_date(then), issuer=issuer)],
            ),
        )

    def _sent_back(self, now: datetime) -> None:
        task = self._assign("Rà soát mạng lưới điểm phục vụ bưu chính công cộng cấp xã", "Sở XD", now, 40)
        head = self._office.actor(holder_of(Role.HEAD, "Sở XD").login, now)
        self._diary.on(
            -7,
            lambda then: assignment.send_back(
                task_id=task.id,
                reason="Quản lý bưu chính thuộc chức năng của Sở Khoa học và Công nghệ.",
                proposed_unit_id=self._office.unit_ids["Sở KH&CN"],
                actor=head,
                now=then,
            ),
        )

    def _without_a_date(self, now: datetime) -> None:
        self._assign("Đề xuất phương án sử dụng trụ sở dôi dư sau sắp xếp đơn vị hành chính", "Sở TC", now, None)

    def _assign(
        self,
        content: str,
        unit: str,
        now: datetime,
        days: int | None,
        *,
        product: str = "",
        workflow_id: int | None = None,
    ) -> Task:
        due = local_date(now) + timedelta(days=days) if days is not None else None
        new = tasks.NewTask(
            office_unit_id=self._office.unit_ids[OFFICE[1]],
            content=content,
            lead_unit_ids=(self._office.unit_ids[unit],),
            kind=DeadlineKind.DATE if due else DeadlineKind.UNKNOWN,
            deadline_text=f"Trước {due:%d/%m/%Y}" if due else "",
            due_on=due,
            product=product,
            workflow_id=workflow_id,
        )
        return tasks.create_task(new, actor=self._office.actor("vanphong", now), now=now)

    def _reading(self, name: str, text: str, now: datetime) -> None:
        """The figure of the quarter that had ended by then."""
        found = select(Indicator).where(Indicator.document_id == self._document_id, Indicator.name.startswith(name))
        day = local_date(now)
        quarter = day.year * 4 + (day.month - 1) // 3 - 1
        indicators.report_reading(
            indicator_id=db.session.scalars(found).one().id,
            period=f"{quarter // 4}-Q{quarter % 4 + 1}",
            text=text,
            note="Theo số liệu của Cổng dịch vụ công.",
            actor=self._office.actor("vanphong", now),
            now=now,
        )

    def _stand_in(self, now: datetime) -> None:
        today = local_date(now)
        delegations.delegate(
            actor=self._office.actor("giamdocgd", now),
            principal_id=self._office.user_ids["giamdocgd"],
            delegate_id=self._office.user_ids["giaoduc"],
            unit_id=None,
            starts_on=today + timedelta(days=10),
            ends_on=today + timedelta(days=14),
            reason="Đi công tác",
            today=today,
            now=now,
        )

    def _views(self, now: datetime) -> None:
        clerk = self._office.actor("vanphong", now)
        office = self._office.unit_ids[OFFICE[1]]
        for name, query in (("Chờ xác nhận", "state=awaiting_confirmation"), ("Quá hạn", "label=overdue")):
            saved_views.save_view(name=name, query=query, actor=clerk, now=now, office_unit_id=office)

    def _taken_back(self, now: datetime) -> None:
        """The office has phoned instead: what still waits to be urged is not sent."""
        waiting = select(OutboxMessage.id).where(
            OutboxMessage.kind == "urged", OutboxMessage.status == MessageStatus.QUEUED
        )
        for message_id in list(db.session.scalars(waiting)):
            messages.cancel(message_id, actor=self._office.actor("vanphong", now), now=now)
