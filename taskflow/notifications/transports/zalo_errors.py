"""Zalo's error codes and what to do about each: the one table (DOMAIN.md 6.5).

The two services use the same numbers for different things, so there are two columns. A code that is not
listed backs off, so that a new one loses no message; the provider's own words are always kept.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from taskflow.notifications.transports.base import (
    PermanentError,
    TemplateRefusedError,
    TokenRefusedError,
    TransientError,
)

#: Zalo's night and quota days are Vietnamese ones wherever the server stands.
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


class Remedy(StrEnum):
    """What helps against an error."""

    REFRESH = "refresh"  # another access token, then once more
    REFIT = "refit"  # the template's parameters anew, then once more; after that somebody must act
    BACK_OFF = "back_off"  # later, on the ladder of delays
    TOMORROW = "tomorrow"  # a daily limit is used up
    MORNING = "morning"  # not at night: 06:05
    PERSON = "person"  # somebody must act; this message goes another way
    NEVER = "never"  # this message goes another way
    NEVER_THIS_ADDRESS = "never_this_address"  # and nothing more is sent to this person by Zalo


R = Remedy

#: openapi.zalo.me
OA: dict[int, Remedy] = {
    -32: R.BACK_OFF,  # more than 4,000 requests a minute
    -100: R.BACK_OFF,
    -201: R.NEVER,  # invalid parameter
    -204: R.PERSON, -205: R.PERSON, -209: R.PERSON,  # OA disabled, absent; app not active
    -210: R.NEVER,  # too long
    -211: R.TOMORROW,  # out of quota
    -212: R.PERSON,  # the app lacks this API
    -213: R.NEVER_THIS_ADDRESS,  # not a follower
    -216: R.REFRESH,  # token invalid
    -218: R.TOMORROW,  # this recipient's quota
    -219: R.PERSON,
    -220: R.REFRESH,  # token expired
    -221: R.PERSON, -223: R.PERSON, -224: R.PERSON,  # OA not verified, not authorised, package too low
    -227: R.NEVER_THIS_ADDRESS,  # banned, or idle for more than 45 days
    -230: R.NEVER, -232: R.NEVER,  # outside the seven days since the person last wrote
    -234: R.MORNING,
    -237: R.PERSON,  # group message expired
    -240: R.PERSON, -242: R.PERSON,  # v2 is off; appsecret_proof
    -244: R.NEVER_THIS_ADDRESS,  # the person restricts this type
    -249: R.PERSON,  # template not allowed by UID
    -320: R.PERSON, -321: R.PERSON,  # ZBS account missing, unpaid
    -403: R.PERSON,  # OA not in the group
}  # fmt: skip

#: The same for a template by UID: there an invalid parameter is one of the template's.
OA_TEMPLATE: dict[int, Remedy] = {**OA, -201: R.REFIT}

#: business.openapi.zalo.me
BUSINESS: dict[int, Remedy] = {
    -100: R.BACK_OFF,
    -101: R.PERSON, -102: R.PERSON, -103: R.PERSON, -104: R.PERSON, -105: R.PERSON,  # the app
    -106: R.NEVER, -107: R.NEVER,
    -108: R.NEVER_THIS_ADDRESS,  # phone number invalid
    -109: R.PERSON,  # template id
    -110: R.NEVER,  # Zalo version of the phone
    -111: R.NEVER, -113: R.NEVER,  # empty data, button
    -112: R.REFIT, -1121: R.REFIT, -1122: R.REFIT, -1124: R.REFIT,  # a parameter of another kind, too long, missing
    -114: R.NEVER_THIS_ADDRESS,  # no Zalo, off, locked
    -115: R.PERSON, -137: R.PERSON,  # no money
    -116: R.NEVER,
    -117: R.PERSON,  # OA lacks permission for the template
    -118: R.NEVER_THIS_ADDRESS, -119: R.NEVER_THIS_ADDRESS,  # account absent, cannot receive
    -120: R.PERSON, -121: R.NEVER, -122: R.NEVER, -123: R.PERSON,
    -124: R.REFRESH,
    -125: R.PERSON, -126: R.PERSON, -127: R.PERSON, -128: R.PERSON, -129: R.PERSON, -130: R.NEVER,
    -131: R.PERSON,  # template not approved
    -132: R.REFIT,  # parameters
    -133: R.MORNING,
    -134: R.NEVER,  # the person has not answered the opt-in
    -135: R.PERSON, -1351: R.PERSON, -136: R.PERSON, -138: R.PERSON,  # OA or app may not send
    -139: R.NEVER_THIS_ADDRESS, -141: R.NEVER_THIS_ADDRESS,  # the person refuses
    -140: R.NEVER,
    -142: R.PERSON, -143: R.PERSON,  # RSA key
    -144: R.TOMORROW, -1441: R.TOMORROW,  # the OA's quota
    -145: R.PERSON, -146: R.PERSON,  # type not allowed, template switched off
    -147: R.TOMORROW, -1471: R.TOMORROW, -1472: R.TOMORROW,  # the template's and the person's quota
    **dict.fromkeys(range(-162, -147), R.NEVER),  # journeys, which are not ours, and the like: another way is surer
}  # fmt: skip

#: Bot platform: HTTP-like codes.
BOT: dict[int, Remedy] = {
    400: R.NEVER,
    401: R.PERSON,  # token reset
    403: R.NEVER_THIS_ADDRESS,  # the person stopped the bot
    404: R.NEVER_THIS_ADDRESS,  # no such chat
    408: R.BACK_OFF,
    429: R.BACK_OFF,
}


def failure(
    table: dict[int, Remedy], code: int, message: str, *, now: datetime, tracking_id: str
) -> TransientError | PermanentError:
    """The error to raise for a provider's answer."""
    remedy = table.get(code, Remedy.BACK_OFF)
    name = str(code)
    if remedy is Remedy.REFRESH:
        return TokenRefusedError(name, message)
    if remedy is Remedy.REFIT:
        return TemplateRefusedError(name, message, needs_person=True)
    if remedy is Remedy.TOMORROW:
        return TransientError(name, message, not_before=_local(now, 1, time(7, 0), tracking_id))
    if remedy is Remedy.MORNING:
        night_is_over = now.astimezone(ZONE).time() < time(6, 0)
        return TransientError(name, message, not_before=_local(now, 0 if night_is_over else 1, time(6, 5), tracking_id))
    if remedy is Remedy.BACK_OFF:
        return TransientError(name, message)
    return PermanentError(
        name,
        message,
        bad_address=remedy is Remedy.NEVER_THIS_ADDRESS,
        needs_person=remedy is Remedy.PERSON,
    )


def _local(now: datetime, days: int, clock: time, tracking_id: str) -> datetime:
    """That time of day, spread over ten minutes by the message, so that a morning does not begin with a crowd."""
    spread = int.from_bytes(hashlib.sha256(tracking_id.encode()).digest()[:2]) % 600
    day = now.astimezone(ZONE).date() + timedelta(days=days)
    return datetime.combine(day, clock, ZONE) + timedelta(seconds=spread)
