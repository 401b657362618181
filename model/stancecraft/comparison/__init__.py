"""Who agrees with whom, on what, and how sure that is: from predictions to a comparison of groups.

Pure functions on predictions. Counting stands in :mod:`~stancecraft.comparison.tally`, intervals and tests in
:mod:`~stancecraft.comparison.resampling`, the rule of the verdicts in :mod:`~stancecraft.comparison.verdicts`, what the
classifier's own errors do in :mod:`~stancecraft.comparison.correction` and :mod:`~stancecraft.comparison.gold`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import numpy.typing as npt

from stancecraft.comparison import resampling, verdicts
from stancecraft.comparison.correction import Confusion, corrected
from stancecraft.comparison.resampling import interval
from stancecraft.comparison.result import Agreement, By, Cell, Comparison, Corrected, Pair
from stancecraft.comparison.tally import AGAINST, FAVOR, NEUTRAL, WITHHELD, Counts, Selection, Tally, count
from stancecraft.records import Prediction

__all__ = ["Comparison", "Selection", "compare"]


def compare(
    predictions: Iterable[Prediction], by: By = "side", *, selection: Selection | None = None,
    confusion: Confusion | None = None, margin: float = verdicts.MARGIN, seed: int = 1,
) -> Comparison:  # fmt: skip
    """Compare groups of statements issue by issue.

    Args:
        predictions: In the order of their documents.
        by: What a group is: a ``side``, a ``speaker`` or a ``document``.
        selection: Which statements count; by default what officials say themselves.
        confusion: How the model erred on its test documents, for corrected figures.
        margin: Largest difference of mean stance, in (0, 2], that still counts as agreement.
        seed: Of the resampling; the same seed gives the same numbers.

    Raises:
        ValueError: If ``by`` or ``margin`` is none of these.
    """
    if by not in ("side", "speaker", "document"):
        raise ValueError(f"by: expected side, speaker or document, got {by!r}")
    if not 0 < margin <= 2:
        raise ValueError(f"margin: expected a number above 0 and at most 2, got {margin!r}")
    predictions = list(predictions)
    counted = count(predictions, by, selection or Selection())
    drawn = _Drawn(counted, confusion, seed)
    cells = tuple(_cell(counted, drawn, g, i) for g in range(len(counted.groups)) for i in range(len(counted.issues)))
    pairs = _pairs(counted, drawn, cells, margin, seed)
    return Comparison(
        by=by, groups=counted.groups, issues=counted.issues, unit=counted.unit, units=len(counted.counts), cells=cells,
        pairs=pairs, agreements=tuple(_agreements(counted, drawn, cells)), counts=_counts(counted, len(predictions)),
        documents=counted.names, notes=tuple(_notes(counted, drawn, confusion)),
        model=tuple(dict.fromkeys(one.model for one in predictions)), margin=margin, seed=seed,
    )  # fmt: skip


class _Drawn:
    """Everything that is resampled, once for all cells and pairs."""

    def __init__(self, counted: Tally, confusion: Confusion | None, seed: int) -> None:
        self.counts = resampling.bootstrap(counted, seed)
        about = counted.about
        self.units: npt.NDArray[np.int64] = (about > 0).sum(axis=0)
        self.means = resampling.softened(self.counts, self.units, about.sum(axis=0), seed)
        total = counted.counts.sum(axis=0)
        self.point: Counts = resampling.means(total)
        self._spoke = (counted.counts.sum(axis=(2, 3)) > 0).sum(axis=0)
        # So few about an issue may all be false alarms, and correcting them away leaves nothing but noise.
        self.by_chance = 0.0 if confusion is None else 2 * (1 - float(confusion.rates[0, 0]))
        self.corrected, self.corrected_draws, self.refused = corrected(total, self.counts, confusion, seed)

    def spoke(self, group: int) -> int:
        """Units in which a group says anything."""
        return int(self._spoke[group])


def _cell(counted: Tally, drawn: _Drawn, group: int, issue: int) -> Cell:
    answers = counted.counts[:, group, issue].sum(axis=0)
    about, of = int(answers[[FAVOR, AGAINST, NEUTRAL]].sum()), int(answers.sum())
    mean = None if not about else float(drawn.point[group, issue])
    seen = drawn.counts[:, group, issue]
    with np.errstate(invalid="ignore", divide="ignore"):
        attention = seen[:, [FAVOR, AGAINST, NEUTRAL]].sum(axis=1) / seen.sum(axis=1)
    return Cell(
        group=counted.groups[group], issue=counted.issues[issue], statements=about,
        turns=int(counted.turns[group, issue]), documents=int(counted.documents[group, issue]),
        units=int(drawn.units[group, issue]),
        favor=int(answers[FAVOR]), against=int(answers[AGAINST]), neutral=int(answers[NEUTRAL]), of=of,
        abstained=int(answers[WITHHELD]), mean=mean,
        interval=interval(drawn.means[:, group, issue], mean, int(drawn.units[group, issue])),
        attention=about / of if of else 0.0,
        attention_interval=interval(attention, about / of if of else None, drawn.spoke(group)),
        corrected=_corrected(drawn, group, issue) if about > drawn.by_chance * of else None,
    )  # fmt: skip


def _corrected(drawn: _Drawn, group: int, issue: int) -> Corrected | None:
    if drawn.corrected is None or drawn.corrected_draws is None or drawn.units[group, issue] < verdicts.FEWEST_UNITS:
        return None
    shares = drawn.corrected[group, issue]
    if np.isnan(shares).any():
        return None
    favor, against, neutral = shares.tolist()
    draws = drawn.corrected_draws[:, group, issue, 0] - drawn.corrected_draws[:, group, issue, 1]
    units = int(drawn.units[group, issue])
    return Corrected(favor, against, neutral, favor - against, interval(draws, favor - against, units))


def _pairs(counted: Tally, drawn: _Drawn, cells: Sequence[Cell], margin: float, seed: int) -> tuple[Pair, ...]:
    """All pairs, with p-values adjusted over those that have enough evidence."""
    groups, issues = range(len(counted.groups)), range(len(counted.issues))
    at = {(g, i): cells[g * len(counted.issues) + i] for g in groups for i in issues}
    places = [(g, h, i) for g, h in combinations(groups, 2) for i in issues]
    sound = {
        (g, h, i): all(verdicts.enough(at[one, i], int(drawn.units[one, i])) for one in (g, h)) for g, h, i in places
    }
    most = resampling.exchanges(sum(sound.values()))
    tested = {place: resampling.permutation_p(counted, *place, seed, most) for place in places if sound[place]}
    known = {place: p for place, p in tested.items() if p is not None}
    adjusted = dict(zip(known, resampling.holm(list(known.values())), strict=True))
    return tuple(
        _pair(counted, drawn, (at[g, i], at[h, i]), (g, h, i), sound[g, h, i], known.get((g, h, i)),
              adjusted.get((g, h, i)), margin)
        for g, h, i in places
    )  # fmt: skip


def _pair(
    counted: Tally, drawn: _Drawn, cells: tuple[Cell, Cell], place: tuple[int, int, int], sound: bool,
    p: float | None, adjusted: float | None, margin: float,
) -> Pair:  # fmt: skip
    first, second = cells
    g, h, i = place
    draws = drawn.means[:, g, i] - drawn.means[:, h, i]
    gap = None if first.mean is None or second.mean is None else first.mean - second.mean
    units = int(drawn.units[g, i]), int(drawn.units[h, i])
    of_gap, equivalence = interval(draws, gap, min(units)), interval(draws, gap, min(units), 0.90)
    verdict = verdicts.judge(first, second, of_gap, equivalence, adjusted, margin) if sound else "too little evidence"
    why = verdicts.in_words(verdict, first, second, units, counted.unit, of_gap, adjusted, margin)
    mended, mended_interval = None, None
    if first.corrected and second.corrected and drawn.corrected_draws is not None:
        mended = first.corrected.mean - second.corrected.mean
        stance = drawn.corrected_draws[..., 0] - drawn.corrected_draws[..., 1]
        mended_interval = interval(stance[:, g, i] - stance[:, h, i], mended, min(units))
    return Pair(first.group, second.group, first.issue, gap, of_gap, equivalence, p, adjusted, verdict, why,
                mended, mended_interval)  # fmt: skip


def _agreements(counted: Tally, drawn: _Drawn, cells: Sequence[Cell]) -> Iterable[Agreement]:
    issues = range(len(counted.issues))
    for g, h in combinations(range(len(counted.groups)), 2):
        shared = [
            i for i in issues
            if all(verdicts.enough(cells[one * len(issues) + i], int(drawn.units[one, i])) for one in (g, h))
        ]  # fmt: skip
        first, second = counted.groups[g], counted.groups[h]
        if not shared:
            yield Agreement(first, second, None, None, ())
            continue
        index = 1 - float(np.abs(drawn.point[g, shared] - drawn.point[h, shared]).mean()) / 2
        draws = 1 - np.abs(drawn.means[:, g, shared] - drawn.means[:, h, shared]).mean(axis=1) / 2
        units = int(drawn.units[[g, h]][:, shared].min())
        yield Agreement(first, second, index, interval(draws, index, units), tuple(counted.issues[i] for i in shared))


def _counts(counted: Tally, read: int) -> dict[str, int]:
    about = sum(any(position.is_about for position in one.positions.values()) for *_, one in counted.kept)
    return {"read": read, "counted": len(counted.kept), "about an issue": about} | {
        f"left out: {reason}": number for reason, number in sorted(counted.left_out.items())
    }


def _notes(counted: Tally, drawn: _Drawn, confusion: Confusion | None) -> Iterable[str]:
    if len(counted.groups) == 1:
        yield f"Only one group, {counted.groups[0]}: there is nothing to compare it with."
    if counted.groups and not drawn.units.any():
        yield "No statement that counts is about any of the issues."
    if not counted.groups and counted.left_out:
        yield "Nobody's statements count; others than officials are included on request (--include)."
    if counted.unit == "passage" and counted.groups:
        yield (
            f"Intervals and tests resample {len(counted.counts)} passages (turns, or ten statements of a longer one), "
            "as no two groups speak in ten documents: they say how firmly a position was held on these occasions, and "
            "nothing about others."
        )
    joint = sum(one.statement.joint for *_, one in counted.kept)
    if joint:
        yield f"{joint} statements were made in the name of several sides at once; each counts for the side it names."
    if confusion is not None and drawn.refused:
        yield f"No corrected figures: {drawn.refused}."


def with_estimates(comparison: Comparison, cells: Iterable[Cell]) -> Comparison:
    """A comparison whose cells carry estimates from a labelled sample."""
    return replace(comparison, cells=tuple(cells))
