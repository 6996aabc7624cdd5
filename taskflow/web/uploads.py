"""File fields whose files are kept when the form could not be carried out, so that nobody chooses them twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.datastructures import FileStorage
from wtforms import MultipleFileField, ValidationError
from wtforms.widgets import FileInput

from taskflow.clock import now
from taskflow.domain.errors import DomainError
from taskflow.i18n import _, error_sentence, title_of
from taskflow.services import files, settings, submissions
from taskflow.services.files import Upload
from taskflow.services.submissions import Kept
from taskflow.web.submissions import KEPT, LOST, session_user, writing_allowed

#: Words of kinds of files, and how many MB one may have; no words: a document to be read.
Limits = Callable[[], tuple[tuple[str, ...] | None, int]]
#: Ends of names by words of evidence, for the browser's list; what a file is, is decided by its content.
_ENDS = {"image": (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".gif", ".webp", ".heic", ".heif")}


def evidence_limits() -> tuple[tuple[str, ...], int]:
    """What the office accepts as evidence."""
    return settings.get(settings.EVIDENCE_TYPES), settings.get(settings.EVIDENCE_MAX_MB)


class UploadField(MultipleFileField):
    """One file, or several; ``uploads`` has those that were sent now and those that were kept before."""

    def __init__(self, *args: Any, limits: Limits = evidence_limits, multiple: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.limits = limits
        if not multiple:
            self.widget = FileInput()
        self.kept: list[Kept] = []
        self.lost: list[str] = []
        self._sent: list[Upload] = []

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:
        """Read what was sent, and find what was kept for whoever sends it."""
        super().process(formdata, *args, **kwargs)
        if formdata is None:
            return
        for one in formdata.getlist(self.name):
            if isinstance(one, FileStorage) and one.filename:
                one.seek(0)
                self._sent.append(Upload(one.read(), one.filename))
        keys = formdata.getlist(f"{self.name}{KEPT}")
        self.kept = submissions.staged(keys, user_id=session_user(), now=now()) if keys else []
        self.lost = formdata.getlist(f"{self.name}{LOST}")
        self.data = [*self.kept, *self._sent]

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 - fixed signature
        """Every file that is not accepted is named with its reason."""
        refused = [sentence for sentence in map(self._refusal, self._sent) if sentence]
        if refused:
            raise ValidationError(" ".join(refused))

    @property
    def uploads(self) -> list[Upload]:
        """The files, those kept before first."""
        return [*(submissions.read_staged(one.key, user_id=session_user()) for one in self.kept), *self._sent]

    @property
    def accept(self) -> str:
        """What the browser offers first."""
        types = self.limits()[0]
        return ",".join(end for word in types or () for end in _ENDS.get(word, (f".{word}",)))

    @property
    def hint(self) -> str:
        """What is accepted, how large, in words."""
        types, max_mb = self.limits()
        words = ", ".join(str(title_of(word, "FileType")) for word in types or ())
        return str(_("Accepted: %(kinds)s; at most %(max)s MB each.", kinds=words, max=max_mb))

    def keep(self, not_secret: str) -> None:
        """Keep the files of a form that was not carried out; one that is refused is not kept, and named."""
        types, max_mb = self.limits()
        sent, self._sent = self._sent, []
        for upload in sent:
            try:
                files.refuse_secret(upload, not_secret)
                with writing_allowed():
                    one = submissions.stage(upload, user_id=session_user(), types=types, max_mb=max_mb, now=now())
                self.kept.append(one)
            except DomainError:
                if not any(upload.filename in str(error) for error in self.errors):  # it is named with its reason
                    self.lost.append(upload.filename)

    def forget(self) -> None:
        """The form was carried out: what was kept for it has an owner now."""
        submissions.unstage([one.key for one in self.kept], user_id=session_user())

    def _refusal(self, upload: Upload) -> str:
        types, max_mb = self.limits()
        try:
            files.check(upload, types=types, max_mb=max_mb)
        except DomainError as error:
            sentence = error_sentence(error)
            return sentence if upload.filename in sentence else f"{upload.filename}: {sentence}"
        return ""
