"""The OpenAPI description of bodies and answers, with examples; what :mod:`~stancecraft.serving.bodies` checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stancecraft.comparison.result import BYS, VERDICTS
from stancecraft.comparison.verdicts import MARGIN
from stancecraft.readers import formats
from stancecraft.records import REASONS, ROLES, VALUES
from stancecraft.report import compared, rows
from stancecraft.serving.bodies import INCLUDED, LARGEST_SEED, MOST_GROUPS
from stancecraft.serving.limits import Limits

Schema = dict[str, Any]

GATE = "Leave out passages that are surely about no issue, or read everything; by default as the model says."
"""What ``gate`` does."""

_MOST_LINES = 100
_EXAMPLE = "The truce must be extended to every front."
_TRANSCRIPT = (
    "MINISTER HALVORSEN: The truce must be extended to every front.\n\n"
    "MINISTER AKBAROV: There can be no pause for terrorists."
)
_STATEMENTS = [
    {"text": "We spent the day on Syria.", "doc": "talks", "speaker": "Ingrid Halvorsen", "side": "Norway"},
    {"text": "The truce must be extended to every front.", "doc": "talks", "speaker": "Ingrid Halvorsen",
     "side": "Norway"},
    {"text": "There can be no pause for terrorists.", "doc": "talks", "speaker": "Rustam Akbarov",
     "side": "Uzbekistan"},
]  # fmt: skip

_TOLD: Mapping[int, str] = {
    400: "The request is no HTTP that can be read.",
    401: "The token is missing or wrong.",
    403: "A form of another site.",
    408: "The body did not arrive in time.",
    413: "The body is too large.",
    415: "The body is of another type than expected.",
    422: "The content cannot be used; every fault has a line.",
    503: "Too much waits already, or the answer took too long; Retry-After says when to try again.",
}


def _string(told: str = "", **more: Any) -> Schema:  # noqa: ANN401 - any JSON
    return {"type": "string", **({"description": told} if told else {}), **more}


def _list(items: Schema, **more: Any) -> Schema:  # noqa: ANN401 - any JSON
    return {"type": "array", "items": items, **more}


def _object(properties: Schema, required: Sequence[str] = (), *, closed: bool = False, **more: Any) -> Schema:  # noqa: ANN401
    found: Schema = {"type": "object", "properties": properties, **more}
    if required:
        found["required"] = list(required)
    if closed:
        found["additionalProperties"] = False
    return found


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


_WORDS = _string(minLength=1, pattern=r"\S")

STATEMENT: Schema = _object(
    {
        "text": _string("One sentence.", minLength=1, pattern=r"\S"),
        "id": _or_null(_string("Unique in the request.")),
        "doc": _or_null(_string("Its document; statements of one document in order give each other context.")),
        "speaker": _or_null(_string()), "side": _or_null(_string("Country or organisation.")),
        "role": _or_null(_string(enum=list(ROLES))), "turn": _or_null({"type": "integer", "minimum": 0,
                                                                       "maximum": 2**53}),
        "date": _or_null(_string()), "kind": _or_null(_string()),
        "reported": _or_null({"type": "boolean", "description": "Said by somebody else's account."}),
        "joint": _or_null({"type": "boolean", "description": "Said in the name of several sides."}),
    },
    ["text"], description="Other fields come back under meta.",
)  # fmt: skip


def predict_body(limits: Limits, issues: Sequence[str]) -> Schema:
    """The body of ``POST /predict``."""
    fields = {
        "texts": _list(_WORDS, minItems=1, maxItems=limits.statements, description="Each stands alone."),
        "statements": _list(STATEMENT, minItems=1, maxItems=limits.statements),
        "explain": {"type": "boolean", "default": False, "description": "Say which words carried each decision."},
        "max_error": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1,
                      "description": "Abstain so that at most this share of stances is wrong."},
        "gate": {"type": "boolean", "description": GATE},
        "issues": _list(_string(enum=list(issues)), description="Tell of these only."),
    }  # fmt: skip
    examples = {
        "texts": {"summary": "Texts that stand alone", "value": {"texts": [_EXAMPLE]}},
        "statements": {"summary": "Statements with context", "value": {"statements": _STATEMENTS}},
    }
    return _json_body(fields, ("texts", "statements"), examples)


def compare_body(limits: Limits) -> Schema:
    """The body of ``POST /compare``."""
    told = "A line of saved predictions, also mended by hand."
    parts = {"schema": {"const": rows.SCHEMA}, "text": _WORDS, "issues": _object({})}
    saved = _object(parts, list(parts), description=told)
    fields = {
        "statements": _list(STATEMENT, minItems=1, maxItems=limits.statements),
        "transcript": _string("A text to read, label and compare.", minLength=1, pattern=r"\S"),
        "predictions": _list(saved, minItems=1, maxItems=limits.statements),
        "name": _string("What the transcript is called."), "date": _string("ISO date of the transcript."),
        "by": _string(enum=list(BYS), default="side"),
        "sides": _list(_string(), description="Only these."), "groups": _list(_string(), description="Only these."),
        "include": _list(_string(enum=list(INCLUDED)), description="What counts beside officials' own words."),
        "margin": {"type": "number", "exclusiveMinimum": 0, "maximum": 2, "default": MARGIN},
        "most": {"type": "integer", "minimum": 1, "maximum": MOST_GROUPS, "default": 12},
        "seed": {"type": "integer", "minimum": 0, "maximum": LARGEST_SEED, "default": 1},
    }  # fmt: skip
    examples = {
        "transcript": {"summary": "A transcript", "value": {"transcript": _TRANSCRIPT, "by": "speaker"}},
        "statements": {"summary": "Statements", "value": {"statements": _STATEMENTS, "by": "side"}},
    }
    return _json_body(fields, ("statements", "transcript", "predictions"), examples)


def transcript_body() -> Schema:
    """The body of ``POST /transcript``."""
    told = f"A document of one of the formats {', '.join(formats.NAMES)}."
    file = {"type": "string", "format": "binary", "description": told}
    fields = _object({"file": file}, ["file"])
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": fields}}}}


def _json_body(fields: Schema, one_of: Sequence[str], examples: Schema) -> Schema:
    schema = _object(fields, closed=True) | {"oneOf": [{"required": [name]} for name in one_of]}
    return {
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema, "examples": examples}}}
    }


PREDICTION: Schema = _object(
    {
        "schema": {"const": rows.SCHEMA}, "id": _string(), "doc": _string(), "date": _string(),
        "turn": {"type": "integer"}, "speaker": _string(), "role": _string(enum=list(ROLES)), "side": _string(),
        "reported": {"type": "boolean"}, "joint": {"type": "boolean"},
        "start": {"type": ["integer", "null"]}, "end": {"type": ["integer", "null"]}, "text": _string(),
        "issues": _object({}, additionalProperties=_object(
            {
                "stance": {"enum": [*VALUES, None]}, "about": {"type": "number", "minimum": 0, "maximum": 1},
                "probabilities": _object({one: {"type": "number", "minimum": 0, "maximum": 1} for one in VALUES},
                                         VALUES),
                "reason": {"enum": list(REASONS)},
                "words": _list({"type": "array"}, description="Start, end and share of each word."),
                "decision": _object({}),
            },
            ["stance", "about", "probabilities", "reason"],
        )),
        "model": _string(), "meta": _object({}),
    },
    ["schema", "id", "doc", "text", "issues", "model"],
    description="As a line of `stancecraft predict --format jsonl`.",
)  # fmt: skip

COMPARISON: Schema = _object(
    {
        "schema": {"const": compared.SCHEMA}, "by": _string(enum=list(BYS)), "groups": _list(_string()),
        "issues": _list(_string()), "cells": _list(_object({}, ["group", "issue", "mean", "interval"])),
        "pairs": _list(_object({"verdict": _string(enum=list(VERDICTS))}, ["first", "second", "issue", "verdict"])),
    },
    ["schema", "by", "groups", "issues", "cells", "pairs"],
    description="As `stancecraft compare --format json`.",
)  # fmt: skip

PREDICTED = _object({"model": _string(), "predictions": _list(PREDICTION)}, ["model", "predictions"])

COMPARED = _object(
    {"model": _string(), "notes": _list(_string()), "comparison": COMPARISON}, ["model", "notes", "comparison"]
)

READ = _object(
    {"model": _string(), "doc": _string(), "notes": _list(_string()), "predictions": _list(PREDICTION),
     "comparison": COMPARISON},
    ["model", "doc", "notes", "predictions"],
)  # fmt: skip

HEALTH = _object(
    {"status": _string(enum=["ok", "stopped"]), "model": _string(), "version": _string(), "schema": _string(),
     "comparison_schema": _string()},
    ["status", "model", "version", "schema", "comparison_schema"],
)  # fmt: skip

ISSUES = _object({"model": _string(), "issues": _list(_object({"id": _string(), "title": _string()}, ["id", "title"]))},
                 ["model", "issues"])  # fmt: skip

ERROR = _object(
    {"error": _object(
        {"status": {"type": "integer"}, "code": _string(), "lines": _list(_string(), maxItems=_MOST_LINES),
         "retry_after": {"type": "integer"}},
        ["status", "code", "lines"])},
    ["error"],
)  # fmt: skip


def answers(good: Schema, *faults: int) -> dict[int | str, Schema]:
    """The answers of a route: the good one, and the faults that it may have."""
    found: dict[int | str, Schema] = {
        200: {"description": "Done.", "content": {"application/json": {"schema": good}}}
    }  # fmt: skip
    for status in sorted({401, 503, *faults}):
        found[status] = {"description": _TOLD[status], "content": {"application/json": {"schema": ERROR}}}
    return found
