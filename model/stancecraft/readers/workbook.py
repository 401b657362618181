"""Excel workbooks that hold a table of statements.

Read by openpyxl. python-calamine is ten times as fast, but leaves out errors in cells, takes a faulty reference to a
shared string for another string, and for a sheet of two far-off cells asks for 549 GB.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from stancecraft.errors import InputError
from stancecraft.readers import archives, isolated, tables
from stancecraft.records import Transcript

_HEADER_WITHIN = 20
"""Rows with cells among which the header stands; titles may stand above it."""

_MOST_CELLS = 5_000_000  # that are kept
_MEMORY = 1_000_000_000  # bytes beyond what the file itself takes
_SECONDS = 300


class ErrorCell(str):
    """What a cell shows whose formula failed, such as #N/A."""


Cell = str | int | float | bool | ErrorCell
Row = tuple[int, dict[int, Cell]]
"""Number of a row, from 1, with its cells by column, from 1; empty ones are missing."""


def is_workbook(content: bytes) -> bool:
    """Whether bytes are an Excel workbook; also a broken, old or binary one, for ``read`` to say so."""
    return "Excel" in archives.kind(content)


def read(content: bytes, where: str, doc: str) -> Transcript:
    """Read the first visible sheet with a column named ``text`` as a table of statements, by openpyxl.

    The header stands in one of the first rows; rows without a cell are skipped, cells under no name are left out, and
    hidden rows are read. Formulas count with the value that was saved with them. Dates become ISO dates, whole numbers
    integers.

    Args:
        content: The file.
        where: What messages call it.
        doc: Name of the document.

    Raises:
        InputError: If it is no workbook, damaged, encrypted, too large when unpacked, takes too much memory or time to
            read, has no such sheet, or with one line per bad row.
    """
    archive = archives.Archive(content, where, archives.EXCEL)
    lines = isolated.told(
        "worksheet", archive.reduced("sheet", "sharedStrings", "styles"), where, _MOST_CELLS, _HEADER_WITHIN,
        what="Excel workbook (.xlsx)", library="openpyxl", memory=_MEMORY, seconds=_SECONDS,
    )  # fmt: skip
    shown = next(lines)
    sheets: list[tuple[str, list[Row]]] = []
    header = None
    for line in lines:
        if isinstance(line, list):
            number, cells = line
            sheets[-1][1].append((number, {column: _cell(value) for column, value in cells}))
        elif "fault" in line:
            raise archive.damaged(line["fault"])
        else:
            sheets.append((line["sheet"], []))
            header = line["header"]
    if header is None:
        seen = "; ".join(f"{name} ({_first_cells(rows)})" for name, rows in sheets)
        raise InputError(f"{where}: expected a sheet with a column 'text', got {seen or 'no visible sheet'}")
    name, rows = sheets[-1]
    others = ", ".join(other for other in shown if other != name)
    notes = (f"{where}: read the sheet {name}; left out: {others}",) if others else ()
    return _table(rows, header, f"{where}: {name}", doc, notes)


def _cell(value: Any) -> Cell:  # noqa: ANN401
    return ErrorCell(value["error"]) if isinstance(value, dict) else value


def _table(rows: list[Row], header: int, sheet: str, doc: str, notes: tuple[str, ...]) -> Transcript:
    names = {column: name for column, cell in rows[header][1].items() if (name := _name(cell))}
    folded = [name.casefold() for name in names.values()]
    twice = next((name for name in names.values() if folded.count(name.casefold()) > 1), None)
    if twice is not None:
        raise InputError(f"{sheet} row {rows[header][0]}: two columns are named {twice!r}")
    given: list[tuple[str, Mapping[str, Any]]] = []
    problems: list[str] = []
    nameless = 0
    for number, cells in rows[header + 1 :]:
        place = f"{sheet} row {number}"
        named = {names[column]: cell for column, cell in cells.items() if column in names}
        nameless += len(named) < len(cells)
        if wrong := [
            name for name in named if isinstance(named[name], ErrorCell) and name.casefold() in tables.COLUMNS
        ]:
            problems += [f"{place}: column {name!r}: the cell holds the error {named[name]}" for name in wrong]
        elif named:
            given.append((place, named if "text" in map(str.casefold, named) else {"text": "", **named}))
    if nameless:
        notes += (f"{sheet}: rows with cells under no column name: {nameless}; those cells are left out",)
    return tables.from_rows(given, sheet, doc, notes, problems)


def _first_cells(rows: Iterable[Row]) -> str:
    cells = next((list(cells.values()) for _, cells in rows), [])
    return ", ".join(str(cell) for cell in cells[:5]) + (", ..." if len(cells) > 5 else "") or "empty"


def _name(cell: Cell) -> str:
    return " ".join(cell.split()) if isinstance(cell, str) else "" if cell is None else str(cell)
