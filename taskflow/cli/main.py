"""``taskflow``: the command line. Thin over the services; one module a group of commands.

Exit codes: 0 done, 1 the input or the state is wrong (one sentence on stderr), 2 usage.
"""

from __future__ import annotations

import click

from taskflow import __version__
from taskflow.cli.commands import LazyGroup
from taskflow.cli.words import speak_vietnamese

speak_vietnamese()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="taskflow")
def cli() -> None:
    """Theo dõi nhiệm vụ: từ phụ lục kế hoạch đến việc đã hoàn thành."""
