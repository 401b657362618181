"""Labelled statements: tables of rows to statements with gold labels, for measuring and for training.

A row is what ``stancecraft predict`` reads (``text`` and optionally ``doc``, ``turn``, ``speaker``, ...) plus labels,
either under ``labels`` as an object of issue to value, or in one column per issue. A label that is absent is not
``none``: nobody looked, and no figure counts it, unless the caller says that unlisted means none.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, cast

from stancecraft import readers
from stancecraft.codebook import Codebook
from stancecraft.errors import DataError, InputError
from stancecraft.records import VALUES, Statement, Value

Unlisted = Literal["none", "unlabelled"]
"""What a missing label means: not about the issue, or nobody looked."""

_MOST_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class Labelled:
    """A statement with the gold value of every issue that somebody judged.

    Attributes:
        statement: The words, and what is known of them, other columns of the row under ``meta``.
        labels: Issue to value; an issue that nobody judged is left out.
        document: Its document, or a name of its own for a row that stands alone: no two files share one.
        file: Path of the file.
        place: File and line, or file and row, for messages.
    """

    statement: Statement
    labels: Mapping[str, Value]
    document: str
    file: str
    place: str


def read(paths: Iterable[Path], codebook: Codebook, unlisted: Unlisted = "unlabelled") -> list[Labelled]:
    """Read the tables of some files and folders, in order.

    Raises:
        DataError: With one line per violation, of all files at once, if no row has a label, or if none of the issues
            that the rows name is known.
    """
    rows: list[Labelled] = []
    problems: list[str] = []
    given: list[Path] = []
    for path in paths:
        try:
            given += files(path)
        except (DataError, InputError) as error:
            problems += error.lines
    statements = {path: table(path, problems) for path in dict.fromkeys(given)}
    foreign = _foreign(statements, codebook)
    for path, found in statements.items():
        rows += [labelled(one, place, path, codebook, unlisted, problems) for one, place in found]
    require([foreign] if foreign else problems + divided(rows))
    if not any(row.labels for row in rows):
        raise DataError(f"no labelled rows in {', '.join(map(str, statements))}: expected a column 'labels' or a "
                        f"column per issue ({', '.join(codebook.ids)})")  # fmt: skip
    return rows


def files(path: Path) -> list[Path]:
    """A file, or the files of a folder that can be read.

    Raises:
        DataError: If there is no such file or folder.
        InputError: If the folder holds no file to read.
    """
    if not path.exists():
        raise DataError(f"{path}: no such file or folder of labelled statements")
    return [file for file, _ in readers.expand([path])]


def table(path: Path, problems: list[str]) -> list[tuple[Statement, str]]:
    """The rows of one file with their places; what is wrong with it is added to ``problems``."""
    try:
        transcript = readers.read(path)
    except InputError as error:
        problems += error.lines
        return []
    if not transcript.places:
        problems.append(f"{path}: expected a table of labelled statements, got a text without labels")
    return list(zip(transcript.statements, transcript.places, strict=False))


def labelled(
    statement: Statement, place: str, path: Path, codebook: Codebook, unlisted: Unlisted, problems: list[str]
) -> Labelled:
    """One row with its labels, in the codebook's order; what is wrong with them is added to ``problems``."""
    given, wrong = _given(statement.meta, codebook)
    problems += [f"{place}: {problem}" for problem in wrong]
    labels = {issue: given[issue] for issue in codebook.ids if issue in given}
    # Where another model was asked and nobody else, nothing was judged, whatever unlisted means for the rest.
    judged = "issues" not in statement.meta or "labels" in statement.meta or bool(given)
    if unlisted == "none" and judged:
        labels = {issue: given.get(issue, "none") for issue in codebook.ids}
    # Ids and documents of different files must not run together.
    document = statement.doc or f"{path.stem}:{statement.id}"
    return Labelled(statement, labels, document, str(path), place)


def divided(rows: Sequence[Labelled]) -> list[str]:
    """Lines on documents that are in two files: reading would cut them apart, and their parts might be split."""
    home: dict[str, str] = {}
    problems: dict[str, str] = {}
    for row in rows:
        if row.statement.doc and home.setdefault(row.document, row.file) != row.file:
            problems[row.document] = f"document {row.document!r} is in two files: {home[row.document]} and {row.file}"
    return list(problems.values())


def require(problems: Sequence[str]) -> None:
    """Nothing, if there is no problem.

    Raises:
        DataError: With the first problems, one line each, and how many more there are.
    """
    if problems:
        more = len(problems) - _MOST_PROBLEMS
        raise DataError(*problems[:_MOST_PROBLEMS], *([f"and {more} more problems"] if more > 0 else []))


def _foreign(statements: Mapping[Path, Sequence[tuple[Statement, str]]], codebook: Codebook) -> str:
    """One line where rows are labelled, but for other issues altogether; the empty string otherwise."""
    named: Counter[str] = Counter()
    first = ""
    for one, place in (row for found in statements.values() for row in found):
        stated, _ = _stated(one.meta)
        columns = [issue for issue in codebook.ids if one.meta.get(issue) not in (None, "")]
        named.update([*map(str, stated), *columns])
        first = first or (place if stated else "")
    if not named or set(named) & set(codebook.ids) or any(_near(name, codebook) for name in named):
        return ""
    told = ", ".join(sorted(named)[:8]) + (", ..." if len(named) > 8 else "")
    return f"{first}: the data is labelled for other issues ({told}) than the known ones ({', '.join(codebook.ids)})"


def _stated(meta: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[str]]:
    """The object under ``labels``, and what is wrong with it."""
    stated = meta.get("labels")
    if isinstance(stated, str) and stated:
        try:
            stated = json.loads(stated)
        except json.JSONDecodeError:
            return {}, [f"column 'labels': expected a JSON object, got {stated!r}"]
    if stated is not None and not isinstance(stated, Mapping):
        return {}, [f"column 'labels': expected an object of issue to value, got {stated!r}"]
    return stated or {}, []


def _given(meta: Mapping[str, Any], codebook: Codebook) -> tuple[dict[str, Value], list[str]]:
    """The labels that a row states, and what is wrong with them."""
    stated, problems = _stated(meta)
    if problems:
        return {}, problems
    named = {issue: meta[issue] for issue in codebook.ids if meta.get(issue) not in (None, "")}
    problems = [
        f"{issue}: column 'labels' says {stated[issue]!r}, column {issue!r} says {value!r}"
        for issue, value in named.items() if stated.get(issue) not in (None, value)
    ]  # fmt: skip
    told = {issue: value for issue, value in {**stated, **named}.items() if value is not None}
    problems += [
        f"unknown issue {issue!r}; the known issues are {', '.join(codebook.ids)}"
        for issue in told if issue not in codebook.ids
    ]  # fmt: skip
    problems += [
        f"{issue}: expected one of {', '.join(VALUES)}, got {value!r}"
        for issue, value in told.items() if issue in codebook.ids and value not in VALUES
    ]  # fmt: skip
    problems += [
        f"column {name!r} holds {value!r} but is no known issue; is {near!r} meant?"
        for name, value in meta.items()
        if name not in codebook.ids and value in VALUES and (near := _near(name, codebook))
    ]
    return {} if problems else cast(dict[str, Value], told), problems


def _near(name: str, codebook: Codebook) -> str:
    return next(iter(get_close_matches(name, codebook.ids)), "")
