"""How a new issue's figure grows with the number of labels, and what more labels are likely to buy."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from stancecraft_training.labelled import Labelled
from stancecraft_training.split import Splits

Drawn = tuple[int, float, float]
"""Of one draw of labels: how many were learnt from, F1 of "about", F1 of issue and stance."""

_ENOUGH = 3  # points to draw a line through and still see whether it fits


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the curve.

    Attributes:
        labels: Statements with a label, those kept for dev counted.
        learning: Those of them that were learnt from; a mean over the draws, like the figures.
        about: F1 of "about the issue" on test, in [0, 1].
        both: F1 of issue and stance on test, in [0, 1].
        seconds: It took.
        draws: How often so many labels were drawn.
        spread: Standard deviation of ``both`` over the draws; 0 of a single one.
    """

    labels: int
    learning: int
    about: float
    both: float
    seconds: float
    draws: int = 1
    spread: float = 0.0

    @classmethod
    def of(cls, labels: int, drawn: Sequence[Drawn], seconds: float) -> Point:
        """The mean of what some draws of so many labels came to."""
        learning, about, both = np.mean(drawn, axis=0)
        spread = float(np.std([one[2] for one in drawn], ddof=1)) if len(drawn) > 1 else 0.0
        return cls(labels, round(learning), float(about), float(both), round(seconds, 1), len(drawn), spread)

    def __str__(self) -> str:
        over = f", ±{self.spread:.3f} over {self.draws} draws" if self.draws > 1 else ""
        return (
            f"{self.labels} labels ({self.learning} to learn from): F1 about {self.about:.3f}, issue and stance "
            f"{self.both:.3f}{over} ({self.seconds:.0f} s)"
        )

    def to_data(self) -> dict[str, Any]:
        """The numbers by their names, figures to four digits."""
        return asdict(self) | {name: round(getattr(self, name), 4) for name in ("about", "both", "spread")}


def thinned(splits: Splits, issue: str, labels: int, seed: int) -> tuple[Splits, int]:
    """The same rows with only so many labels of an issue outside test, drawn by a hash of the statement and the seed.

    Fewer labels are always among more, so that points differ by what was added alone.

    Returns:
        The splits, and how many of the labels are in train.
    """
    known = [row for row in (*splits.train, *splits.dev) if issue in row.labels]
    chosen = {row.statement.id for row in sorted(known, key=lambda row: _place(row.statement.id, seed))[:labels]}

    def without(rows: Sequence[Labelled]) -> list[Labelled]:
        return [
            row
            if issue not in row.labels or row.statement.id in chosen
            else replace(row, labels={name: value for name, value in row.labels.items() if name != issue})
            for row in rows
        ]

    train = without(splits.train)
    return replace(splits, train=train, dev=without(splits.dev)), sum(issue in row.labels for row in train)


def _place(id: str, seed: int) -> str:
    return hashlib.sha256(f"{seed}:{id}".encode()).hexdigest()


def in_documents_with(rows: Sequence[Labelled], issue: str) -> list[Labelled]:
    """The rows of documents that have a label of an issue: labelled ones and their context."""
    documents = {row.statement.meta["document"] for row in rows if issue in row.labels}
    return [row for row in rows if row.statement.meta["document"] in documents]


def outlook(points: Sequence[Point]) -> list[str]:
    """What twice as many labels are likely to buy, by a power law through the errors (Hestness et al. 2017).

    The error 1 - F1 of issue and stance is taken to fall as a power of the number of labels
    (https://arxiv.org/abs/1712.00409). It is a line through a few points measured on a small sample: a direction, not a
    promise.
    """
    if len(points) < _ENOUGH:
        return [f"outlook: none from {len(points)} point{'s' * (len(points) != 1)}; at least {_ENOUGH} are needed"]
    sizes = np.log([point.labels for point in points])
    errors = np.log([max(1 - point.both, 1e-3) for point in points])
    slope, level = np.polyfit(sizes, errors, 1)
    off = float(np.std(errors - (slope * sizes + level), ddof=2))
    last = points[-1]
    error = 1 - last.both
    expected = error * 2**slope
    if slope >= 0:
        return [f"outlook: the error does not fall with labels up to {last.labels}: more of the same buy nothing; "
                "look at what the labels say, or at the sample"]  # fmt: skip
    return [
        f"outlook: {2 * last.labels} labels: F1 of issue and stance about {1 - expected:.2f}, {error - expected:+.3f} "
        f"on {last.labels} labels (error falls as labels to the power {slope:.2f}; the points lie off that line by "
        f"{np.expm1(off):.0%} of the error)"
    ]
