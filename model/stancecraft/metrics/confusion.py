"""Every figure from one table: how often each gold value was answered with each value.

A table of confusion is an array of *shape* ``(..., 4, 5)``: gold none, favor, against, neutral in the rows; the same
answers and "no answer" in the columns. Leading axes are documents, issues or resamples; a figure maps the last two
axes to one number, in [0, 1] or, for ``mcc``, in [-1, 1], and to NaN where it is undefined.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from stancecraft.records import VALUES, Value

FloatArray = npt.NDArray[np.float64]
Figure = Callable[[FloatArray], FloatArray]

ANSWERS: tuple[Value | None, ...] = (*VALUES, None)
SHAPE = (len(VALUES), len(ANSWERS))
_STANCES = slice(1, len(VALUES))


def about(table: FloatArray) -> FloatArray:
    """F1 of "about the issue"."""
    said = table[..., :, _STANCES].sum(axis=-1)
    return _f1(said[..., _STANCES].sum(axis=-1), said.sum(axis=-1), table[..., _STANCES, :].sum(axis=(-2, -1)))


def both(table: FloatArray) -> FloatArray:
    """F1 of issue and stance together, micro-averaged over favor, against and neutral."""
    found = _diagonal(table)[..., _STANCES].sum(axis=-1)
    return _f1(found, table[..., :, _STANCES].sum(axis=(-2, -1)), table[..., _STANCES, :].sum(axis=(-2, -1)))


def stance(value: Value) -> Figure:
    """F1 of one stance among the decisions whose gold is about the issue."""
    return lambda table: _stances(table)[..., VALUES.index(value) - 1]


def stance_macro(table: FloatArray) -> FloatArray:
    """Mean of :func:`stance` over the stances that gold has."""
    return _mean(np.where(table[..., _STANCES, :].sum(axis=-1) > 0, _stances(table), np.nan))


def value(name: Value) -> Figure:
    """F1 of one value against all others, over all decisions: a stance given where gold is none counts as wrong."""
    return lambda table: _values(table)[..., VALUES.index(name)]


def favor_against(table: FloatArray) -> FloatArray:
    """Mean of F1(favor) and F1(against) over all decisions, as SemEval-2016 task 6 scores stance.

    (Mohammad et al. 2016, https://aclanthology.org/S16-1003.) A class that neither gold nor answers have counts as 0
    there; here the figure is undefined where both are missing.
    """
    pair = _values(table)[..., [VALUES.index("favor"), VALUES.index("against")]]
    return np.where(np.isnan(pair).all(axis=-1), np.nan, np.nan_to_num(pair).mean(axis=-1))


def mcc(table: FloatArray) -> FloatArray:
    """Matthews' correlation of gold and answer over the four values and "no answer".

    (Gorodkin 2004, https://doi.org/10.1016/j.compbiolchem.2004.09.006.) Undefined where gold or answers are all alike.
    """
    gold, answers = table.sum(axis=-1), table.sum(axis=-2)
    right, total = _diagonal(table).sum(axis=-1), table.sum(axis=(-2, -1))
    shared = (gold * answers[..., : len(VALUES)]).sum(axis=-1)
    spread = (total**2 - (gold**2).sum(axis=-1)) * (total**2 - (answers**2).sum(axis=-1))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(spread > 0, (right * total - shared) / np.sqrt(spread), np.nan)


FIGURES: Mapping[str, Figure] = {
    "about": about, "both": both, "stance_macro_f1": stance_macro, "favor_against_f1": favor_against, "mcc": mcc,
    **{f"stance_{one}": stance(one) for one in VALUES[1:]},
}  # fmt: skip
"""The figures that get an interval, by name."""


def macro(figure: Figure) -> Figure:
    """The mean of a figure over the axis before the last two (issues), leaving out those where gold has no stance."""

    def mean(tables: FloatArray) -> FloatArray:
        there = tables[..., _STANCES, :].sum(axis=(-2, -1)) > 0
        return _mean(np.where(there, figure(tables), np.nan))

    return mean


def micro(figure: Figure) -> Figure:
    """A figure over the sum of the tables on the axis before the last two (issues)."""
    return lambda tables: figure(tables.sum(axis=-3))


def _stances(table: FloatArray) -> FloatArray:
    told = table[..., _STANCES, :]
    return _f1(_diagonal(table)[..., _STANCES], told[..., _STANCES].sum(axis=-2), told.sum(axis=-1))


def _values(table: FloatArray) -> FloatArray:
    return _f1(_diagonal(table), table[..., : len(VALUES)].sum(axis=-2), table.sum(axis=-1))


def _diagonal(table: FloatArray) -> FloatArray:
    return np.asarray(np.diagonal(table, axis1=-2, axis2=-1), dtype=np.float64)


def _f1(found: FloatArray, predicted: FloatArray, gold: FloatArray) -> FloatArray:
    with np.errstate(invalid="ignore"):
        return 2 * found / (predicted + gold)


def _mean(values: FloatArray) -> FloatArray:
    """Mean over the last axis of what is defined."""
    there = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(there, values, 0.0).sum(axis=-1) / there.sum(axis=-1), dtype=np.float64)
