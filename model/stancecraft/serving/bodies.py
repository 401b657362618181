"""JSON bodies to what they ask for, strictly: every fault is told, with its place, and nothing is guessed.

Counts are checked before anything is made of the rows, so that a million short texts cost a look at their number.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from stancecraft import saved
from stancecraft.comparison.result import BYS, By
from stancecraft.comparison.verdicts import MARGIN
from stancecraft.errors import InputError
from stancecraft.readers import formats, tables
from stancecraft.records import Prediction, Statement
from stancecraft.serving.batching import Options
from stancecraft.serving.limits import Limits, invalid, require_size

INCLUDED = ("questioner", "moderator", "narrator", "reported")
"""What may count in a comparison beside what officials say themselves."""

MOST_GROUPS = 40
LARGEST_SEED = 2**32 - 1

_KINDS: Mapping[str, tuple[type, str]] = {
    "id": (str, "a text"), "speaker": (str, "a text"), "side": (str, "a text"),
    "role": (str, "a text"), "doc": (str, "a text"), "date": (str, "a text"), "kind": (str, "a text"),
    "turn": (int, "a whole number"), "reported": (bool, "true or false"), "joint": (bool, "true or false"),
}  # fmt: skip
"""What each field of a statement must be; null is as good as leaving it out."""

_MOST_PROBLEMS = 20
_SHOWN = 60  # characters of a bad value


@dataclass(frozen=True, slots=True)
class ToPredict:
    """What ``POST /predict`` asks for.

    Attributes:
        statements: To label.
        options: How.
        issues: Ids of the issues to tell of, in the model's order.
    """

    statements: tuple[Statement, ...]
    options: Options
    issues: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """How statements are compared, as the options of ``stancecraft compare`` say."""

    by: By = "side"
    sides: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    margin: float = MARGIN
    most: int = 12
    seed: int = 1


@dataclass(frozen=True, slots=True)
class ToCompare:
    """What ``POST /compare`` asks for: exactly one of the first three is given.

    Attributes:
        statements: To label and compare.
        transcript: A text to read, label and compare; ``None`` if not given.
        predictions: Labelled already.
        name: What the document of ``transcript`` is called.
        date: ISO date of it, or empty.
        choice: How they are compared.
    """

    statements: tuple[Statement, ...] = ()
    transcript: str | None = None
    predictions: tuple[Prediction, ...] = ()
    name: str = "transcript"
    date: str = ""
    choice: Choice = field(default_factory=Choice)


def to_predict(content: bytes, limits: Limits, issues: Sequence[str]) -> ToPredict:
    """Understand a body of ``POST /predict``; ``issues`` are those that the model knows.

    Raises:
        RefusalError: With one line per fault.
    """
    given = _object(content)
    fields = _Fields(given, ("texts", "statements", "explain", "max_error", "gate", "issues"))
    fields.exactly_one("texts", "statements")
    explain = fields.flag("explain")
    gate = fields.flag("gate") if "gate" in given else None
    max_error = fields.number("max_error", None, "a number between 0 and 1", lambda one: 0 < one < 1)
    wanted = fields.names("issues", issues)
    fields.check()
    if "texts" in given:
        rows: list[Any] = _list(given["texts"], "texts", limits)
        statements = _statements([{"text": one} for one in rows], "texts", limits)
    else:
        statements = _statements(_list(given["statements"], "statements", limits), "statements", limits)
    chosen = tuple(one for one in issues if one in wanted) if "issues" in given else tuple(issues)
    return ToPredict(statements, Options(max_error, explain, gate), chosen)


def to_compare(content: bytes, limits: Limits, issues: Sequence[str]) -> ToCompare:
    """Understand a body of ``POST /compare``; ``issues`` are those that the model knows.

    Raises:
        RefusalError: With one line per fault.
    """
    given = _object(content)
    fields = _Fields(
        given, ("statements", "transcript", "predictions", "name", "date", "by", "sides", "groups", "include", "margin",
                "most", "seed"),
    )  # fmt: skip
    fields.exactly_one("statements", "transcript", "predictions")
    for name in ("name", "date"):
        if name in given and "transcript" not in given:
            fields.problems.append(f"{name}: goes with transcript only")
    choice = _choice(fields)
    name, date = fields.text("name") or "transcript", fields.text("date")
    transcript = fields.text("transcript") if "transcript" in given else None
    if date and not formats.is_date(date):
        fields.problems.append(f"date: expected an ISO date (2016-07-15), got {_shown(date)}")
    if transcript is not None and not transcript.strip() and not fields.problems:
        fields.problems.append("transcript: expected a text, got an empty one")
    fields.check()
    if "statements" in given:
        rows = _list(given["statements"], "statements", limits)
        return ToCompare(statements=_statements(rows, "statements", limits), choice=choice)
    if "predictions" in given:
        rows = _list(given["predictions"], "predictions", limits)
        return ToCompare(predictions=_predictions(rows, issues, limits), choice=choice)
    return ToCompare(transcript=transcript, name=name, date=date, choice=choice)


def _choice(fields: _Fields) -> Choice:
    by = fields.text("by") or "side"
    if by not in BYS:
        fields.problems.append(f"by: expected one of {', '.join(BYS)}, got {_shown(by)}")
    return Choice(
        cast(By, by), fields.names("sides"), fields.names("groups"), fields.names("include", INCLUDED),
        cast(float, fields.number("margin", MARGIN, "a number above 0 and at most 2", lambda one: 0 < one <= 2)),
        fields.whole("most", 12, 1, MOST_GROUPS), fields.whole("seed", 1, 0, LARGEST_SEED),
    )  # fmt: skip


class _Fields:
    """The fields of an object with what is wrong with them."""

    def __init__(self, given: Mapping[str, Any], known: Sequence[str]) -> None:
        self.given = given
        self.problems = [
            f"unknown field {_shown(name)}; expected {', '.join(known)}" for name in given if name not in known
        ]

    def check(self) -> None:
        if self.problems:
            raise invalid(*_few(self.problems))

    def exactly_one(self, *names: str) -> None:
        found = [name for name in names if name in self.given]
        if len(found) != 1:
            told = " and ".join(found) or "none"
            self.problems.append(f"expected exactly one of {', '.join(names)}, got {told}")

    def text(self, name: str) -> str:
        return str(self._get(name, str, "a text", ""))

    def flag(self, name: str) -> bool:
        return bool(self._get(name, bool, "true or false", False))

    def names(self, name: str, known: Sequence[str] | None = None) -> tuple[str, ...]:
        found = self._get(name, list, "a list of texts", [])
        for one in found:
            if not isinstance(one, str):
                self.problems.append(f"{name}: expected texts, got {_shown(one)}")
            elif known is not None and one not in known:
                self.problems.append(f"{name}: expected some of {', '.join(known)}, got {_shown(one)}")
        return tuple(one for one in found if isinstance(one, str))

    def number(self, name: str, default: float | None, told: str, holds: Any) -> float | None:  # noqa: ANN401
        if name not in self.given:
            return default
        value = self.given[name]
        if isinstance(value, bool) or not isinstance(value, int | float) or not holds(value):
            self.problems.append(f"{name}: expected {told}, got {_shown(value)}")
            return default
        return float(value)

    def whole(self, name: str, default: int, least: int, most: int) -> int:
        told = f"a whole number from {least} to {most}"
        value = self.number(name, default, told, lambda one: one == int(one) and least <= one <= most)
        return int(cast(float, value))

    def _get(self, name: str, kind: type, told: str, default: Any) -> Any:  # noqa: ANN401 - any JSON
        value = self.given.get(name, default)
        if not isinstance(value, kind):
            self.problems.append(f"{name}: expected {told}, got {_shown(value)}")
            return default
        return value


def _object(content: bytes) -> dict[str, Any]:
    """A body as a JSON object whose every text can be written and every number is one."""
    try:
        given = json.loads(content.decode("utf-8"), parse_constant=_refuse, parse_float=_finite)
    except UnicodeDecodeError as error:
        raise invalid(f"body: not UTF-8: {error.reason} at byte {error.start}") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise invalid(f"body: not valid JSON: {error.msg} at {where}") from None
    except ValueError as error:
        raise invalid(f"body: not valid JSON: {str(error).split(';')[0]}") from None
    except RecursionError:
        raise invalid("body: not valid JSON: nested too deeply") from None
    if b"\\u" in content:
        _require_whole_characters(given)
    if not isinstance(given, dict):
        raise invalid(f"body: expected a JSON object, got {_shown(given)}")
    return given


def _require_whole_characters(given: object) -> None:
    try:
        json.dumps(given, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise invalid("body: holds half a character (a lone surrogate)") from None
    except RecursionError:
        raise invalid("body: not valid JSON: nested too deeply") from None


def _refuse(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _finite(digits: str) -> float:
    if not math.isfinite(value := float(digits)):
        raise ValueError(f"{digits[:_SHOWN]} is too large a number")
    return value


def _list(value: object, name: str, limits: Limits) -> list[Any]:
    if not isinstance(value, list):
        raise invalid(f"{name}: expected a list, got {_shown(value)}")
    if not value:
        raise invalid(f"{name}: expected at least one, got an empty list")
    require_size(limits, len(value), 0, name)
    return value


def _statements(rows: Sequence[Any], name: str, limits: Limits) -> tuple[Statement, ...]:
    problems: list[str] = []
    characters = 0
    for at, row in enumerate(rows):
        wrong = _row_faults(row)
        problems += [f"{name}[{at}]: {one}" for one in wrong]
        characters += 0 if wrong else len(row["text"])
    require_size(limits, len(rows), characters, name)
    if problems:
        raise invalid(*_few(problems))
    given = [
        (f"{name}[{at}]", {key: one for key, one in row.items() if one is not None}) for at, row in enumerate(rows)
    ]
    try:
        return tables.from_rows(given, name, name, (), []).statements
    except InputError as error:
        raise invalid(*(line[:500] for line in error.lines)) from None


def _row_faults(row: object) -> list[str]:
    if not isinstance(row, dict):
        return [f"expected an object, got {_shown(row)}"]
    text = row.get("text")
    found = [] if isinstance(text, str) and text.strip() else [f"text: expected a sentence, got {_shown(text)}"]
    for name, (kind, told) in _KINDS.items():
        value = row.get(name)
        if value is not None and (not isinstance(value, kind) or (kind is int and isinstance(value, bool))):
            found.append(f"{name}: expected {told}, got {_shown(value)}")
    return found


def _predictions(rows: Sequence[Any], issues: Sequence[str], limits: Limits) -> tuple[Prediction, ...]:
    """Saved predictions, read as a file of them is."""
    characters = sum(len(str(row.get("text", ""))) for row in rows if isinstance(row, dict))
    require_size(limits, len(rows), characters, "predictions")
    lines = "\n".join(json.dumps(row) for row in rows)
    try:
        found = saved.parse(lines.encode(), "predictions")
    except InputError as error:
        raise invalid(*(line[:500] for line in error.lines)) from None
    if list(found[0].positions) != list(issues):
        raise invalid(f"predictions: expected the issues {', '.join(issues)}, got "
                      f"{_shown(', '.join(found[0].positions))}")  # fmt: skip
    return tuple(found)


def _few(problems: Iterable[str]) -> list[str]:
    lines = list(problems)
    more = len(lines) - _MOST_PROBLEMS
    return lines[:_MOST_PROBLEMS] + ([f"and {more:,} more problems"] if more > 0 else [])


def _shown(value: object) -> str:
    """A bad value in few words."""
    if isinstance(value, dict | list):
        return f"{'an object' if isinstance(value, dict) else 'a list'} of {len(value):,}"
    words = json.dumps(value, ensure_ascii=False) if value is None or isinstance(value, bool) else repr(value)
    return words if len(words) <= _SHOWN else words[:_SHOWN] + "..."
