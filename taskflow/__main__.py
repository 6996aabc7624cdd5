"""``python -m taskflow``: the command line."""

from taskflow.cli.main import cli

cli(prog_name="taskflow")
