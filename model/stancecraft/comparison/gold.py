"""Estimates from predictions and a labelled sample: right on average however the classifier errs.

A sample of turns is drawn with known probabilities and labelled by people. Every turn's predicted counts are mended by
the difference that labelling it made, divided by its probability of being drawn (prediction-powered inference,
Angelopoulos et al. 2023, https://arxiv.org/abs/2301.09633; design-based supervised learning, Egami et al. 2023,
https://arxiv.org/abs/2306.04746). The mean stance is a ratio of two such totals, its interval that of a ratio estimate
over turns (Taylor linearisation). No assumption about the classifier is needed; a bad one only widens the interval.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from stancecraft.comparison.result import Cell, Estimated
from stancecraft.comparison.tally import Counts, Tally
from stancecraft.records import Prediction, Value

FEWEST_TURNS = 10
"""Fewest labelled turns of a group for an interval."""

_SIDES = {"favor": 1.0, "against": -1.0, "neutral": 0.0}
_Z = 1.959964
Turn = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Gold:
    """A labelled sample of turns.

    Attributes:
        labels: Per statement, by document and id: issue to value; what is not named is ``none``.
        probability: Of each drawn turn, of being drawn, in (0, 1].
    """

    labels: Mapping[tuple[str, str], Mapping[str, Value]]
    probability: Mapping[Turn, float]


def draw(counted: Tally, turns: int, seed: int) -> dict[Turn, float]:
    """A sample of turns, the same number from each group as far as there are.

    Args:
        counted: What was counted.
        turns: Number of turns to draw.
        seed: Of the draw.

    Returns:
        The drawn turns with the probability that each had.
    """
    generator = np.random.default_rng(seed)
    chosen: dict[Turn, float] = {}
    wanted = turns
    by_group = sorted(_turns(counted), key=len)
    for number, inside in enumerate(by_group):
        share = min(len(inside), wanted // (len(by_group) - number))
        wanted -= share
        for at in generator.choice(len(inside), size=share, replace=False).tolist():
            chosen[inside[at]] = share / len(inside)
    return chosen


def estimate(cells: Sequence[Cell], counted: Tally, gold: Gold) -> list[Cell]:
    """Cells with their estimates.

    Args:
        cells: One per group and issue.
        counted: What they were made from.
        gold: Must hold every statement of the turns that it names and that count.

    Raises:
        KeyError: If it does not.
    """
    told = []
    for cell in cells:
        group, issue = counted.groups.index(cell.group), cell.issue
        inside = [one for _, at, one in counted.kept if at == group]
        told.append(replace(cell, estimated=_ratio(inside, issue, gold)))
    return told


def turn_of(prediction: Prediction) -> Turn:
    """The turn that a statement belongs to; without a document it is one by itself."""
    statement = prediction.statement
    return (statement.doc, statement.turn) if statement.doc else (f"#{statement.id}", 0)


def wanting(counted: Tally, gold: Gold) -> str:
    """A line if the sample cannot be what was drawn from these turns, or the empty string.

    The inverse probabilities of drawn turns add up to the number of turns they were drawn from.
    """
    turns = sum(map(len, _turns(counted)))
    found = sum(1 / share for share in gold.probability.values())
    if abs(found - turns) <= max(1.0, 0.02 * turns):
        return ""
    return f"the sample stands for {found:.0f} turns and {turns} count: rows are missing, or it was drawn from others"


def _turns(counted: Tally) -> list[list[Turn]]:
    """Turns per group; one in which several groups have a voice is that of the first."""
    owner: dict[Turn, int] = {}
    for _, group, one in counted.kept:
        owner.setdefault(turn_of(one), group)
    return [[turn for turn, at in owner.items() if at == group] for group in range(len(counted.groups))]


def _ratio(inside: Sequence[Prediction], issue: str, gold: Gold) -> Estimated:
    numbers = {turn: at for at, turn in enumerate(dict.fromkeys(map(turn_of, inside)))}
    predicted, true = np.zeros((len(numbers), 2)), np.zeros((len(numbers), 2))
    weights: Counts = np.asarray([1 / gold.probability[t] if t in gold.probability else 0.0 for t in numbers])
    for one in inside:
        at = numbers[turn_of(one)]
        predicted[at] += _counted(one.positions[issue].stance)
        if weights[at]:
            true[at] += _counted(gold.labels[one.statement.doc, one.statement.id].get(issue, "none"))
    mended = predicted + weights[:, None] * (true - predicted)
    stance, about = mended.sum(axis=0)
    sampled = int((weights > 0).sum())
    if about <= 0 or not sampled:
        return Estimated(None, None, sampled)
    mean = float(stance / about)
    if sampled < FEWEST_TURNS:
        return Estimated(float(np.clip(mean, -1, 1)), None, sampled)
    residual = mended[:, 0] - mean * mended[:, 1]
    # Turns that all agree with the predictions do not make certain: two more are thought to be half wrong.
    unseen = (float(weights[weights > 0].mean()) * float(about) / len(numbers)) ** 2 / 2
    spread = _Z * float(np.sqrt(len(numbers) * residual.var(ddof=1) + unseen)) / float(about)
    return Estimated(float(np.clip(mean, -1, 1)), (max(-1.0, mean - spread), min(1.0, mean + spread)), sampled)


def _counted(stance: Value | None) -> tuple[float, float]:
    """Stance and whether about the issue, of one answer."""
    return (_SIDES[stance], 1.0) if stance in _SIDES else (0.0, 0.0)
