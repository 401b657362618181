"""Public stance data sets as rows of ours, read from a folder that somebody has; nothing of them is in the repository.

``configs/benchmarks/files.csv`` names every file with its checksum, its source and its licence. A tweet is labelled for
its own target only; the other targets are left out of loss and figures. Official figures:

tweeteval_stance
    SemEval-2016 task 6A as TweetEval scores it: the mean of F1(favor) and F1(against) over the five test sets *pooled*.
pstance
    The mean over the three targets of the mean of F1(favor) and F1(against).
ruw
    Not stated where the published number stands; taken to be the mean over the two targets of macro-F1 over favor,
    against and none.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.metrics import f1_score

from stancecraft import writers
from stancecraft.errors import DataError
from stancecraft.records import Value

Answers = Mapping[str, tuple[Sequence[str], Sequence[str]]]
"""Per target, gold values and answers."""


@dataclass(frozen=True, slots=True)
class Row:
    """A text with what it says of its targets.

    Attributes:
        text: A tweet.
        labels: Target to value.
        split: ``train``, ``dev`` or ``test``.
    """

    text: str
    labels: Mapping[str, Value]
    split: str


@dataclass(frozen=True, slots=True)
class Published:
    """A published number.

    Attributes:
        system: Of which system.
        figure: In percent.
        source: Where it stands.
        read: Whether it was read there, or is remembered from the paper.
    """

    system: str
    figure: float
    source: str
    read: bool


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A data set.

    Attributes:
        name: As on the command line.
        values: The values that it uses.
        rows: Its rows from the contents of its files by relative path.
        score: The official figure, in [0, 1].
        metric: What that figure is.
        published: Numbers to compare with.
    """

    name: str
    values: tuple[Value, ...]
    rows: Callable[[Mapping[str, str]], Iterator[Row]]
    score: Callable[[Answers], float]
    metric: str
    published: tuple[Published, ...]


def read(benchmark: Benchmark, folder: Path, table: Path) -> list[Row]:
    """Read a data set.

    Args:
        benchmark: Which.
        folder: Where its files are.
        table: ``files.csv``.

    Raises:
        DataError: With one line per file that is missing or another one than was measured on.
    """
    problems: list[str] = []
    contents: dict[str, str] = {}
    for entry in csv.DictReader(table.read_text("utf-8").splitlines()):
        if entry["benchmark"] != benchmark.name:
            continue
        path = folder / entry["file"]
        if not path.is_file():
            problems.append(f"{path}: missing; published at {entry['source']}")
            continue
        content = path.read_bytes()
        if (digest := hashlib.sha256(content).hexdigest()) != entry["sha256"]:
            problems.append(f"{path}: another file: expected SHA-256 {entry['sha256'][:12]}..., got {digest[:12]}...")
        contents[entry["file"]] = content.decode("utf-8", "replace")
    if problems:
        raise DataError(*problems)
    return list(benchmark.rows(contents))


def write(rows: Sequence[Row], folder: Path) -> None:
    """Write rows as labelled statements, each a document of its own, and their splits."""
    folder.mkdir(parents=True, exist_ok=True)
    with writers.atomic(folder / "rows.jsonl") as stream:
        for number, row in enumerate(rows):
            line = {"id": str(number), "doc": f"{row.split}-{number}", "text": row.text, "labels": dict(row.labels)}
            stream.write((json.dumps(line, ensure_ascii=False) + "\n").encode("utf-8", "replace"))
    with writers.atomic(folder / "splits.csv") as stream:
        lines = "".join(f"{row.split}-{number},{row.split}\n" for number, row in enumerate(rows))
        stream.write(f"doc,split\n{lines}".encode())


def _tweeteval(contents: Mapping[str, str]) -> Iterator[Row]:
    values: tuple[Value, ...] = ("none", "against", "favor")
    for path, texts in contents.items():
        target, _, file = path.partition("/")
        name, _, kind = file.removesuffix(".txt").partition("_")
        if kind != "text":
            continue
        labels = contents[f"{target}/{name}_labels.txt"].split()
        lines = texts.rstrip("\n").split("\n")
        if len(lines) != len(labels):
            raise DataError(f"{path}: expected {len(labels)} tweets, as there are labels, got {len(lines)}")
        split = {"val": "dev"}.get(name, name)
        yield from (
            Row(line.strip(), {target: values[int(label)]}, split) for line, label in zip(lines, labels, strict=True)
        )


def _pstance(contents: Mapping[str, str]) -> Iterator[Row]:
    values: Mapping[str, Value] = {"FAVOR": "favor", "AGAINST": "against"}
    for path, content in contents.items():
        _, split, target = path.removesuffix(".csv").split("_")
        for row in _table(content):
            label = values[row["Stance"].strip()]
            yield Row(row["Tweet"], {target.replace("bernie", "sanders"): label}, split.replace("val", "dev"))


def _ruw(contents: Mapping[str, str]) -> Iterator[Row]:
    values: Mapping[str, Value] = {"FAVOR": "favor", "AGAINST": "against", "NONE": "none"}
    for path, content in contents.items():
        split = path.split("_")[1].replace("val", "dev")
        for row in _table(content):
            labels = {row[f"Target {n}"].strip().casefold(): values[row[f"Stance {n}"].strip()] for n in (1, 2)}
            yield Row(row["Tweet"], labels, split)


def _table(content: str) -> Iterator[dict[str, str]]:
    yield from csv.DictReader(io.StringIO(content.removeprefix("\ufeff"), newline=""))


def favor_against(gold: Sequence[str], answers: Sequence[str]) -> float:
    """Mean of F1(favor) and F1(against), in [0, 1]."""
    return float(f1_score(gold, answers, labels=["favor", "against"], average="macro", zero_division=0))


def _pooled(told: Answers) -> float:
    gold = [value for values, _ in told.values() for value in values]
    return favor_against(gold, [value for _, values in told.values() for value in values])


def _mean(told: Answers) -> float:
    return float(np.mean([favor_against(*both) for both in told.values()]))


def _macro(told: Answers) -> float:
    labels = ["favor", "against", "none"]
    scores = [f1_score(*both, labels=labels, average="macro", zero_division=0) for both in told.values()]
    return float(np.mean(scores))


BENCHMARKS: Mapping[str, Benchmark] = {
    one.name: one
    for one in (
        Benchmark(
            "tweeteval_stance", ("none", "favor", "against"), _tweeteval, _pooled,
            "mean of F1(favor) and F1(against), five test sets pooled",
            (Published("SVM", 67.3, "TweetEval, README", True), Published("FastText", 65.4, "TweetEval, README", True),
             Published("RoBERTa-base (125M)", 68.0, "TweetEval, README", True),
             Published("BERTweet (135M)", 71.2, "TweetEval, README", True),
             Published("TimeLMs-2021", 72.9, "TweetEval, README", True)),
        ),
        Benchmark(
            "pstance", ("favor", "against"), _pstance, _mean,
            "mean over targets of the mean of F1(favor) and F1(against)",
            (Published("BERT-base (110M)", 76.48, "Li et al. 2021, P-Stance", False),
             Published("BERTweet (135M)", 80.53, "Li et al. 2021, abstract", True)),
        ),
        Benchmark(
            "ruw", ("none", "favor", "against"), _ruw, _macro,
            "mean over targets of macro-F1 over favor, against, none",
            (Published("BERT (110M), metric not stated", 54.13, "RUW, README", True),),
        ),
    )
}  # fmt: skip
