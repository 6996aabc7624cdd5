"""What an office enters about its Zalo accounts on the page of channels; kept as two settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from taskflow.domain.errors import Invalid
from taskflow.notifications.transports.zalo_oa import TemplateSettings
from taskflow.services import alarms, settings
from taskflow.services.unit_of_work import unit_of_work

_BOT_KEY = "zalo.bot"
_OA_KEY = "zalo.oa"
#: Values of ours that a template's parameter can get; see ``notifications.messages``.
PARAMETER_SOURCES = (
    "name", "office", "subject", "total", "overdue", "today", "soon", "waiting", "title", "due", "url",
)  # fmt: skip
#: The first term and the secret of the webhook's signature: sources disagree, so an office can choose (DOMAIN.md 6.6).
SIGNATURE_FIRST_TERMS = ("app_id", "oa_id")
SIGNATURE_SECRETS = ("oa_secret", "app_secret")


#: "digits:secret", as Zalo gives it; anything else would break the address that it becomes a part of.
_BOT_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class BotSettings:
    """A bot: its token, how updates come, and the secret that proves a webhook call."""

    token: str = ""
    #: polling (no public address needed) | webhook
    mode: str = "polling"
    webhook_secret: str = ""


@dataclass(frozen=True, slots=True)
class OaSettings:
    """An Official Account and the app that speaks for it."""

    app_id: str = ""
    app_secret: str = ""
    oa_id: str = ""
    #: Secret key of the webhook, a value of its own in the console.
    oa_secret: str = ""
    code_verifier: str = ""
    template_id: str = ""
    #: Template parameter → (value of ours, longest length).
    parameters: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    signature_first: str = "app_id"
    signature_secret: str = "oa_secret"  # noqa: S105 - the name of a choice, not a secret
    #: Templates are sent in development mode: to the account's administrators only.
    development: bool = False
    #: GMF group that the office's summaries go to; empty for none.
    group_id: str = ""

    @property
    def template(self) -> TemplateSettings:
        """The template as the transport wants it."""
        return TemplateSettings(self.template_id, self.parameters)


def bot_settings() -> BotSettings:
    """The bot as set up; an empty token means that there is none."""
    return settings.get(_BOT)


def oa_settings() -> OaSettings:
    """The Official Account as set up; an empty ``app_id`` means that there is none."""
    return settings.get(_OA)


def save_bot(bot: BotSettings, *, now: datetime, by_id: int | None) -> None:
    """Store the bot, inside a unit of work that checked who does it. Raises ``Invalid`` for impossible values."""
    if bot.token and not _BOT_TOKEN.fullmatch(bot.token):
        raise Invalid("zalo.bot_token", "token")
    if bot.mode not in ("polling", "webhook"):
        raise Invalid("zalo.bot_mode", "mode")
    if bot.mode == "webhook" and not 8 <= len(bot.webhook_secret) <= 256:
        raise Invalid("zalo.webhook_secret", "webhook_secret")
    settings.put(_BOT_KEY, asdict(bot), now=now, by_id=by_id)


def save_oa(account: OaSettings, *, now: datetime, by_id: int | None) -> None:
    """Store the account, inside a unit of work that checked who does it. Raises ``Invalid`` for impossible values."""
    if account.signature_first not in SIGNATURE_FIRST_TERMS or account.signature_secret not in SIGNATURE_SECRETS:
        raise Invalid("zalo.signature", "signature_first")
    if any(source not in PARAMETER_SOURCES for source, _ in account.parameters.values()):
        raise Invalid("zalo.parameters", "parameters")
    settings.put(_OA_KEY, asdict(account), now=now, by_id=by_id)


def with_limits(account: OaSettings, limits: Mapping[str, int]) -> tuple[OaSettings, tuple[str, ...]]:
    """The account with the template's parameters as Zalo has them, and those whose value a person must choose.

    What an office chose for a parameter stays; one of our own names gets that value; any other gets the subject
    until somebody chooses.
    """
    known = {name: source for name, (source, _longest) in account.parameters.items()}
    known = {name: name for name in limits if name in PARAMETER_SOURCES} | known
    parameters = {name: (known.get(name, "subject"), longest) for name, longest in limits.items()}
    return replace(account, parameters=parameters), tuple(name for name in limits if name not in known)


def keep_template(limits: Mapping[str, int], *, template_id: str, now: datetime) -> TemplateSettings:
    """Keep the parameters that delivery found at Zalo; the administrators hear of those that they must choose for."""
    with unit_of_work() as session:
        account, unchosen = with_limits(oa_settings(), limits)
        if account.template_id == template_id:  # else somebody has just entered another one
            save_oa(account, now=now, by_id=None)
            if unchosen:
                error = f"template {template_id}: {', '.join(unchosen)}"
                alarms.raise_alarm(session, what="channel", channel="zalo_template", error=error, now=now)
        return TemplateSettings(template_id, account.parameters)


def parse_parameters(text: str) -> dict[str, tuple[str, int]]:
    """Lines "parameter = value : length" as typed. Raises ``Invalid("zalo.parameters")``."""
    found = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        name, equals, rest = line.partition("=")
        source, _, length = rest.partition(":")
        if not equals or not name.strip() or source.strip() not in PARAMETER_SOURCES:
            raise Invalid("zalo.parameters", "parameters")
        if length.strip() and not length.strip().isdigit():
            raise Invalid("zalo.parameters", "parameters")
        found[name.strip()] = (source.strip(), int(length.strip() or 0))
    return found


def print_parameters(parameters: Mapping[str, tuple[str, int]]) -> str:
    """The lines that ``parse_parameters`` reads."""
    return "\n".join(f"{name} = {source} : {longest}" for name, (source, longest) in parameters.items())


def _bot(stored: object) -> BotSettings:
    if isinstance(stored, BotSettings):
        return stored
    if not isinstance(stored, dict):
        raise ValueError(stored)
    return BotSettings(**stored)


def _oa(stored: object) -> OaSettings:
    if isinstance(stored, OaSettings):
        return stored
    if not isinstance(stored, dict):
        raise ValueError(stored)
    values: dict[str, Any] = dict(stored)
    values["parameters"] = {name: (pair[0], int(pair[1])) for name, pair in values.get("parameters", {}).items()}
    return OaSettings(**values)


_BOT = settings.SettingSpec(_BOT_KEY, _bot, BotSettings(), "Zalo Bot")
_OA = settings.SettingSpec(_OA_KEY, _oa, OaSettings(), "Zalo OA")
