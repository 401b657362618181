"""From the model's opinion to the product's answer: one pure function."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stancecraft.records import VALUES, Position, Value

_LEANS = 0.5
_DOUBT = 0.05
_FEWEST = 60
_STANCES: tuple[Value, ...] = VALUES[1:]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What it takes to answer, per issue.

    Attributes:
        about: Least probability, in [0, 1], of being about the issue for a stance to be given.
        confidence: Least probability, in [0, 1], of the answer itself; below it, no answer. 0 never abstains.
        stance: Least probability, in [0, 1], of a stance for it to be given; below it, no answer. It does not touch
            the answer ``none``.
    """

    about: float = 0.5
    confidence: float = 0.0
    stance: float = 0.0


@dataclass(frozen=True, slots=True)
class Step:
    """What was seen on documents kept apart for it, of the stances given with at least some probability.

    Attributes:
        stance: That probability, in [0, 1].
        given: Number of stances given.
        wrong: How many of these differed from the gold label.
        bound: Upper 95 % confidence bound of the share that is wrong, in [0, 1].
    """

    stance: float
    given: int
    wrong: int
    bound: float


def least_stance(steps: Iterable[Step], max_error: float) -> float | None:
    """The least probability of a stance at which a share of errors is promised, or ``None`` if none keeps it.

    Fixed-sequence testing (Angelopoulos et al. 2021, https://arxiv.org/abs/2110.01052): from the surest stances
    downward, as long as the bound holds. It begins where at least 60 stances are given, and enough for the bound to
    hold at all: of fewer, chance decides whether it does.

    Args:
        steps: What was seen, in any order.
        max_error: The share of errors among the stances given, in (0, 1).
    """
    enough = max(_FEWEST, math.log(_DOUBT) / math.log1p(-max_error))
    promised: float | None = None
    for step in sorted((step for step in steps if step.given >= enough), key=lambda step: -step.stance):
        if step.bound > max_error:
            break
        promised = step.stance
    return promised


def probabilities(logits: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Softmax over the last axis. *Shape in and out:* ``(statements, issues, 4)``."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True), dtype=np.float32)


def decide(
    row: npt.NDArray[np.float32], issues: Sequence[str], thresholds: Mapping[str, Thresholds]
) -> dict[str, Position]:
    """The positions of one statement.

    Args:
        row: Probabilities. *Shape:* ``(issues, 4)``, summing to 1 over the last axis.
        issues: Issue ids in the order of ``row``.
        thresholds: Per issue id.
    """
    return {issue: _position(values, thresholds[issue]) for issue, values in zip(issues, row.tolist(), strict=True)}


def gated(about: float, issues: Sequence[str]) -> dict[str, Position]:
    """The positions of a statement that the network did not read: none.

    Args:
        about: Probability, in [0, 1], that it is about some issue, which is the most that each issue can have.
        issues: Issue ids.
    """
    opinion = dict(zip(VALUES, (1.0 - about, *[about / len(_STANCES)] * len(_STANCES)), strict=True))
    return {issue: Position("none", opinion, "gated") for issue in issues}


def leading(opinion: Mapping[Value, float], thresholds: Thresholds) -> Value:
    """The answer that stands unless it is withheld: the likeliest stance where the issue is reached, else ``none``."""
    about = 1.0 - opinion["none"] >= thresholds.about
    return max(_STANCES, key=opinion.__getitem__) if about else "none"


def _position(values: Sequence[float], thresholds: Thresholds) -> Position:
    opinion = dict(zip(VALUES, values, strict=True))
    about = 1.0 - opinion["none"]
    stance = leading(opinion, thresholds)
    if opinion[stance] < max(thresholds.confidence, thresholds.stance if stance != "none" else 0.0):
        return Position(None, opinion, "abstained")
    held_back = stance == "none" and about > _LEANS
    return Position(stance, opinion, "below_threshold" if held_back else "decided")
