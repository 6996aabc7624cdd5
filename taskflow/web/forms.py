"""The base of all HTML forms: strips and normalises what people type, speaks Vietnamese, shows domain errors on fields.

Forms check shape and type only; rules live in the services and come back as a ``DomainError`` that
``BaseForm.refuse`` puts on its field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from typing import Any

from flask_babel import get_translations
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from taskflow.domain.errors import DomainError, NotAllowed, NotFound
from taskflow.domain.typed import clean_text
from taskflow.i18n import _, _l, error_sentence
from taskflow.web.errors import status_of
from taskflow.web.submissions import FormTokens, is_resumed, once
from taskflow.web.uploads import UploadField

#: Messages that WTForms and Flask-WTF look up themselves; they ship no Vietnamese, so ours is the catalogue.
WTFORMS_MESSAGES = (
    _l("This field is required."),
    _l("Not a valid choice."),
    _l("Not a valid time value."),
    _l("Not a valid integer value."),
    _l("Not a valid decimal value."),
    _l("Invalid input."),
    _l("Invalid email address."),
    _l("Invalid URL."),
    _l("Invalid Choice: could not coerce."),
    _l("Field must be equal to %(other_name)s."),
    _l("Field must be at least %(min)d characters long."),
    _l("Field cannot be longer than %(max)d characters."),
    _l("Field must be exactly %(max)d characters long."),
    _l("Field must be between %(min)d and %(max)d characters long."),
    _l("Number must be at least %(min)s."),
    _l("Number must be at most %(max)s."),
    _l("Number must be between %(min)s and %(max)s."),
    _l("'%(value)s' is not a valid choice for this field."),
    _l("'%(value)s' are not valid choices for this field."),
    _l("File does not have an approved extension: {extensions}"),
    _l("The form is out of date. Please go back, reload the page and send it again."),
)


class _Messages:
    """What WTForms asks for translations: our own catalogue, with the one plural form that Vietnamese has."""

    def gettext(self, message: str) -> str:
        return str(get_translations().ugettext(message))

    def ngettext(self, singular: str, plural: str, count: int) -> str:  # noqa: ARG002 - fixed signature
        return self.gettext(plural)


def clean(text: str | None) -> str | None:
    """Typed text as ``domain.typed`` keeps it; passwords and what is no text stay as they are."""
    return clean_text(text) if isinstance(text, str) else text


class BaseForm(FlaskForm):
    """All forms derive from this one."""

    #: Whether the same form sent twice is carried out once; not where the answer begins a session.
    is_once = True

    class Meta(FlaskForm.Meta):
        """How fields are bound; each form carries a token of its own."""

        csrf_class = FormTokens

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Any:
            """Bind a field; texts are cleaned, passwords are left as typed."""
            kind = unbound_field.field_class
            if issubclass(kind, StringField) and not issubclass(kind, PasswordField):
                filters = [*unbound_field.kwargs.get("filters", ()), clean]
                return unbound_field.bind(form=form, filters=filters, **options)
            return unbound_field.bind(form=form, **options)

        def get_translations(self, form: Any) -> _Messages:  # noqa: ARG002 - fixed signature
            """Where WTForms finds its messages."""
            return _Messages()

    def __init__(self, *args: Any, obj: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, obj=obj, **kwargs)
        self._stored = {"obj": obj, **kwargs}
        #: HTTP status of the answer that shows the form.
        self.status = 200
        #: What the action of ``carry_out`` returned.
        self.result: Any = None

    def carry_out(self, action: Callable[[], object]) -> bool:
        """Validate what was sent and do it. True when done; else the form is to be shown with ``status``.

        A rule that refuses is shown on its field. When somebody else changed the thing meanwhile, what was typed
        stays, and beside it stands what is stored now. What may not be seen or done stays an error page.
        The same form sent twice is carried out once. A form that is only shown again is not carried out.
        """
        if not self.is_submitted():
            return False
        if is_resumed():
            return self._not_done(200)
        if not self.validate():
            return self._not_done(422)
        try:
            with once() if self.is_once else nullcontext():
                self.result = action()
        except (NotFound, NotAllowed):
            raise
        except DomainError as error:
            if error.code == "conflict.changed_meanwhile":
                self._show_stored()
            self.refuse(error)
            return self._not_done(status_of(error))
        for field in self._upload_fields():
            field.forget()
        return True

    def _not_done(self, status: int) -> bool:
        """The form is to be shown again, with the files that were sent."""
        self.status = status
        for field in self._upload_fields():
            field.keep(str(self._fields["not_secret"].data or "") if "not_secret" in self._fields else "")
        return False

    def _upload_fields(self) -> list[UploadField]:
        return [field for field in self._fields.values() if isinstance(field, UploadField)]

    def _show_stored(self) -> None:
        """Say what is stored now where it differs from what was typed; hidden fields follow what is stored.

        So the next attempt is made in knowledge of the change, and overwrites nothing unseen.
        """
        typed = {name: (field.data, _words(field)) for name, field in self._fields.items()}
        self.process(None, **self._stored)
        for name, field in self._fields.items():
            if isinstance(field, UploadField):
                continue
            field.raw_data = None
            stored = _words(field)
            is_stored = self._is_stored(name)
            if isinstance(field.widget, HiddenInput) and is_stored:
                continue
            field.data, written = typed[name]
            if stored != written and is_stored:
                field.description = _("Stored now: “%(value)s”.", value=stored or _("empty"))

    def _is_stored(self, name: str) -> bool:
        """Whether the form was made with a value for this field."""
        given = self._stored
        return name in given or name in (given.get("data") or {}) or hasattr(given["obj"], name)

    def refuse(self, error: DomainError) -> None:
        """Show a domain error on its field, or above the form when it names none."""
        field = self._fields.get((error.field or "").replace(".", "_"))
        sentence = error_sentence(error)
        if field is None:
            self.form_errors.append(sentence)
        else:
            field.errors = [*field.errors, sentence]


def _words(field: Any) -> str:
    """The value of a field as a person reads it."""
    if isinstance(field, SelectField | SelectMultipleField):
        chosen = field.data if isinstance(field.data, list) else [field.data]
        labels = {str(option.value): str(option.label) for option in field.choices or ()}
        return ", ".join(labels.get(str(value), str(value)) for value in chosen if value not in (None, ""))
    if isinstance(field, BooleanField):
        return str(_("yes") if field.data else _("no"))
    return str(field._value()) if hasattr(field, "_value") else ""


class MultiCheckboxField(SelectMultipleField):
    """Several choices as check boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def not_secret_field() -> StringField:
    """Why a file that was refused for its mark of secrecy is no secret document."""
    return StringField(
        _l("Why the file is no secret document"),
        validators=[Optional(), Length(max=300)],
        description=_l("Only when a refused file is not secret. Your name and your reason are kept in the log."),
    )


def choices(pairs: Iterable[tuple[Any, Any]], blank: Any | None = None) -> list[SelectChoice]:
    """Options of a select from (value, label) pairs; ``blank`` is the label of an empty first one."""
    # Labels stay lazy: a class is made before anybody's language is known.
    options = [SelectChoice(value=str(value), label=label) for value, label in pairs]
    return options if blank is None else [SelectChoice(value="", label=blank), *options]


def optional_int(value: Any) -> int | None:
    """Coercion of a select whose blank choice means none."""
    return int(value) if value not in (None, "", "None") else None
