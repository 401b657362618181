"""Calibration: a scale and a class bias per issue, folded into the last layer.

A temperature alone cannot undo what class weights and class balance do to the odds of one value against another, so
each issue also gets a bias per value (vector scaling with a shared scale; Guo et al. 2017,
https://arxiv.org/abs/1706.04599). Because a statement's logit is a mean of token logits and the head is linear, both
fold into the head's weights: every runtime then gives calibrated scores.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from stancecraft import metrics, policy
from stancecraft.policy import Thresholds
from stancecraft.records import VALUES, Value
from stancecraft.windows import FloatArray, IntArray
from stancecraft_training.dataset import IGNORED

_DRAWS = 500
_GRID = tuple(at / 100 for at in range(25, 76, 5))


@dataclass(frozen=True, slots=True)
class Calibration:
    """Per issue a positive scale and a bias per value; calibrated logit = scale * logit + bias."""

    scale: tuple[float, ...]
    bias: tuple[tuple[float, ...], ...]


def fit(logits: FloatArray, labels: IntArray, penalty: float) -> Calibration:
    """Minimise the negative log-likelihood of known labels.

    Args:
        logits: *Shape:* ``(statements, issues, 4)``
        labels: Class indices, :data:`~stancecraft_training.dataset.IGNORED` where absent. *Shape:*
            ``(statements, issues)``
        penalty: Pull towards scale 1 and bias 0; an issue without labels keeps exactly those.
    """
    scores, gold = torch.as_tensor(logits, dtype=torch.double), torch.as_tensor(labels)
    issues = scores.shape[1]
    log_scale = torch.zeros(issues, dtype=torch.double, requires_grad=True)
    bias = torch.zeros(issues, len(VALUES), dtype=torch.double, requires_grad=True)
    optimiser = torch.optim.LBFGS([log_scale, bias], max_iter=200, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        calibrated = scores * log_scale.exp()[None, :, None] + bias
        nll = torch.nn.functional.cross_entropy(calibrated.flatten(0, 1), gold.flatten(), ignore_index=IGNORED)
        value = nll + penalty * (log_scale.square().mean() + bias.square().mean())
        value.backward()  # type: ignore[no-untyped-call]
        return value

    if (gold != IGNORED).any():
        optimiser.step(closure)  # type: ignore[no-untyped-call]
    # A bias shared by all values changes nothing; without it the numbers can be compared.
    centred = bias - bias.mean(dim=1, keepdim=True)
    return Calibration(tuple(log_scale.exp().tolist()), tuple(tuple(row) for row in centred.tolist()))


@torch.no_grad()
def fold(model: Any, calibration: Calibration) -> None:  # noqa: ANN401 - transformers' classes are untyped
    """Multiply and shift the head of a token classifier in place."""
    scale = torch.tensor(calibration.scale).repeat_interleave(len(VALUES))
    bias = torch.tensor(calibration.bias).flatten()
    model.classifier.weight.mul_(scale[:, None])
    model.classifier.bias.mul_(scale).add_(bias)


def about_threshold(
    logits: FloatArray, gold: Sequence[dict[str, Value]], issues: Sequence[str], documents: Sequence[str]
) -> float:
    """The threshold of "about", one for all issues, that serves issue and stance together on some rows.

    The one nearest to one half whose F1 is within one standard error of the best (Breiman et al. 1984), the error
    by bootstrap over documents: a dev set of this size cannot tell more, and 0.5 is what the words mean. One number
    for all issues, because a dev set has too few statements about each for five.

    Args:
        logits: *Shape:* ``(statements, issues, 4)``
        gold: Known labels per statement.
        issues: Issue ids in the order of the logits.
        documents: Document per statement.
    """
    counts = np.stack([_counts(logits, gold, issues, documents, threshold) for threshold in _GRID])
    drawn = np.random.default_rng(0).integers(counts.shape[1], size=(_DRAWS, counts.shape[1]))
    figures = _f1(counts.sum(axis=1))
    best = int(figures.argmax())
    error = _f1(counts[best][drawn].sum(axis=1)).std()
    good = [threshold for threshold, figure in zip(_GRID, figures, strict=True) if figure >= figures[best] - error]
    return min(good, key=lambda threshold: abs(threshold - 0.5))


def _counts(
    logits: FloatArray, gold: Sequence[dict[str, Value]], issues: Sequence[str], documents: Sequence[str], about: float
) -> IntArray:
    """Found, predicted and gold decisions per document. *Shape:* ``(documents, 3)``."""
    thresholds = dict.fromkeys(issues, Thresholds(about=about))
    counts: dict[str, list[int]] = {}
    for row, labels, document in zip(policy.probabilities(logits), gold, documents, strict=True):
        positions = policy.decide(row, issues, thresholds)
        told = metrics.both(one for issue in issues for one in metrics.decisions([labels], [positions], issue))
        sums = counts.setdefault(document, [0, 0, 0])
        counts[document] = [a + b for a, b in zip(sums, (told.found, told.predicted, told.gold), strict=True)]
    return np.asarray(list(counts.values()), dtype=np.int64)


def _f1(counts: IntArray) -> npt.NDArray[np.float64]:
    """F1 from sums of found, predicted and gold along the last axis."""
    found, predicted, gold = np.moveaxis(counts, -1, 0)
    return np.asarray(2 * found / np.maximum(predicted + gold, 1))
