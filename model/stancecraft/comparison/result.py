"""What a comparison says: frozen values, numbers with their intervals and the counts behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

By = Literal["side", "speaker", "document"]
"""What statements are grouped by."""

BYS: tuple[By, ...] = get_args(By)

Unit = Literal["document", "passage"]
"""What is resampled: statements of one document, or of one passage, are not independent witnesses.

A passage is a turn, or at most ten statements in a row of a longer one.
"""

Verdict = Literal[
    "both in favour", "both against", "opposed", "same direction, different force", "differ",
    "no detectable difference", "too little evidence",
]  # fmt: skip
"""What a pair of groups does on an issue, by the rule of :mod:`~stancecraft.comparison.verdicts`."""

VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

Interval: TypeAlias = tuple[float, float] | None
"""Lower and upper bound; ``None`` where nothing could vary or a figure does not exist."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """A cell as it would be if the classifier erred as it did on its test documents.

    A sensitivity analysis: it assumes that the model errs alike on every group and that these documents are like its
    test documents.

    Attributes:
        favor: Share of the statements about the issue, in [0, 1].
        against: As above.
        neutral: As above.
        mean: Mean stance, in [-1, 1].
        interval: Of the mean, 95 %, with the uncertainty of the error rates themselves.
    """

    favor: float
    against: float
    neutral: float
    mean: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class Estimated:
    """A cell's mean stance from predictions and a labelled sample together, see :mod:`~stancecraft.comparison.gold`.

    Attributes:
        mean: Mean stance, in [-1, 1], or ``None`` where no statement seems to be about the issue.
        interval: 95 %.
        sampled: Number of labelled turns of the group.
    """

    mean: float | None
    interval: Interval
    sampled: int


@dataclass(frozen=True, slots=True)
class Cell:
    """One group on one issue.

    Attributes:
        group: Name of the group.
        issue: Issue id.
        statements: Number of statements about the issue.
        turns: Number of turns with such a statement.
        documents: Number of documents with one.
        units: Number of units with one: documents, or passages.
        favor: How many statements favor the proposition.
        against: How many are against it.
        neutral: How many are neutral.
        of: Statements of the group, about this issue or not.
        abstained: Statements for which no answer was given on this issue.
        mean: Mean stance in [-1, 1]: favor is 1, neutral 0, against -1; ``None`` without a statement about the issue.
        interval: Of the mean, 95 %.
        attention: Share of the group's statements that are about the issue, in [0, 1].
        attention_interval: 95 %.
        corrected: The same, corrected for the classifier's own errors; ``None`` where that is not possible.
        estimated: With a labelled sample; ``None`` without one.
    """

    group: str
    issue: str
    statements: int
    turns: int
    documents: int
    units: int
    favor: int
    against: int
    neutral: int
    of: int
    abstained: int
    mean: float | None
    interval: Interval
    attention: float
    attention_interval: Interval
    corrected: Corrected | None = None
    estimated: Estimated | None = None

    def share(self, count: int) -> float:
        """A count as a share of the statements about the issue, in [0, 1]; 0 if there are none."""
        return count / self.statements if self.statements else 0.0


@dataclass(frozen=True, slots=True)
class Pair:
    """Two groups on one issue.

    Attributes:
        first: Name of a group.
        second: Name of the other.
        issue: Issue id.
        difference: Mean stance of the first minus that of the second, in [-2, 2]; ``None`` if one has no mean.
        interval: 95 %.
        equivalence: 90 % interval, which agreement is judged by.
        p: Two-sided p-value of the permutation test; ``None`` where nothing can be permuted.
        adjusted: The same after Holm's correction over all pairs and issues with enough evidence.
        verdict: In words.
        why: The numbers that decided it, in a sentence.
        corrected: Difference of the corrected means, and its interval; ``None`` where there are none.
        corrected_interval: 95 %.
    """

    first: str
    second: str
    issue: str
    difference: float | None
    interval: Interval
    equivalence: Interval
    p: float | None
    adjusted: float | None
    verdict: Verdict
    why: str
    corrected: float | None = None
    corrected_interval: Interval = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two groups agree over all issues.

    Attributes:
        first: Name of a group.
        second: Name of the other.
        index: 1 minus half of the mean absolute difference of mean stance, over issues with enough evidence on both
            sides: 1 is the same mean on all, 0 opposite extremes on all. ``None`` without such an issue.
        interval: 95 %; chance differences count as disagreement, so the index leans low where evidence is thin.
        issues: Which issues count.
    """

    first: str
    second: str
    index: float | None
    interval: Interval
    issues: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Who holds which position, and where groups agree or part.

    Attributes:
        by: What the groups are.
        groups: Names, those with most statements first.
        issues: Issue ids in the model's order.
        unit: What intervals and tests resample.
        units: Number of these.
        cells: One per group and issue, in their order.
        pairs: One per pair of groups and issue.
        agreements: One per pair of groups.
        counts: How many statements were counted, and how many left out, by reason.
        documents: Names and dates of the documents, in order.
        notes: What a reader must know, one sentence each.
        model: Names and versions of the models that decided.
        margin: Largest difference of mean stance that still counts as agreement.
        seed: Of the resampling.
    """

    by: By
    groups: tuple[str, ...]
    issues: tuple[str, ...]
    unit: Unit
    units: int
    cells: tuple[Cell, ...]
    pairs: tuple[Pair, ...]
    agreements: tuple[Agreement, ...]
    counts: Mapping[str, int]
    documents: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    model: tuple[str, ...]
    margin: float
    seed: int

    def cell(self, group: str, issue: str) -> Cell:
        """The cell of a group and an issue.

        Raises:
            KeyError: If there is none.
        """
        for one in self.cells:
            if (one.group, one.issue) == (group, issue):
                return one
        raise KeyError((group, issue))

    def pair(self, first: str, second: str, issue: str) -> Pair:
        """The pair of two groups on an issue, in the order that it is kept in.

        Raises:
            KeyError: If there is none.
        """
        for one in self.pairs:
            if {one.first, one.second} == {first, second} and one.issue == issue:
                return one
        raise KeyError((first, second, issue))
