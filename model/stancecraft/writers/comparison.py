"""Comparisons to files and to standard output."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, Literal, get_args

from stancecraft import writers
from stancecraft.codebook import Codebook
from stancecraft.comparison.change import Change, Trend
from stancecraft.comparison.result import Comparison
from stancecraft.report import compared as report
from stancecraft.writers import terminal

Format = Literal["table", "json", "csv"]
FORMATS: tuple[Format, ...] = get_args(Format)


def write(
    found: Comparison, format: Format, codebook: Codebook, *, out: Path | None = None, changes: Sequence[Change] = (),
    trends: Sequence[Trend] = (), text: bool = True,
) -> None:  # fmt: skip
    """Write a comparison.

    Args:
        found: The comparison.
        format: One of :data:`FORMATS`; CSV has cells and pairs only.
        codebook: Titles for the table.
        out: File to write; standard output if ``None``.
        changes: Changes between two times.
        trends: Trends over time.
        text: Whether the words of statements may be written.

    Raises:
        OutputError: If the file cannot be written; nothing half-written is left.
    """
    with writers.atomic(out) if out else writers.stdout() as stream:
        match format:
            case "json":
                data = report.to_data(found, changes, trends, text=text)
                stream.write((json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace"))
            case "csv":
                _csv(found, stream)
            case "table":
                shown = report.tables(found, codebook, changes, trends, text=text)
                terminal.show(shown, stream, to_terminal=out is None and sys.stdout.isatty())


def page(content: str, path: Path) -> None:
    """Write a page; it appears whole or not at all.

    Raises:
        OutputError: If it cannot be written.
    """
    with writers.atomic(path) as stream:
        stream.write(content.encode())


def _csv(found: Comparison, stream: BinaryIO) -> None:
    wrapper = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
    writer = csv.DictWriter(wrapper, report.COLUMNS, lineterminator="\n")
    try:
        writer.writeheader()
        writer.writerows(report.flat(found))
    finally:
        wrapper.detach()
