"""Predictions as counts: which group said how much on which issue, in which turn and document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from stancecraft.comparison.result import By, Unit
from stancecraft.records import VALUES, Prediction, Role

Counts = npt.NDArray[np.float64]

NONE, FAVOR, AGAINST, NEUTRAL = range(len(VALUES))
WITHHELD = len(VALUES)
"""Places of the last axis of :attr:`Tally.counts`: the four values in their order, then withheld answers."""

FEWEST_DOCUMENTS = 10
"""Documents are resampled, and not passages, where two groups speak in so many of them."""

LONGEST_PASSAGE = 10
"""Most statements of a passage.

In the long turns of the annotated training documents, stances around the turn's own mean correlate by 0.26 from one
statement to the next, 0.13 over two and not at all from four on, so that passages of ten are all but independent of
each other, given who speaks on which occasion.
"""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which statements count.

    Attributes:
        roles: In which capacity somebody must speak.
        reported: Whether words that reach us through somebody else's account count for the one they are ascribed to.
        sides: Only statements of these sides, in this spelling; empty for all.
        groups: Only these groups; empty for all.
        most: At most so many groups, those with most statements about an issue.
    """

    roles: frozenset[Role] = frozenset({"official"})
    reported: bool = False
    sides: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    most: int = 12

    def why_not(self, prediction: Prediction, group: str) -> str:
        """Why a statement is left out, or the empty string."""
        statement = prediction.statement
        if statement.role not in self.roles:
            return f"{statement.role}s" if not statement.role.endswith("s") else statement.role
        if statement.reported and not self.reported:
            return "reported by others"
        if self.sides and statement.side not in self.sides:
            return "other sides"
        if not group:
            return "nobody knows whose"
        return "other groups" if self.groups and group not in self.groups else ""


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of the statements that count.

    Attributes:
        groups: Names, those with most statements about an issue first.
        issues: Issue ids in the model's order.
        unit: What a row of ``counts`` is.
        counts: Statements per unit, group, issue and answer (:data:`WITHHELD` last).
            *Shape:* ``(units, groups, issues, 5)``
        document: Number of the document of each unit. *Shape:* ``(units,)``
        turns: Turns with a statement about the issue. *Shape:* ``(groups, issues)``
        documents: Documents with one. *Shape:* ``(groups, issues)``
        names: Name and date of every document, in order.
        kept: The statements behind the counts, with the unit and the group of each.
        left_out: Statements left out, by reason.
    """

    groups: tuple[str, ...]
    issues: tuple[str, ...]
    unit: Unit
    counts: Counts
    document: npt.NDArray[np.int64]
    turns: npt.NDArray[np.int64]
    documents: npt.NDArray[np.int64]
    names: tuple[tuple[str, str], ...]
    kept: tuple[tuple[int, int, Prediction], ...] = field(repr=False)
    left_out: Mapping[str, int]

    @property
    def about(self) -> Counts:
        """Statements about each issue. *Shape:* ``(units, groups, issues)``."""
        return np.asarray(self.counts[..., [FAVOR, AGAINST, NEUTRAL]].sum(axis=-1))


def group_of(prediction: Prediction, by: By) -> str:
    """The group a statement belongs to; empty if nobody knows."""
    statement = prediction.statement
    return {"side": statement.side, "speaker": statement.speaker, "document": statement.doc}[by]


def count(predictions: Iterable[Prediction], by: By, selection: Selection) -> Tally:
    """Count statements.

    Args:
        predictions: In the order of their documents; ids of issues are those of the first.
        by: What groups are.
        selection: Which statements count.
    """
    left_out: Counter[str] = Counter()
    chosen: list[tuple[str, Prediction]] = []
    documents: dict[str, str] = {}
    for one in predictions:
        if one.statement.doc:
            documents.setdefault(one.statement.doc, one.statement.date)
        group = group_of(one, by)
        if reason := selection.why_not(one, group):
            left_out[reason] += 1
        else:
            chosen.append((group, one))
    groups, chosen = _largest(chosen, selection.most, left_out)
    return _count(groups, chosen, documents, by, left_out)


def _largest(
    chosen: Sequence[tuple[str, Prediction]], most: int, left_out: Counter[str]
) -> tuple[tuple[str, ...], list[tuple[str, Prediction]]]:
    """The groups with most to say, in that order, and their statements; the others are left out."""
    about: Counter[str] = Counter()
    for group, one in chosen:
        about[group] += sum(position.is_about for position in one.positions.values())
    ranked = sorted(about, key=lambda name: (-about[name], name))
    kept = tuple(ranked[:most])
    inside = [(group, one) for group, one in chosen if group in kept]
    if len(inside) < len(chosen):
        left_out[f"in {len(ranked) - most} smaller groups"] += len(chosen) - len(inside)
    return kept, inside


def _count(
    groups: tuple[str, ...], chosen: Sequence[tuple[str, Prediction]], documents: Mapping[str, str], by: By,
    left_out: Mapping[str, int],
) -> Tally:  # fmt: skip
    issues = tuple(chosen[0][1].positions) if chosen else ()
    keys = [(one.statement.doc or f"#{at}", one.statement.turn) for at, (_, one) in enumerate(chosen)]
    inside = dict.fromkeys(doc for doc, _ in keys)
    unit = _unit(by, [doc for doc, _ in keys], [group for group, _ in chosen])
    numbers: dict[tuple[str, int, int], int] = {}
    passages = _passages(keys, [group for group, _ in chosen])
    rows = [
        numbers.setdefault((doc, 0, 0) if unit == "document" else (doc, turn, passage), len(numbers))
        for (doc, turn), passage in zip(keys, passages, strict=True)
    ]
    counts = np.zeros((len(numbers), len(groups), len(issues), len(VALUES) + 1))
    turns: dict[tuple[int, int], set[tuple[str, int]]] = {}
    kept = []
    for row, key, (group, one) in zip(rows, keys, chosen, strict=True):
        at = groups.index(group)
        kept.append((row, at, one))
        for number, issue in enumerate(issues):
            position = one.positions[issue]
            counts[row, at, number, WITHHELD if position.stance is None else VALUES.index(position.stance)] += 1
            if position.is_about:
                turns.setdefault((at, number), set()).add(key)
    order = {doc: number for number, doc in enumerate(inside)}
    shape = (len(groups), len(issues))
    return Tally(
        groups, issues, unit, counts,
        np.asarray([order[doc] for doc, *_ in numbers], dtype=np.int64),
        _sizes(shape, {at: len(seen) for at, seen in turns.items()}),
        _sizes(shape, {at: len({doc for doc, _ in seen}) for at, seen in turns.items()}),
        tuple(documents.items()), tuple(kept), dict(left_out),
    )  # fmt: skip


def _unit(by: By, documents: Sequence[str], groups: Sequence[str]) -> Unit:
    """Documents, where two groups (or the only one) speak in enough of them; a statement without one is one."""
    spoken = Counter(group for group, _ in {*zip(groups, documents, strict=True)})
    enough = sum(number >= FEWEST_DOCUMENTS for number in spoken.values())
    return "document" if by != "document" and enough >= min(2, max(1, len(spoken))) else "passage"


def _passages(keys: Sequence[tuple[str, int]], groups: Sequence[str]) -> list[int]:
    """The passage of its turn that each statement is in: equal parts, none of them longer than a passage may be.

    Voices of several groups in one turn are apart.
    """
    lengths = Counter(zip(keys, groups, strict=True))
    seen: Counter[tuple[tuple[str, int], str]] = Counter()
    first: dict[tuple[tuple[str, int], str], int] = {}
    used: Counter[tuple[str, int]] = Counter()
    found = []
    for turn in zip(keys, groups, strict=True):
        parts = -(-lengths[turn] // LONGEST_PASSAGE)
        if turn not in first:
            first[turn] = used[turn[0]]
            used[turn[0]] += parts
        found.append(first[turn] + seen[turn] * parts // lengths[turn])
        seen[turn] += 1
    return found


def _sizes(shape: tuple[int, int], sizes: Mapping[tuple[int, int], int]) -> npt.NDArray[np.int64]:
    found = np.zeros(shape, dtype=np.int64)
    for at, size in sizes.items():
        found[at] = size
    return found
