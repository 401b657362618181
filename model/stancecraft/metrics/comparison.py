"""Two sets of answers to the same statements: how far they lie apart, and whether chance explains it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from stancecraft.metrics import confusion, resampling, rounded
from stancecraft.metrics.confusion import Figure
from stancecraft.metrics.judged import Judged, counts

_COMPARED: Mapping[str, Figure] = {
    name: confusion.FIGURES[name] for name in ("both", "about", "stance_macro_f1", "favor_against_f1", "mcc")
}
_LARGEST_EXACT = 1000


def compare(first: Sequence[Judged], second: Sequence[Judged], issues: Sequence[str], seed: int = 1) -> dict[str, Any]:
    """Differences of figures, second minus first, with paired intervals and tests.

    Args:
        first: What one model answered.
        second: What the other answered to the same statements, in the same order.
        issues: Issue ids that both know.
        seed: Of all resampling.

    Returns:
        Per figure ``first``, ``second`` and what :func:`resampling.difference` tells: ``overall``, per issue, and the
        ``macro`` means; ``mcnemar`` on single decisions, which takes them for independent, as they are not quite.
    """
    documents = sorted({one.document for one in first})
    pair = counts(first, issues, documents), counts(second, issues, documents)
    macro = {name: confusion.macro(_COMPARED[name]) for name in ("both", "about", "stance_macro_f1")}
    by_issue = {issue: (pair[0][:, at], pair[1][:, at]) for at, issue in enumerate(issues)}
    return {
        "documents": len(documents),
        "overall": {name: _apart(pair[0].sum(axis=1), pair[1].sum(axis=1), figure, seed)
                    for name, figure in _COMPARED.items()},
        "macro": {name: _apart(*pair, figure, seed) for name, figure in macro.items()},
        "issues": {issue: {name: _apart(one, other, _COMPARED[name], seed) for name in macro}
                   for issue, (one, other) in by_issue.items()},
        "mcnemar": _mcnemar(first, second, issues),
    }  # fmt: skip


def _apart(
    first: confusion.FloatArray, second: confusion.FloatArray, figure: Figure, seed: int
) -> dict[str, float | list[float] | None]:
    values = [rounded(figure(tables.sum(axis=0))) for tables in (first, second)]
    if None in values:
        return {"first": values[0], "second": values[1], "difference": None}
    return {"first": values[0], "second": values[1], **resampling.difference(first, second, figure, seed)}


def _mcnemar(first: Sequence[Judged], second: Sequence[Judged], issues: Sequence[str]) -> dict[str, Any]:
    """Decisions that only one of the two has right, and the two-sided probability of so uneven a share by chance."""
    only_first = only_second = 0
    for one, other in zip(first, second, strict=True):
        for (_, left), (_, right) in zip(one.decisions(issues), other.decisions(issues), strict=True):
            only_first += left.answer == left.gold != right.answer
            only_second += right.answer == right.gold != left.answer
    return {"only_first": only_first, "only_second": only_second, "p": round(mcnemar(only_first, only_second), 4)}


def mcnemar(only_first: int, only_second: int) -> float:
    """McNemar's test: exact up to 1,000 discordant decisions, the normal approximation with continuity beyond."""
    total, fewer = only_first + only_second, min(only_first, only_second)
    if total <= _LARGEST_EXACT:
        return min(1.0, 2.0 * sum(math.comb(total, at) for at in range(fewer + 1)) / float(2**total))
    return math.erfc(max(0.0, abs(only_first - only_second) - 1) / math.sqrt(2 * total))
