"""Statements written to probe one thing each: negation, irony, reported claims and so on (Ribeiro et al. 2020).

A row is a labelled statement with a column ``probe``; rows without one are context for those behind them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from stancecraft import classifier, metrics, readers
from stancecraft.errors import DataError
from stancecraft.records import VALUES, Position, Statement, Value

_ALL = "all"


@dataclass(frozen=True, slots=True)
class Probed:
    """A probing statement with its gold labels and what a model answered."""

    probe: str
    statement: Statement
    gold: Mapping[str, Value]
    positions: Mapping[str, Position]

    @property
    def passed(self) -> bool:
        """Whether every issue was answered as labelled."""
        return all(self.positions[issue].stance == value for issue, value in self.gold.items())


def run(data: Path, model: Path | None) -> list[Probed]:
    """Label the probing statements of a file with a model.

    Args:
        data: JSONL.
        model: Model folder; the packaged one if ``None``.

    Raises:
        InputError: If the file cannot be read.
        ModelError: If the folder is not a sound model.
        DataError: If no row probes anything, or a label is not legal.
    """
    statements = readers.read(data).statements
    judge = classifier.load(model)
    found, problems = [], []
    for prediction in judge.predict(statements):
        probe = str(prediction.statement.meta.get("probe") or "")
        labels = prediction.statement.meta.get("labels")
        where = f"{data}: {prediction.statement.id}"
        if not isinstance(labels, Mapping):
            problems.append(f"{where}: expected a column labels with an object of issue to value, got {labels!r}")
        elif not all(value in VALUES for value in labels.values()):
            problems.append(f"{where}: expected labels out of {', '.join(VALUES)}")
        elif unknown := [issue for issue in labels if issue not in judge.codebook.ids]:
            problems.append(f"{where}: the model does not know the issue {unknown[0]!r}")
        elif probe:
            gold = {issue: cast(Value, labels.get(issue, "none")) for issue in judge.codebook.ids}
            found.append(Probed(probe, prediction.statement, gold, prediction.positions))
    if problems or not found:
        raise DataError(*(problems or [f"{data}: no row has a probe"]))
    return found


def table(data: Path, model: Path | None) -> str:
    """Per probe the number of statements, the share that is right on all issues, and the F1 figures, as Markdown.

    Raises:
        StancecraftError: As :func:`run`.
    """
    found = run(data, model)
    probes = [_ALL, *dict.fromkeys(one.probe for one in found)]
    lines = [_line(probe, [one for one in found if probe in (_ALL, one.probe)]) for probe in probes]
    return (
        "| probe | statements | all issues right | F1 about | F1 issue and stance |\n|---|---|---|---|---|\n"
        + "".join(lines)
    )


def _line(probe: str, found: Sequence[Probed]) -> str:
    issues = list(found[0].gold)
    overall: dict[str, Any] = metrics.report([one.gold for one in found], [one.positions for one in found], issues)[
        "overall"
    ]
    right = sum(one.passed for one in found) / len(found)
    # A probe of statements about none has nothing to find.
    figures = [f"{overall[name]['f1']:.2f}" if overall[name]["gold"] else "-" for name in ("about", "both")]
    return f"| {probe} | {len(found)} | {right:.2f} | {' | '.join(figures)} |\n"
