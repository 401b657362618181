"""Parts of the data measured apart: where a model is worse than on the whole."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from stancecraft import metrics
from stancecraft.metrics import confusion, resampling
from stancecraft.metrics.judged import Judged, counts, decisions

FEWEST_ABOUT = 30
"""Gold decisions about an issue below which a part is never called one of the worst."""

_FEWEST_IN_DOCUMENT = 5  # statements
_MOST_WORST = 5
_COUNTED = ("statements", "decisions", "about", "both", "stance_macro_f1")
_LENGTHS = ((5, "1 to 5 words"), (10, "6 to 10 words"), (20, "11 to 20 words"), (40, "21 to 40 words"))
_WORD = re.compile(r"\w+")
_YEAR = re.compile(r"\d{4}")
_UNTOLD = "(not told)"


def measured(judged: Sequence[Judged], issues: Sequence[str], seed: int) -> list[dict[str, Any]]:
    """Figures of every part, over all issues together, parts of one kind side by side.

    A kind of which all statements have the same value, or none, is left out. Statements without any label count in no
    part; documents count as parts from five statements on.
    """
    parts: dict[tuple[str, str], list[Judged]] = defaultdict(list)
    for one in judged:
        if one.gold:
            for part in _parts(one):
                parts[part].append(one)
    kinds: dict[str, list[str]] = defaultdict(list)
    for kind, name in sorted(parts):
        kinds[kind].append(name)
    return [
        _figures(kind, name, parts[kind, name], issues, seed)
        for kind in _KINDS
        for name in kinds[kind]
        if (len(kinds[kind]) > 1 and kinds[kind] != [_UNTOLD])
        and (kind != "document" or len(parts[kind, name]) >= _FEWEST_IN_DOCUMENT)
    ]


def worst(parts: Sequence[dict[str, Any]], overall: float) -> list[dict[str, Any]]:
    """The parts with the lowest F1 of issue and stance, at most five, worst first, each with a sentence.

    Only parts count of which at least :data:`FEWEST_ABOUT` gold decisions are about an issue, and which lie below the
    whole. A part is *surely* worse where the upper bound of its interval lies below the whole's figure.

    Args:
        parts: As :func:`measured` gives them.
        overall: F1 of issue and stance on the whole.
    """
    below = [one for one in parts if one["about"]["gold"] >= FEWEST_ABOUT and one["both"]["f1"] < overall]
    below.sort(key=lambda one: (one["both"]["f1"], one["kind"], one["name"]))
    # A document may be all that there is of a side: such parts are told once.
    apart = {tuple(str(one[key]) for key in _COUNTED): one for one in reversed(below)}
    return [
        {"kind": one["kind"], "name": one["name"], "sure": _surely(one, overall), "words": _words(one, overall)}
        for one in [one for one in below if one in apart.values()][:_MOST_WORST]
    ]


_KINDS = (
    "document", "kind", "side", "role", "year", "length", "context", "reported", "question", "issues at once", "gold",
)  # fmt: skip


def _parts(one: Judged) -> Iterator[tuple[str, str]]:
    statement = one.statement
    if statement.doc:
        yield "document", statement.doc
    yield "kind", statement.kind or _UNTOLD
    yield "side", statement.side or _UNTOLD
    yield "role", statement.role
    year = _YEAR.match(statement.date)
    yield "year", year.group() if year else _UNTOLD
    yield "length", _length(statement.text)
    if "context" in statement.meta:
        yield "context", str(statement.meta["context"])
    yield "reported", "reported" if statement.reported else "not reported"
    asks = statement.role == "questioner" or statement.text.rstrip("\"'”’ ").endswith("?")
    yield "question", "asked (by a questioner, or ends in ?)" if asks else "not asked"
    yield "issues at once", ("about none", "about one", "about several")[min(one.about, 2)]
    for value in sorted({value for value in one.gold.values() if value != "none"}):
        yield "gold", f"{value} on some issue"


def _length(text: str) -> str:
    words = len(_WORD.findall(text))
    return next((name for most, name in _LENGTHS if words <= most), "more than 40 words")


def _figures(kind: str, name: str, judged: Sequence[Judged], issues: Sequence[str], seed: int) -> dict[str, Any]:
    found, tables = decisions(judged, issues), counts(judged, issues).sum(axis=1)
    told = {figure: confusion.FIGURES[figure] for figure in ("about", "both", "stance_macro_f1")}
    return {
        "kind": kind, "name": name, "statements": len(judged), "documents": len(tables), "decisions": len(found),
        "about": metrics.about(found).to_data(), "both": metrics.both(found).to_data(),
        "stance_macro_f1": round(metrics.stance_macro_f1(found), 4),
        "intervals": resampling.intervals(tables, told, seed),
    }  # fmt: skip


def _surely(part: dict[str, Any], overall: float) -> bool:
    interval = part["intervals"].get("both")
    return interval is not None and interval[1] < overall


def _words(part: dict[str, Any], overall: float) -> str:
    both, about = part["both"], part["about"]
    low_high = part["intervals"].get("both")
    told = f" ({low_high[0]:.2f} to {low_high[1]:.2f})" if low_high else " (one document, no interval)"
    why = (
        "mostly wrong stances on issues that it finds" if about["f1"] - both["f1"] > 1 - about["f1"]
        else "mostly issues that it misses" if about["recall"] + 0.1 < about["precision"]
        else "mostly issues that it sees where there are none" if about["precision"] + 0.1 < about["recall"]
        else "issues and stances alike"
    )  # fmt: skip
    sure = "; chance may explain the gap" if low_high and not _surely(part, overall) else ""
    return (f"{part['kind']} {part['name']}: issue and stance {both['f1']:.2f}{told} beside {overall:.2f} overall, "
            f"n = {about['gold']} about an issue; {why}{sure}.")  # fmt: skip
