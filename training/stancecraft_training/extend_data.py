"""The labelled statements of a new issue, in their context and apart from what is held out for the old issues."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

from stancecraft import readers
from stancecraft.errors import ConfigError, DataError
from stancecraft.records import VALUES, Statement, Value
from stancecraft_training import annotations as stand_off
from stancecraft_training import split
from stancecraft_training.config import Extend
from stancecraft_training.labelled import Labelled
from stancecraft_training.split import Splits


def passages(plan: Extend) -> list[Labelled]:
    """The labelled statements of the new issue and those around them, which have no label and give context.

    Raises:
        ConfigError: If no text of a labelled document is found.
        DataError: If an annotation file is not valid.
    """
    rows: list[Labelled] = []
    missing: list[str] = []
    for doc, marks in stand_off.load(plan.annotations).items():
        path = stand_off.find_text(doc, plan.texts, marks[0].sha256)
        if path is None:
            missing.append(doc)
            continue
        transcript = readers.read(path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        values = {
            statement.start: _value(mark.labels, plan.issue)
            for mark, statement in stand_off.pairs(marks, transcript, digest)
        }
        rows += _around(transcript.statements, values, plan, doc)
    if missing:
        raise ConfigError(
            f"extend.texts: no text in {plan.texts} for {len(missing)} labelled documents: {', '.join(missing[:5])}"
        )
    return rows


def _value(labels: Mapping[str, str], issue: str) -> Value:
    """The label of the new issue; a statement without one was read and is not about it."""
    return next(value for value in VALUES if value == labels.get(issue, "none"))


def _around(
    statements: Sequence[Statement], values: Mapping[int | None, Value], plan: Extend, doc: str
) -> list[Labelled]:
    labelled = [at for at, one in enumerate(statements) if one.start in values]
    near = {at for one in labelled for at in range(one - plan.context, one + plan.context + 1)}
    return [
        Labelled(
            replace(one, doc=doc, id=f"{doc}:{one.start}", meta={"document": doc, "file": str(plan.annotations)}),
            {plan.issue: values[one.start]} if one.start in values else {},
        )
        for at, one in enumerate(statements)
        if at in near
    ]


def require_apart(old: Splits, fresh: Splits) -> None:
    """No document may be learnt from for one issue and held out for another."""
    places = {
        str(row.statement.meta["document"]): name for name in split.NAMES for row in getattr(old, name) if row.labels
    }
    problems = {
        f"extend.split: {document} is in {name}, and in {before} of the old data"
        for name in split.NAMES
        for row in getattr(fresh, name)
        if (before := places.get(document := str(row.statement.meta["document"]), name)) != name
        and "train" in (before, name)
    }
    if problems:
        raise DataError(*sorted(problems))


def drawn(row: Labelled, share: float, seed: int) -> bool:
    """Whether a row's document is among those replayed."""
    return split.place(str(row.statement.meta["document"]), seed) < share


def checksums(plan: Extend) -> dict[str, str]:
    """SHA-256 of the new issue's annotations and of the file that fixes their splits."""
    files = [*sorted(plan.annotations.glob("*.jsonl")), *([plan.split.file] if plan.split.file else [])]
    return {f"{plan.issue}/{file.name}": hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
