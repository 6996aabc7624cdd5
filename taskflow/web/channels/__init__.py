"""Channels: a person's own (``account_channels``) and the installation's (``channels``)."""

from __future__ import annotations

from taskflow.web.channels import setup_webhooks, setup_zalo
from taskflow.web.channels.own import account_channels
from taskflow.web.channels.setup import channels

__all__ = ["account_channels", "channels", "setup_webhooks", "setup_zalo"]
