"""What happened to the tasks of the demo's plan since they were assigned, noted in the diary day by day.

Afterwards every screen has something true to show: tasks in all states, late and in time, returned,
extended, waited for, urged, with evidence and with questions for the leader.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from taskflow.clock import local_date
from taskflow.demo.diary import Diary
from taskflow.demo.organisation import Office
from taskflow.demo.people import worker_of
from taskflow.demo.plan import build_report
from taskflow.domain.transitions import Action
from taskflow.extensions import db
from taskflow.models.task import Coordination, ExtensionRequest, ProgressReport, Task, TaskShape, Urge
from taskflow.services import (
    assignment,
    comments,
    coordination,
    evidence,
    extensions_of_time,
    progress,
    series,
    urges,
    waiting,
)
from taskflow.services import task_steps as steps
from taskflow.services.files import Upload

CLERK, LEADER = "vanphong", "lanhdao"


class Story:
    """Notes what happens, with the people of the demo as actors: ``who`` is a unit or a sign-in name."""

    def __init__(self, office: Office, document_id: int, diary: Diary) -> None:
        self._office = office
        self._document_id = document_id
        self._diary = diary
        self._repeated: set[int] = set()

    def note(self) -> None:
        """Everything, in order of the plan's rows."""
        self._finished_in_time("Kiện toàn Ban Chỉ đạo", "Sở NV", day=-100, number="1520/QĐ-UBND")
        self._decided_and_finished("Bố trí kinh phí", "Sở TC")
        self._finished_late("Hỗ trợ doanh nghiệp nhỏ", "Sở CT")
        self._spreading_the_word()
        self._community_groups()
        self._network("Rà soát, nâng cấp hạ tầng mạng", "Sở KH&CN")
        self._waiting_for_confirmation("Số hóa hồ sơ, kết quả", "TTPVHCC")
        self._more_time("Xây dựng kế hoạch bồi dưỡng kỹ năng số", "Sở GD&ĐT")
        self._question_for_the_leader("Rà soát, cắt giảm thời gian", "Sở TP")
        self._on_the_way("Làm sạch dữ liệu đất đai", "Sở NN&MT", 70)
        self._on_the_way("Xây dựng học bạ số", "Sở GD&ĐT", 40)
        self._extended("Sơ kết giữa kỳ việc thực hiện", "VP UBND tỉnh")
        self._step(-35, Action.CANCEL, "Xây dựng mô hình đô thị thông minh",
                   "Gộp vào Đề án đô thị thông minh cấp tỉnh theo chỉ đạo của UBND tỉnh.")  # fmt: skip
        self._step(-40, Action.SUSPEND, "Nâng cấp bảng điện tử",
                   "Chưa được bố trí vốn trong kế hoạch đầu tư công năm nay.")  # fmt: skip
        for day in range(-140, 1, 7):
            self._diary.on(day, self._periods)

    # --- The acts

    def _finished_in_time(self, content: str, unit: str, *, day: int, number: str) -> None:
        task = self._task(content)
        self._acknowledge(task, unit, day - 10)
        self._done(task, unit, day, number)
        self._confirm(task, day + 1)

    def _decided_and_finished(self, content: str, unit: str) -> None:
        task = self._task(content)
        self._acknowledge(task, unit, -60)
        self._progress(
            task, unit, -50, "Đã tổng hợp nhu cầu của 19 đơn vị.", 40,
            difficulties="Nhu cầu vượt dự toán được giao 1,2 tỷ đồng.",
            proposal="Đề nghị lãnh đạo UBND tỉnh cho ý kiến về thứ tự ưu tiên.", needs_decision=True,
        )  # fmt: skip
        self._answer(
            -48, LEADER, progress.answer_decision, "report_id", ProgressReport, task,
            decision="Ưu tiên hạ tầng mạng cấp xã và số hóa hồ sơ; phần còn lại bố trí vào năm sau.",
        )  # fmt: skip
        self._done(task, unit, -34, "2210/QĐ-UBND")
        self._confirm(task, -33)

    def _finished_late(self, content: str, unit: str) -> None:
        task = self._task(content)
        self._acknowledge(task, unit, -60)
        reason = "Chưa lựa chọn xong doanh nghiệp tham gia."
        self._more(task, unit, -45, days=20, cause="subjective", reason=reason)
        reason = "Chương trình phục vụ hội nghị cuối quý nên không lùi thời hạn."
        self._answer(-44, CLERK, extensions_of_time.reject, "request_id", ExtensionRequest, task, reason=reason)
        self._done(task, unit, -16, "87/CTr-SCT")
        reason = "Chương trình chưa có danh sách doanh nghiệp được hỗ trợ. Đề nghị bổ sung phụ lục danh sách."
        self._do(-15, CLERK, steps.return_for_rework, task_id=task.id, reason=reason)
        self._done(task, unit, -12, "91/CTr-SCT")
        self._confirm(task, -11, delay_cause="subjective")

    def _spreading_the_word(self) -> None:
        content = "Tổ chức tuyên truyền, phổ biến"
        for task, (unit, day) in zip(self._members(content), (("Sở VHTTDL", -90), ("BTGDV", -75)), strict=True):
            self._acknowledge(task, unit, -120)
            self._done(task, unit, day, f"{task.id + 40}/KH-TT")
            self._confirm(task, day + 2)
        self._confirm(self._task(content), -70)

    def _community_groups(self) -> None:
        for number, task in enumerate(self._members("Thành lập tổ công nghệ số cộng đồng")[:4]):
            unit = self._unit_of(task)
            self._acknowledge(task, unit, -50 + number)
            if number < 3:
                self._done(task, unit, -28 + 4 * number, f"{60 + number}/QĐ-UBND")
            if number < 2:
                self._confirm(task, -20)

    def _network(self, content: str, unit: str) -> None:
        task = self._task(content)
        self._acknowledge(task, unit, -80)
        result = "Đã khảo sát 16/20 đơn vị; chờ số liệu an toàn thông tin của Công an tỉnh."
        self._progress(task, unit, -25, result, 60)
        police = self._office.unit_ids["CA tỉnh"]
        note = "Cần danh mục hệ thống có kết nối."
        self._do(-18, unit, waiting.start_waiting, task_id=task.id, unit_id=police, note=note)
        for day in (-6, -2):
            self._do(
                day, CLERK, urges.urge, task_ids=[task.id], reply_due_on=self._day(day + 3),
                text="Đề nghị Sở khẩn trương hoàn thành và báo cáo UBND tỉnh.",
            )  # fmt: skip
        text = "Sở đã làm việc với Công an tỉnh, dự kiến có số liệu trong tuần sau."
        self._answer(-5, unit, urges.answer_urge, "urge_id", Urge, task, text=text)
        lines = select(Coordination).where(Coordination.task_id == task.id).order_by(Coordination.id)
        for line in list(db.session.scalars(lines))[1:4]:
            other = self._short(line.unit_id)
            self._do(-40, other, coordination.accept, coordination_id=line.id)
            text = "Đã gửi số liệu hiện trạng mạng nội bộ của đơn vị."
            self._do(-30, other, coordination.answer, coordination_id=line.id, text=text)

    def _waiting_for_confirmation(self, content: str, unit: str) -> None:
        task = self._task(content)
        self._acknowledge(task, unit, -110)
        self._progress(task, unit, -60, "Đã số hóa 71% hồ sơ còn hiệu lực.", 71)
        file = Upload(build_report("Kết quả số hóa hồ sơ thủ tục hành chính"), "bao-cao-so-hoa.docx")
        self._done(task, unit, -3, "45/BC-TTPVHCC", file)

    def _more_time(self, content: str, unit: str) -> None:
        task, officer = self._task(content), self._office.user_ids["giaoduc"]
        self._do(-51, "giamdocgd", assignment.assign_person, task_id=task.id, person_id=officer)
        self._acknowledge(task, unit, -50)
        self._progress(
            task, unit, -12, "Đã hoàn thành dự thảo, đang lấy ý kiến các phòng chuyên môn.", 80,
            difficulties="Chưa thống nhất được nguồn kinh phí bồi dưỡng.",
        )  # fmt: skip
        text = "Đề nghị chị Hà làm việc với Sở Tài chính về nguồn kinh phí trong tuần này."
        self._do(-8, "giamdocgd", comments.comment, task_id=task.id, text=text, mentions=[officer])
        reason = "Phải chờ hướng dẫn khung năng lực số mới của Bộ Giáo dục và Đào tạo."
        self._more(task, unit, -6, days=15, cause="objective", reason=reason)

    def _question_for_the_leader(self, content: str, unit: str) -> None:
        task = self._task(content)
        self._acknowledge(task, unit, -45)
        self._do(
            -10, unit, coordination.ask, task_id=task.id, unit_id=self._office.unit_ids["Sở GD&ĐT"],
            request="Gửi danh mục thủ tục lĩnh vực giáo dục đề nghị cắt giảm thời gian.", due_on=self._day(3),
        )  # fmt: skip
        self._progress(
            task, unit, -4, "Đã rà soát 184/210 thủ tục.", 85,
            difficulties="Ba sở chưa thống nhất phương án cắt giảm thời gian của 12 thủ tục liên thông.",
            proposal="Đề nghị lãnh đạo UBND tỉnh cho ý kiến về mức cắt giảm tối thiểu 30%.", needs_decision=True,
        )  # fmt: skip
        text = "Văn phòng đã đưa vào chương trình giao ban tuần này."
        self._do(-3, CLERK, comments.comment, task_id=task.id, text=text, is_private=True)

    def _on_the_way(self, content: str, unit: str, percent: int) -> None:
        task = self._task(content)
        self._acknowledge(task, unit, -30)
        self._progress(task, unit, -7, "Đang thực hiện đúng kế hoạch đề ra.", percent)

    def _extended(self, content: str, unit: str) -> None:
        task = self._task(content)
        self._acknowledge(task, unit, -90)
        reason = "Tỉnh ủy lùi thời điểm sơ kết sang tháng sau."
        self._more(task, unit, -60, days=30, cause="objective", reason=reason)
        approve = extensions_of_time.approve
        self._answer(-58, CLERK, approve, "request_id", ExtensionRequest, task, decision_number="1822/UBND-TH")

    def _periods(self, now: datetime) -> None:
        """New periods of repeated work; those that fell due three weeks ago or earlier were done."""
        series.make_due_periods(now)
        made = select(Task).where(Task.series_id.is_not(None), Task.shape != TaskShape.MEMBER).order_by(Task.due_on)
        for task in list(db.session.scalars(made)):
            late = (local_date(self._diary.today) - task.due_on).days if task.due_on else 0
            if task.id in self._repeated or late < 20 or task.lead_unit_id is None:
                continue
            self._repeated.add(task.id)
            unit = self._unit_of(task)
            self._acknowledge(task, unit, -late - 12)
            self._done(task, unit, -late - (task.id % 4) + 2, f"{200 + task.id}/BC")
            self._confirm(task, -late + 5)

    # --- What the acts are made of

    def _do(self, day: int, who: str, act: Callable[..., object], **values: Any) -> None:
        login = worker_of(who).login if who in self._office.unit_ids else who
        self._diary.on(day, lambda now: act(actor=self._office.actor(login, now), now=now, **values))

    def _answer(
        self, day: int, who: str, act: Callable[..., object], key: str, kind: type[Any], task: Task, **values: Any
    ) -> None:
        """An act upon the newest thing of a kind that the task has on that day."""
        newest = select(kind.id).where(kind.task_id == task.id).order_by(kind.id.desc()).limit(1)
        self._do(day, who, lambda **given: act(**{key: db.session.scalar(newest)}, **given), **values)

    def _acknowledge(self, task: Task, unit: str, day: int) -> None:
        self._do(day, unit, steps.acknowledge, task_id=task.id)

    def _progress(self, task: Task, unit: str, day: int, result: str, percent: int, **more: Any) -> None:
        report = progress.ReportText(result=result, percent=percent, **more)
        self._do(day, unit, progress.report_progress, task_id=task.id, report=report)

    def _more(self, task: Task, unit: str, day: int, *, days: int, cause: str, reason: str) -> None:
        due = (task.due_on or self._day(0)) + timedelta(days=days)
        self._do(day, unit, extensions_of_time.ask, task_id=task.id, due_on=due, cause=cause, reason=reason)

    def _done(self, task: Task, unit: str, day: int, number: str, file: Upload | None = None) -> None:
        issuer = task.lead.name if task.lead else ""
        proof = evidence.NewEvidence(number=number, issued_on=self._day(day), issuer=issuer, upload=file)
        report = progress.ReportText(result=f"Đã hoàn thành, sản phẩm là văn bản số {number}.", percent=100)
        self._do(day, unit, steps.report_done, task_id=task.id, report=report, evidence=[proof])

    def _confirm(self, task: Task, day: int, **values: Any) -> None:
        self._do(day, CLERK, steps.confirm, task_id=task.id, **values)

    def _step(self, day: int, action: Action, content: str, reason: str) -> None:
        inputs = steps.StepInputs(reason=reason)
        self._do(
            day, CLERK, lambda **given: steps.apply(action, **given), task_id=self._task(content).id, inputs=inputs
        )

    def _task(self, content: str) -> Task:
        query = select(Task).where(
            Task.document_id == self._document_id, Task.parent_id.is_(None), Task.content.startswith(content)
        )
        return db.session.scalars(query).one()

    def _members(self, content: str) -> list[Task]:
        return list(self._task(content).children)

    def _unit_of(self, task: Task) -> str:
        return self._short(task.lead_unit_id or 0)

    def _short(self, unit_id: int) -> str:
        return next(short for short, known in self._office.unit_ids.items() if known == unit_id)

    def _day(self, offset: int) -> date:
        return local_date(self._diary.morning(offset))
