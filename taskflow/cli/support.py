"""What every command shares: the application, sentences on stderr, exit codes."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn

import click
from flask import Flask

from taskflow.config import SettingsError
from taskflow.domain.errors import DomainError
from taskflow.factory import create_app
from taskflow.i18n import error_sentence


def application() -> Flask:
    """The application of this process; a wrong setting ends the program with a plain sentence."""
    try:
        return create_app()
    except SettingsError as error:
        fail(str(error))


def fail(sentence: str) -> NoReturn:
    """Say on stderr what is wrong and end with exit code 1."""
    click.echo(sentence, err=True)
    sys.exit(1)


def with_application(command: Callable[..., Any]) -> Callable[..., Any]:
    """Run a command inside the application's context; a domain error becomes a sentence and exit code 1."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        with application().app_context():
            try:
                return command(*args, **kwargs)
            except DomainError as error:
                fail(error_sentence(error))

    return run


class StopSignals:
    """SIGTERM and Ctrl+C from the moment this is made, kept until somebody waits for them.

    They come through a pipe: an event or a queue misses the signal that arrives just before its wait begins.
    """

    def __init__(self) -> None:
        self._arrived, into = os.pipe()
        os.set_blocking(into, False)
        signal.set_wakeup_fd(into)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: None)

    def wait(self) -> None:
        """Return when the first of them has arrived."""
        os.read(self._arrived, 1)
