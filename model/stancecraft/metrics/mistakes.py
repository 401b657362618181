"""The errors themselves, and statements written to probe one thing each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from stancecraft.metrics.judged import Judged

_DIGITS = 4


def errors(judged: Sequence[Judged], issues: Sequence[str]) -> list[dict[str, Any]]:
    """Every wrong answer, the most confident first; decisions without an answer are none.

    Returns:
        What was wrong (``missed``: about the issue, answered none; ``imagined``: the other way round; ``stance``), how
        probable the answer was held, and the statement with the words around it.
    """
    found = [
        {
            "what": "missed" if decision.answer == "none" else "imagined" if decision.gold == "none" else "stance",
            "issue": issue, "gold": decision.gold, "answer": decision.answer,
            "probability": round(decision.probabilities[decision.answer], _DIGITS), **_told(one),
        }
        for one in judged
        for issue, decision in one.decisions(issues)
        if decision.answer is not None and decision.answer != decision.gold
    ]  # fmt: skip
    return sorted(found, key=lambda one: (-one["probability"], one["place"], one["issue"], one["text"]))


def probes(judged: Sequence[Judged], issues: Sequence[str]) -> list[dict[str, Any]]:
    """How many of the statements with a column ``probe`` are answered rightly on all judged issues, by probe.

    (CheckList: Ribeiro et al. 2020, https://aclanthology.org/2020.acl-main.442.)
    """
    parts: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        name = one.statement.meta.get("probe")
        if name and one.gold:
            parts[str(name)].append(one)
    told = []
    for name, rows in sorted(parts.items()):
        wrong = [
            {"issues": faults, **_told(one)}
            for one in rows
            if (faults := {issue: {"gold": decision.gold, "answer": decision.answer}
                           for issue, decision in one.decisions(issues) if decision.answer != decision.gold})
        ]  # fmt: skip
        wrong.sort(key=lambda one: (one["place"], one["text"]))
        told.append({
            "probe": name, "statements": len(rows), "passed": len(rows) - len(wrong),
            "rate": round(1 - len(wrong) / len(rows), _DIGITS), "failing": wrong,
        })  # fmt: skip
    return told


def wordless(report: Mapping[str, Any]) -> dict[str, Any]:
    """A report without the words of statements."""
    bare = dict(report)
    bare["errors"] = [_bare(one) for one in report["errors"]]
    bare["probes"] = [{**one, "failing": [_bare(row) for row in one["failing"]]} for one in report["probes"]]
    return bare


def _bare(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in ("text", "before", "after")}


def _told(one: Judged) -> dict[str, Any]:
    statement = one.statement
    return {
        "place": one.place, "id": statement.id, "document": one.document, "speaker": statement.speaker,
        "side": statement.side, "role": statement.role, "before": one.before, "text": statement.text,
        "after": one.after,
    }  # fmt: skip
