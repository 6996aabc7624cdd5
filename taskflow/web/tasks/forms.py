"""Forms of what is done to one task. Rules live in the services; here is shape and type only."""

from __future__ import annotations

from typing import Any

from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import HiddenInput

from taskflow.domain.deadlines import DeadlineKind
from taskflow.domain.errors import DomainError
from taskflow.i18n import _, _l, error_sentence
from taskflow.models.task import Priority
from taskflow.services.evidence import NewEvidence
from taskflow.services.progress import ReportText
from taskflow.web.fields import DayField
from taskflow.web.forms import BaseForm, MultiCheckboxField, not_secret_field, optional_int
from taskflow.web.uploads import UploadField

#: Longest text that a box takes; more belongs into a file.
LONG = 10_000


#: Ways to urge.
CHANNELS = (
    SelectChoice("email", _l("E-mail")),
    SelectChoice("zalo", _l("Zalo")),
    SelectChoice("phone", _l("Telephone")),
    SelectChoice("letter", _l("Official letter")),
)
PRIORITIES = (
    SelectChoice(Priority.NORMAL.value, _l("Normal")),
    SelectChoice(Priority.URGENT.value, _l("Urgent")),
    SelectChoice(Priority.EXPRESS.value, _l("Express")),
)
KINDS = (
    SelectChoice(DeadlineKind.DATE.value, _l("A date")),
    SelectChoice(DeadlineKind.CONTINUOUS.value, _l("Continuous work without a date")),
    SelectChoice(DeadlineKind.CONDITIONAL.value, _l("Hangs on an event that has not happened yet")),
)
#: Whose fault a delay is.
CAUSES = (
    SelectChoice("objective", _l("Objective: outside the unit's power")),
    SelectChoice("subjective", _l("Subjective: the unit's own fault")),
)


def box(label: Any, *, required: bool = False, rows: int = 4, **kwargs: Any) -> TextAreaField:
    """A box of several lines."""
    validators = [InputRequired() if required else Optional(), Length(max=LONG)]
    return TextAreaField(label, validators=validators, render_kw={"rows": rows}, **kwargs)


def line(label: Any, *, required: bool = False, most: int = 300, **kwargs: Any) -> StringField:
    """A box of one line."""
    return StringField(label, validators=[InputRequired() if required else Optional(), Length(max=most)], **kwargs)


class TaskForm(BaseForm):
    """What every action on a task sends: the version that the person was looking at, and where to go afterwards."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    back = HiddenField()

    def renew(self, version: int) -> None:
        """Keep what was typed, on the present version: the next attempt is made in knowledge of what has changed."""
        self.version.raw_data = None
        self.version.data = version


class ReasonForm(TaskForm):
    """A step that needs a reason."""

    reason = box(_l("Reason"), required=True)


class OptionalReasonForm(TaskForm):
    """A step with a remark, if one likes."""

    reason = box(_l("Remark"))


class GroundedForm(ReasonForm):
    """A step that needs a reason and may rest on a document."""

    document = line(_l("Document it rests on (number, date)"))


class ConfirmForm(TaskForm):
    """Confirmation: a remark, and whose fault a delay was."""

    reason = box(_l("Remark"))
    delay_cause = RadioField(
        _l("Cause of the delay"),
        choices=[SelectChoice("", _l("Not stated")), *CAUSES],
        default="",
    )


class EvidenceForm(TaskForm):
    """Documents that prove a result: one by its number, and files."""

    number = line(_l("Number of the document"), most=100)
    issued_on = DayField(_l("Date of the document"), validators=[Optional()])
    issuer = line(_l("Issued by"))
    files = UploadField(_l("Files"))
    not_secret = not_secret_field()

    def evidence(self) -> list[NewEvidence]:
        """What was given as evidence. The first file is the document of the number; with no file the number stands
        alone."""
        sent = self.files.uploads
        reason = self.not_secret.data or ""
        numbered = self.number.data or self.issued_on.data or self.issuer.data
        if not numbered:
            return [NewEvidence(upload=one, not_secret=reason) for one in sent]
        first = NewEvidence(
            number=self.number.data or "",
            issued_on=self.issued_on.data,
            issuer=self.issuer.data or "",
            upload=sent[0] if sent else None,
            not_secret=reason,
        )
        return [first, *(NewEvidence(upload=one, not_secret=reason) for one in sent[1:])]


class ReportForm(EvidenceForm):
    """A report on the way (báo cáo tiến độ)."""

    result = box(_l("Result so far"))
    percent = IntegerField(_l("Percent done"), validators=[Optional(), NumberRange(0, 100)])
    difficulties = box(_l("Difficulties"), rows=2)
    proposal = box(_l("Proposals"), rows=2)
    next_step = box(_l("Next step"), rows=2)
    needs_decision = BooleanField(_l("A leader has to decide"))

    def report(self) -> ReportText:
        """The report as the services take it."""
        return ReportText(
            result=self["result"].data or "",  # BaseForm has an attribute of this name
            percent=self.percent.data,
            difficulties=self.difficulties.data or "",
            proposal=self.proposal.data or "",
            next_step=self.next_step.data or "",
            needs_decision=bool(self.needs_decision.data),
        )


class DoneForm(EvidenceForm):
    """The report that the task is done."""

    result = box(_l("Result"), required=True)
    difficulties = box(_l("Difficulties"), rows=2)
    proposal = box(_l("Proposals"), rows=2)

    def report(self) -> ReportText:
        """The report as the services take it."""
        return ReportText(
            result=self["result"].data or "",  # BaseForm has an attribute of this name
            difficulties=self.difficulties.data or "",
            proposal=self.proposal.data or "",
        )


class DecisionForm(TaskForm):
    """A leader's answer."""

    decision = box(_l("Decision"), required=True)


class PersonForm(TaskForm):
    """Who is in charge; 0 is nobody."""

    person_id = RadioField(_l("Person in charge"), coerce=int, validators=[InputRequired()])


class SendBackForm(TaskForm):
    """The unit holds that the task is somebody else's."""

    proposed_unit_id = SelectField(_l("Unit that should do it"), coerce=optional_int, validators=[Optional()])
    reason = box(_l("Reason"), required=True)


class UnitForm(TaskForm):
    """Another unit, with a reason."""

    unit_id = SelectField(_l("New lead unit"), coerce=optional_int, validators=[InputRequired()])
    reason = box(_l("Reason"), required=True)


class ApproveTransferForm(TaskForm):
    """Where the task goes."""

    unit_id = SelectField(_l("New lead unit"), coerce=optional_int, validators=[InputRequired()])
    reason = box(_l("Remark"))


class PartForm(Form):
    """One part of a task that is broken down; a part without content is left out."""

    class Meta(BaseForm.Meta):
        """Cleaned texts and our messages; the token is that of the whole form."""

        csrf = False

    content = box(_l("Content of the part"), rows=2)
    lead_unit_id = SelectField(_l("Unit"), coerce=optional_int, validators=[Optional()])
    person_id = SelectField(_l("Person in charge"), coerce=optional_int, validators=[Optional()])
    due_on = DayField(_l("Deadline"), validators=[Optional()])
    product = line(_l("Product"))


class BreakDownForm(TaskForm):
    """Parts for people or sub-units."""

    parts = FieldList(FormField(PartForm), min_entries=3, max_entries=20)

    def filled(self) -> list[PartForm]:
        """The parts that have content."""
        return [entry.form for entry in self.parts if entry.form.content.data]

    def refuse(self, error: DomainError) -> None:
        """Show an error of one part (``parts.<number>.<field>``) on its field."""
        where = (error.field or "").split(".")
        if len(where) == 3 and where[1].isdigit():
            part = self.filled()[int(where[1])]
            sentence = error_sentence(error)
            part[where[2]].errors = [*part[where[2]].errors, sentence]
            number = [entry.form for entry in self.parts].index(part) + 1
            self.form_errors.append(_("Part %(number)s: %(error)s", number=number, error=sentence))
        else:
            super().refuse(error)


class AskUnitForm(TaskForm):
    """What is asked of a coordinating unit."""

    unit_id = SelectField(_l("Coordinating unit"), coerce=optional_int, validators=[InputRequired()])
    request = box(_l("What is asked of it"), required=True)
    due_on = DayField(_l("Answer by"), validators=[Optional()])


class AcceptForm(TaskForm):
    """Who of the unit takes the request on."""

    person_id = SelectField(_l("Who does it"), coerce=optional_int, validators=[Optional()])


class AnswerForm(EvidenceForm):
    """An answer with documents."""

    text = box(_l("Answer"))


class WaitForm(TaskForm):
    """For whom the lead unit waits."""

    unit_id = SelectField(_l("Unit that is waited for"), coerce=optional_int, validators=[InputRequired()])
    note = box(_l("What is missing"), rows=2)


class ExtensionForm(TaskForm):
    """A request for more time."""

    due_on = DayField(_l("New deadline"), validators=[InputRequired()])
    cause = RadioField(_l("Cause"), choices=list(CAUSES), validators=[InputRequired()])
    reason = box(_l("Reason"), required=True)


class GrantForm(OptionalReasonForm):
    """The date that was asked for is granted."""

    decision_number = line(_l("Number of the decision"), most=100)


class CounterForm(TaskForm):
    """Another date is offered."""

    due_on = DayField(_l("Date that is offered"), validators=[InputRequired()])
    reason = box(_l("Reason"))


#: What offices write again and again when they urge.
URGE_SENTENCES = [
    SelectChoice("", _l("Own words only")),
    SelectChoice("overdue", _l("The task is overdue. Please finish it without delay and report the result.")),
    SelectChoice("soon", _l("The task is due soon. Please make sure that it is finished in time.")),
    SelectChoice("acknowledge", _l("Please acknowledge the task and put somebody in charge of it today.")),
    SelectChoice("progress", _l("Please report how far the work is, and what hinders it.")),
    SelectChoice("explain", _l("Please explain the delay in writing, and say when the task will be done.")),
]


class UrgeWords:
    """The words of an urging: a ready sentence, own words, or both."""

    sentence = SelectField(_l("Ready sentence"), choices=URGE_SENTENCES, default="")
    text = box(_l("Text"))

    def words(self) -> str:
        """The sentence and what was typed, each on its line; empty when there is neither."""
        code = self.sentence.data or ""
        ready = next((str(one.label) for one in URGE_SENTENCES if one.value == code), "") if code else ""
        return "\n".join(part for part in (ready, (self.text.data or "").strip()) if part)


class UrgeForm(UrgeWords, TaskForm):
    """An urging, on record."""

    channel = RadioField(_l("How the unit is urged"), choices=list(CHANNELS), default="email")
    reply_due_on = DayField(_l("Answer by"), validators=[Optional()])


class CommentForm(TaskForm):
    """A comment; people mentioned are told at once."""

    text = box(_l("Comment"), required=True)
    mentions = MultiCheckboxField(_l("Tell these people at once"), coerce=int)
    is_private = BooleanField(_l("Note of the office only"))


class CorrectCommentForm(TaskForm):
    """A comment put right by its author."""

    text = box(_l("Comment"), required=True)


class WithdrawCommentForm(TaskForm):
    """A question before the comment is withdrawn; nothing is asked besides."""


class TagsForm(TaskForm):
    """Tags, with commas between them."""

    tags = line(_l("Tags"), description=_l("With commas between them, for example: digital transformation, party cell"))

    def words(self) -> list[str]:
        """The tags one by one."""
        return [word for word in (self.tags.data or "").split(",") if word.strip()]


class EditForm(TaskForm):
    """Corrected words of a task."""

    content = box(_l("Content"), required=True)
    product = box(_l("Product"), rows=2)
    note = box(_l("Note"), rows=2)
    group = line(_l("Group"))
    lead_wording = line(_l("Lead unit as written in the document"))
    priority = SelectField(_l("Urgency"), choices=list(PRIORITIES))
    reason = box(_l("Reason for the correction"), required=True, rows=2)


class DeadlineForm(TaskForm):
    """A date by decision, or the kind of work that has none."""

    kind = RadioField(_l("Kind of deadline"), choices=list(KINDS), default=DeadlineKind.DATE.value)
    due_on = DayField(_l("Deadline"), validators=[Optional()])
    start_on = DayField(_l("Starts on"), validators=[Optional()])
    exclusive = BooleanField(_l("“Before this day”: the day itself is named as the limit"))
    pull_parts = BooleanField(_l("Move parts that would be later to the new date"))
    corrects = BooleanField(_l("The date was read or typed wrongly: the original date is corrected as well"))
    decision_number = line(_l("Number of the decision"), most=100)
    reason = box(_l("Reason"), rows=2)
