"""JSONL: one object per statement."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any, BinaryIO

from stancecraft.records import Prediction
from stancecraft.report import rows


def write(found: Iterable[Prediction], stream: BinaryIO) -> None:
    """Write every prediction as one line of UTF-8 JSON; numbers that JSON lacks become null."""
    for prediction in found:
        row = rows.nested(prediction)
        if "meta" in row:
            row["meta"] = _finite(row["meta"])
        # default=str: columns carried through from Parquet may hold dates.
        stream.write(json.dumps(row, ensure_ascii=False, allow_nan=False, default=str).encode() + b"\n")


def _finite(value: Any) -> Any:  # noqa: ANN401 - whatever a table held
    """A value with every NaN and infinity inside it replaced by ``None``."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _finite(inner) for key, inner in value.items()}
    return [_finite(inner) for inner in value] if isinstance(value, list | tuple) else value
