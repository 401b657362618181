"""Measurements of the installed package, each in a fresh process where start-up counts.

Figures depend on the machine: quote the machine with them.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from statistics import median
from typing import Any, cast

from packaging.requirements import Requirement

from stancecraft import artifact, classifier, metrics, readers
from stancecraft.errors import DataError, InputError
from stancecraft.records import Position, Statement, Transcript, Value
from stancecraft_training import annotations as stand_off

_RUNS = 5
_STATEMENTS = 2000
_ALONE = 256
_GROWTH = 10  # each table is so many times the one before
_TEXT = 6_000_000  # bytes
Row = tuple[str, str]


def table(text: Path, *, briefings: Path | None, largest: int, peers: bool, tell: Callable[[str], None]) -> str:
    """Measure speed, size and parity and lay the figures out as a Markdown table.

    Args:
        text: A transcript to predict.
        briefings: A folder of whole texts to predict from file to file, or ``None``.
        largest: Statements of the largest table that time and memory are measured on; 0 for none.
        peers: Measure what a user would pick instead, too.
        tell: Takes progress, one line at a time.

    Raises:
        InputError: If the transcript cannot be read.
    """
    rows: list[Row] = [
        ("machine", f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    ]
    tell(f"predict {text.name} in {_RUNS} fresh processes")
    rows += _fresh_process(text)
    tell(f"read {_TEXT / 1e6:.0f} MB of text")
    rows += _reading_speed(text)
    tell(f"{_STATEMENTS} statements")
    transcript = readers.read(text)
    rows += _throughput(transcript)
    if briefings is not None:
        tell(f"whole texts of {briefings}")
        rows += _end_to_end(briefings)
    rows += _growth(transcript, largest, tell)
    if peers:
        from stancecraft_training import peers as others

        # In the transcript's order, so that batches as they come are of mixed lengths.
        rows += others.rows([one.text for one in transcript.statements][:_ALONE], tell)
    rows += [
        ("`stancecraft --help`, fresh process", f"{_time(['--help']):.2f} s"),
        ("analyst's install", _install_size()),
        *_parity(),
    ]
    return _laid_out(rows)


def label_table(text: Path, labels: Path) -> str:
    """F1 of the packaged model on a transcript, as a Markdown table; errors as for :func:`label_quality`."""
    if text.is_dir():
        return _laid_out(corpus_quality(text, labels))
    return _laid_out(label_quality(readers.read(text), text, labels))


def corpus_quality(texts: Path, labels: Path) -> list[Row]:
    """F1 of the packaged model on all annotated statements whose text is in a folder, read in their documents.

    Raises:
        DataError: If the annotations are not valid, or no text of theirs is in the folder.
    """
    model = classifier.load()
    gold: list[dict[str, Value]] = []
    positions: list[Mapping[str, Position]] = []
    documents = 0
    for doc, marks in stand_off.load(labels).items():
        path = next((one for one in sorted(texts.glob(f"{doc}.*")) if one.suffix in {".txt", ".md"}), None)
        if path is None:
            continue
        documents += 1
        found = {(one.statement.start, one.statement.end): one.positions for one in model.predict(readers.read(path))}
        for mark in marks:
            if (mark.start, mark.end) in found:
                gold.append({issue: cast(Value, mark.labels.get(issue, "none")) for issue in model.codebook.ids})
                positions.append(found[mark.start, mark.end])
    if not gold:
        raise DataError(f"{texts}: no text of any document annotated in {labels}")
    rows: list[Row] = [("statements", f"{len(gold)} of {documents} documents")]
    return rows + _figures("labels", metrics.report(gold, positions, model.codebook.ids))


def _figures(name: str, figures: Mapping[str, Any]) -> list[Row]:
    rows = []
    for issue, one in [("all issues", figures["overall"]), *figures["issues"].items()]:
        told = f"{one['about']['f1']:.2f} / {one['both']['f1']:.2f} / {one['stance_macro_f1']:.2f}"
        what = f"{name}, {issue}: F1 about / issue and stance / macro stance (n about)"
        rows.append((what, f"{told} ({one['about']['gold']})"))
    return rows


def _laid_out(rows: Sequence[Row]) -> str:
    return "| what | measured |\n|---|---|\n" + "".join(f"| {name} | {value} |\n" for name, value in rows)


def label_quality(transcript: Transcript, text: Path, labels: Path) -> list[Row]:
    """F1 of the packaged model on a transcript with gold labels, given as one JSON line per statement by offset.

    Raises:
        DataError: If the gold was made on another text, or its statements are not the ones read.
    """
    lines = [json.loads(line) for line in labels.read_text("utf-8").splitlines()]
    digest = hashlib.sha256(text.read_bytes()).hexdigest()
    if any(line["sha256"] != digest for line in lines):
        raise DataError(f"{labels}: made on another text; its SHA-256 should be {digest[:12]}...")
    gold = {(line["start"], line["end"]): line["labels"] for line in lines}
    unknown = [one.id for one in transcript.statements if (one.start, one.end) not in gold]
    if unknown:
        raise DataError(f"{labels}: no labels for {len(unknown)} statements, first {unknown[0]}")
    model = classifier.load()
    positions = [prediction.positions for prediction in model.predict(transcript)]
    told = [
        {issue: gold[one.start, one.end].get(issue, "none") for issue in model.codebook.ids}
        for one in transcript.statements
    ]  # fmt: skip
    return _figures(f"labels of {transcript.doc}", metrics.report(told, positions, model.codebook.ids))


def _fresh_process(text: Path) -> list[Row]:
    with tempfile.TemporaryDirectory() as scratch:
        arguments = ["predict", str(text), "--format", "jsonl", "--out", str(Path(scratch) / "out.jsonl")]
        _time(arguments)
        seconds = [_time(arguments) for _ in range(_RUNS)]
        lines = (Path(scratch) / "out.jsonl").read_text("utf-8").count("\n")
        peak = _peak_memory(arguments)
    return [
        (f"predict {text.name} ({lines} statements), fresh process",
         f"{median(seconds):.2f} s (median of {_RUNS}; {min(seconds):.2f} to {max(seconds):.2f})"),
        ("peak memory of that", f"{peak:.0f} MB"),
    ]  # fmt: skip


def _reading_speed(text: Path) -> list[Row]:
    """Megabytes of plain text per second, from bytes to statements: the text over and over as one document."""
    content = text.read_bytes()
    content = (content + b"\n\n") * (_TEXT // len(content) + 1)
    seconds = []
    for _ in range(_RUNS):
        began = time.perf_counter()
        found = readers.parse(content, text.name, text.stem)
        seconds.append(time.perf_counter() - began)
    speeds = sorted(len(content) / 1e6 / one for one in seconds)
    told = f"{median(speeds):.1f} MB/s (median of {_RUNS}; {speeds[0]:.1f} to {speeds[-1]:.1f})"
    return [(f"reading {len(content) / 1e6:.1f} MB of it as one text ({len(found.statements)} statements)", told)]


def _throughput(transcript: Transcript) -> list[Row]:
    """Statements of the transcript over and over, as documents of its own length and each alone."""
    if not transcript.statements:
        raise InputError(f"{transcript.doc}: no statements to measure with")
    model = classifier.load()
    copies = -(-_STATEMENTS // len(transcript.statements))
    together = [Statement(s.text, doc=f"{n}", turn=s.turn, role=s.role)
                for n in range(copies) for s in transcript.statements][:_STATEMENTS]  # fmt: skip
    rows = []
    for name, statements in (("in context", together), ("each alone", [s.text for s in together])):
        began = time.perf_counter()
        model.predict(statements)
        rows.append(
            (f"{_STATEMENTS} statements {name}", f"{_STATEMENTS / (time.perf_counter() - began):.0f} statements/s")
        )
    return rows


def _end_to_end(folder: Path) -> list[Row]:
    """Whole texts from files to saved predictions in fresh processes, with the gate and without."""
    rows = []
    for name, flag in (("with the gate", "--gate"), ("every window read", "--no-gate")):
        if flag == "--gate" and classifier.load().gate(None) is None:
            continue
        with tempfile.TemporaryDirectory() as scratch:
            out = Path(scratch) / "out.jsonl"
            seconds = _time(["predict", str(folder), "--format", "jsonl", "--out", str(out), flag])
            with out.open(encoding="utf-8") as stream:
                lines = [json.loads(line)["issues"] for line in stream]
        gated = sum(next(iter(issues.values()))["reason"] == "gated" for issues in lines)
        told = f"{len(lines) / seconds:.0f} statements/s, {gated / max(len(lines), 1):.0%} of {len(lines)} left out"
        rows.append((f"whole texts from file to file, {name}", told))
    return rows


def _growth(transcript: Transcript, largest: int, tell: Callable[[str], None]) -> list[Row]:
    """Time and memory as a table of statements grows tenfold and tenfold."""
    rows, count = [], 1000
    texts = [statement.text for statement in transcript.statements]
    while count <= largest:
        tell(f"a table of {count} statements")
        with tempfile.TemporaryDirectory() as scratch:
            table, out = Path(scratch) / "table.jsonl", Path(scratch) / "out.parquet"
            with table.open("w", encoding="utf-8") as stream:
                for at in range(count):
                    row = {"text": texts[at % len(texts)], "doc": f"{at // len(texts)}"}
                    stream.write(json.dumps(row) + "\n")
            arguments = ["predict", str(table), "--format", "parquet", "--all", "--out", str(out)]
            began = time.perf_counter()
            peak = _peak_memory(arguments)
            seconds = time.perf_counter() - began
        rows.append(
            (f"a table of {count:,} statements to Parquet", f"{count / seconds:.0f} statements/s, {peak:.0f} MB")
        )
        count *= _GROWTH
    return rows


def _time(arguments: Sequence[str]) -> float:
    """Wall seconds of the command line in a fresh process."""
    command = [sys.executable, "-c", "from stancecraft.cli import app; app()", *arguments]
    began = time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        raise InputError(done.stderr.decode(errors="replace").strip().splitlines()[-1])
    return time.perf_counter() - began


def _peak_memory(arguments: Sequence[str]) -> float:
    """Largest resident size in MB of the command line in a fresh process (Linux).

    Read from the process's own status, because the figure that a parent gets of a child counts the parent's own size
    before the child's program began.
    """
    told = (
        "import atexit, sys; from pathlib import Path; "
        "atexit.register(lambda: sys.stderr.write(Path('/proc/self/status').read_text())); "
        "from stancecraft.cli import app; app()"
    )
    done = subprocess.run([sys.executable, "-c", told, *arguments], capture_output=True, text=True, check=False)
    found = re.search(r"^VmHWM:\s+(\d+) kB", done.stderr, re.M)
    return int(found[1]) / 1024 if found else math.nan


def _install_size() -> str:
    """Size on disk of the package and everything it requires without extras."""
    names, queue = set(), ["stancecraft"]
    size = 0
    while queue:
        name = re.sub(r"[-_.]+", "-", queue.pop()).lower()
        if name in names:
            continue
        names.add(name)
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue
        size += sum(path.stat().st_size for file in found.files or () if (path := Path(str(file.locate()))).is_file())
        for line in found.requires or ():
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                queue.append(requirement.name)
    if (package := Path(classifier.__file__).parent) and "site-packages" not in package.parts:
        # An editable install lists no files of its own.
        size += sum(path.stat().st_size for path in package.rglob("*") if path.is_file())
    return f"{size / 1e6:.0f} MB in {len(names)} packages"


def _parity() -> list[Row]:
    """What the packaged model's own evaluation says of int8 against fp32."""
    file = artifact.packaged() / artifact.LAYOUT.evaluation
    found = json.loads(file.read_text("utf-8"))["parity"]
    return [
        ("int8 ONNX against torch fp32, dev: decisions that flip",
         f"{found['flips']} of {found['decisions']} ({found['share']:.2%})"),
        ("the same: largest difference of a probability", f"{found['largest_difference']:.3f}"),
    ]  # fmt: skip
