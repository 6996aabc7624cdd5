"""How well and how fast the import engine reads documents whose right reading is known.

    python -m benchmarks.bench_import [--dir DIR] [--write]

DIR (default: ../shared beside this repository) holds documents with their truth beside them
(``X.truth.json`` for the file X, or ``X.json`` for a file X.txt). Every document is parsed in a process of
its own, so that seconds and peak memory are its own. Task rows and deadlines are scored by DIR's
``score_import.py`` and ``score_deadlines.py`` where it has them; prose duties, reports, indicators and
costs are scored here, from the public JSON of a dry run. Prints Markdown; ``--write`` also puts it into
docs/import-accuracy.md.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from benchmarks.import_scores import Json, Score, score_budget, score_indicators, score_prose, score_reports
from benchmarks.import_speed import PEAK_MB, write_cases

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "docs" / "import-accuracy.md"
FIELDS = ("f1", "lead_accuracy", "coordinators_f1", "due_accuracy", "whole_row_recall")
TARGETS = {
    "f1": 0.98,
    "lead_accuracy": 0.97,
    "coordinators_f1": 0.95,
    "due_accuracy": 0.97,
    "whole_row_recall": 0.92,
}


@dataclass
class Result:
    """What one document gave."""

    name: str
    truth: str
    ocr: bool
    seconds: float
    peak_mb: float
    error: str | None
    scores: dict[str, Score]
    rows: Json = field(default_factory=dict)


# ---------------------------------------------------------------- one document, in its own process
def read_one(path: Path) -> Json:
    """Parse ``path`` and say how long it took and how much memory this process needed at most (MB)."""
    from taskflow.documents.parse import parse, to_contract  # the import is not part of the parsing time

    started = time.perf_counter()
    try:
        answer: Json = {"contract": to_contract(parse(path.read_bytes(), filename=path.name))}
    except Exception as error:  # noqa: BLE001 - a document that cannot be read is a result of the benchmark
        answer = {"error": f"{type(error).__name__}: {error}", "contract": {}}
    answer["seconds"] = time.perf_counter() - started
    answer["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return answer


def run_one(path: Path) -> Json:
    """``read_one`` in a process of its own; the peak includes Tesseract and LibreOffice, seen 50 times a second."""
    command = [sys.executable, "-m", "benchmarks.bench_import", "--one", str(path)]
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        reader = subprocess.Popen(command, stdout=out, stderr=err, text=True, cwd=ROOT)
        together = 0.0
        while reader.poll() is None:
            helpers = children(reader.pid)
            if helpers:
                together = max(together, sum(map(resident_mb, (reader.pid, *helpers))))
            time.sleep(0.02)
        out.seek(0)
        err.seek(0)
        if reader.returncode:
            return {"error": err.read().strip().splitlines()[-1:], "contract": {}, "seconds": 0.0, "peak_mb": 0.0}
        answer: Json = json.loads(out.read())
    answer["peak_mb"] = max(answer["peak_mb"], together)
    return answer


def children(pid: int) -> list[int]:
    """The processes that ``pid`` has started and that run now."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def resident_mb(pid: int) -> float:
    """The memory of a process, pages shared with others counted by their part."""
    try:
        shares = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in shares if line.startswith("Pss:")) / 1024


# ---------------------------------------------------------------- the directory
def documents(folder: Path) -> Iterator[tuple[Path, Path, str]]:
    """(file, truth, stem) of every document below ``folder`` that has a truth beside it."""
    for truth in sorted(folder.rglob("*.json")):
        if truth.name.endswith(".truth.json"):
            file = truth.with_name(truth.name.removesuffix(".truth.json"))
            stem = file.name
        else:
            stem = truth.stem
            file = next((f for f in sorted(truth.parent.glob(f"{stem}.*")) if f.suffix != ".json"), truth)
        if file != truth and file.is_file():
            yield file, truth, stem


def measure(folder: Path, scratch: Path) -> list[Result]:
    results: list[Result] = []
    pairs: dict[Path, Path] = {}
    for file, truth_path, stem in documents(folder):
        truth = json.loads(truth_path.read_text(encoding="utf-8"))
        answer = run_one(file)
        contract = answer["contract"]
        pairs[truth_path] = scratch / f"{len(pairs)}.json"
        pairs[truth_path].write_text(json.dumps(contract or []), encoding="utf-8")
        items = contract.get("items", [])
        by_source = {source: [i for i in items if i["origin"]["source"] == source] for source in ("prose", "report")}
        prose, partners = score_prose(truth.get("prose_duties") or [], by_source["prose"])
        tables, targets = score_indicators(truth.get("indicators") or [], contract.get("indicators", []))
        results.append(
            Result(
                name=stem,
                truth=str(truth_path),
                ocr=bool(truth.get("needs_ocr")),
                seconds=answer["seconds"],
                peak_mb=answer["peak_mb"],
                error=answer.get("error"),
                scores={
                    "prose": prose,
                    "partners": partners,
                    "reports": score_reports(truth.get("report_duties") or [], by_source["report"]),
                    "indicators": tables,
                    "targets": targets,
                    "budget": score_budget(truth.get("budget") or [], contract.get("budget", [])),
                },
            )
        )
    scorer = folder / "score_import.py"
    if scorer.is_file():
        add_rows(results, scorer, pairs, scratch / "rows.json")
    return results


def add_rows(results: Sequence[Result], scorer: Path, pairs: dict[Path, Path], out: Path) -> None:
    """Task rows as the standard scorer sees them; it names its answers by the file of the truth."""
    by_name: dict[str, Json] = {}
    for truth, candidate in pairs.items():
        command = [sys.executable, str(scorer), str(truth), str(candidate), "--json", str(out)]
        subprocess.run(command, check=True, capture_output=True)
        scored = json.loads(out.read_text(encoding="utf-8"))
        by_name[str(truth)] = scored.get(truth.name, {})
    for result in results:
        result.rows = by_name.get(result.truth, {})


def measure_deadlines(folder: Path, scratch: Path) -> Json | None:
    """The answer of score_deadlines.py over the deadline phrases of ``folder``, where it has both."""
    from taskflow.documents.parse import deadline_to_dict
    from taskflow.domain.language import read_deadline

    scorer = folder / "score_deadlines.py"
    cases = next(iter(sorted(folder.rglob("deadlines.json"))), None)
    if cases is None or not scorer.is_file():
        return None
    answers = [
        deadline_to_dict(
            read_deadline(case["text"], issued_on=date.fromisoformat(case["issued"]) if case["issued"] else None)
        )
        for case in json.loads(cases.read_text(encoding="utf-8"))
    ]
    out = scratch / "deadlines.json"
    out.write_text(json.dumps(answers), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(scorer), str(cases), str(out)], check=True, capture_output=True, text=True
    )
    answer: Json = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


# ---------------------------------------------------------------- sizes
def speed(scratch: Path) -> str:
    """A table of seconds and memory for documents of the sizes that are promised."""
    lines = [
        "| size | tasks read | seconds | allowed | peak MB | allowed |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for path, rows, seconds in write_cases(scratch):
        answer = run_one(path)
        found = sum(item["origin"]["source"] == "table" for item in answer["contract"].get("items", []))
        lines.append(
            f"| {path.name} | {found}/{rows} | {answer['seconds']:.2f} | {seconds:.0f} "
            f"| {answer['peak_mb']:.0f} | {PEAK_MB} |"
        )
    return "\n".join(lines)


# ---------------------------------------------------------------- the report
def whole(results: Sequence[Result], field_name: str) -> float | None:
    """A rate over all rows of ``results``, weighted as the scorer weighs it."""
    if field_name == "f1":
        truth, found, hit = (sum(r.rows.get(key, 0) for r in results) for key in ("truth", "cand", "hit"))
        return 2 * hit / (truth + found) if truth + found else None
    weight = "truth" if field_name == "whole_row_recall" else "hit"
    total = sum(r.rows.get(weight, 0) for r in results)
    return sum(r.rows.get(field_name, 0) * r.rows.get(weight, 0) for r in results) / total if total else None


def rate(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def table(results: Sequence[Result], deadlines: Json | None) -> str:
    kinds = ("prose", "partners", "reports", "indicators", "targets", "budget")
    head = ["file", "rows F1", "lead", "coordinators", "due", "whole rows", *kinds, "seconds", "peak MB"]
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    for result in results:
        rows = [rate(result.rows.get(name)) if result.rows else "–" for name in FIELDS]
        found = [str(result.scores[kind]) for kind in kinds]
        name = f"{result.name} (OCR)" if result.ocr else result.name
        lines.append("| " + " | ".join([name, *rows, *found, f"{result.seconds:.2f}", f"{result.peak_mb:.0f}"]) + " |")
    text_based = [r for r in results if not r.ocr]
    for label, chosen in (("**all text-based**", text_based), ("**all**", list(results))):
        sums = {kind: Score() for kind in kinds}
        for result in chosen:
            for kind in kinds:
                sums[kind].add(result.scores[kind])
        rows = [rate(whole(chosen, name)) for name in FIELDS]
        cells = [label, *rows, *(str(sums[kind]) for kind in kinds), f"{sum(r.seconds for r in chosen):.2f}"]
        lines.append("| " + " | ".join([*cells, f"{max((r.peak_mb for r in chosen), default=0):.0f}"]) + " |")
    lines.append(
        "| *wanted* | " + " | ".join(f"≥ {TARGETS[name]}" for name in FIELDS) + " | ≥ 0.9 |" + " |" * (len(kinds) + 1)
    )
    if deadlines:
        counted = f"{deadlines['right']} of {deadlines['cases']} right ({deadlines['share']})"
        lines += [
            "",
            f"Deadline phrases: {counted}, {deadlines['invented_dates']} invented dates.",
        ]
    errors = [f"- {result.name}: {result.error}" for result in results if result.error]
    return "\n".join([*lines, *(["", "Not read:", *errors] if errors else [])])


PREFACE = """# Accuracy of the import

Measured by `make bench-import` on documents whose right reading is known. Rows: one-to-one matches by content,
then the fields of the matched rows; "whole rows" have lead, coordinators and due date right. prose: duties in running
text with unit and role right; partners: with all coordinating units right; reports: with unit, rule and recipient;
indicators and budget: lines of tables right in every value; targets: values in running text with their year.
Seconds and memory of each file are those of a process of its own, Tesseract included.

"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dir", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--write", action="store_true", help="write docs/import-accuracy.md")
    parser.add_argument("--misses", action="store_true", help="list what was missed")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one is not None:
        print(json.dumps(read_one(arguments.one)))
        return 0
    if not arguments.dir.is_dir():
        print(f"No such directory: {arguments.dir} (give one with --dir)", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as scratch:
        results = measure(arguments.dir, Path(scratch))
        text = table(results, measure_deadlines(arguments.dir, Path(scratch)))
        text += "\n\n" + speed(Path(scratch))
    print(text)
    if arguments.misses:
        for result in results:
            for kind, score in result.scores.items():
                for miss in score.misses:
                    print(f"{result.name} {kind}: {miss}")
    if arguments.write:
        REPORT.parent.mkdir(exist_ok=True)
        REPORT.write_text(PREFACE + text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
