"""What an exported model is worth: measured with what users run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from stancecraft import classifier, metrics
from stancecraft.codebook import Codebook
from stancecraft.metrics import calibration
from stancecraft.policy import Step
from stancecraft.records import VALUES, Prediction
from stancecraft_training import calibrate, labelled, split
from stancecraft_training.labelled import Labelled
from stancecraft_training.split import Splits

_PROMISED = (0.1, 0.2, 0.3, 0.35, 0.4, 0.45)


def evaluate(folder: Path, splits: Splits, book: Codebook) -> dict[str, Any]:
    """Measure the exported folder with what users run: the figures on dev and on test, and what was trained on."""
    model = classifier.load(folder)
    measured = {}
    for name in split.NAMES[1:]:
        if rows := getattr(splits, name):
            predictions = model.predict([row.statement for row in rows])
            positions = [prediction.positions for prediction in predictions]
            documents = [str(row.statement.meta["document"]) for row in rows]
            measured[name] = metrics.report([row.labels for row in rows], positions, book.ids, documents)
            measured[name]["documents"] = len(set(documents))
            if model.artifact.abstention:
                measured[name]["promises"] = _promises(predictions, rows, model.artifact.abstention)
            if name == "test":
                measured[name]["confusion_by_document"] = _confusion(predictions, rows, documents)
    measured["train"] = {
        "statements": len(splits.train),
        "sources": dict(Counter(map(labelled.origin, splits.train))),
        "labels": labelled.counts(splits.train, book),
    }
    return measured


def _promises(
    predictions: Sequence[Prediction], rows: Sequence[Labelled], steps: Sequence[Step]
) -> list[dict[str, Any]]:
    """For some promised errors what came of them: share of stances still given, and how many of these are wrong."""
    stances = [
        (position.probabilities[position.stance], position.stance == row.labels[issue])
        for row, prediction in zip(rows, predictions, strict=True)
        for issue, position in prediction.positions.items()
        if issue in row.labels and position.stance is not None and position.is_about
    ]
    return calibration.promises(stances, steps, _PROMISED)


def _confusion(
    predictions: Sequence[Prediction], rows: Sequence[Labelled], documents: Sequence[str]
) -> dict[str, list[list[int]]]:
    """Per document, how often each true value (rows) was answered with each value (columns), over all issues.

    `stancecraft compare` corrects by it.
    """
    tables: dict[str, list[list[int]]] = {}
    for row, prediction, document in zip(rows, predictions, documents, strict=True):
        table = tables.setdefault(document, [[0] * len(VALUES) for _ in VALUES])
        for issue, true in row.labels.items():
            if (answer := prediction.positions[issue].stance) is not None:
                table[VALUES.index(true)][VALUES.index(answer)] += 1
    return tables


def abstention(folder: Path, rows: list[Labelled], book: Codebook, about: float) -> dict[str, Any]:
    """What the exported model gets wrong on documents kept for that, by how sure it is."""
    predictions = classifier.load(folder).predict([row.statement for row in rows])
    shares = [[[one.probabilities[v] for v in VALUES] for one in p.positions.values()] for p in predictions]
    documents = [str(row.statement.meta["document"]) for row in rows]
    steps = calibrate.abstention(np.asarray(shares), [dict(row.labels) for row in rows], book.ids, documents, about)
    return {"documents": len(set(documents)), "statements": len(rows), "steps": [asdict(step) for step in steps]}
