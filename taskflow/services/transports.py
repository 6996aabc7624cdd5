"""The transports that this installation has set up, made for one worker."""

from __future__ import annotations

from taskflow.config import Settings
from taskflow.models.outbox import ChannelKind
from taskflow.notifications.transports.base import Transport
from taskflow.notifications.transports.email import EmailTransport
from taskflow.notifications.transports.webhook import WebhookTransport
from taskflow.notifications.transports.zalo_bot import ZaloBotTransport
from taskflow.notifications.transports.zalo_oa import ZaloOaTransport
from taskflow.services import zalo
from taskflow.services.outbox import Now
from taskflow.services.zalo_settings import bot_settings, keep_template, oa_settings

#: Channels that share a transport; each row has workers of its own, so that a slow one holds up nobody else.
LANES: dict[str, tuple[ChannelKind, ...]] = {
    "email": (ChannelKind.EMAIL,),
    "zalo_bot": (ChannelKind.ZALO_BOT,),
    "zalo_oa": (ChannelKind.ZALO_OA, ChannelKind.ZALO_TEMPLATE, ChannelKind.ZALO_GROUP),
    "webhook": (ChannelKind.WEBHOOK,),
}


def transport_of(lane: str, settings: Settings, now: Now) -> Transport | None:
    """The transport of a lane; None while it is not set up: its messages stay queued and say so."""
    if lane == "email":
        return EmailTransport(settings) if settings.smtp_host else None
    if lane == "zalo_bot":
        bot = bot_settings()
        return ZaloBotTransport(settings.zalo_bot_url, bot.token) if bot.token else None
    if lane == "zalo_oa":
        account = oa_settings()
        if not account.app_id:
            return None
        return ZaloOaTransport(
            api_url=settings.zalo_api_url,
            business_url=settings.zalo_business_url,
            token=lambda refused: zalo.access_token(now, refused=refused),
            template=account.template,
            keep_template=lambda limits: keep_template(limits, template_id=account.template_id, now=now()),
            development=account.development,
        )
    return WebhookTransport(allow_private=settings.allow_private_webhooks)
