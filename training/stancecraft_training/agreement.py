"""How far two annotators agree who labelled the same statements apart.

Krippendorff's alpha for nominal data (by the package ``krippendorff``) per issue: for "about it or not" over all
statements that both labelled, and for the stance over those that both call about it. 1 is perfect agreement, 0 what
chance gives. Intervals are bootstrapped over documents, since statements of one document are alike.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, cast

import krippendorff
import numpy as np

from stancecraft import metrics
from stancecraft.errors import DataError
from stancecraft.metrics import Decision
from stancecraft.records import VALUES, Value
from stancecraft_training.annotations import Annotation, words_hash
from stancecraft_training.labelled import Labelled

_RESAMPLES = 1000
_STANCES = ("favor", "against", "neutral")
Pair = tuple[str, str]
Labels = Mapping[str, str]
Pairs = Mapping[str, Sequence[tuple[Labels, Labels]]]
_SURE = dict.fromkeys(VALUES, 0.25)  # an annotator tells no probability


def table(pairs: Pairs, *, seed: int = 1) -> str:
    """Lay the agreement of two annotators out as a Markdown table.

    Args:
        pairs: The labels of both, statement by statement.
        seed: Of the bootstrap.

    Raises:
        DataError: If they have no statement in common.
    """
    return _laid_out(pairs, seed)


def stand_off_pairs(first: Mapping[str, Sequence[Annotation]], second: Mapping[str, Sequence[Annotation]]) -> Pairs:
    """What two annotators of real texts say of the same statements, by document."""
    return {doc: _shared(first[doc], second[doc]) for doc in first if doc in second}


def statement_pairs(first: Sequence[Labelled], second: Sequence[Labelled]) -> Pairs:
    """The same for labelled statements, which are matched by document and words."""
    pairs: dict[str, list[tuple[Labels, Labels]]] = defaultdict(list)
    others = defaultdict(list)
    for row in second:
        others[_key(row)].append(row.labels)
    for row in first:
        if others[_key(row)]:
            pairs[row.statement.doc].append((_told(row.labels), _told(others[_key(row)].pop(0))))
    return pairs


def figures(pairs: Pairs) -> dict[str, Any]:
    """F1 of the second annotator where the first is gold, as a model is measured: the ceiling of what can be reached.

    Returns:
        ``about``, ``both`` and ``stance_macro_f1`` as :func:`stancecraft.metrics.report` gives them, and the number
        of ``statements``.
    """
    told = [one for found in pairs.values() for one in found]
    issues = sorted({issue for both in told for one in both for issue in one})
    found = [
        Decision(cast(Value, one.get(issue, "none")), cast(Value, other.get(issue, "none")), _SURE)
        for issue in issues for one, other in told
    ]  # fmt: skip
    return {
        "statements": len(told), "about": metrics.about(found).to_data(), "both": metrics.both(found).to_data(),
        "stance_macro_f1": round(metrics.stance_macro_f1(found), 4),
    }  # fmt: skip


def _key(row: Labelled) -> tuple[str, str]:
    return row.statement.doc, words_hash(row.statement.text)


def _told(labels: Labels) -> Labels:
    return {issue: value for issue, value in labels.items() if value != "none"}


def _laid_out(pairs: Pairs, seed: int) -> str:
    pairs = {doc: found for doc, found in pairs.items() if found}
    if not pairs:
        raise DataError("expected statements that both annotators labelled, found none")
    issues = sorted({issue for found in pairs.values() for both in found for one in both for issue in one})
    statements = sum(map(len, pairs.values()))
    lines = [
        f"{statements} statements of {len(pairs)} documents; intervals: 95 %, by documents, seed {seed}.\n\n"
        "| issue | about: alpha | n about, either | stance: alpha | n about, both |\n|---|---|---|---|---|\n"
    ]
    for issue in issues:
        values = {
            doc: [(one.get(issue, "none"), other.get(issue, "none")) for one, other in found]
            for doc, found in pairs.items()
        }
        about = {doc: [(str(a != "none"), str(b != "none")) for a, b in found] for doc, found in values.items()}
        both = {doc: [pair for pair in found if "none" not in pair] for doc, found in values.items()}
        either = sum(pair != ("none", "none") for found in values.values() for pair in found)
        lines.append(
            f"| {issue} | {_with_interval(about, ('True', 'False'), seed)} | {either} "
            f"| {_with_interval(both, _STANCES, seed)} | {sum(map(len, both.values()))} |\n"
        )
    return "".join(lines)


def alpha(pairs: Sequence[Pair], values: Sequence[str]) -> float:
    """Krippendorff's alpha of two annotators for nominal values, at most 1; NaN where it is undefined.

    Args:
        pairs: The two labels of every unit.
        values: All that a label may be.
    """
    used = {value for pair in pairs for value in pair}
    if len(used) < 2:
        return float("nan")
    coded = np.array([[values.index(pair[who]) for pair in pairs] for who in (0, 1)])
    return float(krippendorff.alpha(coded, level_of_measurement="nominal", value_domain=list(range(len(values)))))


def _shared(first: Sequence[Annotation], second: Sequence[Annotation]) -> list[tuple[Labels, Labels]]:
    others = {(one.start, one.end): one.labels for one in second}
    return [(one.labels, others[one.start, one.end]) for one in first if (one.start, one.end) in others]


def _with_interval(pairs: Mapping[str, Sequence[Pair]], values: Sequence[str], seed: int) -> str:
    whole = alpha([pair for found in pairs.values() for pair in found], values)
    if np.isnan(whole):
        return "-"
    random = np.random.default_rng(seed)
    documents = list(pairs)
    drawn = []
    for _ in range(_RESAMPLES):
        sample = random.choice(len(documents), len(documents))
        drawn.append(alpha([pair for at in sample for pair in pairs[documents[at]]], values))
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    return f"{whole:.2f} ({low:.2f} to {high:.2f})"
