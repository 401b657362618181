"""Tables of statements: JSONL, CSV and Parquet with the columns of a statement."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol, cast

from stancecraft.errors import InputError
from stancecraft.records import ROLES, Role, Statement, Transcript

COLUMNS = ("text", "id", "speaker", "side", "role", "doc", "turn", "date", "kind", "reported", "joint")
"""Columns with a meaning; only ``text`` must be there. All others travel under ``meta``."""

_TRUE, _FALSE = {"true", "1", "yes"}, {"false", "0", "no", ""}
MOST_PROBLEMS = 20
"""Faults of one table that are told line by line; of the others only the number."""

_LARGEST_TURN = 2**53
_UNTOLD = -1  # a turn that the row does not tell
# Of objects, or of arrays of values, which are told to be no rows; a transcript may begin with one bracket.
_ARRAY = re.compile(r"\ufeff?\s*\[\s*(\{|\[\s*[\[\]{\"\d-])")
_LONGEST_HEADER = 1000
_COLUMN = re.compile(r"[\w.:-]*")
_SURROGATE = re.compile("[\ud800-\udfff]")
Row = tuple[str, Mapping[str, Any]]


def is_parquet(content: bytes) -> bool:
    """Whether bytes begin like a Parquet file."""
    return content.startswith(b"PAR1")


def is_jsonl(text: str) -> bool:
    """Whether the first line is a JSON object."""
    return text.lstrip("\ufeff \t\r\n").startswith("{")


def is_json_array(text: str) -> bool:
    """Whether the text is one JSON array of what could be rows."""
    return _ARRAY.match(text) is not None


def from_json_array(text: str, where: str, doc: str, notes: tuple[str, ...] = ()) -> Transcript:
    """Read an array of objects, each a row.

    Raises:
        InputError: If it is not valid JSON, or with one line per bad row.
    """
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where}: not valid JSON: {_reason(error)}") from None
    if not isinstance(rows, list):
        raise InputError(f"{where}: expected an array of objects, got {type(rows).__name__}")
    # One line per object from here on, so that faults are found and told alike.
    return from_jsonl("\n".join(json.dumps(row) for row in rows), f"{where}: row", doc, notes)


def is_csv(text: str) -> bool:
    """Whether the first line is a header with a column named ``text``.

    "Text, as delivered" above a transcript is none: names of columns are single words, or the next line has as many
    cells.
    """
    header, _, rest = text.lstrip("\ufeff").partition("\n")
    delimiter = _delimiter(header)
    cells = [cell.strip(' "\r').casefold() for cell in header.split(delimiter)]
    if len(header) >= _LONGEST_HEADER or "text" not in cells:
        return False
    below = next((line for line in rest.split("\n", 50) if line.strip()), "")
    return all(map(_COLUMN.fullmatch, cells)) or below.count(delimiter) >= header.count(delimiter)


def from_jsonl(text: str, where: str, doc: str, notes: tuple[str, ...] = ()) -> Transcript:
    """Read one JSON object per line; blank lines are skipped.

    Raises:
        InputError: With one line per bad row.
    """
    problems: list[str] = []
    rows = [(f"{where}:{number}", row) for number, row in objects(text, where, problems)]
    return from_rows(rows, where, doc, notes, problems)


def objects(text: str, where: str, problems: list[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of lines of JSON with their numbers; what is wrong with the others is added to ``problems``."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            row, wrong = json_row(line)
            if row is not None:
                yield number, row
            else:
                problems.append(f"{where}:{number}: {wrong}")


def json_row(line: str) -> tuple[dict[str, Any] | None, str]:
    """The object of a line of JSON, or ``None`` with what is wrong with the line."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        return None, f"not valid JSON: {_reason(error)}"
    if "\\ud" in line.casefold() and (broken := _half_characters(row)):
        return None, f"column {broken!r}: holds half a character (a lone surrogate)"
    return (row, "") if isinstance(row, dict) else (None, f"expected a JSON object, got {type(row).__name__}")


def from_csv(text: str, where: str, doc: str, notes: tuple[str, ...] = ()) -> Transcript:
    """Read comma-, semicolon- or tab-separated rows under a header.

    Raises:
        InputError: With one line per bad row.
    """
    reader = csv_reader(io.StringIO(text, newline=""), text.split("\n", 1)[0], where)
    rows: list[Row] = []
    problems: list[str] = []
    try:
        for row in reader:
            place = f"{where}:{reader.line_num}"
            cells = given_cells(row)
            if cells is None:
                problems.append(f"{place}: more cells than the header has columns")
            else:
                rows.append((place, cells))
    except csv.Error as error:
        problems.append(f"{where}:{reader.reader.line_num}: not valid CSV: {error}")
    return from_rows(rows, where, doc, notes, problems)


def csv_reader(lines: Iterable[str], header: str, where: str) -> csv.DictReader[str]:
    """A reader of the rows below a header.

    Args:
        lines: The table from its first line on, line ends kept.
        header: Its first line.
        where: What messages call it.

    Raises:
        InputError: If the header cannot be read or has no column ``text``.
    """
    reader = csv.DictReader(lines, delimiter=_delimiter(header), strict=True)
    try:
        columns = [str(name).strip() for name in reader.fieldnames or ()]
    except csv.Error as error:
        raise InputError(f"{where}:1: not valid CSV: {error}") from None
    require_text(columns, f"{where}:1")
    return reader


def given_cells(row: Mapping[str | Any, Any]) -> dict[str, Any] | None:
    """The cells of a row that hold something, or ``None`` if there are more than the header has columns."""
    if None in row:
        return None
    # An empty cell of a table without types means "not given".
    named = {str(key).strip(): cell for key, cell in row.items()}
    return {key: cell for key, cell in named.items() if cell not in (None, "") or key.casefold() == "text"}


def require_text(columns: Sequence[str], where: str) -> None:
    """Make sure that a table has the one column that it must have.

    Raises:
        InputError: If it has not, with the columns that it has.
    """
    if "text" not in map(str.casefold, columns):
        raise InputError(f"{where}: expected a column 'text', got the columns {', '.join(columns) or 'none'}")


def from_parquet(content: bytes, where: str, doc: str) -> Transcript:
    """Read a Parquet table.

    Raises:
        InputError: If the file is corrupt, or with one line per bad row.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(pa.BufferReader(content), use_threads=False)
        found = table.to_pylist()  # which fails on dates that Python has not, or words that are no UTF-8
    except (pa.ArrowException, OSError, OverflowError, ValueError) as error:
        raise InputError(f"{where}: not a readable Parquet file: {str(error).splitlines()[0]}") from None
    rows = [(f"{where}: row {at}", row) for at, row in enumerate(found)]
    return from_rows(rows, where, doc, (), [])


def _half_characters(row: object) -> str:
    """The first column of a parsed line that cannot be written as UTF-8, or the empty string."""
    columns = row if isinstance(row, dict) else {"row": row}
    for name, value in columns.items():
        if _SURROGATE.search(json.dumps({name: value}, ensure_ascii=False)):
            return str(name).encode(errors="replace").decode()
    return ""


def _reason(error: ValueError | RecursionError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at column {error.colno}"
    return "nested too deeply" if isinstance(error, RecursionError) else str(error).split(";")[0]


def _delimiter(header: str) -> str:
    return max(",;\t", key=header.count)


class Places(Protocol):
    """Ids to the places where they stand; a dictionary is one."""

    def get(self, key: str, /) -> str | None:
        """The place of an id, or ``None``."""

    def __setitem__(self, key: str, place: str, /) -> None: ...


class RowReader:
    """Turns the rows of one table into statements, one after the other.

    Attributes:
        count: Rows seen so far, faulty ones included.
    """

    def __init__(self, doc: str, seen: Places | None = None) -> None:
        """Begin a table.

        Args:
            doc: Name of the table, in the ids of rows that have none.
            seen: Where ids and their places are kept; in memory by default.
        """
        self._doc = doc
        self._seen: Places = {} if seen is None else seen
        self._previous: Statement | None = None
        self.count = 0

    def read(self, place: str, row: Mapping[str, Any]) -> tuple[Statement | None, list[str]]:
        """A row as a statement, with what is wrong with it; ``None`` where it cannot be one.

        Args:
            place: Where the row stands, for messages ("table.csv:3").
            row: Column to value.
        """
        statement, wrong = _statement(row, f"{self._doc}#{self.count}")
        self.count += 1
        if statement is None:
            return None, [f"{place}: {problem}" for problem in wrong]
        problems = []
        # An id that was made up from the row's number is new, unless the table uses such names itself.
        if (first := self._seen.get(statement.id)) is not None:
            problems.append(f"{place}: id {statement.id!r} is already used at {first}")
        self._seen[statement.id] = place
        self._previous = _with_turn(statement, self._previous)
        return self._previous, problems


def from_rows(rows: Iterable[Row], where: str, doc: str, notes: tuple[str, ...], problems: list[str]) -> Transcript:
    """Read rows, each given with its place in the source.

    Raises:
        InputError: With one line per bad row, and those already found.
    """
    statements: list[Statement] = []
    places: list[str] = []
    reader = RowReader(doc)
    for place, row in rows:
        statement, wrong = reader.read(place, row)
        problems += wrong
        if statement is not None:
            places.append(place)
            statements.append(statement)
    if problems:
        more = len(problems) - MOST_PROBLEMS
        raise InputError(*problems[:MOST_PROBLEMS], *([f"{where}: and {more} more problems"] if more > 0 else []))
    if not statements:
        raise InputError(f"{where}: the table has no rows")
    return Transcript(doc, "", tuple(statements), notes, tuple(places))


def _with_turn(statement: Statement, previous: Statement | None) -> Statement:
    """A row whose turn nobody told begins a new one where document, speaker or role change."""
    if statement.turn != _UNTOLD:
        return statement
    if previous is None or previous.doc != statement.doc:
        return replace(statement, turn=0)
    same = (previous.speaker, previous.role) == (statement.speaker, statement.role)
    return replace(statement, turn=previous.turn + (not same))


def _statement(row: Mapping[str, Any], default_id: str) -> tuple[Statement | None, list[str]]:
    """A row as a statement, or ``None`` with what is wrong with the row."""
    problems: list[str] = []
    row = {key.casefold() if key.casefold() in COLUMNS else key: value for key, value in row.items()}
    text = row.get("text")
    if not isinstance(text, str) or not text.strip():
        problems.append(f"column 'text': expected a sentence, got {text!r}" if "text" in row else "no column 'text'")
    role = row.get("role") or "official"
    if role not in ROLES:
        problems.append(f"column 'role': expected one of {', '.join(ROLES)}, got {role!r}")
    turn = _UNTOLD if _is_missing(row.get("turn")) else _turn(row["turn"], problems)
    reported, joint = (_flag(row.get(name), name, problems) for name in ("reported", "joint"))
    if problems:
        return None, problems
    meta = {str(key): value for key, value in row.items() if key not in COLUMNS}
    speaker, side, doc, date, kind = (_name(row.get(name)) for name in ("speaker", "side", "doc", "date", "kind"))
    statement = Statement(
        text=cast(str, text), id=_name(row.get("id")) or default_id, doc=doc, turn=turn, speaker=speaker,
        role=cast(Role, role), side=side, reported=reported, joint=joint, date=date, kind=kind, meta=meta,
    )  # fmt: skip
    return statement, []


def _name(value: object) -> str:
    return "" if _is_missing(value) else str(value)


def _is_missing(value: object) -> bool:
    """Whether a cell holds nothing: also the NaN that data frames write for it."""
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def _turn(value: object, problems: list[str]) -> int:
    try:
        turn = int(value) if isinstance(value, float) and value.is_integer() else int(str(value))
    except ValueError:
        turn = -1
    if not 0 <= turn <= _LARGEST_TURN:
        problems.append(f"column 'turn': expected a whole number from 0, got {value!r}")
    return turn


def _flag(value: object, name: str, problems: list[str]) -> bool:
    word = "" if _is_missing(value) else str(value).strip().casefold()
    if word not in _TRUE | _FALSE:
        problems.append(f"column {name!r}: expected true or false, got {value!r}")
    return word in _TRUE
