"""A report's main tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Group
from rich.table import Table as RichTable
from rich.text import Text

from stancecraft.report.layout import Section, Table
from stancecraft.report.table import printable


def summary(title: str, sections: Iterable[Section]) -> Group:
    """The tables of the brief sections, one below the other."""
    shown = [(table.title or section.title, table) for section in sections if section.brief for table in section.tables]
    parts = [Text(printable(title), "bold")]
    for heading, table in shown:
        parts += [Text(), Text(printable(heading), "bold")]
        parts.append(_laid_out(table))  # type: ignore[arg-type]
    return Group(*parts)


def _laid_out(table: Table) -> RichTable:
    laid = RichTable(box=None, pad_edge=False, header_style="bold")
    for at, name in enumerate(table.columns):
        laid.add_column(Text(printable(name)), justify="left" if at == 0 else "right")
    for row in table.rows:
        laid.add_row(*(Text(printable(cell)) for cell in row))
    return laid
