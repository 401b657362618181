"""How good labels are, measured on statements with known labels.

Three questions are asked apart, because a single accuracy over four values would be dominated by ``none``:

*about*
    Is the statement about the issue? F1 of "about", counted over decisions (statement x issue).
*both*
    Is it about the issue *and* the stance right? A decision counts as found when the predicted stance equals the gold
    one and neither is ``none``; a right issue with a wrong stance is an error of precision and of recall.
*stance*
    Where gold says "about", which stance? Macro-F1 over favor, against and neutral; a predicted ``none`` is a miss.

A gold label that is absent leaves its decision out of everything.

The other modules of the package hold what is made of decisions: :mod:`confusion` the figures as functions of a table of
counts, :mod:`resampling` intervals and tests, :mod:`evaluation` a whole report, :mod:`calibration`, :mod:`slices`,
:mod:`mistakes` its parts.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stancecraft.metrics import calibration, confusion, resampling
from stancecraft.metrics.confusion import FloatArray
from stancecraft.records import VALUES, Position, Value

STANCES: tuple[Value, ...] = VALUES[1:]


@dataclass(frozen=True, slots=True)
class F1:
    """Counts of one yes-or-no question.

    Attributes:
        found: Right and predicted.
        predicted: Predicted at all.
        gold: True at all.
    """

    found: int
    predicted: int
    gold: int

    @property
    def precision(self) -> float:
        """Share of the predicted that is right, in [0, 1]; 0 if nothing was predicted."""
        return self.found / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Share of the true that was found, in [0, 1]; 0 if nothing is true."""
        return self.found / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, in [0, 1]."""
        return 2 * self.found / (self.predicted + self.gold) if self.predicted + self.gold else 0.0

    def to_data(self) -> dict[str, Any]:
        """Ratios rounded to four digits, with the counts behind them."""
        return {
            "precision": round(self.precision, 4), "recall": round(self.recall, 4), "f1": round(self.f1, 4),
            "gold": self.gold, "predicted": self.predicted,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decision:
    """One statement on one issue: what is true and what was answered (``None``: no answer)."""

    gold: Value
    answer: Value | None
    probabilities: Mapping[Value, float]


def decisions(
    gold: Sequence[Mapping[str, Value]], positions: Sequence[Mapping[str, Position]], issue: str
) -> list[Decision]:
    """The decisions on one issue for which a gold label exists."""
    return [
        Decision(labels[issue], given[issue].stance, given[issue].probabilities)
        for labels, given in zip(gold, positions, strict=True)
        if issue in labels
    ]


def about(found: Iterable[Decision]) -> F1:
    """F1 of "about the issue"; an abstention counts as not predicted."""
    pairs = [(one.gold != "none", one.answer not in (None, "none")) for one in found]
    return F1(sum(g and p for g, p in pairs), sum(p for _, p in pairs), sum(g for g, _ in pairs))


def both(found: Iterable[Decision]) -> F1:
    """F1 of issue and stance together: micro-averaged over favor, against and neutral."""
    found = list(found)
    right = sum(one.gold == one.answer != "none" for one in found)
    return F1(right, sum(one.answer not in (None, "none") for one in found), sum(one.gold != "none" for one in found))


def stance(found: Iterable[Decision], value: Value) -> F1:
    """F1 of one stance among the decisions whose gold is about the issue."""
    told = [one for one in found if one.gold != "none"]
    right = sum(one.gold == one.answer == value for one in told)
    return F1(right, sum(one.answer == value for one in told), sum(one.gold == value for one in told))


def stance_macro_f1(found: Iterable[Decision]) -> float:
    """Mean over favor, against and neutral of :func:`stance`, leaving out values without gold; in [0, 1]."""
    found = list(found)
    ratios = [stance(found, value) for value in STANCES]
    present = [ratio.f1 for ratio in ratios if ratio.gold]
    return sum(present) / len(present) if present else 0.0


def likeliest(one: Decision) -> tuple[float, bool]:
    """The probability of the likeliest value, in [0, 1], and whether it is the gold one."""
    value = max(VALUES, key=one.probabilities.__getitem__)
    return one.probabilities[value], value == one.gold


def expected_calibration_error(found: Iterable[Decision], bins: int = calibration.BINS) -> float:
    """Mean gap between confidence in the likeliest value and its accuracy, see :func:`calibration.expected_error`.

    ``none`` everywhere is easy, so the figure flatters rare issues; a report also gives it over the decisions that are
    about the issue in gold or answer (``ece_about``).
    """
    return calibration.expected_error(calibration.reliability(map(likeliest, found), bins))


def concerned(found: Iterable[Decision]) -> list[Decision]:
    """The decisions that are about the issue in gold or answer."""
    return [one for one in found if one.gold != "none" or one.answer not in (None, "none")]


def brier(found: Iterable[Decision]) -> float:
    """Mean squared distance of the four probabilities from the truth, in [0, 2]; NaN of nothing (Brier 1950)."""
    return _mean([sum((share - (value == one.gold)) ** 2 for value, share in one.probabilities.items())
                  for one in found])  # fmt: skip


def brier_about(found: Iterable[Decision]) -> float:
    """Mean squared error of the probability of being about the issue, in [0, 1]; NaN of nothing."""
    return _mean([(1 - one.probabilities["none"] - (one.gold != "none")) ** 2 for one in found])


def table(found: Iterable[Decision]) -> FloatArray:
    """Decisions counted by gold value and answer. *Shape:* ``(4, 5)``, see :mod:`stancecraft.metrics.confusion`."""
    counts = np.zeros(confusion.SHAPE)
    for one in found:
        counts[VALUES.index(one.gold), confusion.ANSWERS.index(one.answer)] += 1
    return counts


def intervals(found: Mapping[str, Sequence[Decision]], seed: int = 1) -> dict[str, list[float]]:
    """95 % intervals of :data:`confusion.FIGURES` by bootstrap over documents, see :mod:`resampling`.

    Args:
        found: Decisions by document.
        seed: Of the resampling.

    Returns:
        Figure to its lower and upper bound; empty for fewer than two documents, between which nothing can vary.
    """
    if not found:
        return {}
    return resampling.intervals(np.stack([table(one) for one in found.values()]), dict(confusion.FIGURES), seed)


def report(
    gold: Sequence[Mapping[str, Value]], positions: Sequence[Mapping[str, Position]], issues: Sequence[str],
    documents: Sequence[str] = (),
) -> dict[str, Any]:  # fmt: skip
    """Every figure of this module, overall and per issue, as plain data.

    Args:
        gold: Known labels per statement.
        positions: What was answered per statement.
        issues: Issue ids.
        documents: Document per statement, for intervals; none without.
    """
    per_issue = {issue: decisions(gold, positions, issue) for issue in issues}
    pooled = [one for found in per_issue.values() for one in found]
    by_document = {issue: _by_document(gold, positions, issue, documents) for issue in issues}
    every: dict[str, list[Decision]] = defaultdict(list)
    for parts in by_document.values():
        for document, found in parts.items():
            every[document] += found
    return {
        "statements": len(gold),
        "overall": figures(pooled) | {"intervals": intervals(every)},
        "issues": {
            issue: figures(found) | {"intervals": intervals(by_document[issue])} for issue, found in per_issue.items()
        },
    }


def _by_document(
    gold: Sequence[Mapping[str, Value]], positions: Sequence[Mapping[str, Position]], issue: str,
    documents: Sequence[str],
) -> dict[str, list[Decision]]:  # fmt: skip
    parts: dict[str, list[int]] = defaultdict(list)
    for at, document in enumerate(documents):
        parts[document].append(at)
    return {
        document: decisions([gold[at] for at in own], [positions[at] for at in own], issue)
        for document, own in parts.items()
    }


def figures(found: Sequence[Decision]) -> dict[str, Any]:
    """Every figure of this module on some decisions, as plain data; ``None`` where one is undefined."""
    counted, about_it = table(found), concerned(found)
    return {
        "decisions": len(found),
        "about": about(found).to_data(),
        "both": both(found).to_data(),
        "stance_macro_f1": round(stance_macro_f1(found), 4),
        "stance": {value: stance(found, value).to_data() for value in STANCES},
        "favor_against_f1": rounded(confusion.favor_against(counted)),
        "mcc": rounded(confusion.mcc(counted)),
        "confusion": counted.astype(int).tolist(),
        "ece": round(expected_calibration_error(found), 4),
        "ece_about": round(expected_calibration_error(about_it), 4),
        "brier": rounded(brier(found)),
        "brier_about": rounded(brier(about_it)),
    }


def rounded(value: float | FloatArray) -> float | None:
    """A figure to four digits; ``None`` where it is undefined."""
    return None if math.isnan(value) else round(float(value), 4)


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else math.nan
