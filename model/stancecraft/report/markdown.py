"""A report's words and tables as Markdown; statements are left to the page."""

from __future__ import annotations

import re
from collections.abc import Iterable

from stancecraft.report.layout import Section, Table

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#])")


def render(title: str, sections: Iterable[Section]) -> str:
    """The report as Markdown, without statements."""
    parts = [f"# {_plain(title)}"]
    for section in sections:
        parts += [f"## {_plain(section.title)}", *map(_plain, section.words), *map(_table, section.tables)]
    return "\n\n".join(parts) + "\n"


def _table(table: Table) -> str:
    caption = f"**{_plain(table.title)}**\n\n" if table.title else ""
    lines = [table.columns, ("---",) * len(table.columns), *table.rows]
    rows = "\n".join(
        f"| {' | '.join(cell if at == 1 else _plain(cell) for cell in line)} |" for at, line in enumerate(lines)
    )
    return caption + rows


def _plain(words: str) -> str:
    """Words that mean nothing to Markdown, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(words.split()))
