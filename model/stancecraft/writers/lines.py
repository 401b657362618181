"""JSONL: one object per statement."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import BinaryIO

from stancecraft.records import Prediction
from stancecraft.report import rows


def write(found: Iterable[Prediction], stream: BinaryIO) -> None:
    """Write every prediction as one line of UTF-8 JSON."""
    for prediction in found:
        # default=str: columns carried through from Parquet may hold dates.
        stream.write(json.dumps(rows.nested(prediction), ensure_ascii=False, default=str).encode() + b"\n")
