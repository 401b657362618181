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
    writer = csv.DictWriter(wrapper, rows.LONG_COLUMNS, lineterminator="\n")
    writer.writeheader()
    for prediction in found:
        writer.writerows(rows.long(prediction, every_issue))
    wrapper.detach()
