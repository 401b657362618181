"""Annotation sheets: the statements of a transcript, in order and with context, for somebody to label.

Three forms: JSONL for scripts, CSV for spreadsheets, and tasks for Label Studio with its labelling interface beside
them. :mod:`stancecraft_training.merging` takes filled sheets back.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from stancecraft import readers, writers
from stancecraft.codebook import Codebook
from stancecraft.errors import DataError, OutputError
from stancecraft.records import VALUES, Statement

LARGEST = 350
"""Most statements of a sheet: with longer ones attention goes, and later labels are worse than earlier ones."""

RANK = "rank"
"""Column of sheets whose statements were chosen one by one: between two of their rows nothing is missing."""

_BEFORE = 2  # statements of context in each row


@dataclass(frozen=True, slots=True)
class Source:
    """A text that is annotated.

    Attributes:
        doc: Name of the document.
        sha256: Of the file.
        text: What offsets count in.
        statements: In order.
    """

    doc: str
    sha256: str
    text: str
    statements: tuple[Statement, ...]

    def id(self, statement: Statement) -> str:
        """What a statement is called in a sheet."""
        return f"{self.doc}:{statement.start}"


def source(path: Path) -> Source:
    """Read a text.

    Raises:
        InputError: If it cannot be read.
        DataError: If it is a table, which has no offsets to hold labels by.
    """
    transcript = readers.read(path)
    if not transcript.text:
        raise DataError(f"{path}: expected a transcript, got a table of statements")
    return Source(transcript.doc, hashlib.sha256(path.read_bytes()).hexdigest(), transcript.text, transcript.statements)


def write(text: Path, out: Path, codebook: Codebook, *, first: int = 1, count: int = LARGEST) -> str:
    """Write a sheet.

    Args:
        text: The transcript.
        out: ``.jsonl``, ``.csv``, or ``.json`` for Label Studio, whose interface goes into an ``.xml`` beside it.
        codebook: The issues to label.
        first: Number of the first statement, from 1.
        count: Most statements, at most 350.

    Returns:
        A line that says what was written.

    Raises:
        InputError: If the text cannot be read.
        DataError: If it has no such statements.
        OutputError: If the form is unknown, a file exists already or cannot be written.
    """
    given = source(text)
    chosen = given.statements[first - 1 : first - 1 + count]
    if not chosen:
        raise DataError(f"{text}: has {len(given.statements)} statements, none from number {first} on")
    require_free(out)
    rows = [row(given, at, codebook) for at in range(first - 1, first - 1 + len(chosen))]
    put(rows, out, codebook)
    left = len(given.statements) - (first - 1 + len(chosen))
    return f"{len(rows)} statements in {out}" + (f"; {left} are left, from --first {first + len(rows)}" if left else "")


def require_free(out: Path) -> None:
    """Refuse a sheet whose form is unknown or whose name is taken.

    Raises:
        OutputError: With a line per file that is there.
    """
    if out.suffix not in _FORMS:
        raise OutputError(f"{out}: expected a sheet to end in {', '.join(_FORMS)}")
    written = [out, out.with_suffix(".xml")] if out.suffix == ".json" else [out]
    if there := [path for path in written if path.exists()]:
        # It may hold somebody's labels, or be the transcript.
        raise OutputError(*(f"{path}: exists already; give the sheet another name" for path in there))


def put(rows: Sequence[dict[str, Any]], out: Path, codebook: Codebook) -> None:
    """Write rows in the form that the file's ending names.

    Raises:
        OutputError: If the file cannot be written.
    """
    with writers.atomic(out) as stream:
        stream.write(_FORMS[out.suffix](rows).encode("utf-8-sig" if out.suffix == ".csv" else "utf-8"))
    if out.suffix == ".json":
        with writers.atomic(out.with_suffix(".xml")) as stream:
            stream.write(_interface(codebook).encode())


def row(given: Source, at: int, codebook: Codebook) -> dict[str, Any]:
    """A statement by its number, from 0, as a row of a sheet with an empty column per issue."""
    statement = given.statements[at]
    before = " ".join(one.text for one in given.statements[max(0, at - _BEFORE) : at])
    return {
        "id": given.id(statement), "speaker": statement.speaker, "role": statement.role, "turn": statement.turn,
        "context": before, "text": statement.text, **dict.fromkeys(codebook.ids, ""),
    }  # fmt: skip


def _jsonl(rows: Sequence[dict[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _csv(rows: Sequence[dict[str, Any]]) -> str:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def _label_studio(rows: Sequence[dict[str, Any]]) -> str:
    shown = ("id", "speaker", "role", "turn", "context", "text", RANK)
    return json.dumps(
        [{"data": {name: row[name] for name in shown if name in row}} for row in rows], ensure_ascii=False, indent=1
    )


_FORMS = {".jsonl": _jsonl, ".csv": _csv, ".json": _label_studio}


def _interface(codebook: Codebook) -> str:
    """Label Studio's labelling interface: the statement after its context, and one choice per issue."""
    view = ElementTree.Element("View")
    ElementTree.SubElement(view, "Text", name="context", value="$context")
    ElementTree.SubElement(view, "Header", value="$speaker")
    ElementTree.SubElement(view, "Text", name="text", value="$text")
    for issue in codebook.issues:
        ElementTree.SubElement(view, "Header", value=f"{issue.title}: {issue.proposition}")
        choices = ElementTree.SubElement(view, "Choices", name=issue.id, toName="text", choice="single-radio")
        for value in VALUES:
            ElementTree.SubElement(choices, "Choice", value=value)
    ElementTree.indent(view)
    return ElementTree.tostring(view, encoding="unicode") + "\n"
