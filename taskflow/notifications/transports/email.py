"""E-mail over SMTP: plain, STARTTLS or TLS with a checked certificate, multipart, threaded, optionally DKIM-signed."""

from __future__ import annotations

import smtplib
import ssl
from base64 import encodebytes
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr
from time import monotonic

from taskflow.config import Settings, SmtpSecurity
from taskflow.notifications.transports.base import Parcel, PermanentError, Receipt, TransientError
from taskflow.notifications.transports.smtp_answers import says_no_mailbox, status_of

#: A connection unused for so long is asked whether it still lives before it is trusted with a message. Trying
#: again on a new one after it broke would risk a double: the server may have said yes unheard.
IDLE_SECONDS = 1.0
#: Messages over one connection; many servers hang up after a hundred.
PER_CONNECTION = 90
_EOL = "\r\n"
_SIGNED_HEADERS = [
    b"from", b"to", b"subject", b"date", b"message-id", b"mime-version", b"content-type",
    b"list-unsubscribe", b"list-unsubscribe-post",
]  # fmt: skip


def compose(parcel: Parcel, settings: Settings, *, now: datetime) -> bytes:
    """The message as it goes over the wire: headers, text and HTML. Raises ValueError for an address that is none.

    Message-ID comes from the row's id, so that a double can be recognised. Written out by hand: the standard
    library's ``EmailMessage`` needs 6 ms for the same, which is most of what a message may cost.
    """
    host = settings.mail_from.rpartition("@")[2]
    headers = [
        ("From", _mailbox(settings.mail_from, settings.mail_from_name)),
        ("To", _mailbox(parcel.address)),
        ("Subject", _words(parcel.rendered.subject)),
        ("Date", format_datetime(now.astimezone(settings.zone))),
        ("Message-ID", f"<{parcel.tracking_id}@{host}>"),
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "All"),
    ]
    if settings.mail_reply_to:
        headers.append(("Reply-To", _mailbox(settings.mail_reply_to)))
    if parcel.task_id is not None:
        thread = f"<task-{parcel.task_id}@{host}>"
        headers += [("In-Reply-To", thread), ("References", thread)]
    if parcel.unsubscribe_url:
        headers += [
            ("List-Unsubscribe", f"<{parcel.unsubscribe_url}>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ]
    if parcel.urgent:
        headers += [("Importance", "high"), ("X-Priority", "2")]
    boundary = f"=_taskflow_{parcel.id}"
    headers += [("MIME-Version", "1.0"), ("Content-Type", f'multipart/alternative; boundary="{boundary}"')]
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    parts = [_part(boundary, "plain", parcel.rendered.text)]
    if parcel.rendered.html:
        parts.append(_part(boundary, "html", parcel.rendered.html))
    return head.encode() + b"\r\n" + b"".join(parts) + f"--{boundary}--\r\n".encode()


def _part(boundary: str, subtype: str, text: str) -> bytes:
    """Base64 keeps Vietnamese text short and every relay's hands off the line lengths."""
    head = f"--{boundary}\r\nContent-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head.encode() + encodebytes(text.encode()).replace(b"\n", b"\r\n")


def _words(text: str) -> str:
    """Words of a header: encoded as RFC 2047 wants them, folded."""
    line = " ".join(text.split())
    if line.isascii() and len(line) < 60:
        return line
    return Header(line, "utf-8", maxlinelen=75, header_name="Subject").encode(linesep=_EOL)


def _mailbox(address: str, name: str = "") -> str:
    """A mailbox; an address with letters beyond ASCII stays as it is (RFC 6532)."""
    user, at, domain = address.rpartition("@")
    if not (user and at and domain) or any(char in address for char in "\r\n<>, \t\x00"):
        raise ValueError(f"not an e-mail address: {address!r}")
    if not name:
        return address
    if name.isascii():
        return f"{formataddr((name, 'x@y'))[:-5]}<{address}>"
    # Not formataddr: it makes one encoded word, and one of more than 75 characters is no word (RFC 2047).
    words = Header(name, "utf-8", maxlinelen=75, header_name="Reply-To").encode(linesep=_EOL)
    return f"{words} <{address}>" if len(words) + len(address) < 64 else f"{words}{_EOL} <{address}>"


@dataclass
class _Connection:
    client: smtplib.SMTP
    used_at: float  # monotonic
    sent: int = 0


class EmailTransport:
    """Sends over one connection that is kept between messages."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._connection: _Connection | None = None
        self._dkim_key = settings.dkim_key_file.read_bytes() if settings.dkim_domain and settings.dkim_key_file else b""

    def send(self, parcel: Parcel, *, now: datetime) -> Receipt:
        """Hand over one message; returns after the server's 250 for its content."""
        if not self._settings.smtp_host:
            raise TransientError("smtp_not_configured", needs_person=True)
        try:
            _mailbox(parcel.address)
        except ValueError as error:
            raise PermanentError("message_invalid", str(error), bad_address=True) from error
        # Whatever else cannot be composed is our own fault, and no address's.
        return self._hand_over(parcel, self.signed(compose(parcel, self._settings, now=now)))

    def check(self) -> None:
        """Reach the server and sign in as ``send`` would, without sending. Raises ``TransientError``."""
        self._client()
        self.close()

    def close(self) -> None:
        """Say goodbye, if anybody listens."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            try:
                connection.client.quit()
            except (OSError, smtplib.SMTPException):
                connection.client.close()

    def signed(self, content: bytes) -> bytes:
        """The message with its DKIM signature in front, where a key is set."""
        if not self._dkim_key:
            return content
        import dkim  # a library with resolvers and all, for those who sign

        signature: bytes = dkim.sign(
            content,
            self._settings.dkim_selector.encode(),
            self._settings.dkim_domain.encode(),
            self._dkim_key,
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=[header for header in _SIGNED_HEADERS if header + b":" in content.lower()],
        )
        return signature + content

    def _hand_over(self, parcel: Parcel, content: bytes) -> Receipt:
        client = self._client()
        options = ["SMTPUTF8", "BODY=8BITMIME"] if not parcel.address.isascii() else []
        if options and not client.has_extn("smtputf8"):
            raise TransientError("smtputf8_missing", parcel.address, other_way=True)
        try:
            client.sendmail(self._settings.mail_from, [parcel.address], content, mail_options=options)
        except smtplib.SMTPRecipientsRefused as error:
            code, answer = next(iter(error.recipients.values()))
            text = _text(answer)
            if code >= 500 and says_no_mailbox(status_of(text), text):
                raise PermanentError(str(code), text, bad_address=True) from error
            raise _refusal(code, answer) from error
        except smtplib.SMTPSenderRefused as error:
            self.close()
            raise _refusal(error.smtp_code, error.smtp_error, needs_person=error.smtp_code >= 500) from error
        except smtplib.SMTPDataError as error:
            raise _refusal(error.smtp_code, error.smtp_error) from error
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise TransientError("smtp_broken", _text(error)) from error
        if self._connection is not None:
            self._connection.sent += 1
            self._connection.used_at = monotonic()
            if self._connection.sent >= PER_CONNECTION:
                self.close()
        return Receipt()

    def _client(self) -> smtplib.SMTP:
        kept = self._connection
        if kept is not None:
            if monotonic() - kept.used_at < IDLE_SECONDS or _lives(kept.client):
                return kept.client
            self.close()
        client = self._connect()
        self._connection = _Connection(client, monotonic())
        return client

    def _connect(self) -> smtplib.SMTP:
        settings = self._settings
        context: ssl.SSLContext | None = None
        if settings.smtp_security is not SmtpSecurity.PLAIN:
            context = ssl.create_default_context(cafile=str(settings.smtp_ca_file) if settings.smtp_ca_file else None)
        client: smtplib.SMTP | None = None
        try:
            if settings.smtp_security is SmtpSecurity.TLS:
                client = smtplib.SMTP_SSL(
                    settings.smtp_host, settings.smtp_port, timeout=settings.smtp_timeout, context=context
                )
            else:
                client = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=settings.smtp_timeout)
            self._secure(client, context)
        except (OSError, smtplib.SMTPException) as error:
            if client is not None:
                client.close()
            raise _unreachable(error) from error
        return client

    def _secure(self, client: smtplib.SMTP, context: ssl.SSLContext | None) -> None:
        settings = self._settings
        if settings.smtp_security is SmtpSecurity.STARTTLS:
            client.starttls(context=context)
        if settings.smtp_user:
            client.login(settings.smtp_user, settings.smtp_password.get_secret_value())


def _unreachable(error: OSError | smtplib.SMTPException) -> TransientError:
    """A wrong certificate or password stays wrong until a person acts; the rest may pass."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return TransientError("certificate", error.verify_message, needs_person=True)
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return TransientError("authentication", _text(error.smtp_error), needs_person=True)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return TransientError("not_supported", _text(error), needs_person=True)
    return TransientError("unreachable", _text(error))


def _lives(client: smtplib.SMTP) -> bool:
    try:
        return client.noop()[0] == 250
    except (OSError, smtplib.SMTPException):
        return False


def _refusal(code: int, answer: object, *, needs_person: bool = False) -> TransientError:
    """4xx passes by itself (RFC 5321 4.2.1); 5xx that is about no mailbox may pass too, but not soon."""
    return TransientError(str(code), _text(answer), needs_person=needs_person, other_way=code >= 500)


def _text(answer: object) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
