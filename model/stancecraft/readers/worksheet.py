"""The rows of an Excel workbook by openpyxl: a program that :mod:`stancecraft.readers.isolated` runs.

openpyxl parses the parts and tells what a cell holds. Its lists of rows do not say in which row a faulty cell is, and
fill up rows to their last cell, so its parser of a sheet is asked row by row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from io import BytesIO
from itertools import chain, islice
from typing import Any
from xml.etree.ElementTree import iterparse

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.worksheet._reader import ROW_TAG, VALUE_TAG, WorkSheetParser

_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384  # of Excel
_REFERENCE = re.compile(r"[A-Z]{1,3}\d{1,7}")
_LARGEST_EXACT = 2**53
_ESCAPED_RETURN = "_x000D_"

_Element = Any
_Value = Any
_Cells = list[tuple[int, _Value]]
_Row = tuple[int, _Cells]


def told(content: bytes, most_cells: int, header_within: int) -> Iterator[Any]:
    """First the names of the sheets that are shown, then these sheets up to the first with a column ``text``.

    A sheet is ``{"sheet": name, "header": which of its rows names its columns}`` and then its rows, each its number
    and its cells, ``[number, [[column, value], ...]]``; those that hold nothing are left out. Of a sheet without such
    a header (``None``) only the first rows are told. ``{"fault": words}`` is told where something cannot be.
    """
    reader = ExcelReader(BytesIO(content), read_only=True, data_only=True, keep_links=False)
    reader.read_manifest()
    reader.read_strings()
    reader.read_workbook()
    apply_stylesheet(reader.archive, reader.wb)
    shown = [sheet for sheet in reader.parser.sheets if sheet.state == "visible"]
    yield [sheet.name for sheet in shown]
    parts: Any = reader.parser.rels
    header = None
    for sheet in shown:
        if header is None and sheet.id not in parts:
            yield {"fault": f"the sheet {sheet.name} is missing"}
        elif header is None:
            try:
                rows = _Sheet(reader, parts[sheet.id].target, most_cells).rows()
                head = list(islice(rows, header_within))
                header = next((at for at, (_, cells) in enumerate(head) if any(map(_is_text, cells))), None)
                yield {"sheet": sheet.name, "header": header}
                yield from head if header is None else chain(head, rows)
            except _ImpossibleError as error:
                yield {"fault": f"{sheet.name} {error}"}


class _ImpossibleError(Exception):
    """Something in a sheet that Excel cannot hold."""


class _Sheet(WorkSheetParser):  # type: ignore[misc]
    """The parser of one sheet, which tells where a cell is that cannot be."""

    def __init__(self, reader: ExcelReader, part: str, most_cells: int) -> None:
        book: Any = reader.wb
        super().__init__(
            reader.archive.open(part), reader.shared_strings, True, book.epoch,
            book._date_formats, book._timedelta_formats,
        )  # fmt: skip
        self._cells_left = most_cells

    def rows(self) -> Iterator[_Row]:
        element: _Element
        for _, element in iterparse(self.source):
            if element.tag == ROW_TAG:
                number, cells = self.parse_row(element)
                element.clear()
                if not 0 < number <= _MOST_ROWS:
                    raise _ImpossibleError(f"row {number}: a sheet has at most {_MOST_ROWS:,} rows")
                kept = [(cell["column"], value) for cell in cells if (value := _plain(cell)) != ""]
                self._cells_left -= len(kept)
                if self._cells_left < 0:
                    raise _ImpossibleError(f"row {number}: too many cells")
                if kept:
                    yield number, kept

    def parse_cell(self, element: _Element) -> dict[str, Any]:
        place, value, sort = element.get("r"), element.findtext(VALUE_TAG), element.get("t", "n")
        row = f"row {self.row_counter}"
        if place and not _REFERENCE.fullmatch(place):
            raise _ImpossibleError(f"{row}: {place!r} is no cell")
        try:
            if sort == "s" and value and not value.isdecimal():
                raise ValueError(value)  # the library would count from the end
            cell: dict[str, Any] = super().parse_cell(element)
        except (ValueError, IndexError):
            raise _ImpossibleError(f"{row}: the value {(value or '')[:40]!r} is none of type {sort!r}") from None
        if cell["column"] > _MOST_COLUMNS:
            raise _ImpossibleError(f"{row}: a sheet has at most {_MOST_COLUMNS:,} columns")
        return cell


def _is_text(cell: tuple[int, _Value]) -> bool:
    return isinstance(cell[1], str) and cell[1].strip().casefold() == "text"


def _plain(cell: dict[str, Any]) -> _Value:
    """What a cell holds as JSON has it; empty for nothing or blanks."""
    value = cell["value"]
    if value is None:
        return ""
    if cell["data_type"] == "e":
        return {"error": value}
    if isinstance(value, str):
        words = value.replace(_ESCAPED_RETURN, "")
        return "" if words.isspace() else words
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return int(value) if abs(value) <= _LARGEST_EXACT and value == int(value) else float(value)
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    return str(value) if isinstance(value, timedelta) else value.isoformat()
