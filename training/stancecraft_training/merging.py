"""Filled annotation sheets back to stand-off annotations: everything is checked, and nothing merged if anything is off.

A sheet is JSONL, CSV (also one that a spreadsheet saved with semicolons and a byte order mark), or a Label Studio
export. A label that is left empty means ``none``.
"""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stancecraft import writers
from stancecraft.codebook import Codebook
from stancecraft.errors import DataError, OutputError
from stancecraft.records import VALUES
from stancecraft_training import sheets
from stancecraft_training.annotations import find_text, words_hash
from stancecraft_training.sheets import Source

_DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class Row:
    """A filled row.

    Attributes:
        where: File and line, for a fault.
        id: Of the statement.
        text: Its words as the sheet has them, or ``None`` if the sheet has none.
        labels: Issue to what was filled in, as it stands there.
        chosen: The sheet's statements were chosen one by one, and between two rows nothing is missing.
    """

    where: str
    id: str
    text: str | None
    labels: Mapping[str, str]
    chosen: bool = False


def merge(
    filled: Sequence[Path], texts: Path, out: Path, codebook: Codebook, *, annotator: str, reading: int
) -> list[str]:
    """Write stand-off annotations, a file per document.

    Args:
        filled: Sheets; several may be of one document.
        texts: Folder with the texts that they are of.
        out: Folder for the annotations; what is there already of a document is kept, unless a sheet labels it anew.
        codebook: The issues that were labelled.
        annotator: Who labelled.
        reading: Number of the reading, from 1.

    Returns:
        A line per document.

    Raises:
        DataError: With one line per fault of all sheets; then nothing was written.
        OutputError: If a file cannot be written.
    """
    problems: list[str] = []
    rows: list[Row] = []
    for path in filled:
        try:
            rows += _rows(path, codebook)
        except DataError as error:
            problems += error.lines
    sources = {doc: found for doc in _documents(rows) if (found := _source(doc, texts, problems))}
    labels: dict[str, dict[str, str]] = {}
    first: dict[str, str] = {}
    for row in rows:
        problems += _faults(row, sources, codebook)
        given = _cleaned(row, codebook)
        if labels.setdefault(row.id, given) != given:
            problems.append(f"{row.where}: {row.id} is labelled otherwise in {first.get(row.id, 'another row')}")
        if not row.chosen:
            first.setdefault(row.id, row.where)
    for found in sources.values():
        problems += _missing(found, labels, first)
    earlier = {doc: _earlier(out / f"{doc}.jsonl", found, problems) for doc, found in sources.items()}
    if problems:
        raise DataError(*problems, "nothing was merged")
    if not rows:
        raise DataError("no rows in any sheet: nothing was merged")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{out}: cannot make the folder: {error.strerror or error}") from None
    return [
        _write(out / f"{doc}.jsonl", list(_lines(found, labels, annotator, reading)), earlier[doc])
        for doc, found in sources.items()
    ]


def _write(path: Path, lines: Sequence[dict[str, Any]], earlier: Sequence[dict[str, Any]]) -> str:
    """Write a document's labels, new and earlier ones in order; returns a line that says what was written."""
    fresh = {line["start"] for line in lines}
    kept = [line for line in earlier if line["start"] not in fresh]
    with writers.atomic(path) as stream:
        for line in sorted([*kept, *lines], key=lambda line: int(line["start"])):
            stream.write((json.dumps(line, ensure_ascii=False) + "\n").encode())
    about = sum(bool(line["labels"]) for line in lines)
    more = f"; {len(kept)} labelled earlier are kept" if kept else ""
    return f"{path.stem}: {len(lines)} statements, {about} about an issue{more}"


def _earlier(path: Path, found: Source, problems: list[str]) -> list[dict[str, Any]]:
    """What was merged earlier of a document."""
    if not path.is_file():
        return []
    try:
        lines = [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]
        others = any(line["sha256"] != found.sha256 or int(line["start"]) < 0 for line in lines)
    except (OSError, LookupError, RecursionError, TypeError, ValueError) as error:
        problems.append(f"{path}: cannot be read as the labels of {found.doc!r}: {error}")
        return []
    if others:
        problems.append(f"{path}: holds labels of another text called {found.doc!r}")
    return lines


def _documents(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(row.id.rpartition(":")[0] for row in rows))


def _source(doc: str, texts: Path, problems: list[str]) -> Source | None:
    path = find_text(doc, texts) if doc else None
    if path is None:
        problems.append(f"{texts}: no text called {doc!r} in this folder")
        return None
    return sheets.source(path)


def _faults(row: Row, sources: Mapping[str, Source], codebook: Codebook) -> Iterator[str]:
    found = sources.get(row.id.rpartition(":")[0])
    if found is not None:
        statement = next((one for one in found.statements if found.id(one) == row.id), None)
        if statement is None:
            yield f"{row.where}: unknown id {row.id!r}: no statement of {found.doc} begins there"
        elif row.text is not None and words_hash(row.text) != words_hash(statement.text):
            yield f"{row.where}: {row.id}: the words are not those of the text: {row.text[:40]!r}"
    for issue, value in row.labels.items():
        if issue not in codebook.ids:
            yield f"{row.where}: unknown issue {issue!r}; expected {', '.join(codebook.ids)}"
        elif value.strip().lower() not in {"", *VALUES}:
            yield f"{row.where}: {issue}: expected one of {', '.join(VALUES)} or nothing, got {value!r}"


def _cleaned(row: Row, codebook: Codebook) -> dict[str, str]:
    told = {issue: row.labels.get(issue, "").strip().lower() for issue in codebook.ids}
    return {issue: value for issue, value in told.items() if value not in {"", "none"}}


def _missing(found: Source, labels: Mapping[str, Mapping[str, str]], where: Mapping[str, str]) -> Iterator[str]:
    """Statements between labelled ones that no sheet has: a row that was deleted reads as ``none`` otherwise."""
    ids = [found.id(one) for one in found.statements]
    numbers = [at for at, id in enumerate(ids) if id in where]
    by_sheet: dict[str, list[int]] = defaultdict(list)
    for at in numbers:
        by_sheet[where[ids[at]].rpartition(":")[0]].append(at)
    for sheet, own in by_sheet.items():
        for at in range(own[0], own[-1]):
            if ids[at] not in labels:
                yield f"{sheet}: row {ids[at]} is missing: {found.statements[at].text[:40]!r}"


def _lines(
    found: Source, labels: Mapping[str, Mapping[str, str]], annotator: str, reading: int
) -> Iterator[dict[str, Any]]:
    for statement in found.statements:
        if (id := found.id(statement)) in labels:
            yield {
                "doc": found.doc, "sha256": found.sha256, "start": statement.start, "end": statement.end,
                "hash": words_hash(statement.text), "labels": labels[id], "pass": reading, "annotator": annotator,
            }  # fmt: skip


def _rows(path: Path, codebook: Codebook) -> list[Row]:
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot read the sheet: {getattr(error, 'strerror', None) or error}") from None
    if path.suffix == ".csv":
        return _from_csv(path, text, codebook)
    if path.suffix == ".json":
        return _from_label_studio(path, text)
    return _from_jsonl(path, text)


def _from_csv(path: Path, text: str, codebook: Codebook) -> list[Row]:
    header = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=header.count)
    table = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        names = [name.strip() for name in next(table, [])]
    except csv.Error as error:
        raise DataError(f"{path}:1: not a table: {error}; is a quotation mark never closed?") from None
    if "id" not in names:
        raise DataError(f"{path}:1: expected a header with the column id, got {header.strip()[:60]!r}")
    chosen = sheets.RANK in names
    # Statements that were chosen for an issue are labelled for that one alone.
    absent = [issue for issue in codebook.ids if issue not in names]
    if absent and not (chosen and len(absent) < len(codebook.ids)):
        raise DataError(f"{path}:1: no column for {', '.join(absent)}")
    rows, problems = [], []
    for where, fields in _fields(path, table):
        if len(fields) != len(names):
            if any(fields):
                problems.append(f"{where}: expected {len(names)} fields, got {len(fields)}")
            continue
        row = dict(zip(names, fields, strict=True))
        labels = {issue: row[issue] for issue in codebook.ids if issue in row}
        rows.append(Row(where, row["id"].strip(), row.get("text"), labels, chosen))
    if problems:
        raise DataError(*problems)
    return rows


def _fields(path: Path, table: Any) -> Iterator[tuple[str, list[str]]]:  # noqa: ANN401 - csv's reader has no name
    try:
        for fields in table:
            yield f"{path}:{table.line_num}", fields
    except csv.Error as error:
        raise DataError(f"{path}:{table.line_num}: not a table: {error}; is a quotation mark never closed?") from None


def _from_jsonl(path: Path, text: str) -> list[Row]:
    rows, problems = [], []
    known = {"id", "speaker", "role", "turn", "context", "text", "labels", sheets.RANK}
    for number, line in enumerate(text.split("\n"), 1):
        where = f"{path}:{number}"
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            given = row.get("labels", {name: value for name, value in row.items() if name not in known})
            labels = {name: str(value or "") for name, value in given.items()}
            rows.append(Row(where, str(row["id"]), _words(row), labels, sheets.RANK in row))
        except (ValueError, KeyError, RecursionError, TypeError, AttributeError):
            problems.append(f"{where}: expected an object with id, got {line[:60]!r}")
    if problems:
        raise DataError(*problems)
    return rows


def _from_label_studio(path: Path, text: str) -> list[Row]:
    try:
        tasks = json.loads(text)
        return [
            Row(
                f"{path}: task {number}",
                str(task["data"]["id"]),
                _words(task["data"]),
                _choices(annotation),
                sheets.RANK in task["data"],
            )
            for number, task in enumerate(tasks, 1)
            for annotation in task["annotations"]
            if not annotation.get("was_cancelled")
        ]
    except (ValueError, LookupError, RecursionError, TypeError, AttributeError) as error:
        told = f"{type(error).__name__}: {error}"
        raise DataError(f"{path}: expected a Label Studio export (JSON) with annotations: {told}") from None


def _choices(annotation: Mapping[str, Any]) -> dict[str, str]:
    return {str(one["from_name"]): str(one["value"]["choices"][0]) for one in annotation["result"]}


def _words(row: Mapping[str, Any]) -> str | None:
    """The words in a row, if it has any."""
    words = row.get("text")
    if words is not None and not isinstance(words, str):
        raise TypeError(f"text: expected words, got {type(words).__name__}")
    return words
