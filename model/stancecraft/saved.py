"""Predictions that were saved as JSONL, also after somebody mended their labels."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from stancecraft.comparison.gold import Gold, Turn, turn_of
from stancecraft.errors import InputError
from stancecraft.readers import tables
from stancecraft.records import REASONS, VALUES, Explanation, Position, Prediction, Reason, Statement, Value
from stancecraft.report.rows import SCHEMA

_MOST_PROBLEMS = 20
_LONGEST_LINE = 4_000_000  # bytes


def is_saved(path: Path) -> bool:
    """Whether a file begins like saved predictions."""
    if not path.is_file():
        return False
    try:
        with path.open("rb") as stream:
            return looks_saved(stream.readline(_LONGEST_LINE))
    except OSError:
        return False  # whoever reads it will say why


def looks_saved(content: bytes) -> bool:
    """Whether bytes begin like saved predictions: with an object that says so of itself."""
    try:
        row = json.loads(content.lstrip().split(b"\n", 1)[0].decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return False
    return isinstance(row, dict) and row.get("schema") == SCHEMA and "issues" in row


def read(path: Path) -> list[Prediction]:
    """Read saved predictions.

    A stance may have been mended by hand; probabilities, reason and words are taken as they stand.

    Raises:
        InputError: If the file cannot be read, or with one line per bad row.
    """
    return parse(_content(path), str(path))


def parse(content: bytes, where: str) -> list[Prediction]:
    """Read the bytes of saved predictions; ``where`` names them in messages. Errors as for :func:`read`."""
    found: list[Prediction] = []
    problems: list[str] = []
    issues: Sequence[str] = ()
    seen: dict[tuple[str, str], int] = {}
    for number, row in _objects(content, where, problems):
        place = f"{where}:{number}"
        try:
            one = _prediction(row, place, number, found[-1].statement if found else None)
        except _RowError as wrong:
            problems += [f"{place}: {line}" for line in wrong.lines]
            continue
        except InputError as error:
            problems += error.lines
            continue
        issues = issues or list(one.positions)
        if list(one.positions) != list(issues):
            problems.append(f"{place}: expected the issues {', '.join(issues)}, got {', '.join(one.positions)}")
        key = one.statement.doc, one.statement.id
        if key in seen:
            problems.append(f"{place}: id {key[1]!r} of {key[0]!r} is already used in line {seen[key]}")
        seen[key] = number
        found.append(one)
    _raise(problems, where)
    if not found:
        raise InputError(f"{where}: no predictions in it")
    return found


def read_gold(path: Path, predictions: Iterable[Prediction], issues: Sequence[str]) -> Gold:
    """Read a labelled sample of turns, as `compare --draw-sample` writes it and people fill it in.

    Args:
        path: JSONL with ``id``, ``doc``, ``turn``, ``probability`` and ``labels`` (issue to value; what is not named
            is not about it). A ``null`` for ``labels`` is a row that nobody filled in.
        predictions: Those that the sample was drawn from.
        issues: Issue ids that may be labelled.

    Raises:
        InputError: With one line per fault: ids that no prediction has, a turn with a statement missing, illegal
            labels, unequal probabilities within a turn.
    """
    known: dict[tuple[str, str], Turn] = {(one.statement.doc, one.statement.id): turn_of(one) for one in predictions}
    labels: dict[tuple[str, str], Mapping[str, Value]] = {}
    probability: dict[Turn, float] = {}
    problems: list[str] = []
    for number, row in _objects(_content(path), str(path), problems):
        key = str(row.get("doc", "")), str(row.get("id", ""))
        wrong = _gold_faults(row, key, known, issues, labels, probability)
        if wrong:
            problems.append(f"{path}:{number}: {wrong}")
            continue
        labels[key] = dict(row["labels"])
        probability[known[key]] = float(row["probability"])
    for key, turn in known.items():
        if turn in probability and key not in labels:
            problems.append(f"{path}: statement {key[1]!r} of {key[0]!r} is missing, but its turn was drawn")
    _raise(problems, str(path))
    if not labels:
        raise InputError(f"{path}: no labelled statement in it")
    return Gold(labels, probability)


class _RowError(Exception):
    def __init__(self, *lines: str) -> None:
        super().__init__(*lines)
        self.lines = lines


def _gold_faults(
    row: Mapping[str, Any], key: tuple[str, str], known: Mapping[tuple[str, str], Turn], issues: Sequence[str],
    labels: Mapping[tuple[str, str], Mapping[str, Value]], probability: Mapping[Turn, float],
) -> str:  # fmt: skip
    """What is wrong with one row of a labelled sample, or the empty string."""
    if key not in known:
        return f"no prediction has the id {key[1]!r} in the document {key[0]!r}"
    if key in labels:
        return f"id {key[1]!r} of {key[0]!r} is there twice"
    share, given = row.get("probability"), row.get("labels")
    if not isinstance(share, int | float) or isinstance(share, bool) or not 0 < share <= 1:
        return f"probability: expected a number above 0 and at most 1, got {share!r}"
    if abs(probability.get(known[key], share) - share) > 1e-9:
        return f"probability: expected {probability[known[key]]:g} as in the rest of the turn, got {share:g}"
    if given is None:
        return "labels: nobody filled this row in; a statement about no issue gets {}"
    if not isinstance(given, Mapping):
        return f"labels: expected an object, got {type(given).__name__}"
    if unknown := [issue for issue in given if issue not in issues]:
        return f"labels: unknown issue {unknown[0]!r}; expected {', '.join(issues)}"
    if illegal := [value for value in given.values() if value not in VALUES]:
        return f"labels: expected one of {', '.join(VALUES)}, got {illegal[0]!r}"
    return ""


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot read: {error.strerror or error}") from None


def _objects(content: bytes, where: str, problems: list[str]) -> Iterable[tuple[int, dict[str, Any]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{where}: not UTF-8: {error.reason} at byte {error.start}") from None
    return tables.objects(text, where, problems)


def _raise(problems: list[str], where: str) -> None:
    if problems:
        more = len(problems) - _MOST_PROBLEMS
        raise InputError(*problems[:_MOST_PROBLEMS], *([f"{where}: and {more} more problems"] if more > 0 else []))


def _prediction(row: Mapping[str, Any], where: str, number: int, previous: Statement | None) -> Prediction:
    if row.get("schema") != SCHEMA:
        raise _RowError(f"schema: expected {SCHEMA!r}, got {row.get('schema')!r}")
    issues = row.get("issues")
    if not isinstance(issues, Mapping) or not issues:
        raise _RowError("issues: expected an object with a position per issue")
    columns = {"id": str(number)} | {name: row[name] for name in tables.COLUMNS if name in row}
    transcript = tables.from_rows([(where, columns)], where, str(row.get("doc", "")), (), [])
    [statement] = transcript.statements
    if "turn" not in row and previous is not None and previous.doc == statement.doc:
        same = (previous.speaker, previous.role) == (statement.speaker, statement.role)
        statement = replace(statement, turn=previous.turn + (not same))
    return Prediction(
        _placed(statement, row), {str(issue): _position(str(issue), given) for issue, given in issues.items()},
        str(row.get("model", "")),
    )  # fmt: skip


def _placed(statement: Statement, row: Mapping[str, Any]) -> Statement:
    """A statement with its offsets and what was carried through."""
    start, end = row.get("start"), row.get("end")
    placed = isinstance(start, int) and isinstance(end, int)
    meta = row.get("meta")
    return replace(
        statement, start=start if placed else None, end=end if placed else None,
        meta=dict(meta) if isinstance(meta, Mapping) else {},
    )  # fmt: skip


def _position(issue: str, given: object) -> Position:
    if not isinstance(given, Mapping):
        raise _RowError(f"issues.{issue}: expected an object, got {type(given).__name__}")
    stance, reason = given.get("stance"), given.get("reason", "decided")
    if stance is not None and stance not in VALUES:
        raise _RowError(f"issues.{issue}.stance: expected one of {', '.join(VALUES)} or null, got {stance!r}")
    if reason not in REASONS:
        raise _RowError(f"issues.{issue}.reason: expected one of {', '.join(REASONS)}, got {reason!r}")
    shares = given.get("probabilities")
    if not isinstance(shares, Mapping) or set(shares) != set(VALUES) or not all(map(_is_share, shares.values())):
        raise _RowError(f"issues.{issue}.probabilities: expected a number from 0 to 1 for each of {', '.join(VALUES)}")
    opinion = {value: float(shares[value]) for value in VALUES}
    return Position(stance, opinion, cast(Reason, reason), _explanation(given))


def _explanation(given: Mapping[str, Any]) -> Explanation | None:
    """The words of a decision, if they were saved and are whole."""
    words, told = given.get("words"), given.get("decision")
    if not isinstance(words, list) or not isinstance(told, Mapping):
        return None
    try:
        spans = tuple((int(start), int(end), float(share)) for start, end, share in words)
        found = Explanation(told["value"], told["over"], float(told["margin"]), float(told["bias"]), spans)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    finite = all(map(math.isfinite, [found.margin, found.bias, *(share for *_, share in spans)]))
    return found if finite and {found.value, found.over} <= set(VALUES) else None


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
