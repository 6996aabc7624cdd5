"""Forms of one's own account."""

from __future__ import annotations

from wtforms import EmailField, PasswordField, StringField
from wtforms.validators import DataRequired, EqualTo, InputRequired, Length

from taskflow.i18n import _l
from taskflow.services.passwords import MAX_LENGTH, MIN_LENGTH
from taskflow.web.forms import BaseForm

_EMAIL = (DataRequired(), Length(max=300))
_AGAIN = _l("The two passwords are not the same.")


class SignInForm(BaseForm):
    """E-mail address and password."""

    is_once = False

    email = EmailField(_l("E-mail address"), _EMAIL)
    password = PasswordField(_l("Password"), [InputRequired(), Length(max=MAX_LENGTH)])


class NewPasswordForm(BaseForm):
    """A new password, twice."""

    is_once = False

    password = PasswordField(
        _l("New password"),
        [InputRequired()],
        description=_l(
            "At least %(min)s characters. A sentence you can remember is better than a short riddle.", min=MIN_LENGTH
        ),
    )
    again = PasswordField(_l("New password again"), [InputRequired(), EqualTo("password", message=_AGAIN)])


class ChangePasswordForm(NewPasswordForm):
    """One's own password."""

    current = PasswordField(_l("Present password"), [InputRequired(), Length(max=MAX_LENGTH)])


class ForgotForm(BaseForm):
    """Whose password is forgotten."""

    email = EmailField(_l("E-mail address"), _EMAIL)


class SetupForm(NewPasswordForm):
    """The first run: code, office and administrator."""

    code = StringField(_l("Setup code"), [DataRequired(), Length(max=40)])
    office = StringField(_l("Name of the office"), [DataRequired(), Length(max=300)])
    full_name = StringField(_l("Your full name"), [DataRequired(), Length(max=300)])
    email = EmailField(_l("Your e-mail address"), _EMAIL)


class ProfileForm(BaseForm):
    """What a person changes about themselves."""

    full_name = StringField(_l("Full name"), [DataRequired(), Length(max=300)])
    job_title = StringField(_l("Job title"), [Length(max=300)])
    phone = StringField(_l("Telephone"), [Length(max=64)])
