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

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stancecraft.records import VALUES, Position, Value

STANCES: tuple[Value, ...] = VALUES[1:]
_RESAMPLES = 2000


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
    https://arxiv.org/abs/1706.04599). ``none`` everywhere is easy, so the figure flatters rare issues; a report also
    gives it over the decisions that are about the issue in gold or answer (``ece_about``).
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


def intervals(found: Mapping[str, Sequence[Decision]], seed: int = 1) -> dict[str, list[float]]:
    """95 % intervals of the three F1 figures by percentile bootstrap over documents, whose statements are alike.

    Args:
        found: Decisions by document.
        seed: Of the resampling.

    Returns:
        ``about``, ``both`` and ``stance_macro_f1``, each with its lower and upper bound; empty for fewer than two
        documents, between which nothing can vary.
    """
    if len(found) < 2:
        return {}
    counts = np.asarray([_counts(one) for one in found.values()], dtype=np.float64)
    drawn = np.random.default_rng(seed).integers(len(counts), size=(_RESAMPLES, len(counts)))
    sums = counts[drawn].sum(axis=1)
    with np.errstate(invalid="ignore"):
        ratios = 2 * sums[..., 0] / (sums[..., 1] + sums[..., 2])
    there = sums[:, 2:, 2] > 0
    with np.errstate(invalid="ignore"):
        macro = np.where(there, ratios[:, 2:], 0.0).sum(axis=1) / there.sum(axis=1)
    told = {"about": ratios[:, 0], "both": ratios[:, 1], "stance_macro_f1": macro}
    return {name: [round(float(at), 4) for at in np.nanquantile(values, [0.025, 0.975])]
            for name, values in told.items() if not np.isnan(values).all()}  # fmt: skip


def _counts(found: Sequence[Decision]) -> list[tuple[int, int, int]]:
    """Found, predicted and gold of "about", of both, and of every stance. *Shape:* ``(5, 3)``."""
    told = [about(found), both(found), *(stance(found, value) for value in STANCES)]
    return [(one.found, one.predicted, one.gold) for one in told]


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
        "overall": _figures(pooled) | {"intervals": intervals(every)},
        "issues": {
            issue: _figures(found) | {"intervals": intervals(by_document[issue])} for issue, found in per_issue.items()
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


def _figures(found: list[Decision]) -> dict[str, Any]:
    concerned = [one for one in found if one.gold != "none" or one.answer not in (None, "none")]
    return {
        "decisions": len(found),
        "about": about(found).to_data(),
        "both": both(found).to_data(),
        "stance_macro_f1": round(stance_macro_f1(found), 4),
        "stance": {value: stance(found, value).to_data() for value in STANCES},
        "ece": round(expected_calibration_error(found), 4),
        "ece_about": round(expected_calibration_error(concerned), 4),
    }
