"""What the classifier's own errors do to shares: a sensitivity analysis by its confusion on test documents.

Predicted labels bias shares even where most labels are right. If the model answers ``j`` with probability ``P[i, j]``
where ``i`` is true, the expected shares of its answers are ``q @ P`` for true shares ``q``; solving for ``q`` corrects
them (the matrix method of epidemiology: Buonaccorsi 2010, *Measurement Error*, chapter 2; for text: Hopkins and King
2010, https://doi.org/10.1111/j.1540-5907.2009.00428.x). It assumes that the model errs on every group as it did on its
test documents, which nobody can know: where errors differ by side, the corrected figures are wrong too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stancecraft.comparison.tally import AGAINST, FAVOR, NEUTRAL, NONE, WITHHELD, Counts
from stancecraft.records import VALUES

FEWEST_GOLD = 20
"""Fewest decisions with a true value, for its row of the matrix to be trusted."""

WORST_CONDITION = 20.0
"""Largest condition number of the matrix: with a larger one, small errors of the shares become large ones."""


@dataclass(frozen=True, slots=True)
class Confusion:
    """How often a model answered what, per document of its test, over all issues together.

    Attributes:
        counts: True value in rows, answer in columns, in the order of :data:`~stancecraft.records.VALUES`.
            *Shape:* ``(documents, 4, 4)``
    """

    counts: Counts

    @property
    def rates(self) -> Counts:
        """Probability of each answer where a value is true. *Shape:* ``(4, 4)``, rows summing to 1."""
        return _rates(self.counts.sum(axis=0))

    def refusal(self) -> str:
        """Why nothing can be corrected by it, or the empty string."""
        gold = self.counts.sum(axis=(0, 2))
        if rare := [f"{value} ({n:.0f})" for value, n in zip(VALUES, gold, strict=True) if n < FEWEST_GOLD]:
            return f"the model's test has fewer than {FEWEST_GOLD} decisions that are {', '.join(rare)}"
        condition = float(np.linalg.cond(self.rates))
        if condition > WORST_CONDITION:
            return f"the model confuses the values too much (condition number {condition:.0f})"
        return ""


def corrected(
    total: Counts, draws: Counts, confusion: Confusion | None, seed: int
) -> tuple[Counts | None, Counts | None, str]:
    """Shares of favor, against and neutral among the statements about an issue, corrected.

    Args:
        total: Answers. *Shape:* ``(groups, issues, 5)``
        draws: The same, resampled. *Shape:* ``(draws, groups, issues, 5)``
        confusion: Resampled over its documents alongside, so that its own uncertainty counts.
        seed: Of that resampling.

    Returns:
        The shares, *shape:* ``(groups, issues, 3)``, NaN where nothing is about an issue; the same per draw; and why
        there are none, or the empty string.
    """
    if confusion is None:
        return None, None, "the model tells nothing of its errors"
    if reason := confusion.refusal():
        return None, None, reason
    if total[..., WITHHELD].any():
        return None, None, "answers were withheld, and the model's errors are known of all its answers only"
    generator = np.random.default_rng(seed + 2)
    documents = len(confusion.counts)
    picked = generator.integers(documents, size=(len(draws), documents))
    # A value that a draw has nowhere gets a trace of what it has in all documents.
    rates = _rates(confusion.counts[picked].sum(axis=1) + 0.5 * confusion.rates)
    inverse = np.linalg.pinv(rates)
    mended = np.einsum("dgiv,dvw->dgiw", _shares(draws), inverse)
    return _among_about(_shares(total) @ np.linalg.inv(confusion.rates)), _among_about(mended), ""


def _rates(counts: Counts) -> Counts:
    return np.asarray(counts / np.maximum(counts.sum(axis=-1, keepdims=True), 1e-12))


def _shares(answers: Counts) -> Counts:
    """Share of each value among all answers."""
    told = answers[..., [NONE, FAVOR, AGAINST, NEUTRAL]]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(told / told.sum(axis=-1, keepdims=True))


def _among_about(shares: Counts) -> Counts:
    """Favor, against and neutral as shares of the three; what came out below 0 is 0."""
    positive = np.clip(shares[..., 1:], 0.0, None)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(positive / positive.sum(axis=-1, keepdims=True))
