"""The sentences of the command line library, listed so that they are in our catalogue, where the library looks them up.

The library asks Python's ``gettext``, whose catalogue is named ``messages``, as ours is.
"""

from __future__ import annotations

import gettext
import os

from taskflow import paths


def speak_vietnamese() -> None:
    """Have usage, help and mistakes of the command line said in Vietnamese."""
    os.environ["LANGUAGE"] = "vi"
    gettext.bindtextdomain("messages", str(paths.TRANSLATIONS))


def _(sentence: str) -> str:
    return sentence


def ngettext(one: str, many: str, count: int) -> str:
    """What Python's function of this name is given; only listed."""
    return one if count == 1 else many


SENTENCES = (
    _("Usage:"),
    _("Options"),
    _("Commands"),
    _("Show this message and exit."),
    _("Show the version and exit."),
    _("%(prog)s, version %(version)s"),
    _("default: {default}"),
    _("required"),
    _("deprecated"),
    _("Aborted!"),
    _("Error: {message}"),
    _("Try '{command} {option}' for help."),
    _("Missing command."),
    _("Missing argument"),
    _("Missing option"),
    _("Missing parameter"),
    _("No such command {name!r}."),
    _("No such option {name!r}."),
    ngettext("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)", 1),
    ngettext("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})", 1),
    ngettext("Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments.", 1),
    _("Option {name!r} does not take a value."),
    _("Invalid value: {message}"),
    _("Invalid value for {param_hint}: {message}"),
    _("Could not open file {filename!r}: {message}"),
    _("{name} {filename!r} does not exist."),
    _("{name} {filename!r} is a file."),
    _("{name} {filename!r} is a directory."),
    _("{name} {filename!r} is not readable."),
    _("file"),
    _("directory"),
    _("path"),
    ngettext("{value!r} is not {choice}.", "{value!r} is not one of {choices}.", 1),
    ngettext("{value!r} does not match the format {format}.", "{value!r} does not match the formats {formats}.", 1),
    _("{value!r} is not a valid {number_type}."),
    _("{value} is not in the range {range}."),
    _("Repeat for confirmation"),
    _("Error: The two entered values do not match."),
)
