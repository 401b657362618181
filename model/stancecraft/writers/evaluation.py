"""Reports of ``evaluate`` to files and to standard output."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stancecraft import __version__, writers
from stancecraft.metrics import mistakes
from stancecraft.report import evaluation, markdown, page, summary
from stancecraft.writers import terminal


def write(
    report: Mapping[str, Any], *, html: Path | None = None, data: Path | None = None, text: Path | None = None,
    words: bool = True,
) -> None:  # fmt: skip
    """Write a report: the main tables to standard output, and whole to the files that are named.

    Args:
        report: As :func:`stancecraft.evaluation.run` gives it.
        html: File for the page.
        data: File for everything, JSON.
        text: File for the tables, Markdown.
        words: Whether the words of statements may be written.

    Raises:
        OutputError: If a file cannot be written; nothing half-written is left.
    """
    told = report if words else mistakes.wordless(report)
    title, sections = evaluation.title(told), evaluation.sections(told)
    if data is not None:
        _file(data, json.dumps(told, ensure_ascii=False, indent=1, allow_nan=False) + "\n")
    if text is not None:
        _file(text, markdown.render(title, sections))
    if html is not None:
        made = f"Made by stancecraft {__version__}, evaluate --unlisted {told['unlisted']} --seed {told['seed']}."
        _file(html, page.render(title, sections, made))
    with writers.stdout() as stream:
        told_there = summary.summary(title, sections)
        terminal.show(told_there, stream, to_terminal=sys.stdout.isatty())


def _file(path: Path, content: str) -> None:
    with writers.atomic(path) as stream:
        # Half a surrogate pair, which JSON may hold, cannot be written.
        stream.write(content.encode("utf-8", "replace"))
