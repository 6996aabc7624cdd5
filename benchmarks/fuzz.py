"""Mutated phrases and files through the import engine: no crash, no hang, nothing lost, no invented date.

    python -m benchmarks.fuzz [--count N] [--seconds S] [--first N] [--form docx ...] [--save DIR]

Each form runs in a worker process with a limit of memory; the worker names the case before it begins, so a
case that kills it or does not end is known, and the next one goes on in a new worker. Cases follow from their
form and number alone: ``--form docx --first 812 --count 1`` runs one again. Exit code 1 when anything was found.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks import fuzz_cases
from taskflow.documents.duties import read_duties
from taskflow.documents.messages import REFUSALS, DocumentError, sentence
from taskflow.documents.parse import parse
from taskflow.domain.language import read_deadline
from taskflow.domain.unit_matching import match_units
from taskflow.domain.units import plain, split_units, tidy
from tests.support.reading import complaints, faults

ISSUED = date(2026, 10, 5)
HANG = 20.0  # seconds: far above what the largest of these small cases needs
MEMORY = 1_500 * 1024 * 1024
#: How the cases are shared out among the forms, in thousandths.
SHARES = {
    "phrases": 460, "units": 250, "flat": 40, "aligned": 40, "tabs": 35, "labels": 35, "md": 35, "html": 35,
    "docx": 20, "xlsx": 15, "ods": 10, "pdf": 8, "plain_pdf": 7, "xls": 6, "dated": 4,
}  # fmt: skip
#: Refusals that would mean that the reader itself failed.
FAILURES = {"document.crashed", "document.timeout", "document.out_of_memory"}


def found_in(form: str, number: int) -> Iterator[str]:
    """Run one case; what is wrong with its reading."""
    if form == "phrases":
        text = fuzz_cases.phrase(form, number)
        for issued_on in (ISSUED, None):
            reading = read_deadline(text, issued_on=issued_on)
            yield from (
                f"{fault} [{text!r} of {issued_on} read as {reading}]" for fault in complaints(reading, issued_on)
            )
    elif form == "units":
        yield from _faults_of_units(fuzz_cases.phrase(form, number))
    else:
        data, name = fuzz_cases.file(form, number)
        try:
            yield from faults(parse(data, filename=name), None)
        except DocumentError as error:
            if error.code in FAILURES or error.code not in REFUSALS or "{" in sentence(error):
                yield f"refused badly: {error.code}"


def _faults_of_units(cell: str) -> Iterator[str]:
    cell = tidy(cell)  # as every reader does
    names = split_units(cell)
    duties = read_duties(cell)
    letters = _letters(cell)
    for name in (*names, *duties.lead, *duties.coordinators):
        if not name.strip():
            yield f"an empty name [{cell!r}]"
        elif _letters(name) not in letters:
            yield f"{name!r} stands nowhere in {cell!r}"
    for name in names[:1]:
        match_units(name, [])


def _letters(text: str) -> str:
    return "".join(char for char in plain(text) if char.isalnum())


def work(pipe: Connection, form: str, first: int, last: int) -> None:
    """The worker: cases ``first`` up to ``last``, each named before it begins."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    logging.disable()  # pdfminer tells of every broken object
    for number in range(first, last):
        pipe.send((number, None))
        try:
            for fault in found_in(form, number):
                pipe.send((number, fault))
        except Exception as error:  # noqa: BLE001 - any exception that leaves the reader is a finding
            place = error.__traceback__
            while place is not None and place.tb_next is not None:
                place = place.tb_next
            where = f"{Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place else ""
            pipe.send((number, f"{type(error).__name__}: {str(error)[:120]} at {where}"))
    pipe.send((last, None))


def run(form: str, first: int, count: int, until: float) -> tuple[int, list[tuple[int, str]]]:
    """Cases of one form; how many ran, and (number, fault) of what was found."""
    context = multiprocessing.get_context("fork")
    findings: list[tuple[int, str]] = []
    at, last = first, first + count
    while at < last and time.monotonic() < until:
        ours, theirs = context.Pipe(duplex=False)
        worker = context.Process(target=work, args=(theirs, form, at, last))
        worker.start()
        theirs.close()
        try:
            while at < last and time.monotonic() < until:
                if not ours.poll(HANG):
                    findings.append((at, f"no end after {HANG:.0f} s"))
                    at += 1
                    break
                at, fault = ours.recv()
                if fault is not None:
                    findings.append((at, fault))
        except EOFError:
            findings.append((at, "the process died"))
            at += 1
        finally:
            worker.kill()
            worker.join()
            ours.close()
    return at - first, findings


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100_000, help="cases in all")
    parser.add_argument("--seconds", type=float, default=3_600, help="stop after so many seconds")
    parser.add_argument("--first", type=int, default=0, help="number of the first case of each form")
    parser.add_argument("--form", nargs="*", choices=fuzz_cases.FORMS, help="only these forms")
    parser.add_argument("--save", type=Path, help="write the files of what was found there")
    arguments = parser.parse_args()
    forms = arguments.form or list(SHARES)
    shares = sum(SHARES[form] for form in forms)
    until = time.monotonic() + arguments.seconds
    total, wrong = 0, 0
    print("| form | first case | cases | seconds | found |\n| --- | ---: | ---: | ---: | ---: |")
    for form in forms:
        started = time.monotonic()
        ran, findings = run(form, arguments.first, -(-arguments.count * SHARES[form] // shares), until)
        total, wrong = total + ran, wrong + len(findings)
        print(
            f"| {form} | {arguments.first} | {ran} | {time.monotonic() - started:.0f} | {len(findings)} |", flush=True
        )
        _report(form, findings, arguments.save)
    print(f"\n{total} cases, {wrong} findings")
    return 1 if wrong else 0


def _report(form: str, findings: list[tuple[int, str]], folder: Path | None) -> None:
    kinds = Counter(fault.split(" [")[0][:60] for _, fault in findings)
    for number, fault in findings[:20]:
        print(f"  {form} {number}: {fault[:400]}", file=sys.stderr)
    if len(findings) > 20:
        print(f"  … {kinds.most_common(8)}", file=sys.stderr)
    if folder is not None and form not in {"phrases", "units"}:
        folder.mkdir(parents=True, exist_ok=True)
        for number, _ in findings[:20]:
            data, name = fuzz_cases.file(form, number)
            (folder / f"{form}_{number}{Path(name).suffix}").write_bytes(data)


if __name__ == "__main__":
    sys.exit(main())
