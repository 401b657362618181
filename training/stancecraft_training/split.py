"""Train, dev and test: by document, never by statement."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path

from stancecraft.errors import DataError
from stancecraft_training import config
from stancecraft_training.labelled import Labelled

NAMES = ("train", "dev", "calibration", "test", "apart")


@dataclass(frozen=True, slots=True)
class Splits:
    """Rows per split, each in the order of the data.

    Attributes:
        train: To learn from.
        dev: To choose the epoch, scale and bias, and the threshold of "about" by.
        calibration: To promise an error by; nothing else was chosen on them. May be empty.
        test: To measure on.
        apart: To measure on, reported by itself. May be empty.
    """

    train: list[Labelled] = field(default_factory=list)
    dev: list[Labelled] = field(default_factory=list)
    calibration: list[Labelled] = field(default_factory=list)
    test: list[Labelled] = field(default_factory=list)
    apart: list[Labelled] = field(default_factory=list)


def by_document(rows: Sequence[Labelled], shares: config.Split) -> Splits:
    """Assign every document by the file that fixes the splits, or by a hash of its name and the seed.

    By hash, where a document goes depends on nothing else, so adding documents moves no other one.

    Raises:
        DataError: If the file does not name every document once, or a split that should have documents gets none.
    """
    documents = list(dict.fromkeys(str(row.statement.meta["document"]) for row in rows))
    # What nobody labelled can only be learnt from, by another model's opinion.
    judged = {str(row.statement.meta["document"]) for row in rows if row.labels}
    if shares.file is not None:
        places = fixed(shares.file)
        places = {doc: "train" for doc in documents if doc not in judged} | places
        if unknown := [doc for doc in documents if doc not in places]:
            raise DataError(*(f"{shares.file}: document {doc!r} has no split" for doc in unknown))
        wanted = ["train", "dev"]
    else:
        places = {doc: _by_share(doc, shares) if doc in judged else "train" for doc in documents}
        wanted = ["train"] + [name for name in ("dev", "test") if getattr(shares, name)]
    splits = Splits()
    for row in rows:
        getattr(splits, places[str(row.statement.meta["document"])]).append(row)
    for name in wanted:
        if not getattr(splits, name):
            raise DataError(f"data.split: {name} is empty: {len(documents)} documents are too few, or try another seed")
    return splits


def to_learn(rows: Sequence[Labelled], learn: config.Learn) -> list[Labelled]:
    """The training rows that a recipe learns from, in order.

    A side that is left out loses its labels and what another model thinks of it, and stays as its neighbours' context.

    Raises:
        DataError: If a side or a document to leave out is none of the rows', or nothing is left.
    """
    documents = {str(row.statement.meta["document"]) for row in rows}
    sides = {row.statement.side or "" for row in rows}
    problems = [
        f"data.learn.without_{kind}: {name!r} is not in the training rows{_nearest(name, known)}"
        for kind, names, known in (
            ("sides", learn.without_sides, sides), ("documents", learn.without_documents, documents)
        )
        for name in names
        if name not in known
    ]  # fmt: skip
    if problems:
        raise DataError(*problems)
    kept = [
        replace(row, labels={}, taught={}) if row.statement.side in learn.without_sides else row
        for row in rows
        if (document := str(row.statement.meta["document"])) not in learn.without_documents
        and place(document, learn.seed) < learn.share
    ]
    if not any(row.labels or row.taught for row in kept):
        raise DataError("data.learn: nothing to learn from is left of the training rows")
    return kept


def _nearest(name: str, known: Collection[str]) -> str:
    near = get_close_matches(name, known, 1)
    return f", did you mean {near[0]!r}?" if near else ""


def fixed(file: Path) -> dict[str, str]:
    """The split of every document that a CSV with the columns ``doc`` and ``split`` names.

    Raises:
        DataError: With one line per fault.
    """
    try:
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{file}: cannot read the splits: {getattr(error, 'strerror', None) or error}") from None
    table = csv.DictReader(text.splitlines())
    if not {"doc", "split"} <= set(table.fieldnames or ()):
        raise DataError(f"{file}:1: expected the columns doc and split, got {', '.join(table.fieldnames or ())}")
    places: dict[str, str] = {}
    problems = []
    for row in table:
        doc, name = row["doc"], row["split"]
        if name not in NAMES:
            problems.append(f"{file}:{table.line_num}: expected one of {', '.join(NAMES)}, got {name!r}")
        if places.setdefault(doc, name) != name:
            problems.append(f"{file}:{table.line_num}: {doc!r} is in two splits: {places[doc]} and {name}")
    if problems:
        raise DataError(*problems)
    return places


def _by_share(document: str, shares: config.Split) -> str:
    at = place(document, shares.seed)
    if at < shares.test:
        return "test"
    return "dev" if at < shares.test + shares.dev else "train"


def place(document: str, seed: int) -> float:
    """A number in [0, 1) that is fixed for a document and a seed."""
    digest = hashlib.sha256(f"{seed}:{document}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
