"""Predictions that were saved as JSONL, also after somebody mended their labels."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from stancecraft.comparison.gold import Gold, Turn
from stancecraft.errors import InputError
from stancecraft.readers import tables
from stancecraft.records import REASONS, VALUES, Explanation, Position, Prediction, Reason, Statement, Value
from stancecraft.report.rows import SCHEMA

_MOST_PROBLEMS = 20
_HEAD = 65536  # characters


def is_saved(path: Path) -> bool:
    """Whether a file begins like saved predictions."""
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        head = stream.read(_HEAD).decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    return head.startswith("{") and f'"schema": "{SCHEMA}"' in head.split("\n", 1)[0] and '"issues"' in head


def read(path: Path) -> list[Prediction]:
    """Read saved predictions.

    A stance may have been mended by hand; probabilities, reason and words are taken as they stand.

    Raises:
        InputError: If the file cannot be read, or with one line per bad row.
    """
    found: list[Prediction] = []
    problems: list[str] = []
    issues: Sequence[str] = ()
    for number, row in _objects(path, problems):
        where = f"{path}:{number}"
        try:
            one = _prediction(row, where)
        except _RowError as wrong:
            problems += [f"{where}: {line}" for line in wrong.lines]
            continue
        issues = issues or list(one.positions)
        if list(one.positions) != list(issues):
            problems.append(f"{where}: expected the issues {', '.join(issues)}, got {', '.join(one.positions)}")
        found.append(one)
    _raise(problems, path)
    if not found:
        raise InputError(f"{path}: no predictions in it")
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
    known: dict[tuple[str, str], Turn] = {
        (one.statement.doc, one.statement.id): (one.statement.doc, one.statement.turn) for one in predictions
    }
    labels: dict[tuple[str, str], Mapping[str, Value]] = {}
    probability: dict[Turn, float] = {}
    problems: list[str] = []
    for number, row in _objects(path, problems):
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
    _raise(problems, path)
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


def _objects(path: Path, problems: list[str]) -> Iterable[tuple[int, dict[str, Any]]]:
    try:
        content = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot read: {getattr(error, 'strerror', None) or error}") from None
    for number, line in enumerate(content.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            problems.append(f"{path}:{number}: not valid JSON: {str(error).split(':')[0]}")
            continue
        if isinstance(row, dict):
            yield number, row
        else:
            problems.append(f"{path}:{number}: expected an object, got {type(row).__name__}")


def _raise(problems: list[str], path: Path) -> None:
    if problems:
        more = len(problems) - _MOST_PROBLEMS
        raise InputError(*problems[:_MOST_PROBLEMS], *([f"{path}: and {more} more problems"] if more > 0 else []))


def _prediction(row: Mapping[str, Any], where: str) -> Prediction:
    if row.get("schema") != SCHEMA:
        raise _RowError(f"schema: expected {SCHEMA!r}, got {row.get('schema')!r}")
    issues = row.get("issues")
    if not isinstance(issues, Mapping) or not issues:
        raise _RowError("issues: expected an object with a position per issue")
    columns = {name: row[name] for name in tables.COLUMNS if name in row}
    transcript = tables.from_rows([(where, columns)], where, str(row.get("doc", "")), (), [])
    [statement] = transcript.statements
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
        return Explanation(told["value"], told["over"], float(told["margin"]), float(told["bias"]), spans)
    except (KeyError, TypeError, ValueError):
        return None


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
