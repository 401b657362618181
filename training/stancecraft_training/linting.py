"""What may be wrong with labelled data, all of it at once.

Faults of form (an illegal value, a document in two splits) are told by what reads the data; here is what is legal and
yet spoils a model or its figures.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer

from stancecraft.codebook import Codebook
from stancecraft.errors import ConfigError, DataError
from stancecraft_training import annotations as stand_off_files
from stancecraft_training import labelled, network, split
from stancecraft_training.annotations import Annotation
from stancecraft_training.config import Recipe, Source
from stancecraft_training.labelled import Labelled
from stancecraft_training.split import Splits

FEWEST = 20
"""Rows of a value on an issue, below which nothing can be learnt or told about it."""

ALIKE = 0.8
"""Jaccard similarity of word trigrams from which two statements are near-duplicates."""

LONG = 8
"""Words from which a statement is compared with others: shorter ones are said by everybody."""

_TRUNCATED = 0.01
_DRIFT = 4.0  # standard errors
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that may be wrong.

    Attributes:
        kind: Short name of the check.
        told: What, and where.
    """

    kind: str
    told: str

    def __str__(self) -> str:
        """As a line."""
        return f"{self.kind}: {self.told}"


def recipe(given: Recipe, book: Codebook) -> list[Finding]:
    """Check the data of a recipe: faults of form, copies, contradictions, rare values, long statements."""
    try:
        rows = labelled.read(given.data.sources, book)
        splits = split.by_document(rows, given.data.split)
    except (DataError, ConfigError) as error:
        return [Finding("form", line) for line in error.lines]
    lengths = _lengths(rows, given)
    return [
        *copies(splits), *contradictions(rows), *rare(splits, book),
        *truncated(lengths, given.window.tokens),
    ]  # fmt: skip


def statements(paths: Sequence[Path], book: Codebook) -> list[Finding]:
    """Check labelled statements that no recipe names: faults of form and contradictions."""
    try:
        rows = labelled.read([Source(path=path) for path in paths], book)
    except DataError as error:
        return [Finding("form", line) for line in error.lines]
    return list(contradictions(rows))


def stand_off(folder: Path, texts: Path | None) -> list[Finding]:
    """Check stand-off annotations: faults of form, drift between annotators, offsets if there are texts."""
    try:
        for path in stand_off_files.folders(folder):
            stand_off_files.load(path)
        found = [*drift(folder), *(offsets(folder, texts) if texts else ())]
    except DataError as error:
        return [Finding("form", line) for line in error.lines]
    return found


def copies(splits: Splits) -> Iterator[Finding]:
    """Statements that stand, in the same or nearly the same words, in two splits."""
    rows = [(name, row) for name in split.NAMES for row in getattr(splits, name) if row.labels and _is_long(row)]
    for name, other in combinations(split.NAMES, 2):
        own = [row for place, row in rows if place == name]
        others = [row for place, row in rows if place == other]
        for row, second, alike in pairs(own, others):
            kind = "duplicate" if alike == 1.0 else "near-duplicate"
            yield Finding(kind, f"{_where(row)} ({name}) and {_where(second)} ({other}): {row.statement.text[:60]!r}")


def pairs(first: Sequence[Labelled], second: Sequence[Labelled]) -> Iterator[tuple[Labelled, Labelled, float]]:
    """Near-duplicates between two lists of statements, with their similarity in [:data:`ALIKE`, 1]."""
    if not first or not second:
        return
    vectorizer = CountVectorizer(analyzer=_trigrams, binary=True, dtype=np.int32)
    counts = vectorizer.fit_transform([row.statement.text for row in [*first, *second]])
    one, other = counts[: len(first)], counts[len(first) :]
    sizes, other_sizes = np.asarray(one.sum(axis=1)).ravel(), np.asarray(other.sum(axis=1)).ravel()
    shared = (one @ other.T).tocoo()
    for at, to, common in zip(shared.row, shared.col, shared.data, strict=True):
        alike = common / (sizes[at] + other_sizes[to] - common)
        if alike >= ALIKE:
            yield first[at], second[to], float(alike)


def contradictions(rows: Sequence[Labelled]) -> Iterator[Finding]:
    """The same words with different labels; what a short statement is about, its context may decide."""
    seen: dict[str, Labelled] = {}
    for row in rows:
        if not _is_long(row) or not row.labels:
            continue
        first = seen.setdefault(stand_off_files.words_hash(row.statement.text), row)
        for issue in row.labels.keys() & first.labels.keys():
            if row.labels[issue] != first.labels[issue]:
                told = f"{_where(first)} says {issue} {first.labels[issue]}, {_where(row)} {row.labels[issue]}"
                yield Finding("contradiction", f"{told}: {row.statement.text[:60]!r}")


def rare(splits: Splits, book: Codebook) -> Iterator[Finding]:
    """Stances with fewer than :data:`FEWEST` rows to learn from."""
    for issue, values in labelled.counts(splits.train, book).items():
        for value, rows in values.items():
            if rows < FEWEST:
                yield Finding("rare", f"{issue}={value} has {rows} rows in train, expected at least {FEWEST}")


def truncated(lengths: Sequence[int], tokens: int) -> Iterator[Finding]:
    """More than one statement in a hundred longer than a window, which is then read in pieces."""
    share = sum(length > tokens for length in lengths) / max(1, len(lengths))
    if share > _TRUNCATED:
        yield Finding("truncated", f"{share:.1%} of the statements are longer than a window of {tokens} tokens")


def offsets(folder: Path, texts: Path) -> Iterator[Finding]:
    """Annotations whose offsets do not hold in the texts of a folder; texts that are not there are passed over."""
    for path in stand_off_files.folders(folder):
        joined = stand_off_files.join(stand_off_files.load(path), texts)
        for doc, lost in joined.lost.items():
            yield Finding("offsets", f"{path / doc}: another text than was annotated: {lost} statements not found")


def drift(folder: Path) -> Iterator[Finding]:
    """Annotators of the same document who call far more or fewer statements "about" an issue than the others.

    Only statements that both labelled are compared, so a difference is one of reading and not of texts.
    """
    by_annotator: dict[str, dict[tuple[str, int, int], Annotation]] = defaultdict(dict)
    for path in stand_off_files.folders(folder):
        for marks in stand_off_files.load(path).values():
            for mark in marks:
                by_annotator[path.name][mark.doc, mark.start, mark.end] = mark
    for (first, own), (second, others) in combinations(sorted(by_annotator.items()), 2):
        both = own.keys() & others.keys()
        more, less = Counter[str](), Counter[str]()
        for at in both:
            more.update(own[at].labels.keys() - others[at].labels.keys())
            less.update(others[at].labels.keys() - own[at].labels.keys())
        for issue in sorted(more.keys() | less.keys()):
            a, b = more[issue], less[issue]
            # McNemar's statistic: of the statements that only one calls "about", half should be either's.
            if abs(a - b) / max(1.0, (a + b) ** 0.5) > _DRIFT:
                yield Finding("drift", f"{issue}: of {len(both)} statements {a} are about it only to {first}, "
                                       f"{b} only to {second}")  # fmt: skip


def _trigrams(text: str) -> set[tuple[str, ...]]:
    words = _WORD.findall(text.casefold())
    return set(zip(words, words[1:], words[2:], strict=False))


def _is_long(row: Labelled) -> bool:
    return len(_WORD.findall(row.statement.text)) >= LONG


def _where(row: Labelled) -> str:
    return f"{row.statement.doc or row.statement.meta['document']} turn {row.statement.turn}"


def _lengths(rows: Sequence[Labelled], given: Recipe) -> list[int]:
    encoder = network.encoder(given)
    return [len(ids) for ids in encoder.tokens([row.statement.text for row in rows])]
