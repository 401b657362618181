"""Tables of statements read piece by piece: memory grows with the longest document, not with the file.

JSONL, CSV (both in UTF-8) and Parquet are read so. A faulty row is told and left out, and the rest goes on; a file that
is no table at all is refused as a whole. All other formats are one piece, as :func:`stancecraft.readers.read` gives it.
"""

from __future__ import annotations

import csv
import sqlite3
from codecs import BOM_UTF8, getincrementaldecoder
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from stancecraft import readers
from stancecraft.errors import InputError
from stancecraft.readers import formats, tables
from stancecraft.readers.source import Source
from stancecraft.records import Statement, Transcript
from stancecraft.speakers import Speakers

LONGEST_TEXT = 100_000
"""Characters of the longest statement of a streamed table: a speech of two hours has fewer."""

PIECE = 1_000
"""Statements after which a piece ends, as soon as its document does."""

_LONGEST_LINE = 16_000_000  # bytes
_BLOCK = 1_000_000
_ROWS = 1_000  # of Parquet, decoded at once
_Rows = Iterator[tuple[str, dict[str, Any]]]


@dataclass(slots=True)
class Faults:
    """Tells the faults of one table: the first ones line by line, of the others the number.

    Attributes:
        where: What messages call the table.
        tell: Called with each line.
        count: How many there were.
    """

    where: str
    tell: Callable[[str], None]
    count: int = field(default=0, init=False)

    def add(self, *lines: str) -> None:
        """Tell some faults."""
        for line in lines:
            self.count += 1
            if self.count <= tables.MOST_PROBLEMS:
                self.tell(line)

    def end(self) -> None:
        """Say how many were not told."""
        if (more := self.count - tables.MOST_PROBLEMS) > 0:
            self.tell(f"{self.where}: and {more} more problems")


def pieces(
    path: Path, *, fault: Callable[[str], None], speakers: Speakers, doc: str, where: str = "", date: str = "",
    input_format: str = "", size: int = PIECE,
) -> Iterator[Transcript]:  # fmt: skip
    """Read a file in pieces of whole documents.

    A piece of a table ends with the first document that fills it; a document is never divided. Statements, ids, turns
    and places are those that :func:`stancecraft.readers.read` gives for the same rows.

    Args:
        path: A transcript or table.
        fault: Called with one line for each row that is left out.
        speakers: Table that resolves speaker labels.
        doc: Name of the document.
        where: What messages call the file; its path by default.
        date: ISO date of a document that does not tell its own.
        input_format: Name of the format; found from the content by default.
        size: Statements that fill a piece of a table.

    Yields:
        At least one piece, each with at least one statement unless the file is a document without any.

    Raises:
        InputError: If the file cannot be read, or no row of it can (without a line, since each row has one).
    """
    where = where or str(path)
    table = _table(path, where, doc, input_format)
    if table is None:
        yield readers.parse(readers.bytes_of(path, where), where, doc, speakers, date=date, input_format=input_format)
        return
    faults = Faults(where, fault)
    with closing(_Seen()) as seen:
        yield from _cut(table(faults), tables.RowReader(doc, seen), faults, doc, size)
    faults.end()


def _cut(rows: _Rows, reader: tables.RowReader, faults: Faults, doc: str, size: int) -> Iterator[Transcript]:
    statements: list[Statement] = []
    places: list[str] = []
    found = False
    for place, row in rows:
        if isinstance(text := row.get("text"), str) and len(text) > LONGEST_TEXT:
            reader.count += 1
            faults.add(f"{place}: column 'text': {len(text):,} characters; expected at most {LONGEST_TEXT:,}")
            continue
        statement, wrong = reader.read(place, row)
        faults.add(*wrong)
        if statement is None or wrong:
            continue
        if len(statements) >= size and (not statement.doc or statement.doc != statements[-1].doc):
            yield Transcript(doc, "", tuple(statements), (), tuple(places))
            statements, places, found = [], [], True
        statements.append(statement)
        places.append(place)
    if statements:
        yield Transcript(doc, "", tuple(statements), (), tuple(places))
    elif not found:
        faults.end()
        # Where rows were faulty, each was told, and there is nothing to add.
        raise InputError(*([] if faults.count else [f"{faults.where}: the table has no rows"]))


def _table(path: Path, where: str, doc: str, input_format: str) -> Callable[[Faults], _Rows] | None:
    """What gives the rows of a file, or ``None`` if it is not a table that can be read row by row."""
    try:
        with path.open("rb") as stream:
            head = stream.read(_BLOCK)
            name = input_format or _name(head, where)
            streamed: dict[str, Callable[[Path, Faults], _Rows]] = {"jsonl": _jsonl, "csv": _csv, "parquet": _parquet}
            if name not in streamed or (name != "parquet" and not _is_utf8(stream)):
                return None
    except OSError:
        return None  # whoever reads it will say why
    return lambda faults: streamed[name](path, faults)


def _name(head: bytes, where: str) -> str:
    """The format that the beginning of a file shows, or the empty string if that is not enough to tell."""
    if any(one.binary and one.fits(head) for one in formats.FORMATS):
        return "parquet" if tables.is_parquet(head) else ""
    if not head or head.isspace() or b"\0" in head:
        return ""
    text = head.removeprefix(BOM_UTF8).decode("utf-8", "replace")
    return formats.told(text, Source(where, "", Speakers())).name


def _is_utf8(stream: BinaryIO) -> bool:
    decoder = getincrementaldecoder("utf-8")()
    stream.seek(0)
    try:
        while block := stream.read(_BLOCK):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _jsonl(path: Path, faults: Faults) -> _Rows:
    with path.open("rb") as stream:
        number = 0
        while line := stream.readline(_LONGEST_LINE):
            number += 1
            place = f"{faults.where}:{number}"
            if not line.endswith(b"\n") and len(line) == _LONGEST_LINE:
                _skip_line(stream)
                faults.add(f"{place}: a line of more than {_LONGEST_LINE:,} bytes")
                continue
            if not (text := (line.removeprefix(BOM_UTF8) if number == 1 else line).decode()).strip():
                continue
            row, wrong = tables.json_row(text)
            if row is None:
                faults.add(f"{place}: {wrong}")
            else:
                yield place, row


def _skip_line(stream: BinaryIO) -> None:
    while (rest := stream.readline(_BLOCK)) and not rest.endswith(b"\n"):
        pass


def _csv(path: Path, faults: Faults) -> _Rows:
    limit = csv.field_size_limit(_LONGEST_LINE)
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            header = stream.readline(_LONGEST_LINE)
            stream.seek(0)
            rows = tables.csv_reader(stream, header, faults.where)
            while True:
                first = rows.reader.line_num + 1
                try:
                    row = next(rows, None)
                except csv.Error as error:
                    # After an error the reader goes on with the line below; a quote that nobody closed takes all.
                    last = rows.reader.line_num
                    place = f": lines {first} to {last}" if last > first else f":{last}"
                    faults.add(f"{faults.where}{place}: not valid CSV: {error}")
                    continue
                if row is None:
                    return
                place = f"{faults.where}:{rows.line_num}"
                cells = tables.given_cells(row)
                if cells is None:
                    faults.add(f"{place}: more cells than the header has columns")
                else:
                    yield place, cells
    finally:
        csv.field_size_limit(limit)


def _parquet(path: Path, faults: Faults) -> _Rows:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # Read as it is decoded: pyarrow's default fetches whole groups of rows ahead.
        file = pq.ParquetFile(path, pre_buffer=False, buffer_size=_BLOCK)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{faults.where}: not a readable Parquet file: {_first_line(error)}") from None
    with file:
        tables.require_text(file.schema_arrow.names, faults.where)
        at = 0
        for group in range(file.num_row_groups):
            end = at + file.metadata.row_group(group).num_rows
            try:
                for batch in file.iter_batches(_ROWS, row_groups=[group], use_threads=False):
                    for row in batch.to_pylist():
                        yield f"{faults.where}: row {at}", row
                        at += 1
            except (pa.ArrowException, OSError, OverflowError, ValueError) as error:
                faults.add(f"{faults.where}: rows {at} to {end - 1}: cannot be read: {_first_line(error)}")
            at = end


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


class _Seen:
    """Ids of a table and their places, on disk once they are many; goes when closed."""

    def __init__(self) -> None:
        self._store = sqlite3.connect("", isolation_level=None)
        for command in ("PRAGMA journal_mode=OFF", "PRAGMA synchronous=OFF",
                        "CREATE TABLE seen (id TEXT PRIMARY KEY, place TEXT) WITHOUT ROWID", "BEGIN"):  # fmt: skip
            self._store.execute(command)

    def get(self, key: str, /) -> str | None:
        found = self._store.execute("SELECT place FROM seen WHERE id = ?", (key,)).fetchone()
        return str(found[0]) if found else None

    def __setitem__(self, key: str, place: str, /) -> None:
        self._store.execute("INSERT OR REPLACE INTO seen VALUES (?, ?)", (key, place))

    def close(self) -> None:
        with suppress(sqlite3.Error):
            self._store.close()
