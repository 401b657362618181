"""Labelled statements: files of rows to statements with gold labels.

A row is what ``stancecraft predict`` reads (``text`` and optionally ``doc``, ``turn``, ``speaker``, ...) plus labels,
either under ``labels`` as an object of issue to value, or in one column per issue. A label that is absent is not
``none``: nobody looked, and neither loss nor metrics count it, unless the source says that unlisted means none.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

from stancecraft import readers
from stancecraft.codebook import Codebook
from stancecraft.errors import DataError, InputError
from stancecraft.records import VALUES, Statement, Value
from stancecraft_training.config import Source

_MOST_PROBLEMS = 20
_ROUNDED = 0.01
_OURS = ("labels", "issues")  # columns with a meaning of their own


@dataclass(frozen=True, slots=True)
class Labelled:
    """A statement with the gold value of every issue that somebody judged.

    Attributes:
        statement: The words, and what is known of them.
        labels: Issue to value; an issue that nobody judged is left out.
        taught: What another model thinks: issue to the probabilities of the four values. May be empty.
        repeat: How many times an epoch it is learnt from.
    """

    statement: Statement
    labels: Mapping[str, Value]
    taught: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    repeat: int = 1


def read(sources: Sequence[Source], codebook: Codebook) -> list[Labelled]:
    """Read all sources in order.

    Raises:
        DataError: With one line per violation, of all files at once.
    """
    rows: list[Labelled] = []
    problems: list[str] = []
    seen: set[Path] = set()
    for source in sources:
        try:
            paths = _files(source.path)
        except (DataError, InputError) as error:
            problems += error.lines
            continue
        for path in paths:
            if path.resolve() in seen:
                problems.append(f"{path}: named twice under data.sources")
                continue
            seen.add(path.resolve())
            try:
                transcript = readers.read(path)
            except InputError as error:
                problems += error.lines
                continue
            if transcript.text:
                problems.append(f"{path}: expected a table of labelled statements, got a text without labels")
                continue
            for statement in transcript.statements:
                rows.append(_labelled(statement, codebook, source, path, problems))
            problems += _unknown_columns(transcript.statements, codebook, path)
    problems += _duplicate_ids(rows)
    if problems:
        more = len(problems) - _MOST_PROBLEMS
        raise DataError(*problems[:_MOST_PROBLEMS], *([f"and {more} more problems"] if more > 0 else []))
    if not any(row.labels for row in rows):
        raise DataError(f"no labelled rows in {', '.join(str(source.path) for source in sources)}")
    return rows


def checksums(sources: Sequence[Source]) -> dict[str, str]:
    """SHA-256 of every file of the sources, by its path below the folder that holds them all."""
    paths = [path.resolve() for source in sources for path in _files(source.path)]
    above = Path(os.path.commonpath([path.parent for path in paths]))
    return {path.relative_to(above).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def counts(rows: Sequence[Labelled], codebook: Codebook) -> dict[str, dict[str, int]]:
    """Rows per issue and value; rows without a label for the issue are not counted."""
    return {
        issue: {value: sum(row.labels.get(issue) == value for row in rows) for value in VALUES}
        for issue in codebook.ids
    }


def unlearnable(rows: Sequence[Labelled], codebook: Codebook) -> list[str]:
    """What no row to learn from says: issues, or their values, as a note each."""
    notes = []
    for issue, values in counts(rows, codebook).items():
        missing = [f"{issue}={value}" for value, count in values.items() if not count]
        notes += [issue] if len(missing) == len(values) else missing
    return [f"note: {one} has no training rows" for one in notes]


def origin(row: Labelled) -> str:
    """Where a row comes from: the folder of authored statements, or its file's name without the ending."""
    path = Path(row.statement.meta["file"])
    return path.parent.name if path.parent.name == "authored" else path.stem


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise DataError(f"{path}: no such file or folder of labelled statements")
    return [file for file, _ in readers.expand([path])]


def _labelled(statement: Statement, codebook: Codebook, source: Source, path: Path, problems: list[str]) -> Labelled:
    given, wrong = _given(statement.meta, codebook)
    problems += [f"{path}: {statement.id}: {problem}" for problem in wrong]
    labels = {issue: given[issue] for issue in codebook.ids if issue in given}
    # Where another model was asked and nobody else, nothing was judged, whatever the source says of the rest.
    judged = "issues" not in statement.meta or "labels" in statement.meta or bool(given)
    if source.unlisted == "none" and judged:
        labels = {issue: given.get(issue, "none") for issue in codebook.ids}
    # Ids and documents of different files must not run together.
    doc = statement.doc or f"{path.stem}:{statement.id}"
    taught, faults = _taught(statement.meta, codebook)
    problems += [f"{path}: {statement.id}: {problem}" for problem in faults]
    return Labelled(replace(statement, meta={"document": doc, "file": str(path)}), labels, taught, source.repeat)


def _taught(meta: Mapping[str, Any], codebook: Codebook) -> tuple[dict[str, tuple[float, ...]], list[str]]:
    """Another model's probabilities, as saved predictions carry them under ``issues``."""
    stated = meta.get("issues")
    if not isinstance(stated, Mapping):
        return {}, []
    taught: dict[str, tuple[float, ...]] = {}
    problems = []
    for issue in codebook.ids:
        told = stated.get(issue)
        given = told.get("probabilities") if isinstance(told, Mapping) else None
        if given is None:
            continue
        try:
            row = tuple(float(given[value]) for value in VALUES)
        except (KeyError, TypeError, ValueError):
            problems.append(f"issues.{issue}.probabilities: expected numbers for {', '.join(VALUES)}, got {given!r}")
            continue
        if min(row) < 0 or abs(sum(row) - 1) > _ROUNDED:
            problems.append(f"issues.{issue}.probabilities: expected a sum of 1, got {sum(row):.3f}")
        taught[issue] = row
    return taught, problems


def _given(meta: Mapping[str, Any], codebook: Codebook) -> tuple[dict[str, Value], list[str]]:
    """The labels that a row states, and what is wrong with them."""
    stated = meta.get("labels")
    if isinstance(stated, str):
        try:
            stated = json.loads(stated)
        except json.JSONDecodeError:
            return {}, [f"column 'labels': expected a JSON object, got {stated!r}"]
    if stated is not None and not isinstance(stated, Mapping):
        return {}, [f"column 'labels': expected an object of issue to value, got {stated!r}"]
    named = {issue: meta[issue] for issue in codebook.ids if meta.get(issue) not in (None, "")}
    disagreeing = [
        f"{issue}: column 'labels' says {stated[issue]!r}, column {issue!r} says {value!r}"
        for issue, value in named.items() if stated and stated.get(issue) not in (None, value)
    ]  # fmt: skip
    stated = {issue: value for issue, value in {**(stated or {}), **named}.items() if value is not None}
    problems = disagreeing + [
        f"unknown issue {issue!r}; the recipe's issues are {', '.join(codebook.ids)}"
        for issue in stated if issue not in codebook.ids
    ]  # fmt: skip
    problems += [
        f"{issue}: expected one of {', '.join(VALUES)}, got {value!r}"
        for issue, value in stated.items() if issue in codebook.ids and value not in VALUES
    ]  # fmt: skip
    problems += [
        f"column {name!r} holds {value!r} but is no issue of the recipe; is {near[0]!r} meant?"
        for name, value in meta.items()
        if name not in codebook.ids and value in VALUES and (near := get_close_matches(name, codebook.ids))
    ]
    return {} if problems else cast(dict[str, Value], stated), problems


def _unknown_columns(statements: Sequence[Statement], codebook: Codebook, path: Path) -> list[str]:
    """Columns that hold nothing but labels, stances among them, of an issue that the recipe lacks."""
    names = dict.fromkeys(name for one in statements for name in one.meta if name not in (*codebook.ids, *_OURS))
    found = []
    for name in names:
        held = [one.meta[name] for one in statements if one.meta.get(name) not in (None, "")]
        near = get_close_matches(name, codebook.ids)  # told row by row
        if not near and all(value in VALUES for value in held) and any(value in ("favor", "against") for value in held):
            found.append(
                f"{path}: column {name!r} holds stances but is no issue of the recipe, whose issues are "
                f"{', '.join(codebook.ids)}; take the column out or add the issue"
            )
    return found


def _duplicate_ids(rows: Sequence[Labelled]) -> list[str]:
    """A document in two files would be cut apart by reading, and its parts might be split."""
    home: dict[str, str] = {}
    problems: dict[str, str] = {}
    for row in rows:
        if not row.statement.doc:
            continue  # stands alone, and may be split alone
        doc, file = row.statement.meta["document"], row.statement.meta["file"]
        if home.setdefault(doc, file) != file:
            problems[doc] = f"document {doc!r} is in two files: {home[doc]} and {file}"
    return list(problems.values())
