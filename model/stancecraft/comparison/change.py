"""What changed: between two times, and over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from stancecraft.comparison import resampling, verdicts
from stancecraft.comparison.result import By, Comparison, Interval
from stancecraft.comparison.tally import AGAINST, FAVOR, NEUTRAL, Counts, Selection, count
from stancecraft.records import Prediction

FEWEST_DATES = verdicts.FEWEST_UNITS
"""Fewest dates for a trend."""

_MOVED = 5
_POINTS = 25
_NARROWEST = 7.0  # days


@dataclass(frozen=True, slots=True)
class Change:
    """One group on one issue, before and after.

    Attributes:
        group: Name of the group.
        issue: Issue id.
        before: Mean stance before, in [-1, 1], or ``None``.
        after: Mean stance after, or ``None``.
        statements: Number of statements about the issue before and after.
        difference: After minus before, or ``None``.
        interval: Of the difference, 95 %.
        p: Two-sided p-value of the permutation test, passages or documents exchanged between before and after; ``None``
            where there is too little evidence.
        adjusted: After Holm's correction over all groups and issues.
        verdict: In words.
        moved: The statements that moved the mean most in the direction of the change, furthest first.
    """

    group: str
    issue: str
    before: float | None
    after: float | None
    statements: tuple[int, int]
    difference: float | None
    interval: Interval
    p: float | None
    adjusted: float | None
    verdict: str
    moved: tuple[Prediction, ...]


@dataclass(frozen=True, slots=True)
class Trend:
    """One group on one issue over time.

    Attributes:
        group: Name of the group.
        issue: Issue id.
        dates: ISO dates at which the mean is told.
        means: Smoothed mean stance there, in [-1, 1].
        band: 95 % interval of each.
        statements: Number of dated statements about the issue.
        bandwidth: Of the Gaussian kernel, in days.
    """

    group: str
    issue: str
    dates: tuple[str, ...]
    means: tuple[float, ...]
    band: tuple[tuple[float, float], ...]
    statements: int
    bandwidth: float


def changes(
    before: Sequence[Prediction], after: Sequence[Prediction], by: By, *, selection: Selection | None = None,
    seed: int = 1,
) -> list[Change]:  # fmt: skip
    """Compare every group with itself at two times.

    Args:
        before: Predictions on the earlier texts.
        after: Predictions on the later ones.
        by: What a group is; ``side`` or ``speaker``.
        selection: Which statements count.
        seed: Of the resampling.
    """
    # The two times are two groups of one comparison, issue by issue, for each group on its own.
    found: list[Change] = []
    everybody = replace(selection or Selection(), most=len(before) + len(after))
    counted = [count(part, by, everybody) for part in (before, after)]
    for group in dict.fromkeys([*counted[0].groups, *counted[1].groups]):
        inside = [
            [one for _, at, one in part.kept if part.groups[at] == group] for part in counted
        ]  # fmt: skip
        if all(inside):
            found += _group(group, inside[0], inside[1], seed)
        else:
            found += _once(group, inside[0], inside[1])
    known = [at for at, one in enumerate(found) if one.p is not None]
    adjusted = resampling.holm([found[at].p or 0.0 for at in known])
    for at, value in zip(known, adjusted, strict=True):
        found[at] = _judged(found[at], value)
    return found


def _once(group: str, before: Sequence[Prediction], after: Sequence[Prediction]) -> list[Change]:
    """A group that speaks at one of the two times only."""
    found = []
    for issue in (before or after)[0].positions:
        counts = [sum(one.positions[issue].is_about for one in part) for part in (before, after)]
        verdict = "speaks before only" if before else "speaks after only"
        found.append(Change(group, issue, None, None, (counts[0], counts[1]), None, None, None, None, verdict, ()))
    return found


def _group(group: str, before: Sequence[Prediction], after: Sequence[Prediction], seed: int) -> list[Change]:
    from stancecraft.comparison import compare

    # A document of one time is another one than a document of the same name at the other.
    relabelled = [_told_apart(one, time) for time, part in (("before", before), ("after", after)) for one in part]
    compared: Comparison = compare(relabelled, "side", seed=seed)
    found = []
    for issue in compared.issues:
        pair = compared.pair("after", "before", issue)
        sign = 1.0 if pair.first == "after" else -1.0
        earlier, later = compared.cell("before", issue), compared.cell("after", issue)
        difference = None if pair.difference is None else sign * pair.difference
        interval = pair.interval if pair.interval is None or sign > 0 else (-pair.interval[1], -pair.interval[0])
        found.append(Change(
            group, issue, earlier.mean, later.mean, (earlier.statements, later.statements), difference, interval,
            pair.p, None, "too little evidence" if pair.verdict == "too little evidence" else "no detectable change",
            _moved(after, issue, earlier.mean, difference),
        ))  # fmt: skip
    return found


def _told_apart(one: Prediction, time: str) -> Prediction:
    """A statement that counts for its time."""
    doc = one.statement.doc and f"{time}/{one.statement.doc}"
    return replace(one, statement=replace(one.statement, side=time, doc=doc, role="official", reported=False))


def _judged(one: Change, adjusted: float) -> Change:
    verdict = one.verdict
    if adjusted < verdicts.LEVEL and verdicts.lean(one.interval):
        verdict = "more in favour" if (one.difference or 0.0) > 0 else "more against"
    return replace(one, adjusted=adjusted, verdict=verdict)


def _moved(
    after: Sequence[Prediction], issue: str, earlier: float | None, difference: float | None
) -> tuple[Prediction, ...]:
    """The later statements whose stance lies furthest from the earlier mean in the direction of the change."""
    if earlier is None or not difference:
        return ()
    values = {"favor": 1.0, "neutral": 0.0, "against": -1.0}
    pulls = []
    for at, one in enumerate(after):
        stance = one.positions[issue].stance
        if stance in values and (pull := (values[stance] - earlier) * np.sign(difference)) > 0:
            pulls.append((-pull, -one.positions[issue].probabilities[stance], at))
    return tuple(after[at] for *_, at in sorted(pulls)[:_MOVED])


def trends(
    predictions: Sequence[Prediction], by: By, *, selection: Selection | None = None, seed: int = 1
) -> list[Trend]:
    """Mean stance over time, smoothed.

    A kernel-weighted mean of the statements about the issue (Nadaraya 1964, Watson 1964) with a Gaussian kernel a
    quarter of the span wide, at least a week; its band resamples units, documents where there are ten and passages
    otherwise.

    Args:
        predictions: Those without a date are passed over.
        by: What a group is.
        selection: Which statements count.
        seed: Of the resampling.

    Returns:
        One per group and issue with statements on at least three dates; none where dates are fewer.
    """
    dated = [one for one in predictions if _day(one) is not None]
    counted = count(dated, by, selection or Selection())
    days = np.zeros(len(counted.counts))
    for unit, _, one in counted.kept:
        days[unit] = _day(one) or 0
    found = []
    for group, name in enumerate(counted.groups):
        for at, issue in enumerate(counted.issues):
            answers = counted.counts[:, group, at][:, [FAVOR, AGAINST, NEUTRAL]]
            told = answers.sum(axis=1) > 0
            if len(np.unique(days[told])) >= FEWEST_DATES:
                found.append(_trend(name, issue, answers[told], days[told], seed))
    return found


def _trend(group: str, issue: str, answers: Counts, days: Counts, seed: int) -> Trend:
    bandwidth = max(_NARROWEST, float(np.ptp(days)) / 4)
    grid = np.linspace(days.min(), days.max(), _POINTS)
    kernel = np.exp(-0.5 * ((grid[:, None] - days[None, :]) / bandwidth) ** 2)
    stance, about = answers[:, 0] - answers[:, 1], answers.sum(axis=1)
    means = (kernel @ stance) / (kernel @ about)
    generator = np.random.default_rng(seed)
    weights = generator.multinomial(len(days), np.full(len(days), 1 / len(days)), size=resampling.DRAWS)
    # Two units of which nothing is known, as in every other interval, anywhere in the time shown.
    unknown = resampling.PSEUDO * about.mean() * kernel.mean(axis=1)
    shares = generator.dirichlet((0.5, 0.5, 0.5), size=resampling.DRAWS)
    pull = (shares[:, 0] - shares[:, 1])[:, None] * unknown
    drawn = ((weights * stance) @ kernel.T + pull) / ((weights * about) @ kernel.T + unknown)
    band = np.quantile(drawn, [0.025, 0.975], axis=0)
    return Trend(
        group, issue, tuple((date(1, 1, 1) + timedelta(days=int(day) - 1)).isoformat() for day in grid),
        tuple(means.tolist()),
        tuple((float(min(low, mean)), float(max(high, mean))) for low, high, mean in zip(*band, means, strict=True)),
        int(about.sum()), bandwidth,
    )  # fmt: skip


def is_dated(one: Prediction) -> bool:
    """Whether a statement's document has a whole date."""
    return _day(one) is not None


def _day(one: Prediction) -> int | None:
    """Number of the day of a statement's date, or ``None`` without a whole date."""
    try:
        return date.fromisoformat(one.statement.date).toordinal()
    except ValueError:
        return None
