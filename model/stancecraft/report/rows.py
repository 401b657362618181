"""Predictions as plain rows: the published shapes of the output."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from stancecraft.records import VALUES, Position, Prediction

SCHEMA = "stancecraft/1"
"""Version of the output's shape, carried by every row."""

LONG_COLUMNS = (
    "schema", "id", "doc", "date", "turn", "speaker", "role", "side", "reported", "joint", "start", "end", "text",
    "issue", "stance", "about", *(f"p_{value}" for value in VALUES), "reason", "model",
)  # fmt: skip
"""Columns of CSV and Parquet: one row per statement and issue."""

_DIGITS = 6


def nested(prediction: Prediction) -> dict[str, Any]:
    """One object per statement, all issues inside: a line of JSONL."""
    row = _statement(prediction)
    row["issues"] = {issue: _position(position) for issue, position in prediction.positions.items()}
    row["model"] = prediction.model
    if prediction.statement.meta:
        row["meta"] = dict(prediction.statement.meta)
    return row


def long(prediction: Prediction, every_issue: bool) -> Iterator[dict[str, Any]]:
    """One flat row per issue that the statement is about, or per issue at all; abstentions always count.

    The keys are :data:`LONG_COLUMNS`, in their order.
    """
    for issue, position in prediction.positions.items():
        if every_issue or position.stance != "none":
            told = _position(replace(position, explanation=None))
            told |= {f"p_{value}": share for value, share in told.pop("probabilities").items()}
            row = _statement(prediction) | {"issue": issue, "model": prediction.model} | told
            yield {column: row[column] for column in LONG_COLUMNS}


def _statement(prediction: Prediction) -> dict[str, Any]:
    statement = prediction.statement
    return {
        "schema": SCHEMA,
        "id": statement.id,
        "doc": statement.doc,
        "date": statement.date,
        "turn": statement.turn,
        "speaker": statement.speaker,
        "role": statement.role,
        "side": statement.side,
        "reported": statement.reported,
        "joint": statement.joint,
        "start": statement.start,
        "end": statement.end,
        "text": statement.text,
    }


def _position(position: Position) -> dict[str, Any]:
    row: dict[str, Any] = {
        "stance": position.stance,
        "about": round(position.about, _DIGITS),
        "probabilities": {value: round(share, _DIGITS) for value, share in position.probabilities.items()},
        "reason": position.reason,
    }
    if (told := position.explanation) is not None:
        row["words"] = [[start, end, round(share, _DIGITS)] for start, end, share in told.words]
        row["decision"] = {"value": told.value, "over": told.over}
        row["decision"] |= {"margin": round(told.margin, _DIGITS), "bias": round(told.bias, _DIGITS)}
    return row
