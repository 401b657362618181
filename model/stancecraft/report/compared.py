"""A comparison as plain data, as flat rows, and as tables that a person reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from stancecraft.codebook import Codebook
from stancecraft.comparison.change import Change, Trend
from stancecraft.comparison.result import Cell, Comparison, Interval
from stancecraft.report import rows
from stancecraft.report.table import printable

SCHEMA = "stancecraft-comparison/1"
"""Version of the shape of JSON."""

COLUMNS = (
    "what", "group", "other", "issue", "statements", "turns", "documents", "units", "of", "favor", "against", "neutral",
    "abstained", "mean", "low", "high", "attention", "corrected_favor", "corrected_against",
    "corrected_neutral", "corrected_mean", "corrected_low", "corrected_high",
    "estimated_mean", "estimated_low", "estimated_high", "difference", "p", "adjusted_p", "verdict",
)  # fmt: skip
"""Columns of CSV: a row per group and issue (``what`` is ``group``) and per pair and issue (``pair``)."""

_DIGITS = 4
_STYLES = {"opposed": "bold dark_orange3", "both in favour": "bold blue", "both against": "bold blue"}


def to_data(
    compared: Comparison, changes: Sequence[Change] = (), trends: Sequence[Trend] = (), *, text: bool = True
) -> dict[str, Any]:
    """Everything, as JSON takes it.

    Args:
        compared: The comparison.
        changes: Changes between two times.
        trends: Trends over time.
        text: Whether statements are given with their words.
    """
    data: dict[str, Any] = {"schema": SCHEMA, **_rounded(asdict(compared))}
    data["documents"] = [{"doc": doc, "date": date} for doc, date in compared.documents]
    if changes:
        data["changes"] = [_change(one, text) for one in changes]
    if trends:
        data["trends"] = [_rounded(asdict(one)) for one in trends]
    return data


def flat(compared: Comparison) -> Iterator[dict[str, Any]]:
    """One row per group and issue, then one per pair and issue; the keys are :data:`COLUMNS`."""
    empty = dict.fromkeys(COLUMNS)
    for cell in compared.cells:
        low, high = cell.interval or (None, None)
        row = empty | {
            "what": "group", "group": cell.group, "issue": cell.issue, "statements": cell.statements,
            "turns": cell.turns, "documents": cell.documents, "units": cell.units, "of": cell.of, "favor": cell.favor,
            "against": cell.against, "neutral": cell.neutral, "abstained": cell.abstained, "mean": cell.mean,
            "low": low, "high": high, "attention": cell.attention,
        }  # fmt: skip
        if (mended := cell.corrected) is not None:
            row |= {f"corrected_{value}": getattr(mended, value) for value in ("favor", "against", "neutral")}
        for name, given in (("corrected", cell.corrected), ("estimated", cell.estimated)):
            if given is not None:
                bounds = given.interval or (None, None)
                row |= {f"{name}_mean": given.mean, f"{name}_low": bounds[0], f"{name}_high": bounds[1]}
        yield _rounded(row)
    for pair in compared.pairs:
        low, high = pair.interval or (None, None)
        yield _rounded(empty | {
            "what": "pair", "group": pair.first, "other": pair.second, "issue": pair.issue,
            "difference": pair.difference, "low": low, "high": high, "p": pair.p, "adjusted_p": pair.adjusted,
            "verdict": pair.verdict,
        })  # fmt: skip


def tables(
    compared: Comparison, codebook: Codebook, changes: Sequence[Change] = (), trends: Sequence[Trend] = (), *,
    text: bool = True,
) -> Group:  # fmt: skip
    """What a person reads in a terminal: groups by issues, then what pairs do, then what to know."""
    titles = {issue.id: issue.title for issue in codebook.issues}
    parts: list[Any] = [_cells(compared, titles)]
    if compared.pairs:
        parts += [Text(), _verdicts(compared, titles)]
    if silent := sum(pair.difference is None for pair in compared.pairs):
        parts.append(Text(f"{silent} times one or both of a pair say nothing about an issue.", "dim"))
    if agreed := [one for one in compared.agreements if one.index is not None]:
        parts.append(Text())
        parts += [
            Text(f"{printable(one.first)} and {printable(one.second)}: agreement index {one.index:.2f}"
                 f"{_range(one.interval)} over {len(one.issues)} of {len(compared.issues)} issues")
            for one in agreed
        ]  # fmt: skip
    if changes:
        parts += [Text(), _changes(changes, titles, text)]
    if trends:
        parts += [Text(), _trends(trends, titles)]
    parts += [Text(), *(Padding(Text(printable(note)), (0, 0, 0, 2)) for note in _foot(compared))]
    return Group(*parts)


def _cells(compared: Comparison, titles: dict[str, str]) -> Table:
    corrected = any(cell.corrected for cell in compared.cells)
    estimated = any(cell.estimated for cell in compared.cells)
    table = _table("issue", compared.by, *(["n", "turns", "favor", "neutral", "against", "mean stance", "attention"]))
    if corrected:
        table.add_column("corrected", justify="right")
    if estimated:
        table.add_column("with gold sample", justify="right")
    for issue in compared.issues:
        cells = [compared.cell(group, issue) for group in compared.groups]
        for at, cell in enumerate([one for one in cells if one.statements] or cells[:1]):
            name = printable(cell.group) if cell.statements else "nobody"
            line = [titles.get(issue, issue) if at == 0 else "", name, str(cell.statements), str(cell.turns)]
            line += [f"{cell.share(count):.0%}" if cell.statements else "-" for count in
                     (cell.favor, cell.neutral, cell.against)]  # fmt: skip
            line += [_mean(cell.mean, cell.interval), f"{cell.attention:.1%}"]
            if corrected:
                line.append(_mean(cell.corrected.mean, cell.corrected.interval) if cell.corrected else "-")
            if estimated:
                line.append(_mean(cell.estimated.mean, cell.estimated.interval) if cell.estimated else "-")
            table.add_row(*map(Text, line))
    return table


def _verdicts(compared: Comparison, titles: dict[str, str]) -> Table:
    table = Table(box=None, pad_edge=False, show_edge=False, show_header=False)
    for ratio in (None, None, None, 1):
        table.add_column(overflow="fold", ratio=ratio)
    for pair in compared.pairs:
        if pair.difference is None:
            continue
        names = f"{printable(pair.first)} and {printable(pair.second)}"
        verdict = Text(pair.verdict, _STYLES.get(pair.verdict, "dim" if pair.verdict == "too little evidence" else ""))
        table.add_row(Text(names), Text(titles.get(pair.issue, pair.issue)), verdict, Text(printable(pair.why), "dim"))
    return table


def _changes(changes: Sequence[Change], titles: dict[str, str], text: bool) -> Table:
    table = _table("issue", "group", "before", "after", "change", "verdict", "moved most by", text=5)
    for one in changes:
        if not any(one.statements):
            continue
        moved = "; ".join(printable(prediction.statement.text) for prediction in one.moved[:2])
        counts = one.statements
        line = [titles.get(one.issue, one.issue), printable(one.group), f"{_mean(one.before, None)} (n {counts[0]})",
                f"{_mean(one.after, None)} (n {counts[1]})", _mean(one.difference, one.interval), one.verdict,
                moved if text and one.verdict.startswith("more") else ""]  # fmt: skip
        table.add_row(*map(Text, line))
    return table


def _trends(trends: Sequence[Trend], titles: dict[str, str]) -> Table:
    table = _table("issue", "group", "n", "from", "mean stance", "to", "mean stance")
    for one in trends:
        line = [titles.get(one.issue, one.issue), printable(one.group), str(one.statements), one.dates[0],
                _mean(one.means[0], one.band[0]), one.dates[-1], _mean(one.means[-1], one.band[-1])]  # fmt: skip
        table.add_row(*map(Text, line))
    return table


def _table(*names: str, text: int = 2) -> Table:
    """A bare table whose first columns hold words and the others figures."""
    table = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
    for at, name in enumerate(names):
        words = at < 2 or at >= text and text != 2
        table.add_column(name, justify="left" if words else "right", overflow="fold")
    return table


def _foot(compared: Comparison) -> Iterable[str]:
    counts = dict(compared.counts)
    read, counted, about = counts.pop("read"), counts.pop("counted"), counts.pop("about an issue")
    yield f"{read} statements read, {counted} counted, {about} of them about an issue."
    if left := [f"{number} {reason.removeprefix('left out: ')}" for reason, number in counts.items()]:
        yield f"Left out: {', '.join(left)}."
    yield from compared.notes


def _mean(mean: float | None, interval: Interval) -> str:
    return "-" if mean is None else f"{mean:+.2f}{_between(interval)}"


def _between(interval: Interval) -> str:
    return f" ({interval[0]:+.2f} to {interval[1]:+.2f})" if interval else ""


def _range(interval: Interval) -> str:
    return f" ({interval[0]:.2f} to {interval[1]:.2f})" if interval else ""


def _change(one: Change, text: bool) -> dict[str, Any]:
    data = {name: getattr(one, name) for name in (
        "group", "issue", "before", "after", "statements", "difference", "interval", "p", "adjusted", "verdict",
    )}  # fmt: skip
    moved = [rows.nested(prediction) for prediction in one.moved]
    for row in moved:
        if not text:
            row.pop("text")
            row.pop("meta", None)
    return dict(_rounded(data)) | {"moved": moved}


def _rounded(value: Any) -> Any:  # noqa: ANN401 - nested plain data
    if isinstance(value, float):
        return round(value, _DIGITS)
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    return [_rounded(inner) for inner in value] if isinstance(value, list | tuple) else value


__all__ = ["COLUMNS", "SCHEMA", "Cell", "flat", "tables", "to_data"]
