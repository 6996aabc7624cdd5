"""A real SMTP server for tests, which can refuse, stall and hang up as real ones do."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class Mailbox:
    """What arrived, and what the server answers: ``refuse`` maps an address to the line for RCPT."""

    messages: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    refuse: dict[str, str] = field(default_factory=dict)
    answer_data: str = "250 OK"
    sessions: set[int] = field(default_factory=set)
    #: Called whenever a message was taken.
    on_message: Callable[[], object] = lambda: None

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Refuse an address, or take it."""
        self.sessions.add(id(session))
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep the message when the answer is yes."""
        if self.answer_data.startswith("250"):
            content = envelope.original_content or b""
            self.messages.append(message_from_bytes(content, policy=SMTP_POLICY))
            self.envelopes.append(envelope)
            self.on_message()
        return self.answer_data


@contextmanager
def smtp_server(
    *, tls: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None, login: tuple[str, str] | None = None
) -> Iterator[tuple[Mailbox, int]]:
    """Run a server on a free port; yields its mailbox and the port."""
    box = Mailbox()
    options: dict[str, Any] = {"enable_SMTPUTF8": True}
    if login is not None:
        options |= {"authenticator": _checker(login), "auth_required": True, "auth_require_tls": False}
    if starttls is not None:
        options |= {"tls_context": starttls, "require_starttls": True}
    port = _free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port, ssl_context=tls, **options)
    controller.start()
    try:
        yield box, port
    finally:
        controller.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _checker(login: tuple[str, str]) -> Callable[..., AuthResult]:
    def check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        good = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == login
        return AuthResult(success=good, handled=good)  # not handled: the server itself answers 535

    return check
