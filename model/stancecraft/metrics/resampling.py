"""What chance could have made of a figure: bootstrap over documents, and swapping two models' answers by document.

Statements of one document are alike, so documents are drawn, not statements. Documents come in the order of their
counts, not of their names or rows: neither can change a result.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from stancecraft.metrics.confusion import Figure, FloatArray

RESAMPLES = 2000
_AT_ONCE = 200  # resamples, so that memory stays small with many documents
_SWAPS = 5000
_EXACT = 12  # documents of which all swaps are tried
_NOISE = 1e-12


def interval(tables: FloatArray, figure: Figure, seed: int) -> list[float] | None:
    """95 % interval of a figure by percentile bootstrap over documents.

    Args:
        tables: Counts per document. *Shape:* ``(documents, ...)``.
        figure: From counts summed over documents, with a leading axis of resamples, to one number each.
        seed: Of the drawing.

    Returns:
        Lower and upper bound to four digits; ``None`` for fewer than two documents, between which nothing can vary,
        or where the figure is undefined.
    """
    return intervals(tables, {"": figure}, seed).get("")


def intervals(tables: FloatArray, figures: dict[str, Figure], seed: int) -> dict[str, list[float]]:
    """Intervals of several figures on the same draws; those that are undefined are left out."""
    if len(tables) < 2:
        return {}
    drawn = [{name: figure(sums) for name, figure in figures.items()} for sums in _drawn(_sorted(tables), seed)]
    told: dict[str, list[float]] = {}
    for name in figures:
        values = np.concatenate([one[name] for one in drawn])
        if not np.isnan(values).all():
            told[name] = [round(float(at), 4) for at in np.nanquantile(values, [0.025, 0.975])]
    return told


def difference(first: FloatArray, second: FloatArray, figure: Figure, seed: int) -> dict[str, float | list[float]]:
    """How far a figure of two models lies apart on the same rows: second minus first, with interval and test.

    Args:
        first: Counts per document of one model. *Shape:* ``(documents, ...)``.
        second: The other's, document by document.
        figure: As for :func:`interval`.
        seed: Of drawing and swapping.

    Returns:
        ``difference``; with two documents or more ``interval`` (paired bootstrap: the same documents drawn for both)
        and ``p``, two-sided, of swapping the two models' answers in whole documents (all ways to do so, up to 12
        documents; 5,000 random ones beyond).
    """
    # Both models' documents stand side by side, so that a document is drawn for both.
    pairs = _sorted(np.stack([first, second], axis=1))
    observed = _gap(pairs.sum(axis=0)[None], figure)
    told: dict[str, float | list[float]] = {"difference": round(float(observed[0]), 4)}
    if len(pairs) < 2 or np.isnan(observed[0]):
        return told
    gaps = np.concatenate([_gap(sums, figure) for sums in _drawn(pairs, seed)])
    told["interval"] = [round(float(at), 4) for at in np.nanquantile(gaps, [0.025, 0.975])]
    told["p"] = round(_p_value(pairs, figure, abs(float(observed[0])), seed), 4)
    return told


def _gap(pairs: FloatArray, figure: Figure) -> FloatArray:
    return figure(pairs[:, 1]) - figure(pairs[:, 0])


def _p_value(pairs: FloatArray, figure: Figure, observed: float, seed: int) -> float:
    """Share of swaps with a gap at least as large; random swaps count the observed one among them."""
    total = pairs.sum(axis=0)
    count = reached = 0
    for swapped in _swaps(len(pairs), seed):
        moved = np.tensordot(swapped, pairs[:, 1] - pairs[:, 0], axes=1)
        sums = np.stack([total[0] + moved, total[1] - moved], axis=1)
        reached += int((np.abs(_gap(sums, figure)) >= observed - _NOISE).sum())
        count += len(swapped)
    return reached / count if len(pairs) <= _EXACT else (reached + 1) / (count + 1)


def _swaps(documents: int, seed: int) -> Iterator[FloatArray]:
    """Which documents change sides. *Shape:* ``(swaps, documents)``, 0 or 1."""
    if documents <= _EXACT:
        every = np.arange(2**documents)
        yield (every[:, None] >> np.arange(documents) & 1).astype(np.float64)
        return
    random = np.random.default_rng(seed)
    for _ in range(0, _SWAPS, _AT_ONCE):
        yield random.integers(2, size=(_AT_ONCE, documents)).astype(np.float64)


def _drawn(tables: FloatArray, seed: int) -> Iterator[FloatArray]:
    """Sums over as many documents as there are, drawn with replacement. *Shape:* ``(resamples, ...)``."""
    random, count = np.random.default_rng(seed), len(tables)
    for _ in range(0, RESAMPLES, _AT_ONCE):
        chosen = random.integers(count, size=(_AT_ONCE, count))
        rows = np.arange(_AT_ONCE)[:, None] * count
        weights = np.bincount((chosen + rows).ravel(), minlength=_AT_ONCE * count).reshape(_AT_ONCE, count)
        yield np.tensordot(weights.astype(np.float64), tables, axes=1)


def _sorted(tables: npt.NDArray[np.float64]) -> FloatArray:
    flat = tables.reshape(len(tables), -1)
    return tables[np.lexsort(flat.T[::-1])]
