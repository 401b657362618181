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
from scipy.stats import beta

from stancecraft import metrics, policy
from stancecraft.policy import Step, Thresholds
from stancecraft.records import VALUES, Value
from stancecraft.windows import FloatArray, IntArray
from stancecraft_training.dataset import IGNORED

_DRAWS = 500
_ENOUGH = 20
_DOUBT = 0.05
_STEPS = tuple(at / 100 for at in range(30, 100, 2))
_GRID = tuple(at / 100 for at in range(25, 76, 5))


@dataclass(frozen=True, slots=True)
class Calibration:
    """Per issue a positive scale and a bias per value; calibrated logit = scale * logit + bias."""

    scale: tuple[float, ...]
    bias: tuple[tuple[float, ...], ...]


def fit(logits: FloatArray, labels: IntArray, penalty: float) -> Calibration:
    """Minimise the negative log-likelihood of known labels.

    A stance of which there are fewer than 20 rows on an issue has the mean bias of the issue's other stances: documents
    that lack it say nothing on how often others will have it.

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
    free = torch.stack([(gold == at).sum(dim=0) >= _ENOUGH for at in range(len(VALUES))], dim=1)
    free[:, 0] = True
    stances = free[:, 1:].double()

    def tied() -> torch.Tensor:
        mean = (bias[:, 1:] * stances).sum(dim=1, keepdim=True) / stances.sum(dim=1, keepdim=True).clamp(min=1)
        return torch.where(free, bias, mean)

    optimiser = torch.optim.LBFGS([log_scale, bias], max_iter=200, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        calibrated = scores * log_scale.exp()[None, :, None] + tied()
        nll = torch.nn.functional.cross_entropy(calibrated.flatten(0, 1), gold.flatten(), ignore_index=IGNORED)
        value = nll + penalty * (log_scale.square().mean() + bias.square().mean())
        value.backward()  # type: ignore[no-untyped-call]
        return value

    if (gold != IGNORED).any():
        optimiser.step(closure)  # type: ignore[no-untyped-call]
    # A bias shared by all values changes nothing; without it the numbers can be compared.
    centred = (tied() - tied().mean(dim=1, keepdim=True)).detach()
    return Calibration(tuple(log_scale.exp().tolist()), tuple(tuple(row) for row in centred.tolist()))


@torch.no_grad()
def fold(model: Any, calibration: Calibration) -> None:  # noqa: ANN401 - transformers' classes are untyped
    """Multiply and shift the head of a token classifier in place."""
    scale = torch.tensor(calibration.scale).repeat_interleave(len(VALUES))
    bias = torch.tensor(calibration.bias).flatten()
    model.classifier.weight.mul_(scale[:, None])
    model.classifier.bias.mul_(scale).add_(bias)


def abstention(
    probabilities: FloatArray, gold: Sequence[dict[str, Value]], issues: Sequence[str], documents: Sequence[str],
    about: float,
) -> list[Step]:  # fmt: skip
    """How often stances given with at least some probability are wrong, on documents that nothing was chosen on.

    The bound is the larger of two upper 95 % bounds: Clopper and Pearson's, which takes decisions for independent, and
    the bootstrap over documents, which does not, but of few documents knows little.

    Args:
        probabilities: Calibrated. *Shape:* ``(statements, issues, 4)``
        gold: Known labels per statement.
        issues: Issue ids in the order of the probabilities.
        documents: Document per statement.
        about: Threshold of "about".
    """
    thresholds = dict.fromkeys(issues, Thresholds(about=about))
    told: list[tuple[float, bool, str]] = []
    for row, labels, document in zip(probabilities, gold, documents, strict=True):
        for issue, position in policy.decide(row, issues, thresholds).items():
            if position.is_about and position.stance is not None and issue in labels:
                wrong = position.stance != labels[issue]
                told.append((position.probabilities[position.stance], wrong, document))
    return [_step([one for one in told if one[0] >= least], least) for least in _STEPS]


def _step(told: Sequence[tuple[float, bool, str]], least: float) -> Step:
    given, wrong = len(told), sum(one[1] for one in told)
    if not given:
        return Step(least, 0, 0, 1.0)
    exact = float(beta.ppf(1 - _DOUBT, wrong + 1, given - wrong)) if wrong < given else 1.0
    names = sorted({document for *_, document in told})
    counts = np.asarray([[sum(one[2] == name for one in told), sum(one[1] for one in told if one[2] == name)]
                         for name in names])  # fmt: skip
    drawn = counts[np.random.default_rng(0).integers(len(names), size=(_DRAWS, len(names)))].sum(axis=1)
    clustered = float(np.quantile(drawn[:, 1] / drawn[:, 0], 1 - _DOUBT))
    return Step(least, given, wrong, round(max(exact, clustered), 4))


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
