"""Which words carried a decision: the linear read-out of the network, word by word.

The network's last layer is linear and a statement's logits are the mean over its own tokens, so a statement's logits
*are* the sum of its words' parts, and so is any difference of two of them. Nothing is approximated or sampled; what a
word's vector took in from its context is counted with the word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from stancecraft import policy
from stancecraft.policy import Thresholds
from stancecraft.records import VALUES, Explanation, Position
from stancecraft.windows import FloatArray, WordScores


def explain(
    positions: Mapping[str, Position], thresholds: Mapping[str, Thresholds], logits: FloatArray, words: WordScores,
    bias: Sequence[Sequence[float]],
) -> dict[str, Position]:  # fmt: skip
    """The positions of one statement with their explanations.

    Args:
        positions: Per issue id, in the order of the outputs.
        thresholds: Those they were decided by, per issue id.
        logits: Of the statement. *Shape:* ``(issues, 4)``
        words: The logits divided among its words.
        bias: Of the last layer. *Shape:* ``(issues, 4)``
    """
    found = {}
    for at, (issue, position) in enumerate(positions.items()):
        value = policy.leading(position.probabilities, thresholds[issue])
        over = max((other for other in VALUES if other != value), key=position.probabilities.__getitem__)
        ours, theirs = VALUES.index(value), VALUES.index(over)
        margin = float(logits[at, ours]) - float(logits[at, theirs])
        constant = bias[at][ours] - bias[at][theirs] if words.spans else margin
        parts = words.scores[:, at, ours].astype(np.float64) - words.scores[:, at, theirs] - words.shares * constant
        spans = tuple((start, end, part) for (start, end), part in zip(words.spans, parts.tolist(), strict=True))
        found[issue] = replace(position, explanation=Explanation(value, over, margin, constant, spans))
    return found
