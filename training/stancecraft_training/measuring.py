"""What an exported model is worth: measured with what users run."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from stancecraft import classifier, metrics
from stancecraft.codebook import Codebook
from stancecraft.errors import ModelError
from stancecraft.records import VALUES
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
                measured[name]["promises"] = _promises(model, rows, book)
    measured["train"] = {
        "statements": len(splits.train),
        "sources": dict(Counter(map(labelled.origin, splits.train))),
        "labels": labelled.counts(splits.train, book),
    }
    return measured


def _promises(model: classifier.StanceClassifier, rows: list[Labelled], book: Codebook) -> list[dict[str, Any]]:
    """For some promised errors what came of them: share of stances still given, and how many of these are wrong."""
    told = []
    everything = model.predict([row.statement for row in rows])
    about = sum(one.is_about for prediction in everything for one in prediction.positions.values())
    for promised in _PROMISED:
        try:
            thresholds = model.thresholds(promised)
        except ModelError:
            told.append({"max_error": promised, "kept": None})
            continue
        given = wrong = 0
        for row, prediction in zip(rows, everything, strict=True):
            for issue, position in prediction.positions.items():
                if not position.is_about or position.stance is None or issue not in row.labels:
                    continue
                sure = position.probabilities[position.stance] >= thresholds[issue].stance
                given += sure
                wrong += sure and row.labels[issue] != position.stance
        told.append({
            "max_error": promised, "stance": thresholds[book.ids[0]].stance, "given": given, "of": about,
            "wrong": wrong, "kept": wrong <= promised * given,
        })  # fmt: skip
    return told


def abstention(folder: Path, rows: list[Labelled], book: Codebook, about: float) -> dict[str, Any]:
    """What the exported model gets wrong on documents kept for that, by how sure it is."""
    predictions = classifier.load(folder).predict([row.statement for row in rows])
    shares = [[[one.probabilities[v] for v in VALUES] for one in p.positions.values()] for p in predictions]
    documents = [str(row.statement.meta["document"]) for row in rows]
    steps = calibrate.abstention(np.asarray(shares), [dict(row.labels) for row in rows], book.ids, documents, about)
    return {"documents": len(set(documents)), "statements": len(rows), "steps": [asdict(step) for step in steps]}
