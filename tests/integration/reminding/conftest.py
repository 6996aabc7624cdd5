"""Zalo's stand-in, for all tests of reminding."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from taskflow.cli.zalo_stub import ZaloStub
from taskflow.services import zalo
from taskflow.services.unit_of_work import unit_of_work
from taskflow.services.zalo_settings import BotSettings, save_bot, save_oa
from tests.support.clock import Clock
from tests.support.zalo import ACCOUNT


@pytest.fixture
def stub(app: Flask, configure: Callable[..., Any], clock: Clock) -> Iterator[ZaloStub]:
    """The stand-in, with our settings pointing at it and the account set up."""
    made = ZaloStub(now=clock)
    url = made.start()
    configure(zalo_api_url=url, zalo_business_url=url, zalo_oauth_url=url, zalo_bot_url=url)
    with unit_of_work():
        save_oa(ACCOUNT, now=clock.now, by_id=None)
        save_bot(
            BotSettings(token="42:stub", mode="webhook", webhook_secret="a-secret-of-ours"), now=clock.now, by_id=None
        )
    yield made
    made.stop()


@pytest.fixture
def linked(stub: ZaloStub, clock: Clock) -> ZaloStub:
    """With a pair of tokens pasted."""
    pair = stub.new_tokens()
    zalo.paste_tokens(access=pair["access_token"], refresh=pair["refresh_token"], now=clock.now)
    return stub
