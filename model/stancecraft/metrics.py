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
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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


def expected_calibration_error(found: Iterable[Decision], bins: int = 10) -> float:
    """Mean gap between confidence in the likeliest value and its accuracy, in [0, 1].

    Decisions are sorted into equally wide bins of confidence and bins weighted by their size (Guo et al. 2017,
    https://arxiv.org/abs/1706.04599). ``none`` everywhere is easy, so the figure flatters rare issues.
    """
    sums = [[0.0, 0.0, 0.0] for _ in range(bins)]
    for one in found:
        likeliest = max(VALUES, key=one.probabilities.__getitem__)
        confidence = one.probabilities[likeliest]
        cell = sums[min(int(confidence * bins), bins - 1)]
        cell[0] += 1
        cell[1] += confidence
        cell[2] += likeliest == one.gold
    total = sum(cell[0] for cell in sums)
    return sum(abs(cell[1] - cell[2]) for cell in sums) / total if total else 0.0


def report(
    gold: Sequence[Mapping[str, Value]], positions: Sequence[Mapping[str, Position]], issues: Sequence[str]
) -> dict[str, Any]:
    """Every figure of this module, overall and per issue, as plain data."""
    per_issue = {issue: decisions(gold, positions, issue) for issue in issues}
    pooled = [one for found in per_issue.values() for one in found]
    return {
        "statements": len(gold),
        "overall": _figures(pooled),
        "issues": {issue: _figures(found) for issue, found in per_issue.items()},
    }


def _figures(found: list[Decision]) -> dict[str, Any]:
    return {
        "decisions": len(found),
        "about": about(found).to_data(),
        "both": both(found).to_data(),
        "stance_macro_f1": round(stance_macro_f1(found), 4),
        "stance": {value: stance(found, value).to_data() for value in STANCES},
        "ece": round(expected_calibration_error(found), 4),
    }
