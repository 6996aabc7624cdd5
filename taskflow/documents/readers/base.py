"""What every reader is: bytes in, blocks out, in reading order; and the one registry of readers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from taskflow.documents.detect import Format
from taskflow.documents.model import Block, Problem

Progress = Callable[[str, int, int], None]
"""Told of a long read: stage (a stable word such as ``ocr``), steps done, steps in all."""


def silent(_stage: str, _done: int, _total: int) -> None:
    """The ``Progress`` that tells nobody."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader found: blocks in reading order, problems of the whole file, whether OCR was needed."""

    blocks: tuple[Block, ...]
    problems: tuple[Problem, ...] = ()
    ocr: bool = False


class Reader(Protocol):
    """Turns the bytes of one form into blocks; raises ``DocumentError`` for what it cannot read."""

    def __call__(self, data: bytes, progress: Progress) -> Reading: ...


_MODULES = {
    Format.DOCX: "docx",
    Format.DOC: "office",
    Format.ODT: "office",
    Format.RTF: "office",
    Format.XLSX: "xlsx",
    Format.XLSB: "calamine",
    Format.XLS: "xls",
    Format.ODS: "ods",
    Format.PDF: "pdf",
    Format.IMAGE: "scan",
    Format.HTML: "html",
    Format.MARKDOWN: "text",
    Format.TEXT: "text",
}


def reader_for(form: Format) -> Reader:
    """The reader of a form. Imported on first use: a fresh process must not load every library."""
    module = import_module(f"taskflow.documents.readers.{_MODULES[form]}")
    reader: Reader = module.read
    return reader


def scanned_pages(data: bytes, numbers: Sequence[int]) -> list[Block]:
    """The blocks of these pages (from 1) of a scanned PDF."""
    blocks: list[Block] = import_module("taskflow.documents.readers.scan").read_pages(data, numbers, silent)
    return blocks
