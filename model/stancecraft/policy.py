"""From the model's opinion to the product's answer: one pure function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stancecraft.records import VALUES, Position, Value

_LEANS = 0.5
_STANCES: tuple[Value, ...] = VALUES[1:]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What it takes to answer, per issue.

    Attributes:
        about: Least probability, in [0, 1], of being about the issue for a stance to be given.
        confidence: Least probability, in [0, 1], of the answer itself; below it, no answer. 0 never abstains.
    """

    about: float = 0.5
    confidence: float = 0.0


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


def _position(values: Sequence[float], thresholds: Thresholds) -> Position:
    opinion = dict(zip(VALUES, values, strict=True))
    about = 1.0 - opinion["none"]
    stance = max(_STANCES, key=opinion.__getitem__) if about >= thresholds.about else "none"
    if opinion[stance] < thresholds.confidence:
        return Position(None, opinion, "abstained")
    held_back = stance == "none" and about > _LEANS
    return Position(stance, opinion, "below_threshold" if held_back else "decided")
