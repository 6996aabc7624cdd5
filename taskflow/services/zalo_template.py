"""What Zalo says about the approved template: its parameters, and how long each may be.

Here an administrator asks; delivery asks by itself when Zalo refuses the values of a message (``zalo_oa``).
"""

from __future__ import annotations

from datetime import datetime

from flask import current_app

from taskflow.domain.errors import Invalid
from taskflow.domain.permissions import Actor, Permission
from taskflow.notifications.transports.base import TransientError
from taskflow.notifications.transports.zalo_oa import ZaloOaTransport
from taskflow.services import audit
from taskflow.services.rights import require
from taskflow.services.transports import transport_of
from taskflow.services.unit_of_work import unit_of_work
from taskflow.services.zalo_settings import oa_settings, save_oa, with_limits


def fetch_parameters(*, actor: Actor, now: datetime) -> tuple[str, ...]:
    """Keep the parameters that the template has at Zalo, with their lengths; those whose value a person must choose.

    What an office chose for a parameter stays; one of our own names gets that value; any other gets the subject
    until somebody chooses. Raises ``Invalid`` when nothing is set up, or with what Zalo answered.
    """
    require(actor, Permission.ADMIN_SETTING_EDIT)
    transport = transport_of("zalo_oa", current_app.config["TASKFLOW"], lambda: now)
    template_id = oa_settings().template_id
    if not isinstance(transport, ZaloOaTransport) or not template_id:
        raise Invalid("zalo.no_template", "template_id")
    try:
        limits = transport.template_limits()
    except TransientError as error:
        if error.code == "unreachable":
            raise Invalid("zalo.unreachable", "template_id") from error
        raise Invalid("zalo.answer", "template_id", number=error.code, message=error.detail) from error
    finally:
        transport.close()
    with unit_of_work() as session:
        account = oa_settings()
        if account.template_id != template_id:
            raise Invalid("zalo.no_template", "template_id")
        account, unchosen = with_limits(account, limits)
        save_oa(account, now=now, by_id=actor.user_id)
        audit.record(
            session, actor=actor, action="zalo.template_read", subject="channel", now=now, template_id=template_id
        )
    return unchosen
