"""Statements with what is true of them and what a model answered, counted by document and issue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from stancecraft.metrics import Decision
from stancecraft.metrics.confusion import ANSWERS, SHAPE, FloatArray
from stancecraft.records import VALUES, Position, Statement, Value


@dataclass(frozen=True, slots=True)
class Judged:
    """One labelled statement and the answer to it.

    Attributes:
        statement: The words, and what is known of them.
        gold: Issue to value; an issue that nobody judged is left out of everything.
        positions: What the model answered, by issue.
        document: What its statements are resampled with.
        place: File and line, for people.
        before: The words of the statement before it in the document, or empty.
        after: The words of the statement behind it, or empty.
    """

    statement: Statement
    gold: Mapping[str, Value]
    positions: Mapping[str, Position]
    document: str
    place: str = ""
    before: str = ""
    after: str = ""

    def decisions(self, issues: Iterable[str]) -> Iterator[tuple[str, Decision]]:
        """The decisions that have a gold label, by issue."""
        for issue in issues:
            if issue in self.gold:
                position = self.positions[issue]
                yield issue, Decision(self.gold[issue], position.stance, position.probabilities)

    @property
    def about(self) -> int:
        """Number of issues that it is about."""
        return sum(value != "none" for value in self.gold.values())


def decisions(judged: Iterable[Judged], issues: Sequence[str]) -> list[Decision]:
    """Every decision that has a gold label."""
    return [decision for one in judged for _, decision in one.decisions(issues)]


def counts(judged: Sequence[Judged], issues: Sequence[str], documents: Sequence[str] = ()) -> FloatArray:
    """Tables of confusion per document and issue.

    Args:
        judged: In any order.
        issues: Issue ids.
        documents: In which order the documents come; as they are found by default.

    Returns:
        *Shape:* ``(documents, issues, 4, 5)``
    """
    order = {name: at for at, name in enumerate(documents or dict.fromkeys(one.document for one in judged))}
    column = {issue: at for at, issue in enumerate(issues)}
    told = np.zeros((len(order), len(issues), *SHAPE))
    for one in judged:
        for issue, decision in one.decisions(issues):
            told[order[one.document], column[issue], VALUES.index(decision.gold), ANSWERS.index(decision.answer)] += 1
    return told
