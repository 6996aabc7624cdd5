"""Zalo Official Account (DOMAIN.md 6.3): consultation, template by UID, template by phone, group message.

Every answer is HTTP 200; what happened is in ``error``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from taskflow.models.outbox import ChannelKind
from taskflow.notifications.transports.base import (
    Parcel,
    PermanentError,
    Receipt,
    TemplateRefusedError,
    TokenRefusedError,
    TransientError,
)
from taskflow.notifications.transports.fitting import DEFAULT_LIMIT, fit, fit_parameters, without_mentions
from taskflow.notifications.transports.http import JsonClient
from taskflow.notifications.transports.zalo_errors import BUSINESS, OA, OA_TEMPLATE, Remedy, failure

LONGEST_TEXT = 2000
#: After the person's last sign of life: consultation messages are taken for seven days.
CONSULTATION_WINDOW = timedelta(days=7)
#: The answers to a consultation message that comes too late.
OUTSIDE_WINDOW = ("-230", "-232")
_DIGITS = re.compile(r"\D")
#: Digits of a number without 0 or 84: a mobile one. One of a fixed line has one more.
_NATIONAL = 9

#: Gives an access token that works now; with True, one other than the token just refused. Raises ``TransientError``.
TokenSource = Callable[[bool], str]


@dataclass(frozen=True, slots=True)
class TemplateSettings:
    """An approved template: its id and, for each parameter, which value of ours it gets and how long that may be."""

    template_id: str = ""
    parameters: Mapping[str, tuple[str, int]] = field(default_factory=dict)


#: Keeps the parameters that the template has at Zalo (name → longest); gives them with the values that they get.
TemplateKeeper = Callable[[dict[str, int]], TemplateSettings]


class ZaloOaTransport:
    """Messages of one Official Account."""

    def __init__(
        self,
        *,
        api_url: str,
        business_url: str,
        token: TokenSource,
        template: TemplateSettings,
        keep_template: TemplateKeeper,
        development: bool = False,
    ) -> None:
        self._api = JsonClient(api_url)
        self._business = JsonClient(business_url)
        self._token = token
        self._template = template
        self._keep_template = keep_template
        #: What was filled by what Zalo says of the template was refused: asking again is no use until settings change.
        self._stays_refused = False
        self._development = development

    def send(self, parcel: Parcel, *, now: datetime) -> Receipt:
        """Send by the way that fits the channel; a refused token is renewed, a refused template fetched, each once."""
        try:
            return self._send_fitted(parcel, self._token(False), now)
        except TokenRefusedError:
            return self._send_fitted(parcel, self._token(True), now)

    def about(self) -> dict[str, Any]:
        """The account itself (getoa), which shows that the token works. Raises ``TransientError``."""
        answer = self._api.get("/v2.0/oa/getoa", headers={"access_token": self._token(False)})
        code = _code(answer)
        if code:
            person = OA.get(code) in (Remedy.PERSON, Remedy.REFRESH)
            raise TransientError(str(code), _words(answer), needs_person=person)
        data = answer.get("data")
        return data if isinstance(data, dict) else {}

    @property
    def has_template(self) -> bool:
        """Whether an approved template is set up."""
        return bool(self._template.template_id)

    def quota(self) -> tuple[int, int]:
        """Templates by phone a day, and how many are left today. Raises ``TransientError``."""
        data = self._ask_business("/message/quota", {})
        return _number(data.get("dailyQuota")), _number(data.get("remainingQuota"))

    def arrived_at(self, message_id: str) -> datetime | None:
        """When a template by phone reached the phone; None while it has not. Raises ``TransientError``."""
        data = self._ask_business("/message/status", {"message_id": message_id})
        moment = _number(data.get("delivery_time"))
        return datetime.fromtimestamp(moment / 1000, UTC) if _number(data.get("status")) == 1 and moment else None

    def _ask_business(self, path: str, query: dict[str, str]) -> dict[str, Any]:
        """``data`` of an answer; a refused token is renewed once."""
        for again in (False, True):
            address = f"{path}?{urlencode(query)}" if query else path
            answer = self._business.get(address, headers={"access_token": self._token(again)})
            code = _code(answer)
            if BUSINESS.get(code) is not Remedy.REFRESH:
                break
        if code:
            raise TransientError(str(code), _words(answer), needs_person=BUSINESS.get(code) is Remedy.PERSON)
        data = answer.get("data")
        return data if isinstance(data, dict) else {}

    def template_limits(self) -> dict[str, int]:
        """The template's parameters and how long each may be, as approved. Raises ``TransientError``."""
        listed = self._ask_business("/template/info/v2", {"template_id": self._template.template_id}).get("listParams")
        found = [one for one in listed or [] if isinstance(one, dict) and one.get("name")]
        return {str(one["name"]): _length(one.get("maxLength")) for one in found}

    def close(self) -> None:
        """Let go of the connections."""
        self._api.close()
        self._business.close()

    def _send_fitted(self, parcel: Parcel, token: str, now: datetime) -> Receipt:
        """Send; where the template was changed at Zalo, with the parameters that it has now."""
        try:
            return self._send(parcel, token, now)
        except TemplateRefusedError:
            if self._stays_refused or not self._fetch_template():
                raise
        try:
            return self._send(parcel, token, now)
        except TemplateRefusedError:
            self._stays_refused = True
            raise

    def _fetch_template(self) -> bool:
        """Whether the template's parameters at Zalo are others than those that we knew; from now on they are known."""
        try:
            limits = self.template_limits()
        except TransientError as error:
            if not error.needs_person:
                raise
            limits = {}
        if not limits or limits == {name: longest for name, (_source, longest) in self._template.parameters.items()}:
            self._stays_refused = True
            return False
        self._template = self._keep_template(limits)
        return True

    def _send(self, parcel: Parcel, token: str, now: datetime) -> Receipt:
        if parcel.channel is ChannelKind.ZALO_GROUP:
            return self._group(parcel, token, now)
        if parcel.channel is ChannelKind.ZALO_TEMPLATE:
            return self._template_by_phone(parcel, token, now)
        last = parcel.extra.get("last_interaction_at")
        if isinstance(last, datetime) and now - last < CONSULTATION_WINDOW:
            try:
                return self._consultation(parcel, token, now)
            except PermanentError as error:
                # Zalo counts the seven days by its own book; a template has no window.
                if error.code not in OUTSIDE_WINDOW or not self._can_use_template(parcel):
                    raise
        if self._can_use_template(parcel):
            return self._template_by_uid(parcel, token, now)
        raise PermanentError("outside_window", "the person has not written for seven days and no template fits")

    def _can_use_template(self, parcel: Parcel) -> bool:
        """An approved template has no place for a code."""
        return bool(self._template.template_id) and parcel.kind != "link_code"

    def _consultation(self, parcel: Parcel, token: str, now: datetime) -> Receipt:
        text = fit(parcel.rendered.chat or parcel.rendered.text, LONGEST_TEXT)
        body = {"recipient": {"user_id": parcel.address}, "message": {"text": text}}
        return self._oa("/v3.0/oa/message/cs", body, parcel, token, now)

    def _group(self, parcel: Parcel, token: str, now: datetime) -> Receipt:
        text = fit(without_mentions(parcel.rendered.chat or parcel.rendered.text), LONGEST_TEXT)
        body = {"recipient": {"group_id": parcel.address}, "message": {"text": text}}
        return self._oa("/v3.0/oa/group/message", body, parcel, token, now)

    def _template_by_uid(self, parcel: Parcel, token: str, now: datetime) -> Receipt:
        body = {"user_id": parcel.address, **self._template_body(parcel)}
        return self._oa("/v3.0/oa/message/template", body, parcel, token, now, table=OA_TEMPLATE)

    def _template_by_phone(self, parcel: Parcel, token: str, now: datetime) -> Receipt:
        body = {
            "phone": phone_number(parcel.address),
            **self._template_body(parcel),
            "tracking_id": parcel.tracking_id,
            "sending_mode": "1",
        }
        if self._development:
            body["mode"] = "development"
        answer = self._business.post("/message/template", json=body, headers={"access_token": token})
        return _receipt(answer, BUSINESS, "msg_id", parcel, now)

    def _template_body(self, parcel: Parcel) -> dict[str, Any]:
        if not self._template.template_id:
            raise PermanentError("no_template", "no approved template is set up", needs_person=True)
        if not self._can_use_template(parcel):
            raise PermanentError("no_template", "an approved template has no place for a code")
        return {
            "template_id": self._template.template_id,
            "template_data": fit_parameters(parcel.rendered.parameters, self._template.parameters),
        }

    def _oa(
        self,
        path: str,
        body: dict[str, Any],
        parcel: Parcel,
        token: str,
        now: datetime,
        *,
        table: dict[int, Remedy] = OA,
    ) -> Receipt:
        answer = self._api.post(path, json=body, headers={"access_token": token})
        return _receipt(answer, table, "message_id", parcel, now)


def phone_number(text: str) -> str:
    """A Vietnamese number as Zalo wants it: 84 and no leading zero. Raises ``PermanentError`` for what is none.

    People write 0912…, +84 912…, (+84) 0912…, 0084912…; a spreadsheet leaves 912…
    """
    digits = _DIGITS.sub("", text)
    international = text.strip().lstrip("(").startswith(("+", "00"))
    digits = digits.removeprefix("00")
    if digits.startswith("84") and (international or len(digits) > _NATIONAL):
        digits = digits.removeprefix("84")
    elif international:
        digits = ""  # of another country
    digits = digits.removeprefix("0")
    if not _NATIONAL <= len(digits) <= _NATIONAL + 1 or digits.startswith("0"):
        raise PermanentError("-108", "not a Vietnamese phone number", bad_address=True)
    return "84" + digits


def _receipt(answer: dict[str, Any], table: dict[int, Remedy], key: str, parcel: Parcel, now: datetime) -> Receipt:
    code = _code(answer)
    if code:
        raise failure(table, code, _words(answer), now=now, tracking_id=parcel.tracking_id)
    data = answer.get("data")
    identity = data.get(key) if isinstance(data, dict) else None
    return Receipt(str(identity) if identity else None)


def _code(answer: dict[str, Any]) -> int:
    code = answer.get("error")
    return int(code) if isinstance(code, int | str) and str(code).lstrip("-").isdigit() else -100


def _length(value: object) -> int:
    return int(value) if isinstance(value, int | str) and str(value).isdigit() else DEFAULT_LIMIT


def _number(value: object) -> int:
    """A number that the service writes as text or as one; 0 for anything else."""
    return int(value) if isinstance(value, int | str) and str(value).isdigit() else 0


def _words(answer: dict[str, Any]) -> str:
    return str(answer.get("message", ""))
