"""A real mail server, plain and protected, with and without sign-in; who cannot prove itself gets nothing."""

from __future__ import annotations

import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from taskflow.config import Settings, SmtpSecurity
from taskflow.models.outbox import ChannelKind
from taskflow.notifications.transports.base import Parcel, PermanentError, Rendered, TransientError
from taskflow.notifications.transports.email import EmailTransport
from tests.support.smtp import smtp_server

NOW = datetime(2026, 3, 25, 1, 0, tzinfo=UTC)
#: The server of the tests offers sign-in on an open connection too, and says that it should not.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
LOGIN = ("nhacviec", "mat-khau-thu")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 with its key, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


def _context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def _settings(port: int, security: SmtpSecurity, certificate: Path | None, login: tuple[str, str] | None) -> Settings:
    user, password = login or ("", "")
    return Settings(
        smtp_host="127.0.0.1",
        smtp_port=port,
        smtp_security=security,
        smtp_ca_file=certificate,
        smtp_user=user,
        smtp_password=SecretStr(password),
        smtp_timeout=5,
    )


PARCEL = Parcel(
    id=7,
    channel=ChannelKind.EMAIL,
    address="nguoi-nhan@sonha.example",
    rendered=Rendered(subject="Nhắc việc đến hạn", text="Có 2 việc quá hạn.", html="<p>Có 2 việc quá hạn.</p>"),
)


@pytest.mark.parametrize("security", list(SmtpSecurity))
@pytest.mark.parametrize("login", [None, LOGIN])
def test_mail_arrives_by_every_kind_of_connection(
    certificate: Path, security: SmtpSecurity, login: tuple[str, str] | None
) -> None:
    tls = _context(certificate) if security is SmtpSecurity.TLS else None
    starttls = _context(certificate) if security is SmtpSecurity.STARTTLS else None
    with smtp_server(tls=tls, starttls=starttls, login=login) as (box, port):
        transport = EmailTransport(_settings(port, security, certificate, login))
        transport.send(PARCEL, now=NOW)
        transport.close()
    assert [message["Subject"] for message in box.messages] == ["Nhắc việc đến hạn"]


@pytest.mark.parametrize("security", [SmtpSecurity.TLS, SmtpSecurity.STARTTLS])
def test_unknown_certificate_is_refused_and_tried_again_later(certificate: Path, security: SmtpSecurity) -> None:
    tls = _context(certificate) if security is SmtpSecurity.TLS else None
    starttls = _context(certificate) if security is SmtpSecurity.STARTTLS else None
    with smtp_server(tls=tls, starttls=starttls) as (box, port):
        transport = EmailTransport(_settings(port, security, None, None))
        with pytest.raises(TransientError):
            transport.send(PARCEL, now=NOW)
        transport.close()
    assert box.messages == []


def test_wrong_password_sends_nothing(certificate: Path) -> None:
    with smtp_server(starttls=_context(certificate), login=LOGIN) as (box, port):
        transport = EmailTransport(_settings(port, SmtpSecurity.STARTTLS, certificate, (LOGIN[0], "sai")))
        with pytest.raises((TransientError, PermanentError)):
            transport.send(replace(PARCEL, id=8), now=NOW)
        transport.close()
    assert box.messages == []
