"""taskflow: from the implementation table of a plan to work that somebody confirms done."""

__version__ = "0.1.0"
