"""The parts of a report, before anybody decides how they look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """Cells as text, the first column naming the row.

    Attributes:
        columns: Heads.
        rows: Each as long as ``columns``.
        title: Caption, or empty.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line, or one row of dots, of a chart.

    Attributes:
        name: For the legend, or empty.
        points: x and y, both in [0, 1].
        dots: Whether its points are marked.
    """

    name: str
    points: tuple[tuple[float, float], ...]
    dots: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines over axes that both run from 0 to 1.

    Attributes:
        title: Caption.
        alt: What it shows, in words, for those who do not see it.
        x: Name of the horizontal axis.
        y: Name of the vertical axis.
        lines: What is drawn.
        diagonal: Whether the line x = y is drawn, on which a calibrated model lies.
    """

    title: str
    alt: str
    x: str
    y: str
    lines: tuple[Line, ...]
    diagonal: bool = False


@dataclass(frozen=True, slots=True)
class Example:
    """A statement to read, with what is said of it.

    Attributes:
        head: What is said of it.
        who: Where it stands and who speaks.
        before: The words before it, or empty.
        text: Its words; empty where words are left out.
        after: The words behind it, or empty.
    """

    head: str
    who: str
    before: str = ""
    text: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report under a heading.

    Attributes:
        name: Anchor.
        title: Heading.
        words: Paragraphs.
        tables: Tables.
        charts: Charts.
        examples: Statements to read.
        brief: Whether it belongs in a terminal.
    """

    name: str
    title: str
    words: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    examples: tuple[Example, ...] = ()
    brief: bool = False


def number(value: float | None, digits: int = 2) -> str:
    """A figure as text; a dash where there is none."""
    return "-" if value is None else f"{value:.{digits}f}"


def with_interval(value: float | None, interval: Sequence[float] | None, digits: int = 2) -> str:
    """A figure with its interval in brackets, if it has one."""
    told = number(value, digits)
    return f"{told} ({interval[0]:.{digits}f} to {interval[1]:.{digits}f})" if interval and value is not None else told


def probability(value: float | None) -> str:
    """A p-value as text."""
    return "-" if value is None else "< 0.001" if value < 0.001 else f"{value:.3f}"
