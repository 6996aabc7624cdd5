"""What a use case says when it refuses: typed errors, translated only at the edges.

Nothing here knows HTTP or Vietnamese. ``code`` is a stable word (``task.wrong_state``), ``field``
names the form field at fault, ``params`` feed the translated sentence (see ``taskflow.i18n``).
"""

from __future__ import annotations


class DomainError(Exception):
    """A rule was broken; carries a stable code, the field at fault and values for the sentence."""

    def __init__(self, code: str, field: str | None = None, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.params = params

    def __str__(self) -> str:
        details = ", ".join(f"{key}={value!r}" for key, value in self.params.items())
        return f"{self.code}({details})" if details else self.code


class NotAllowed(DomainError):
    """The actor may see the thing but may not do this to it (HTTP 403)."""


class NotFound(DomainError):
    """The thing does not exist, or the actor may not know that it does (HTTP 404)."""


class WrongState(DomainError):
    """The thing is not in a state in which this can be done (HTTP 409)."""


class Conflict(DomainError):
    """Somebody else changed the thing meanwhile, or it exists already (HTTP 409)."""


class Invalid(DomainError):
    """A value is wrong (HTTP 422)."""


class TooLarge(DomainError):
    """What was sent is over a limit (HTTP 413)."""


class TooMany(DomainError):
    """Tried too often; ``params["minutes"]`` says how long to wait (HTTP 429)."""
