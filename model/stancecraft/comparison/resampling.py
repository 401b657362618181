"""Intervals and tests by resampling whole units, whose statements are not independent of each other."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from stancecraft.comparison.result import Interval
from stancecraft.comparison.tally import AGAINST, FAVOR, NEUTRAL, Counts, Tally

DRAWS = 2000
PERMUTATIONS = 4999
_EXTREME = 20  # exchanges as extreme as what was seen, after which more would tell nothing
_FIRST_LOOK = 200  # exchanges drawn before it is first looked whether there are so many
PSEUDO = 2.0
"""Units of which nothing is known that every resample gets."""

_FEWEST = 2  # units between which something can vary
_CHUNK = 4_000_000  # numbers drawn at once


def bootstrap(tally: Tally, seed: int, draws: int = DRAWS) -> Counts:
    """Counts of resampled data.

    Documents are drawn with replacement from all documents; passages from those of their group, so that every draw
    has as many of each group as there are.

    Returns:
        *Shape:* ``(draws, groups, issues, 5)``
    """
    generator = np.random.default_rng(seed)
    units, *shape = tally.counts.shape
    flat = tally.counts.reshape(units, int(np.prod(shape)))
    total = np.zeros((draws, flat.shape[1]))
    for members in _strata(tally):
        step = max(1, _CHUNK // max(len(members), 1))
        for start in range(0, draws, step):
            rows = min(step, draws - start)
            total[start : start + rows] += _weights(generator, len(members), rows) @ flat[members]
    return total.reshape(draws, *shape)


def means(counts: Counts) -> Counts:
    """Mean stance in [-1, 1] of counts per answer; NaN where no statement is about the issue.

    Args:
        counts: *Shape:* ``(..., 5)`` or ``(..., 4)``
    """
    about = counts[..., FAVOR] + counts[..., AGAINST] + counts[..., NEUTRAL]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((counts[..., FAVOR] - counts[..., AGAINST]) / about)


def softened(drawn: Counts, units: npt.NDArray[np.int64], about: Counts, seed: int) -> Counts:
    """Mean stances of resampled data, with two units more of which nothing is known.

    A percentile bootstrap of five statements that all favor has no width, and five statements do not make certain. So
    every draw gets two units of the usual size whose shares are drawn from Dirichlet(1/2, 1/2, 1/2), in the manner of
    the two successes and two failures that Agresti and Coull (1998, https://doi.org/10.1080/00031305.1998.10480550)
    add to a proportion. Where there are many units it changes nothing.

    Args:
        drawn: Resampled counts. *Shape:* ``(draws, groups, issues, 5)``
        units: Units with a statement about the issue. *Shape:* ``(groups, issues)``
        about: Statements about it. *Shape:* ``(groups, issues)``
        seed: Of the draws of the two units.

    Returns:
        *Shape:* ``(draws, groups, issues)``; NaN where a group says nothing about an issue in a draw.
    """
    generator = np.random.default_rng(seed + 1)
    size = about / np.maximum(units, 1)
    shares = generator.dirichlet((0.5, 0.5, 0.5), size=drawn.shape[:-1])
    told = drawn[..., [FAVOR, AGAINST, NEUTRAL]]
    extended = told + PSEUDO * size[None, ..., None] * shares
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (extended[..., 0] - extended[..., 1]) / extended.sum(axis=-1)
    # A draw that missed every unit about the issue says nothing about it.
    return np.where(told.sum(axis=-1) > 0, mean, np.nan)


def interval(draws: Counts, point: float | None, units: int, level: float = 0.95) -> Interval:
    """Percentile interval of resampled figures, widened to hold the figure itself; ``None`` without one.

    With few units a percentile interval is too narrow; it is expanded as Hesterberg (2015,
    https://arxiv.org/abs/1411.5279, section 5.3) does, as wide as Student's t would be.

    Args:
        draws: The figure in each resample, NaN where it does not exist.
        point: The figure itself.
        units: Units behind it.
        level: Of confidence, in (0, 1).
    """
    if point is None or np.isnan(point) or units < _FEWEST:
        return None
    seen = draws[~np.isnan(draws)]
    if not len(seen):
        return None
    tail = _expanded_tail((1 - level) / 2, units)
    low, high = np.quantile(seen, [tail, 1 - tail])
    return min(float(low), point), max(float(high), point)


def _expanded_tail(tail: float, units: int) -> float:
    """The share to cut off at each end so that the interval is as wide as that of Student's t."""
    z, n = -NormalDist().inv_cdf(tail), units - 1
    t = z + (z**3 + z) / (4 * n) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * n**2)  # Cornish and Fisher
    return NormalDist().cdf(-t * (units / n) ** 0.5)


def permutation_p(tally: Tally, first: int, second: int, issue: int, seed: int, most: int) -> float | None:
    """Two-sided p-value of the difference of two groups' mean stance.

    What is exchanged are the units about the issue: passages between the two groups within a document that has both,
    and among all documents that have one of the two only; with documents as units, the groups of a document that has
    both, and otherwise documents between the groups.

    Random exchanges are drawn until twenty were as extreme as what was seen, at most ``most`` (Besag and Clifford
    1991, https://doi.org/10.1093/biomet/78.2.301): a p-value far from significance needs few.

    Args:
        tally: What was counted.
        first: Number of a group.
        second: Number of the other.
        issue: Number of the issue.
        seed: Of the exchanges.
        most: Most exchanges; the smallest p-value is one more than it, inverted.

    Returns:
        The p-value, or ``None`` where nothing can be exchanged.
    """
    counts = tally.counts[:, [first, second], issue]
    stance = counts[..., FAVOR] - counts[..., AGAINST]
    about = counts[..., FAVOR] + counts[..., AGAINST] + counts[..., NEUTRAL]
    told = about.sum(axis=1) > 0
    stance, about, document = stance[told], about[told], tally.document[told]
    if not about[:, 0].any() or not about[:, 1].any():
        return None
    generator = np.random.default_rng((seed, first, second, issue))
    is_first = about[:, 0] > 0
    blocks = _blocks(is_first, document)
    step = max(1, min(_FIRST_LOOK, _CHUNK // len(stance)))
    observed = _difference(stance, about, np.zeros((1, len(stance)), dtype=bool))[0]
    extreme = drawn = 0
    while drawn < most and extreme < _EXTREME:
        rows = min(step, most - drawn)
        if tally.unit == "document":
            swaps = _exchanged_documents(about, generator, rows)
        else:
            swaps = _exchanged_passages(is_first, blocks, generator, rows)
        found = _difference(stance, about, swaps)
        # Differences that are equal but for rounding are equal; an exchange that leaves a group empty is as extreme.
        extreme += int((np.isnan(found) | (np.abs(found) >= abs(observed) - 1e-9)).sum())
        drawn += rows
        step = min(step * 2, max(1, _CHUNK // len(stance)))
    return (1 + extreme) / (1 + drawn)


def exchanges(tests: int) -> int:
    """Most exchanges per test: enough for Holm's correction over all tests to be able to find something."""
    return max(PERMUTATIONS, 40 * tests - 1)


def holm(values: Sequence[float]) -> list[float]:
    """P-values adjusted for their number (Holm 1979): the chance of one false alarm among them stays below 5 %."""
    adjusted, least = [0.0] * len(values), 0.0
    for rank, at in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        least = max(least, min(1.0, (len(values) - rank) * values[at]))
        adjusted[at] = least
    return adjusted


def _strata(tally: Tally) -> list[npt.NDArray[np.int64]]:
    """The units that are drawn from together."""
    every = np.arange(len(tally.counts))
    if tally.unit == "document":
        return [every]
    owner = tally.counts.sum(axis=(2, 3)).argmax(axis=1) if len(every) else every
    return [every[owner == group] for group in range(len(tally.groups))]


def _weights(generator: np.random.Generator, units: int, draws: int) -> Counts:
    """How often each unit is drawn. *Shape:* ``(draws, units)``, rows summing to ``units``."""
    picked = generator.integers(units, size=(draws, units)) + np.arange(draws)[:, None] * units
    return np.bincount(picked.ravel(), minlength=draws * units).reshape(draws, units).astype(np.float64)


def _blocks(is_first: npt.NDArray[np.bool_], document: npt.NDArray[np.int64]) -> list[npt.NDArray[np.int64]]:
    """The passages that may change places: those of a document with both groups, and those of all others together."""
    inside = [np.flatnonzero(document == one) for one in np.unique(document)]
    mixed = [block for block in inside if 0 < is_first[block].sum() < len(block)]
    alone = [block for block in inside if not 0 < is_first[block].sum() < len(block)]
    return mixed + ([np.concatenate(alone)] if alone else [])


def _exchanged_passages(
    is_first: npt.NDArray[np.bool_], blocks: Sequence[npt.NDArray[np.int64]], generator: np.random.Generator, rows: int
) -> npt.NDArray[np.bool_]:
    """Which passages change their group in each exchange. *Shape:* ``(rows, passages)``."""
    swaps = np.zeros((rows, len(is_first)), dtype=bool)
    for block in blocks:
        order = generator.random((rows, len(block)), dtype=np.float32).argsort(axis=1)
        swaps[:, block] = is_first[block][order] != is_first[block]
    return swaps


def _exchanged_documents(about: Counts, generator: np.random.Generator, rows: int) -> npt.NDArray[np.bool_]:
    """Which documents change their groups in each exchange. *Shape:* ``(rows, documents)``."""
    has = about > 0
    both = has.all(axis=1)
    swaps = np.zeros((rows, len(about)), dtype=bool)
    swaps[:, both] = generator.random((rows, int(both.sum()))) < 0.5
    alone = np.flatnonzero(~both)
    if len(alone):
        order = generator.random((rows, len(alone)), dtype=np.float32).argsort(axis=1)
        first = has[alone, 0]
        swaps[:, alone] = first[order] != first
    return swaps


def _difference(stance: Counts, about: Counts, swaps: npt.NDArray[np.bool_]) -> Counts:
    """Difference of mean stance when some units change their group. *Shape:* ``(exchanges,)``."""
    move = swaps.astype(np.float64)
    moved_stance, moved_about = move @ (stance[:, 1] - stance[:, 0]), move @ (about[:, 1] - about[:, 0])
    stances = stance.sum(axis=0)[:, None] + np.stack([moved_stance, -moved_stance])
    abouts = about.sum(axis=0)[:, None] + np.stack([moved_about, -moved_about])
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(stances[0] / abouts[0] - stances[1] / abouts[1])
