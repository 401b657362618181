"""A whole report on labelled statements, as plain data: figures, calibration, slices, behaviour, errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stancecraft import metrics
from stancecraft.metrics import Decision, calibration, confusion, mistakes, resampling, slices
from stancecraft.metrics.judged import Judged, counts, decisions
from stancecraft.policy import Step

LEVELS = tuple(round(0.05 * step, 2) for step in range(1, 13))
"""Promised errors that are looked at: 0.05 to 0.60."""


def evaluate(
    judged: Sequence[Judged], issues: Sequence[str], *, steps: Sequence[Step] = (), seed: int = 1
) -> dict[str, Any]:
    """Everything that labelled statements tell of a model.

    Args:
        judged: Statements with gold labels and answers; their order does not matter.
        issues: Issue ids.
        steps: What the model's manifest tells of errors by probability, for its promises.
        seed: Of all resampling.
    """
    figures = overall(judged, issues, seed)
    every = slices.measured(judged, issues, seed)
    return {
        **figures,
        "calibration": _calibration(decisions(judged, issues), steps),
        "slices": every,
        "worst": slices.worst(every, figures["overall"]["both"]["f1"]),
        "probes": mistakes.probes(judged, issues),
        "errors": mistakes.errors(judged, issues),
    }


def overall(judged: Sequence[Judged], issues: Sequence[str], seed: int = 1) -> dict[str, Any]:
    """Figures over all issues together (micro), their means over issues (macro), and per issue, with intervals."""
    tables = counts(judged, issues)
    named = dict(confusion.FIGURES)
    pooled = metrics.figures(decisions(judged, issues))
    macro = {name: confusion.macro(confusion.FIGURES[name]) for name in ("about", "both", "stance_macro_f1", "mcc")}
    return {
        "statements": len(judged),
        "labelled": sum(bool(one.gold) for one in judged),
        "documents": len(tables),
        "overall": pooled | {"intervals": resampling.intervals(tables.sum(axis=1), named, seed)},
        "macro": {
            "issues": int((tables[:, :, 1:].sum(axis=(0, 2, 3)) > 0).sum()),
            **{name: metrics.rounded(figure(tables.sum(axis=0))) for name, figure in macro.items()},
            "intervals": resampling.intervals(tables, macro, seed),
        },
        "issues": {
            issue: metrics.figures(decisions(judged, [issue]))
            | {
                "documents": int((tables[:, at].sum(axis=(1, 2)) > 0).sum()),
                "intervals": resampling.intervals(tables[tables[:, at].sum(axis=(1, 2)) > 0, at], named, seed),
            }
            for at, issue in enumerate(issues)
        },
    }


def _calibration(found: Sequence[Decision], steps: Sequence[Step]) -> dict[str, Any]:
    concerned = metrics.concerned(found)
    stances = [(one.probabilities[one.answer], one.answer == one.gold) for one in found
               if one.answer not in (None, "none")]  # fmt: skip
    return {
        "all": _believed(found),
        "about": _believed(concerned),
        "of_being_about": [one.to_data() for one in calibration.reliability(
            (1 - one.probabilities["none"], one.gold != "none") for one in found)],
        "risk_coverage": calibration.risk_coverage(stances),
        "promises": calibration.promises(stances, steps, LEVELS) if steps else [],
    }  # fmt: skip


def _believed(found: Sequence[Decision]) -> dict[str, Any]:
    bins = calibration.reliability(map(metrics.likeliest, found))
    return {
        "n": len(found),
        "ece": round(calibration.expected_error(bins), 4),
        "brier": metrics.rounded(metrics.brier(found)),
        "brier_of_being_about": metrics.rounded(metrics.brier_about(found)),
        "bins": [one.to_data() for one in bins],
    }
