"""Labelled statements of a recipe's sources: what :mod:`stancecraft.labelled` reads, and what only training needs.

That is what another model thinks of a statement, and how often it is learnt from.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from stancecraft import labelled
from stancecraft.codebook import Codebook
from stancecraft.errors import DataError, InputError
from stancecraft.records import VALUES, Statement, Value
from stancecraft_training.config import Source

_ROUNDED = 0.01


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
    told: list[labelled.Labelled] = []
    problems: list[str] = []
    seen: set[Path] = set()
    for source in sources:
        try:
            paths = labelled.files(source.path)
        except (DataError, InputError) as error:
            problems += error.lines
            continue
        for path in paths:
            if path.resolve() in seen:
                problems.append(f"{path}: named twice under data.sources")
                continue
            seen.add(path.resolve())
            for statement, place in labelled.table(path, problems):
                row = labelled.labelled(statement, place, path, codebook, source.unlisted, problems)
                told.append(row)
                rows.append(_to_learn(row, codebook, source, problems))
    labelled.require(problems + labelled.divided(told))
    if not any(row.labels for row in rows):
        raise DataError(f"no labelled rows in {', '.join(str(source.path) for source in sources)}")
    return rows


def checksums(sources: Sequence[Source]) -> dict[str, str]:
    """SHA-256 of every file of the sources, by its path below the folder that holds them all."""
    paths = [path.resolve() for source in sources for path in labelled.files(source.path)]
    above = Path(os.path.commonpath([path.parent for path in paths]))
    return {path.relative_to(above).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def counts(rows: Sequence[Labelled], codebook: Codebook) -> dict[str, dict[str, int]]:
    """Rows per issue and value; rows without a label for the issue are not counted."""
    return {
        issue: {value: sum(row.labels.get(issue) == value for row in rows) for value in VALUES}
        for issue in codebook.ids
    }


def origin(row: Labelled) -> str:
    """Where a row comes from: the folder of authored statements, or its file's name without the ending."""
    path = Path(row.statement.meta["file"])
    return path.parent.name if path.parent.name == "authored" else path.stem


def _to_learn(row: labelled.Labelled, codebook: Codebook, source: Source, problems: list[str]) -> Labelled:
    taught, faults = _taught(row.statement.meta, codebook)
    problems += [f"{row.place}: {problem}" for problem in faults]
    statement = replace(row.statement, meta={"document": row.document, "file": row.file})
    return Labelled(statement, row.labels, taught, source.repeat)


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
