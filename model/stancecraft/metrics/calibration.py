"""Whether probabilities can be believed: reliability, Brier score, error against coverage, promises kept.

A pair is a probability in [0, 1] and whether the answer it belongs to is right.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from stancecraft import policy
from stancecraft.policy import Step

Pair = tuple[float, bool]
BINS = 10
_MOST_POINTS = 100


@dataclass(frozen=True, slots=True)
class Bin:
    """Pairs of which the probability lies in ``[low, high)``; the last bin holds 1 too.

    Attributes:
        low: Least probability.
        high: End of the bin.
        count: Number of pairs.
        confidence: Their mean probability; 0 if there are none.
        accuracy: Share that is right; 0 if there are none.
    """

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float

    def to_data(self) -> dict[str, Any]:
        """The bin as plain data, rounded to four digits."""
        return {"from": self.low, "to": self.high, "n": self.count,
                "confidence": round(self.confidence, 4), "accuracy": round(self.accuracy, 4)}  # fmt: skip


def reliability(pairs: Iterable[Pair], bins: int = BINS) -> list[Bin]:
    """Pairs sorted into equally wide bins, the empty ones too."""
    cells: list[list[Pair]] = [[] for _ in range(bins)]
    for confidence, right in pairs:
        cells[min(int(confidence * bins), bins - 1)].append((confidence, right))
    return [_bin(round(at / bins, 4), round((at + 1) / bins, 4), cell) for at, cell in enumerate(cells)]


def _bin(low: float, high: float, cell: Sequence[Pair]) -> Bin:
    # fsum: the sum must not depend on the order.
    count = len(cell)
    return Bin(low, high, count, math.fsum(share for share, _ in cell) / (count or 1),
               sum(right for _, right in cell) / (count or 1))  # fmt: skip


def expected_error(bins: Sequence[Bin]) -> float:
    """Mean gap between confidence and accuracy, bins weighted by their size, in [0, 1]; 0 if all are empty.

    (Guo et al. 2017, https://arxiv.org/abs/1706.04599.)
    """
    total = sum(one.count for one in bins)
    return sum(one.count * abs(one.confidence - one.accuracy) for one in bins) / total if total else 0.0


def risk_coverage(pairs: Iterable[Pair]) -> dict[str, Any]:
    """The share that is wrong among the surest answers, by how many of all are given.

    (El-Yaniv and Wiener 2010, https://jmlr.org/papers/v11/el-yaniv10a.html.) Answers of one probability are given
    together, so their order does not matter.

    Returns:
        ``n``; ``points`` from the surest downward with ``least`` (probability), ``given``, ``coverage``, ``error``, at
        most 100 of them; ``area`` under the curve, the mean error over all coverages, or ``None`` without answers.
    """
    ordered = sorted(pairs, key=lambda pair: -pair[0])
    points, given, wrong, area = [], 0, 0, 0.0
    for least, group in groupby(ordered, key=lambda pair: pair[0]):
        alike = [right for _, right in group]
        given += len(alike)
        wrong += alike.count(False)
        area += len(alike) * wrong / given
        points.append({
            "least": round(least, 4), "given": given, "coverage": round(given / len(ordered), 4),
            "error": round(wrong / given, 4),
        })  # fmt: skip
    step = max(1, -(-len(points) // _MOST_POINTS))
    shown = points[step - 1 :: step]
    if points and shown[-1] is not points[-1]:
        shown[-1] = points[-1]
    return {"n": len(ordered), "area": round(area / len(ordered), 4) if ordered else None, "points": shown}


def promises(pairs: Sequence[Pair], steps: Sequence[Step], levels: Iterable[float]) -> list[dict[str, Any]]:
    """What comes of promised errors: how many stances are still given, and how many of these are wrong.

    Args:
        pairs: Of the stances given.
        steps: What the model's manifest tells of stances by their probability.
        levels: Promised errors, in (0, 1).

    Returns:
        Per level ``max_error`` and ``kept``, which is ``None`` where the model cannot promise it; otherwise also
        ``stance`` (least probability), ``given``, ``of`` and ``wrong``.
    """
    told: list[dict[str, Any]] = []
    for level in levels:
        least = policy.least_stance(steps, level)
        if least is None:
            told.append({"max_error": level, "kept": None})
            continue
        given = [right for share, right in pairs if share >= least]
        wrong = given.count(False)
        told.append({"max_error": level, "stance": least, "given": len(given), "of": len(pairs), "wrong": wrong,
                     "kept": wrong <= level * len(given)})  # fmt: skip
    return told
