"""Settings of one installation: read once from ``TASKFLOW_*``, validated, then frozen.

What an office changes while it works (reminder rules, Zalo accounts, the calendar) lives in the
database and is edited in the pages; here is only what the machine must know before it starts.
Every setting is listed in docs/operations.md; a test compares.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class SmtpSecurity(StrEnum):
    """How the connection to the mail server is protected."""

    PLAIN = "plain"
    STARTTLS = "starttls"
    TLS = "tls"


def _known_zone(name: str) -> str:
    ZoneInfo(name)  # raises ZoneInfoNotFoundError, a KeyError
    return name


class Settings(BaseSettings):
    """The settings of a process. Every field is ``TASKFLOW_<NAME>`` in the environment."""

    model_config = SettingsConfigDict(env_prefix="TASKFLOW_", frozen=True, extra="forbid")

    data_dir: Path = Field(
        default=Path("var"),
        description="Folder of the SQLite database, the uploaded files and the generated secret key.",
    )
    database_url: str = Field(
        default="",
        description="Address of the database; empty means SQLite in the data folder.",
    )
    files_url: str = Field(
        default="",
        description="fsspec address of the file store (s3://bucket/prefix …); empty means files/ in the data folder.",
    )
    secret_key: SecretStr = Field(
        default=SecretStr(""),
        description="Key that signs sessions and links; empty means: made once and kept in the data folder.",
    )
    base_url: str = Field(
        default="http://127.0.0.1:8000",
        description="Address at which people reach the application; used in links of messages.",
    )
    host: str = Field(
        default="127.0.0.1",
        description="Address that the web server listens on.",
    )
    port: int = Field(
        default=8000,
        ge=1,
        le=65535,
        description="Port that the web server listens on.",
    )
    threads: int = Field(
        default=8,
        ge=1,
        le=128,
        description="Threads of the web server.",
    )
    trusted_proxies: int = Field(
        default=0,
        ge=0,
        le=5,
        description="Number of reverse proxies in front whose X-Forwarded-* headers are believed.",
    )
    timezone: Annotated[str, AfterValidator(_known_zone)] = Field(
        default="Asia/Ho_Chi_Minh",
        description="Time zone of the office.",
    )
    session_minutes: int = Field(
        default=480,
        ge=5,
        description="Minutes without a request after which one must sign in again.",
    )
    max_upload_mb: int = Field(
        default=50,
        ge=1,
        le=500,
        description="Largest uploaded file in MB.",
    )
    log_format: str = Field(
        default="console",
        pattern="^(console|json)$",
        description="console for people, json for log collectors.",
    )
    log_level: str = Field(
        default="INFO",
        pattern="^(DEBUG|INFO|WARNING|ERROR)$",
        description="Smallest level that is logged.",
    )
    smtp_host: str = Field(
        default="",
        description="Mail server; empty means that no e-mail can be sent (messages stay queued and say so).",
    )
    smtp_port: int = Field(
        default=25,
        ge=1,
        le=65535,
        description="Port of the mail server.",
    )
    smtp_security: SmtpSecurity = Field(
        default=SmtpSecurity.PLAIN,
        description="plain, starttls or tls.",
    )
    smtp_user: str = Field(
        default="",
        description="User name at the mail server; empty means without sign-in.",
    )
    smtp_password: SecretStr = Field(
        default=SecretStr(""),
        description="Password at the mail server.",
    )
    smtp_timeout: float = Field(
        default=20.0,
        gt=0,
        le=120,
        description="Seconds to wait for the mail server.",
    )
    smtp_ca_file: Path | None = Field(
        default=None,
        description="Certificate authority of the mail server, when it is not a public one.",
    )
    smtp_per_minute: int = Field(
        default=0,
        ge=0,
        description="Most messages a minute to the mail server; 0 means no limit.",
    )
    mail_from: str = Field(
        default="taskflow@localhost",
        description="Sender address of e-mails.",
    )
    mail_from_name: str = Field(
        default="Theo dõi nhiệm vụ",
        description="Sender name of e-mails.",
    )
    mail_reply_to: str = Field(
        default="",
        description="Address for answers to e-mails.",
    )
    dkim_domain: str = Field(
        default="",
        description="Domain that signs e-mails (DKIM); empty means no signature.",
    )
    dkim_selector: str = Field(
        default="taskflow",
        description="Selector of the DKIM key.",
    )
    dkim_key_file: Path | None = Field(
        default=None,
        description="File with the private DKIM key (PEM).",
    )
    zalo_api_url: str = Field(
        default="https://openapi.zalo.me",
        description="Zalo Official Account API; changed only for tests.",
    )
    zalo_business_url: str = Field(
        default="https://business.openapi.zalo.me",
        description="Zalo template API (ZBS); changed only for tests.",
    )
    zalo_oauth_url: str = Field(
        default="https://oauth.zaloapp.com",
        description="Zalo sign-in service; changed only for tests.",
    )
    zalo_bot_url: str = Field(
        default="https://bot-api.zaloplatforms.com",
        description="Zalo Bot API; changed only for tests.",
    )
    allow_private_webhooks: bool = Field(
        default=False,
        description="Whether outgoing webhooks may go to addresses inside the own network.",
    )
    delivery_workers: int = Field(
        default=2,
        ge=1,
        le=32,
        description="Delivery threads per process.",
    )
    metrics_token: SecretStr = Field(
        default=SecretStr(""),
        description="Bearer token for /metrics; empty means that the page is closed.",
    )

    @model_validator(mode="after")
    def _halves_belong_together(self) -> Self:
        if self.smtp_password.get_secret_value() and not self.smtp_user:
            raise ValueError("TASKFLOW_SMTP_PASSWORD is set but TASKFLOW_SMTP_USER is not")
        if self.dkim_domain and self.dkim_key_file is None:
            raise ValueError("TASKFLOW_DKIM_DOMAIN is set but TASKFLOW_DKIM_KEY_FILE is not")
        if not self.base_url.startswith(("http://", "https://")):
            raise ValueError("TASKFLOW_BASE_URL must start with http:// or https://")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The office's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def sqlalchemy_url(self) -> str:
        """The database address with psycopg 3 as PostgreSQL's driver."""
        if not self.database_url:
            return f"sqlite:///{(self.data_dir / 'taskflow.sqlite3').absolute()}"
        for plain in ("postgresql://", "postgres://"):
            if self.database_url.startswith(plain):
                return "postgresql+psycopg://" + self.database_url.removeprefix(plain)
        return self.database_url

    @property
    def file_store_url(self) -> str:
        """The fsspec address of the file store."""
        return self.files_url or f"file://{(self.data_dir / 'files').absolute()}"


class SettingsError(Exception):
    """A setting is wrong; the text names each one in a plain sentence."""


def load_settings() -> Settings:
    """Read the settings of this process. Raises ``SettingsError`` with one line per wrong value."""
    try:
        return Settings()
    except ValidationError as error:
        lines = []
        for problem in error.errors():
            name = "_".join(str(part) for part in problem["loc"]).upper()
            lines.append(f"TASKFLOW_{name}: {problem['msg']}" if name else problem["msg"])
        raise SettingsError("\n".join(lines)) from error
