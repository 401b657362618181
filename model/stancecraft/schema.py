"""The published shape of JSONL output, as JSON Schema (draft 2020-12)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

from stancecraft.report.rows import SCHEMA

_FILE = Path(__file__).parent / "schemas" / f"prediction-{SCHEMA.rpartition('/')[2]}.json"


def text() -> str:
    """The schema of one line of JSONL output, as it is published: a file of JSON."""
    return _FILE.read_text("utf-8")


def load() -> dict[str, Any]:
    """The schema of one line of JSONL output, for a validator."""
    return cast(dict[str, Any], json.loads(text()))
