"""CSV: one row per statement and issue."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import BinaryIO

from stancecraft.records import Prediction
from stancecraft.report import rows


def write(found: Iterable[Prediction], stream: BinaryIO, every_issue: bool) -> None:
    """Write a header and the rows, UTF-8, lines ended by a bare newline, abstentions with an empty stance."""
    wrapper = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
    plain = csv.DictWriter(wrapper, rows.LONG_COLUMNS, lineterminator="\n")
    # The writer quotes only the line end it writes itself; a bare carriage return ends lines for others.
    quoted = csv.DictWriter(wrapper, rows.LONG_COLUMNS, lineterminator="\n", quoting=csv.QUOTE_ALL)
    try:
        plain.writeheader()
        for prediction in found:
            for row in rows.long(prediction, every_issue):
                returns = any("\r" in value for value in row.values() if isinstance(value, str))
                (quoted if returns else plain).writerow(row)
    finally:
        wrapper.detach()
