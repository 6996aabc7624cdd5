"""A strict stand-in for Zalo's services, for tests and for trying things out without an account.

It answers and fails as documented (DOMAIN.md 6): HTTP 200 with an error code inside, refresh tokens that work
once, people who must follow or write first, the seven-day window, the night, quotas, rate limits, time-outs.
Control it under ``/_stub/``: POST ``write`` {"chat", "text"}, ``follow`` {"user"}, ``arrive`` {"message"},
``template`` {"id", "parameters": {name: longest}}, ``fail`` {"path", "how"}; GET ``sent``.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from taskflow.cli.zalo_stub_http import error, handler, json_of, success

_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_PHONE = re.compile(r"84\d{9,10}")
_WINDOW = timedelta(days=7)
#: What business.openapi.zalo.me answers; every other path is openapi.zalo.me's.
BUSINESS_PATHS = ("/message/template", "/message/status", "/message/quota", "/template/all", "/template/info/v2")


@dataclass
class Account:
    """What the stand-in knows: one app, one Official Account, one bot. Every field may be changed while it runs."""

    app_id: str = "1234567890"
    app_secret: str = "stub-app-secret"  # noqa: S105 - of the stand-in
    oa_id: str = "9876543210"
    oa_secret: str = "stub-oa-secret"  # noqa: S105 - of the stand-in
    bot_token: str = "42:stub"  # noqa: S105 - of the stand-in
    templates: dict[str, dict[str, int]] = field(default_factory=lambda: {"100001": {"ten": 30, "noi_dung": 200}})
    groups: set[str] = field(default_factory=lambda: {"group-1"})
    phones: set[str] = field(default_factory=lambda: {"84912345678"})
    #: Follower → when they last wrote.
    followers: dict[str, datetime] = field(default_factory=dict)
    chats: set[str] = field(default_factory=set)
    rate_per_minute: int = 4000
    daily_quota: int = 500


@dataclass
class Sent:
    """One message that was taken."""

    way: str
    to: str
    body: dict[str, Any]
    id: str


class ZaloStub:
    """The state and the rules. ``now`` is the stand-in's clock; ``url`` is where it listens once started."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC), account: Account | None = None) -> None:
        self.account = account or Account()
        self.now = now
        self.sent: list[Sent] = []
        #: When a message by phone reached the phone; set by ``arrive``.
        self.arrived: dict[str, datetime] = {}
        #: Paths that were called, and the codes with which templates were refused.
        self.called: list[str] = []
        self.refused: list[int] = []
        self.refreshes = 0
        self.url = ""
        self._lock = threading.Lock()
        self._ids = count(1)
        self._access: dict[str, datetime] = {}
        self._refresh: dict[str, bool] = {}  # token → used
        self._codes: dict[str, str] = {}  # consent code → challenge
        self._updates: list[dict[str, Any]] = []
        self._webhook: tuple[str, str] | None = None
        self._faults: dict[str, list[str]] = {}
        self._calls: list[datetime] = []
        self._server: ThreadingHTTPServer | None = None

    # Control ---------------------------------------------------------------------------------------------

    def start(self, port: int = 0) -> str:
        """Listen in a thread; the address. Without a port, on a free one."""
        server = ThreadingHTTPServer(("127.0.0.1", port), handler(self.answer))
        server.daemon_threads = True
        self._server = server
        threading.Thread(target=server.serve_forever, args=(0.02,), name="zalo-stub", daemon=True).start()
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        return self.url

    def stop(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def new_tokens(self, *, lifetime: timedelta = timedelta(hours=25)) -> dict[str, str]:
        """A fresh pair, as the API Explorer of the console would give it."""
        number = next(self._ids)
        access, refresh = f"access-{number}", f"refresh-{number}"
        self._access[access] = self.now() + lifetime
        self._refresh[refresh] = False
        return {
            "access_token": access,
            "refresh_token": refresh,
            "expires_in": str(int(lifetime.total_seconds())),
        }

    def consent(self, verifier_challenge: str) -> str:
        """The code that the consent page would hand to the callback."""
        code = f"code-{next(self._ids)}"
        self._codes[code] = verifier_challenge
        return code

    def follow(self, user: str) -> None:
        """Somebody follows the account and writes to it."""
        self.account.followers[user] = self.now()

    def write(self, chat: str, text: str) -> dict[str, Any]:
        """Somebody writes to the bot; the update waits for ``getUpdates``."""
        self.account.chats.add(chat)
        update = {
            "event_name": "message.text.received",
            "message": {
                "from": {"id": chat, "display_name": "Người dùng", "is_bot": False},
                "chat": {"id": chat, "chat_type": "PRIVATE"},
                "text": text,
                "message_id": f"in-{next(self._ids)}",
                "date": int(self.now().timestamp() * 1000),
            },
        }
        self._updates.append(update)
        return update

    def arrive(self, message_id: str) -> None:
        """A message by phone reaches the phone."""
        self.arrived[message_id] = self.now()

    def fail_next(self, path: str, how: str) -> None:
        """Let the next call of a path fail: a code ("-32"), ``timeout``, ``drop`` or ``garbage``."""
        self._faults.setdefault(path, []).append(how)

    def event(self, name: str, **values: Any) -> tuple[bytes, str]:
        """A webhook call as the Official Account would make it: the body and the signature header."""
        stamp = str(int(self.now().timestamp() * 1000))
        event = {"app_id": self.account.app_id, "oa_id": self.account.oa_id, "event_name": name, "timestamp": stamp}
        raw = json.dumps({**event, **values}, ensure_ascii=False).encode()
        return raw, f"mac={sign(self.account.app_id, raw, stamp, self.account.oa_secret)}"

    # Rules -----------------------------------------------------------------------------------------------

    def answer(
        self, path: str, headers: dict[str, str], body: bytes, query: str = ""
    ) -> tuple[int, dict[str, Any] | str]:
        """The answer to a POST or GET of ``path``: status and JSON, or the name of a fault."""
        with self._lock:
            self.called.append(path)
            faults = self._faults.get(path)
            if faults:
                how = faults.pop(0)
                return (0, how) if not how.lstrip("-").isdigit() else (200, {"error": int(how), "message": "stub"})
            if path.startswith("/_stub/"):
                return 200, self._control(path.removeprefix("/_stub/"), json_of(body))
            if path.startswith("/bot"):
                return self._bot(path, json_of(body))
            if path == "/v4/oa/access_token":
                return 200, self._oauth(headers, {k: v[0] for k, v in parse_qs(body.decode()).items()})
            if self._is_too_fast():
                return 200, error(-32, "Your application reached limit call api")
            values = {name: found[0] for name, found in parse_qs(query).items()}
            if path in BUSINESS_PATHS:
                return 200, self._business(path, headers, json_of(body), values)
            return 200, self._oa(path, headers, json_of(body), json_of(values.get("data", "").encode()))

    def _control(self, action: str, values: dict[str, Any]) -> dict[str, Any]:
        if action == "write":
            self.write(str(values.get("chat", "chat-1")), str(values.get("text", "")))
        elif action == "follow":
            self.follow(str(values.get("user", "user-1")))
        elif action == "arrive":
            self.arrive(str(values.get("message", "")))
        elif action == "template":
            self.account.templates[str(values.get("id", ""))] = dict(values.get("parameters") or {})
        elif action == "fail":
            self.fail_next(str(values.get("path", "")), str(values.get("how", "timeout")))
        elif action == "tokens":
            return dict(self.new_tokens())
        return {"sent": [{"way": sent.way, "to": sent.to, "body": sent.body, "id": sent.id} for sent in self.sent]}

    def _oauth(self, headers: dict[str, str], form: dict[str, str]) -> dict[str, Any]:
        if form.get("app_id") != self.account.app_id:
            return {"error": -14002, "error_name": "Invalid app id", "error_description": "app is not active"}
        if headers.get("secret_key") != self.account.app_secret:
            return {"error": -14004, "error_name": "Invalid secret key", "error_description": "secret key"}
        if form.get("grant_type") == "authorization_code":
            challenge = self._codes.pop(form.get("code", ""), None)
            made = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
            if challenge is None or made.rstrip(b"=").decode() != challenge:
                return {"error": -14019, "error_name": "Invalid authorized code", "error_description": "code"}
            return dict(self.new_tokens())
        refresh = form.get("refresh_token", "")
        if self._refresh.get(refresh) is not False:
            return {"error": -14020, "error_name": "Invalid refresh token", "error_description": "refresh token"}
        self._refresh[refresh] = True
        self.refreshes += 1
        return dict(self.new_tokens())

    def _business(
        self, path: str, headers: dict[str, str], body: dict[str, Any], values: dict[str, str]
    ) -> dict[str, Any]:
        refused = self._token_error(headers, invalid=-124, expired=-124)
        if refused:
            return refused
        if path == "/message/template":
            return self._by_phone(body)
        if path == "/message/status":
            return self._status(values.get("message_id", ""))
        if path == "/message/quota":
            return success(self._phone_quota())
        if path == "/template/all":
            return success([{"templateId": name, "status": "ENABLE"} for name in self.account.templates])
        return self._template_info(values.get("template_id", ""))

    def _oa(self, path: str, headers: dict[str, str], body: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
        refused = self._token_error(headers, invalid=-216, expired=-220)
        if refused:
            return refused
        if path == "/v2.0/oa/getoa":
            return {"error": 0, "message": "Success", "data": {"oa_id": self.account.oa_id, "name": "Văn phòng thử"}}
        if path == "/v3.0/oa/group/message":
            group = str(body.get("recipient", {}).get("group_id", ""))
            if group not in self.account.groups:
                return error(-403, "OA is not in this group")
            return self._take("group", group, body)
        if path == "/v3.0/oa/message/cs":
            return self._consultation(body)
        if path == "/v3.0/oa/message/template":
            user = str(body.get("user_id", ""))
            if user not in self.account.followers:
                return error(-213, "User has not followed OA")
            wrong = self._template_error(body, unknown=-249, missing=-201, too_long=-201)
            return wrong or self._take("template_uid", user, body, user_id=user, quota=self._uid_quota())
        if path == "/v3.0/oa/quota/message":
            heard = self.account.followers.get(str(body.get("user_id", "")))
            return success({"last_interaction": _stamp(heard)}) if heard else error(-213, "User has not followed OA")
        if path == "/v3.0/oa/user/detail":
            user = str(data.get("user_id", ""))
            known = user in self.account.followers
            return success({"user_id": user, "user_is_follower": True}) if known else error(-213, "not a follower")
        if path == "/v3.0/oa/user/getlist":
            users = sorted(self.account.followers)[int(data.get("offset", 0)) :][: int(data.get("count", 50))]
            return success({"total": len(self.account.followers), "users": [{"user_id": user} for user in users]})
        return error(-201, f"unknown path {path}")

    def _consultation(self, body: dict[str, Any]) -> dict[str, Any]:
        user = str(body.get("recipient", {}).get("user_id", ""))
        text = str(body.get("message", {}).get("text", ""))
        if user not in self.account.followers:
            return error(-213, "User has not followed OA")
        if not text:
            return error(-201, "message.text is empty")
        if len(text) > 2000:
            return error(-210, "Message exceeds length")
        if self.now() - self.account.followers[user] > _WINDOW:
            return error(-230, "User has not interacted with the OA in the past 7 days")
        return self._take("cs", user, body)

    def _by_phone(self, body: dict[str, Any]) -> dict[str, Any]:
        phone = str(body.get("phone", ""))
        if not _PHONE.fullmatch(phone):
            return error(-108, "Phone number is invalid")
        if len(str(body.get("tracking_id", ""))) > 48:
            return error(-1121, "tracking_id is too long")
        wrong = self._template_error(body, unknown=-109, missing=-132, too_long=-1121)
        if wrong:
            return wrong
        if not 6 <= self.now().astimezone(_ZONE).hour < 22:
            return error(-133, "ZNS can not be sent at night")
        if phone not in self.account.phones:
            return error(-118, "Zalo account does not exist")
        if self._left("template_phone") <= 0:
            return error(-144, "OA has exceeded the daily quota")
        answer = self._take("template_phone", phone, body, key="msg_id", sending_mode=body.get("sending_mode", "1"))
        answer["data"]["quota"] = self._phone_quota()
        return answer

    def _status(self, message_id: str) -> dict[str, Any]:
        known = any(sent.way == "template_phone" and sent.id == message_id for sent in self.sent)
        if not known:
            return success({"status": -1, "message": "The message does not exist"})
        arrived = self.arrived.get(message_id)
        if arrived is None:
            return success({"status": 0, "message": "The message was pushed, the phone has not got it"})
        return success({"status": 1, "delivery_time": _stamp(arrived), "message": "The message was delivered"})

    def _left(self, way: str) -> int:
        return max(0, self.account.daily_quota - sum(sent.way == way for sent in self.sent))

    def _phone_quota(self) -> dict[str, str]:
        return {"dailyQuota": str(self.account.daily_quota), "remainingQuota": str(self._left("template_phone"))}

    def _uid_quota(self) -> dict[str, Any]:
        return {"quota_type": "daily", "remain": self._left("template_uid")}

    def _template_info(self, template_id: str) -> dict[str, Any]:
        parameters = self.account.templates.get(template_id)
        if parameters is None:
            return error(-109, "template_id is invalid")
        listed = [
            {"name": name, "require": True, "type": "STRING", "maxLength": longest, "minLength": 1, "acceptNull": False}
            for name, longest in parameters.items()
        ]
        return success({"templateId": template_id, "status": "ENABLE", "listParams": listed})

    def _bot(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        token, _slash, method = path.removeprefix("/bot").partition("/")
        if token != self.account.bot_token:
            return 401, {"ok": False, "error_code": 401, "description": "Unauthorized"}
        if method == "getMe":
            return 200, {"ok": True, "result": {"id": "42", "account_name": "bot.stub", "account_type": "BASIC"}}
        if method == "setWebhook":
            self._webhook = (str(body.get("url")), str(body.get("secret_token")))
            return 200, {"ok": True, "result": {"url": self._webhook[0]}}
        if method == "deleteWebhook":
            self._webhook = None
            return 200, {"ok": True, "result": {}}
        if method == "getUpdates":
            if self._webhook is not None:
                return 200, {"ok": False, "error_code": 409, "description": "webhook is set"}
            if not self._updates:
                return 200, {"ok": False, "error_code": 408, "description": "Request timeout"}
            return 200, {"ok": True, "result": self._updates.pop(0)}
        if method == "sendMessage":
            chat, text = str(body.get("chat_id", "")), str(body.get("text", ""))
            if chat not in self.account.chats:
                return 200, {"ok": False, "error_code": 403, "description": "the user has not written to the bot"}
            if not 1 <= len(text) <= 2000:
                return 200, {"ok": False, "error_code": 400, "description": "text must have 1 to 2000 characters"}
            sent = Sent("bot", chat, body, f"bot-{next(self._ids)}")
            self.sent.append(sent)
            return 200, {"ok": True, "result": {"message_id": sent.id, "date": int(self.now().timestamp() * 1000)}}
        return 404, {"ok": False, "error_code": 404, "description": "no such method"}

    def _token_error(self, headers: dict[str, str], *, invalid: int, expired: int) -> dict[str, Any] | None:
        ends = self._access.get(headers.get("access_token", ""))
        if ends is None:
            return error(invalid, "Access token is invalid")
        return error(expired, "Access token has expired") if ends <= self.now() else None

    def _template_error(
        self, body: dict[str, Any], *, unknown: int, missing: int, too_long: int
    ) -> dict[str, Any] | None:
        parameters = self.account.templates.get(str(body.get("template_id", "")))
        if parameters is None:
            return self._refuse(unknown, "template_id is invalid")
        data = body.get("template_data") or {}
        if set(data) != set(parameters) or not all(data.values()):
            return self._refuse(missing, "template_data does not fit the template")
        over = [name for name, longest in parameters.items() if len(str(data[name])) > longest]
        return self._refuse(too_long, f"{over[0]} is too long") if over else None

    def _refuse(self, code: int, message: str) -> dict[str, Any]:
        self.refused.append(code)
        return error(code, message)

    def _take(self, way: str, to: str, body: dict[str, Any], key: str = "message_id", **data: Any) -> dict[str, Any]:
        sent = Sent(way, to, body, f"out-{next(self._ids)}")
        self.sent.append(sent)
        return success({key: sent.id, "sent_time": _stamp(self.now()), **data})

    def _is_too_fast(self) -> bool:
        now = self.now()
        self._calls = [at for at in self._calls if now - at < timedelta(minutes=1)]
        if len(self._calls) >= self.account.rate_per_minute:
            return True
        self._calls.append(now)
        return False


def sign(first: str, raw: bytes, timestamp: str, secret: str) -> str:
    """The signature of a webhook call (DOMAIN.md 6.6)."""
    return hashlib.sha256(first.encode() + raw + timestamp.encode() + secret.encode()).hexdigest()


def _stamp(moment: datetime) -> str:
    return str(int(moment.timestamp() * 1000))
