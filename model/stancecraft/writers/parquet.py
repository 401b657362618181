"""Parquet: one row per statement and issue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from stancecraft.records import VALUES, Prediction
from stancecraft.report import rows

_NUMBERS = {"turn": pa.int64(), "start": pa.int64(), "end": pa.int64(), "about": pa.float32(),
            "reported": pa.bool_(), "joint": pa.bool_()}  # fmt: skip
_NUMBERS |= {f"p_{value}": pa.float32() for value in VALUES}
SCHEMA = pa.schema([(column, _NUMBERS.get(column, pa.string())) for column in rows.LONG_COLUMNS])

_ROWS_PER_GROUP = 50_000


def write(found: Iterable[Prediction], stream: BinaryIO, every_issue: bool) -> None:
    """Write the rows in groups, so that memory does not grow with their number."""
    with pq.ParquetWriter(stream, SCHEMA) as writer:
        for group in _groups(row for prediction in found for row in rows.long(prediction, every_issue)):
            writer.write_table(pa.Table.from_pylist(group, schema=SCHEMA))


def _groups(all_rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while group := list(islice(all_rows, _ROWS_PER_GROUP)):
        yield group
