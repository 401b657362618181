"""Figures about labelled data, as a page with a plot: what a model can learn from, and what it can be measured on."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from stancecraft import writers
from stancecraft.codebook import Codebook
from stancecraft.records import VALUES
from stancecraft_training import labelled, linting, split
from stancecraft_training.config import Recipe
from stancecraft_training.labelled import Labelled
from stancecraft_training.split import Splits

PLOT = "statistics.svg"
_STANCES = VALUES[1:]
_COLOURS = ("#1b7837", "#b2182b", "#878787")
_MOST_SIDES = 30
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_OVERLAP = 8  # words of a run that two texts hardly share by chance


def write(recipe: Recipe, book: Codebook, out: Path) -> None:
    """Write the page and, beside it, its plot.

    Args:
        recipe: Whose data and splits.
        book: Its issues.
        out: The Markdown file.

    Raises:
        DataError: If the data is not valid.
        OutputError: If a file cannot be written.
    """
    # What nobody labelled is learnt from, if another model was asked, but there is nothing to count in it.
    rows = [row for row in labelled.read(recipe.data.sources, book) if row.labels]
    splits = split.by_document(rows, recipe.data.split)
    with writers.atomic(out) as stream:
        stream.write(page(rows, splits, book).encode())
    with writers.atomic(out.with_name(PLOT)) as stream:
        stream.write(_plot(splits, book))


def page(rows: Sequence[Labelled], splits: Splits, book: Codebook) -> str:
    """The page as Markdown."""
    by_file = _grouped(rows, labelled.origin)
    blocks = [
        "# Figures about the data\n\nMade by `stancecraft corpus statistics`; not edited by hand.\n",
        f"![Labels per issue, value and split]({PLOT})\n",
        "## Splits\n\n" + _table(
            ("split", "documents", "statements", "about an issue", "about several"),
            [(name, *_sizes(getattr(splits, name))) for name in split.NAMES],
        ),
        "## Labels per issue and value\n\n" + _table(
            ("issue", "value", *split.NAMES),
            [(issue, value, *(_count(getattr(splits, name), issue, value) for name in split.NAMES))
             for issue in book.ids for value in _STANCES],
        ),
        "## By source\n\n" + _table(
            ("source", "documents", "statements", "about an issue", "about several"),
            [(name, *_sizes(own)) for name, own in by_file.items()],
        ) + "".join(f"\n{_source(name, own, book)}" for name, own in by_file.items()),
        "## By side\n\n" + _table(("side", "statements", *book.ids), _by(rows, book, _side)),
        "## By year\n\n" + _table(("year", "statements", *book.ids), sorted(_by(rows, book, _year))),
        "## Documents\n\n" + _table(
            ("document", "split", "statements", *book.ids),
            [(doc, name, len(own), *(_cell(own, issue) for issue in book.ids)) for name in split.NAMES
             for doc, own in _grouped(getattr(splits, name), _document).items()],
        ),
        "Cells: favor / against / neutral.\n",
    ]  # fmt: skip
    return "\n".join(blocks)


def originality(rows: Sequence[Labelled]) -> tuple[int, int, float]:
    """How much statements repeat each other.

    Returns:
        Pairs of near-duplicates (see :data:`~stancecraft_training.linting.ALIKE`), statements long enough to compare,
        and the share of their runs of eight words that stand in more than one statement, in [0, 1].
    """
    long = [row for row in rows if len(row.statement.text.split()) >= linting.LONG]
    near = sum(one is not other for one, other, _ in linting.pairs(long, long)) // 2
    runs = Counter(run for row in long for run in _runs(row.statement.text))
    return near, len(long), sum(count > 1 for count in runs.values()) / max(1, len(runs))


def _runs(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.casefold())
    return {tuple(words[at : at + _OVERLAP]) for at in range(len(words) - _OVERLAP + 1)}


def _source(name: str, rows: Sequence[Labelled], book: Codebook) -> str:
    words = np.asarray([len(row.statement.text.split()) for row in rows])
    low, middle, high = np.quantile(words, [0.1, 0.5, 0.9])
    near, compared, repeated = originality(rows)
    counted = labelled.counts(rows, book)
    lines = [(issue, *(counted[issue][value] for value in _STANCES)) for issue in book.ids]
    sides = len({row.statement.side for row in rows if row.statement.side})
    told = (
        f"**{name}**: {middle:.0f} words in the middle, {low:.0f} to {high:.0f} for four in five; {sides} sides; "
        f"{near} pairs of near-duplicates among {compared} statements of {linting.LONG} words and more; "
        f"{repeated:.2%} of the runs of {_OVERLAP} words stand in more than one.\n\n"
    )
    return told + _table(("issue", *_STANCES), lines)


def _table(head: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    rule = "|---" * len(head) + "|"
    return "\n".join(["| " + " | ".join(map(str, line)) + " |" if line else rule for line in (head, (), *lines)]) + "\n"


def _sizes(rows: Sequence[Labelled]) -> tuple[int, int, int, int]:
    issues = [sum(value != "none" for value in row.labels.values()) for row in rows]
    documents = {row.statement.meta["document"] for row in rows}
    return len(documents), len(rows), sum(count > 0 for count in issues), sum(count > 1 for count in issues)


def _count(rows: Sequence[Labelled], issue: str, value: str) -> int:
    return sum(row.labels.get(issue) == value for row in rows)


def _cell(rows: Sequence[Labelled], issue: str) -> str:
    counts = [_count(rows, issue, value) for value in _STANCES]
    return " / ".join(map(str, counts)) if any(counts) else ""


def _by(rows: Sequence[Labelled], book: Codebook, key: Callable[[Labelled], str]) -> list[tuple[object, ...]]:
    groups = sorted(_grouped(rows, key).items(), key=lambda item: -len(item[1]))
    told = [(name, len(own), *(_cell(own, issue) for issue in book.ids)) for name, own in groups[:_MOST_SIDES]]
    rest = [row for _, own in groups[_MOST_SIDES:] for row in own]
    if rest:
        told.append((f"{len(groups) - _MOST_SIDES} others", len(rest), *(_cell(rest, issue) for issue in book.ids)))
    return told


def _grouped(rows: Iterable[Labelled], key: Callable[[Labelled], str]) -> dict[str, list[Labelled]]:
    groups: dict[str, list[Labelled]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups


def _document(row: Labelled) -> str:
    return str(row.statement.meta["document"])


def _side(row: Labelled) -> str:
    return row.statement.side or "-"


def _year(row: Labelled) -> str:
    found = _YEAR.search(row.statement.date) or _YEAR.search(_document(row))
    return found.group() if found else "-"


def _plot(splits: Splits, book: Codebook) -> bytes:
    """Stacked bars of labels per issue, one panel per split. The same data gives the same bytes."""
    # Fixed ids and no date, so that a page made again is the page that was there.
    with matplotlib.rc_context({"svg.hashsalt": "stancecraft", "svg.fonttype": "none", "font.size": 9}):
        figure = Figure(figsize=(10, 3.2), layout="constrained")
        panels = figure.subplots(1, len(split.NAMES), sharey=False)
        for panel, name in zip(panels, split.NAMES, strict=True):
            left = np.zeros(len(book.ids))
            for value, colour in zip(_STANCES, _COLOURS, strict=True):
                counts = np.asarray([_count(getattr(splits, name), issue, value) for issue in book.ids])
                panel.barh(range(len(book.ids)), counts, left=left, color=colour, label=value)
                left += counts
            panel.set_title(name)
            panel.invert_yaxis()
            panel.set_yticks(range(len(book.ids)), [issue.title for issue in book.issues] if name == "train" else [])
            panel.spines[["top", "right"]].set_visible(False)
        panels[-1].legend(frameon=False, loc="lower right")
        stream = io.BytesIO()
        figure.savefig(stream, format="svg", metadata={"Date": None})
        return stream.getvalue()
