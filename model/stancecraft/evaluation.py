"""A run of ``evaluate``: labelled statements in, one report out, of one model or of two side by side."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stancecraft import labelled, prediction, shortcuts, speakers
from stancecraft.artifact import LAYOUT, Artifact
from stancecraft.classifier import StanceClassifier, load
from stancecraft.errors import DataError
from stancecraft.labelled import Labelled, Unlisted
from stancecraft.metrics import comparison, evaluation
from stancecraft.metrics.judged import Judged
from stancecraft.records import Prediction, Statement

SCHEMA = "stancecraft-evaluation/1"
"""Version of the report's shape."""

_LONG_WORK = 400  # statements
_ASKED = 200  # statements on which it is tried whether a model sees who speaks
_FEWEST_DOCUMENTS = 10


@dataclass(frozen=True, slots=True)
class Request:
    """What to measure.

    Attributes:
        data: File or folder of labelled statements.
        model: Model folder; the packaged one if ``None``.
        against: Folder of a second model to compare with, or ``None``.
        unlisted: What a missing label means.
        shortcuts: Whether to try what answers rest on; each trial labels the data once more.
        seed: Of all resampling, and of shuffling.
        threads: Processor threads; all that there are if ``None``.
    """

    data: Path
    model: Path | None = None
    against: Path | None = None
    unlisted: Unlisted = "unlabelled"
    shortcuts: bool = False
    seed: int = 1
    threads: int | None = None


def run(request: Request, tell: Callable[[str], None]) -> dict[str, Any]:
    """Measure.

    Args:
        request: What.
        tell: Takes notes, one line at a time; they also stand in the report.

    Returns:
        The report as plain data; its keys are described in ``docs/evaluate.md``.

    Raises:
        DataError: If the data is at fault, with one line per violation.
        ModelError: If a model folder is.
    """
    model = load(request.model, threads=request.threads)
    other = load(request.against, threads=request.threads) if request.against else None
    rows = labelled.read([request.data], model.codebook, request.unlisted)
    ids = model.codebook.ids
    judged = _judged(rows, _predict(model, [row.statement for row in rows]))
    notes = _notes(rows, model.artifact, request.unlisted)
    report: dict[str, Any] = {
        "schema": SCHEMA,
        "model": model.artifact.model,
        "data": {Path(file).name: _sha256(Path(file)) for file in sorted({row.file for row in rows})},
        "unlisted": request.unlisted,
        "seed": request.seed,
        "titles": {issue.id: issue.title for issue in model.codebook.issues},
        **evaluation.evaluate(judged, ids, steps=model.artifact.abstention, seed=request.seed),
        "stored": stored(model.artifact),
        "against": None,
        "shortcuts": [],
    }
    if other is not None:
        report["against"], more = _compared(judged, rows, model, other, request.seed)
        notes += more
    if request.shortcuts:
        report["shortcuts"], more = _tried(model, rows, judged, request.seed, tell)
        notes += more
    report["notes"] = notes
    for note in notes:
        tell(f"note: {note}")
    return report


def stored(model: Artifact) -> dict[str, Any]:
    """What a model's folder tells of its own test documents: figures; baselines, seeds, agreement where it has them."""
    told = json.loads(model.file(LAYOUT.evaluation).read_text("utf-8"))
    if not isinstance(told, dict):
        return {}
    test = told.get("test")
    own = {"test": {**test.get("overall", {}), "statements": test.get("statements"),
                    "documents": test.get("documents")}} if isinstance(test, dict) else {}  # fmt: skip
    return own | {name: told[name] for name in ("baselines", "seeds", "agreement") if isinstance(told.get(name), dict)}


def _predict(model: StanceClassifier, statements: Sequence[Statement], what: str = "statements") -> list[Prediction]:
    with prediction.progress(len(statements) if len(statements) >= _LONG_WORK else 0, what) as advance:
        return model.predict(statements, progress=advance)


def _judged(rows: Sequence[Labelled], predictions: Sequence[Prediction]) -> list[Judged]:
    """Rows with their answers and the words beside them in the same document."""
    told = []
    for at, (row, one) in enumerate(zip(rows, predictions, strict=True)):
        before, after = (_words_of(rows, row, beside) for beside in (at - 1, at + 1))
        told.append(Judged(row.statement, row.labels, one.positions, row.document, row.place, before, after))
    return told


def _words_of(rows: Sequence[Labelled], row: Labelled, beside: int) -> str:
    same = 0 <= beside < len(rows) and row.statement.doc and rows[beside].document == row.document
    return rows[beside].statement.text if same else ""


def _notes(rows: Sequence[Labelled], model: Artifact, unlisted: Unlisted) -> list[str]:
    notes = []
    documents = len({row.document for row in rows})
    if documents == 1:
        notes.append("all statements are of one document: no intervals, for they are resampled by document")
    elif documents < _FEWEST_DOCUMENTS:
        notes.append(f"only {documents} documents: intervals are rough")
    values = {value for row in rows for value in row.labels.values()}
    if "none" not in values and unlisted != "none":
        notes.append("no label says none: what a model imagines cannot be seen, and precision is too high; "
                     "if an issue that is not listed was judged none, say so with --unlisted none")  # fmt: skip
    if not values - {"none"}:
        notes.append("no label says that a statement is about an issue: F1 figures are 0")
    silent = [issue for issue in model.codebook.ids if not any(issue in row.labels for row in rows)]
    if silent:
        notes.append(f"no labels for {', '.join(silent)}")
    used = set(model.manifest.get("training", {}).get("data", {}).values())
    seen = [file for file in sorted({row.file for row in rows}) if used and _sha256(Path(file)) in used]
    if seen:
        told = f"{Path(seen[0]).name}" + (f" and {len(seen) - 1} more files" if len(seen) > 1 else "")
        notes.append(
            f"{told}: among the files that {model.model} was made from; on what it learnt from figures flatter"
        )
    return notes


def _compared(
    judged: Sequence[Judged], rows: Sequence[Labelled], model: StanceClassifier, other: StanceClassifier, seed: int
) -> tuple[dict[str, Any], list[str]]:
    shared = [issue for issue in model.codebook.ids if issue in other.codebook.ids]
    if not shared:
        raise DataError(f"{other.artifact.model} knows none of the issues of {model.artifact.model}: "
                        f"{', '.join(other.codebook.ids)} beside {', '.join(model.codebook.ids)}")  # fmt: skip
    theirs = _judged(rows, _predict(other, [row.statement for row in rows], other.artifact.model))
    left_out = [issue for issue in model.codebook.ids if issue not in shared]
    notes = [f"compared without {', '.join(left_out)}, which {other.artifact.model} does not know"] if left_out else []
    return {
        "model": other.artifact.model, "issues": shared,
        **comparison.compare(judged, theirs, shared, seed),
        "figures": evaluation.overall([*theirs], shared, seed),
    }, notes  # fmt: skip


def _tried(
    model: StanceClassifier, rows: Sequence[Labelled], judged: Sequence[Judged], seed: int, tell: Callable[[str], None]
) -> tuple[list[dict[str, Any]], list[str]]:
    """One trial per shortcut: the same statements changed in one respect, and what that did to the figures."""
    statements = [row.statement for row in rows]
    trials, notes = [], []

    def tried(name: str, how: str, changed: Sequence[Statement], went: Sequence[int] | None = None) -> None:
        tell(f"shortcut: {name}")
        answers = _predict(model, changed, name)
        if went is not None:
            at_home = {one: place for place, one in enumerate(went)}
            answers = [answers[at_home[at]] for at in range(len(answers))]
        apart = comparison.compare(judged, _judged(rows, answers), model.codebook.ids, seed)
        trials.append({"name": name, "how": how, **apart})

    tried("context removed", "every statement alone, as if it were a document", shortcuts.alone(statements))
    if len({row.document for row in rows}) > 1 and any(one.doc for one in statements):
        placed, went = shortcuts.misplaced(statements, seed)
        tried("context of other statements",
              "statements of all documents dealt out anew, each between strangers", placed, went)  # fmt: skip
    else:
        notes.append("context of other statements: left out, for it takes two documents")
    asked = statements[:_ASKED]
    if [one.positions for one in model.predict(asked)] == [
        one.positions for one in model.predict(shortcuts.anonymous(asked))
    ]:
        notes.append(f"speaker masked: left out; {model.artifact.model} answers the same without names and sides of "
                     "speakers, since it is not shown them")  # fmt: skip
    else:
        tried("speaker masked", "no name and no side of the speaker", shortcuts.anonymous(statements))
    names = shortcuts.Names.of(speakers.packaged())
    sides, people = names.found(statements)
    if sides or people:
        told = f"{len(sides)} countries and organisations, {len(people)} people of the table of speakers"
        tried(
            "names masked", f"{told}: each replaced by {shortcuts.SIDE} or {shortcuts.PERSON}", names.masked(statements)
        )
        tried("names swapped", f"{told}: each replaced by the next in the alphabet", names.swapped(statements))
    else:
        notes.append("names masked: left out, for the statements name nobody that the table of speakers knows")
    words = shortcuts.keywords(model.codebook)
    tried("issue keywords masked", f"replaced by '{shortcuts.WORD}': {', '.join(words)}",
          shortcuts.without_keywords(statements, words))  # fmt: skip
    return trials, notes


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
