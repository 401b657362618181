"""A comparison's figures as the words and places that a page shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from stancecraft.comparison.change import Change, Trend
from stancecraft.comparison.result import Agreement, Cell, Comparison, Interval, Pair, Unit
from stancecraft.comparison.verdicts import enough, lean

CURVE = (600, 120)
"""Width and height of a trend's surface."""

_MOST_NAMED = 4
_LEANS = {1: "▲ in favour", -1: "▼ against", 0: "◆ neither way for sure"}
_STEPS = (0.1, 0.3, 0.55, 0.8)  # from which absolute mean on each tone starts


@dataclass(frozen=True, slots=True)
class Mark:
    """A mean with its interval on an axis from -1 to 1.

    Attributes:
        kind: ``raw``, ``corrected`` or ``estimated``.
        words: Mean and interval as text.
        at: Place of the mean in percent, from 0 to 100.
        low: Place of the lower bound; ``None`` without an interval.
        high: Place of the upper bound.
    """

    kind: str
    words: str
    at: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A cell as shown.

    Attributes:
        id: Of its place in the page.
        cell: What it says.
        issue: Title of the issue.
        tone: Class of its colour.
        lean: Which way it leans, in words; empty without an interval.
        thin: Whether it is too little for a verdict.
        marks: Its raw mean, then the corrected and the estimated one as far as there are; empty without a mean.
        shares: Favor, neutral and against in percent of the statements about the issue.
        statements: Numbers of statements and turns in words.
    """

    id: str
    cell: Cell
    issue: str
    tone: str
    lean: str
    thin: bool
    marks: tuple[Mark, ...]
    shares: tuple[float, float, float]
    statements: str


@dataclass(frozen=True, slots=True)
class Couple:
    """Two groups: how far they agree, and issue by issue; verdicts that lack evidence apart.

    Attributes:
        agreement: The index.
        index: The same in words.
        judged: Issue titles and verdicts with enough evidence.
        thin: Those without.
        issues: Titles of the issues that count for the index.
    """

    agreement: Agreement
    index: str
    judged: tuple[tuple[str, Pair], ...]
    thin: tuple[tuple[str, Pair], ...]
    issues: str


@dataclass(frozen=True, slots=True)
class Curve:
    """A trend on a surface of :data:`CURVE` by its height, time to the right and favor up.

    Attributes:
        group: Name of the group.
        issue: Title of the issue.
        line: Points of the smoothed mean, as SVG takes them.
        band: Points of its 95 % band, round.
        first: Date and mean where it begins, in words.
        last: The same where it ends.
        statements: Number of statements in words.
    """

    group: str
    issue: str
    line: str
    band: str
    first: str
    last: str
    statements: str


@dataclass(frozen=True, slots=True)
class Turned:
    """A change between two times, in words.

    Attributes:
        change: What it says.
        issue: Title of the issue.
        before: Mean and number of statements before.
        after: The same after.
        words: Change with its interval.
        moved: Speaker and words of the statements that moved it; empty where words are left out.
    """

    change: Change
    issue: str
    before: str
    after: str
    words: str
    moved: tuple[tuple[str, str], ...]


def title(comparison: Comparison) -> str:
    """What is compared."""
    return f"Who agrees with whom: {listed(comparison.groups)}" if comparison.groups else "Who agrees with whom"


def listed(names: Sequence[str]) -> str:
    """Names as a sentence tells them, the last of many counted."""
    shown = list(names[:_MOST_NAMED])
    if len(names) > _MOST_NAMED:
        shown.append(f"{len(names) - _MOST_NAMED} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def read(comparison: Comparison) -> str:
    """How much was read and what was left out, in one line."""
    counts = comparison.counts
    out = [f"{key.removeprefix('left out: ')} {number:,}" for key, number in counts.items() if "left out: " in key]
    told = (
        f"{counts.get('read', 0):,} statements read, {counts.get('counted', 0):,} counted, "
        f"{counts.get('about an issue', 0):,} of them about an issue."
    )
    return f"{told} Left out: {', '.join(out)}." if out else f"{told} Nothing was left out."


def matrix(comparison: Comparison, titles: Sequence[str]) -> list[tuple[str, list[Shown]]]:
    """The cells by group."""
    width = len(comparison.issues)
    shown = [
        _shown(cell, f"cell-{at // width}-{at % width}", titles[at % width], comparison.unit)
        for at, cell in enumerate(comparison.cells)
    ]  # fmt: skip
    return [(group, shown[at * width : (at + 1) * width]) for at, group in enumerate(comparison.groups)]


def _shown(cell: Cell, name: str, issue: str, unit: Unit) -> Shown:
    marks = [] if cell.mean is None else [_mark("raw", cell.mean, cell.interval)]
    if cell.corrected is not None:
        marks.append(_mark("corrected", cell.corrected.mean, cell.corrected.interval))
    if cell.estimated is not None and cell.estimated.mean is not None:
        marks.append(_mark("estimated", cell.estimated.mean, cell.estimated.interval))
    favor, neutral, against = (round(100 * cell.share(one), 2) for one in (cell.favor, cell.neutral, cell.against))
    thin = not enough(cell, cell.units)
    return Shown(
        name, cell, issue, _tone(cell.mean, 1 if thin else len(_STEPS)),
        _LEANS[lean(cell.interval)] if cell.interval else "", thin, tuple(marks), (favor, neutral, against),
        f"{_many(cell.statements, 'statement')} in {_many(cell.turns, 'turn')}",
    )  # fmt: skip


def _mark(kind: str, mean: float, interval: Interval) -> Mark:
    places = [None, None] if interval is None else [_place(one) for one in interval]
    return Mark(kind, with_interval(mean, interval), _place(mean), *places)


def _place(value: float) -> float:
    return round(50 * (1 + max(-1.0, min(1.0, value))), 2)


def _tone(mean: float | None, most: int) -> str:
    """From ``against-4`` to ``favor-4``, no stronger than ``most``; ``zero`` near 0, ``none`` without a mean."""
    if mean is None:
        return "none"
    step = min(most, sum(abs(mean) >= one for one in _STEPS))
    return f"{'favor' if mean > 0 else 'against'}-{step}" if step else "zero"


def pairs(comparison: Comparison, titles: Sequence[str]) -> list[Couple]:
    """All couples of groups, those first of which something can be said."""
    named = dict(zip(comparison.issues, titles, strict=True))
    found = []
    for one in comparison.agreements:
        both = [pair for pair in comparison.pairs if (pair.first, pair.second) == (one.first, one.second)]
        told = [(named[pair.issue], pair) for pair in both]
        judged = tuple(at for at in told if at[1].verdict != "too little evidence")
        thin = tuple(at for at in told if at[1].verdict == "too little evidence")
        index = "no issue with enough evidence" if one.index is None else with_interval(one.index, one.interval, "")
        found.append(Couple(one, index, judged, thin, ", ".join(named[issue] for issue in one.issues)))
    return sorted(found, key=lambda couple: not couple.judged)


def with_interval(value: float, interval: Interval, sign: str = "+") -> str:
    """A figure with its sign and 95 % interval."""
    told = f"{value:{sign}.2f}"
    return told if interval is None else f"{told} ({interval[0]:{sign}.2f} to {interval[1]:{sign}.2f})"


def errors(evaluation: Mapping[str, Any] | None) -> str:
    """How often the model is wrong, by what its folder tells; empty where it tells nothing."""
    test = (evaluation or {}).get("test")
    if not isinstance(test, Mapping) or not isinstance(test.get("overall"), Mapping):
        return ""
    overall = test["overall"]
    about, both = overall["about"], overall["both"]
    told = (
        f"On the {test['documents']} documents that it was tested on ({test['statements']:,} statements), the model "
        f"found {about['recall']:.0%} of what is about an issue, and {about['precision']:.0%} of what it took to be "
        f"about an issue was; issue and stance were both right in {both['precision']:.0%} of its answers"
    )
    right = [f"{name} {one['precision']:.0%} of {one['predicted']}" for name, one in overall.get("stance", {}).items()]
    return (
        f"{told}; of its stances on statements that are about the issue, right: {', '.join(right)}."
        if right
        else f"{told}."
    )


def _many(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def curves(trends: Sequence[Trend], titles: Mapping[str, str]) -> list[Curve]:
    """Trends as lines, all on the same span of time."""
    days = [date.fromisoformat(day).toordinal() for one in trends for day in (one.dates[0], one.dates[-1])]
    found = []
    for one in trends:
        across = [_across(day, min(days), max(days)) for day in one.dates]
        upper = [f"{x:g},{_up(high)}" for x, (_, high) in zip(across, one.band, strict=True)]
        lower = [f"{x:g},{_up(low)}" for x, (low, _) in zip(across, one.band, strict=True)]
        found.append(Curve(
            one.group, titles.get(one.issue, one.issue),
            " ".join(f"{x:g},{_up(mean)}" for x, mean in zip(across, one.means, strict=True)),
            " ".join([*upper, *reversed(lower)]),
            f"{one.dates[0]}: {with_interval(one.means[0], one.band[0])}",
            f"{one.dates[-1]}: {with_interval(one.means[-1], one.band[-1])}", _many(one.statements, "statement"),
        ))  # fmt: skip
    return found


def turned(changes: Sequence[Change], titles: Mapping[str, str], with_text: bool) -> list[Turned]:
    """Changes of groups that said something on an issue at both times."""
    return [
        Turned(
            one, titles.get(one.issue, one.issue),
            f"{with_interval(one.before, None)}, n {one.statements[0]}",
            f"{with_interval(one.after, None)}, n {one.statements[1]}", with_interval(one.difference, one.interval),
            tuple((moved.statement.speaker, moved.statement.text) for moved in one.moved) if with_text else (),
        )
        for one in changes if one.before is not None and one.after is not None and one.difference is not None
    ]  # fmt: skip


def _across(day: str, first: int, last: int) -> float:
    return round(CURVE[0] * (date.fromisoformat(day).toordinal() - first) / max(last - first, 1), 1)


def _up(mean: float) -> float:
    return round(CURVE[1] * (1 - (1 + mean) / 2), 1)
