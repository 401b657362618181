"""What an extended model kept of the old issues, and what it is worth on the new one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from stancecraft import classifier, metrics
from stancecraft.errors import DataError
from stancecraft.metrics import confusion, resampling
from stancecraft.metrics.judged import Judged, counts, decisions
from stancecraft.records import VALUES
from stancecraft_training import extend_curve
from stancecraft_training.labelled import Labelled


def kept(
    before: Path, after: Path, rows: Sequence[Labelled], issues: Sequence[str], most_lost: float
) -> dict[str, Any]:
    """F1 of issue and stance of the old issues before and after, by the graphs that users run.

    Args:
        before: Model folder.
        after: Model folder that knows the same issues and more.
        rows: With labels of the old issues; others are only read.
        issues: Ids of the old issues.
        most_lost: Largest drop of the F1 over all of them.

    Returns:
        ``issues`` (id to ``before`` and ``after``), ``before``, ``after``, ``lost``, its 95 % ``interval`` by paired
        bootstrap over documents (``None`` of a single document), ``statements`` and ``lost_too_much``, which goes by
        ``lost`` alone: a promise is not kept by too few test documents.

    Raises:
        DataError: If no row has a label of an old issue.
    """
    old_rows = [row for row in rows if any(issue in row.labels for issue in issues)]
    if not old_rows:
        raise DataError("data.split: no test statement has a label of an old issue: what was kept cannot be measured")
    each: dict[str, dict[str, float]] = {issue: {} for issue in issues}
    told: dict[str, Any] = {"statements": len(old_rows), "issues": each}
    tables = []
    for name, folder in (("before", before), ("after", after)):
        judged = _judged(folder, old_rows)
        for issue in issues:
            each[issue][name] = round(metrics.both(decisions(judged, [issue])).f1, 4)
        told[name] = round(metrics.both(decisions(judged, issues)).f1, 4)
        tables.append(counts(judged, issues).sum(axis=1))
    told["lost"] = round(told["before"] - told["after"], 4)
    told["interval"] = resampling.difference(tables[1], tables[0], confusion.both, 1).get("interval")
    told["lost_too_much"] = told["lost"] > most_lost
    return told


def figures(folder: Path, rows: Sequence[Labelled], issue: str) -> dict[str, Any]:
    """What the exported model is worth on the new issue's test statements.

    Returns:
        ``statements``, ``values`` (how many have each), F1 ``about`` and ``both``, their ``intervals``, and
        ``constant``, the F1 of issue and stance of whoever gives every statement the same stance.
    """
    judged = _judged(folder, extend_curve.in_documents_with(rows, issue))
    found = decisions(judged, [issue])
    values = {value: sum(one.gold == value for one in found) for value in VALUES}
    return {
        "statements": len(found), "values": values, "about": metrics.about(found).to_data(),
        "both": metrics.both(found).to_data(), "constant": round(_constant(found), 4),
        "intervals": resampling.intervals(
            counts(judged, [issue])[:, 0], {"about": confusion.about, "both": confusion.both}, 1
        ),
    }  # fmt: skip


def _constant(found: Sequence[metrics.Decision]) -> float:
    """Best F1 of issue and stance that one stance for every statement has: what a model must beat."""
    return max(metrics.both(replace(one, answer=value) for one in found).f1 for value in metrics.STANCES)


def _judged(folder: Path, rows: Sequence[Labelled]) -> list[Judged]:
    """Labelled rows and what a model folder answers; all is read, since a gate that one folder has is no forgetting."""
    predictions = classifier.load(folder).predict([row.statement for row in rows], gate=False)
    return [
        Judged(row.statement, row.labels, one.positions, str(row.statement.meta["document"]))
        for row, one in zip(rows, predictions, strict=True)
    ]


def described(report: Mapping[str, Any]) -> list[str]:
    """A report as lines for a person."""
    lines = [
        f"kept: {issue}: F1 {one['before']:.3f} before, {one['after']:.3f} after"
        for issue, one in report["issues"].items()
    ]
    verdict = "MORE THAN ALLOWED" if report["lost_too_much"] else "within what is allowed"
    lines.append(
        f"kept: all old issues: F1 {report['before']:.3f} before, {report['after']:.3f} after, on "
        f"{report['statements']} test statements: {verdict}"
    )
    if report["interval"]:
        low, high = report["interval"]
        lines.append(f"kept: lost {report['lost']:.3f}, 95 % interval {low:.3f} to {high:.3f}")
    new = report["new"]
    return [
        *lines,
        f"{report['issue']}: F1 about {new['about']['f1']:.3f}, issue and stance {new['both']['f1']:.3f} "
        f"({new['statements']} test statements; one stance for all of them: {new['constant']:.3f}); "
        f"{report['seconds']} s in all",
    ]
