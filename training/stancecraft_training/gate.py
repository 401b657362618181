"""Fits the gate of a model folder: a linear model of what the folder's own network finds about some issue.

It learns from the network's probabilities on any texts, labelled or not (distillation), so what it is measured by is
the network's answers too: the decisions that come out otherwise with the gate than without.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from stancecraft import artifact, classifier, gate, readers, windows, writers
from stancecraft.artifact import GATE, LAYOUT, MANIFEST
from stancecraft.errors import ConfigError, DataError
from stancecraft.gate import Gate
from stancecraft.records import Prediction, Statement
from stancecraft.scorer import TextEncoder
from stancecraft.windows import IntArray

PAIRS = 1 << 16
_STRENGTH = 1.0  # inverse of the regularisation, as scikit-learn has it
_LIGHT = 1e-3  # a share of a label that is not worth a row
_ALLOWED = 0.25  # of what may change, what the choice uses up: documents differ, and those to come are others

Floats = npt.NDArray[np.float64]


def fit(
    folder: Path, texts: Sequence[Path], held_out: Sequence[Path], test: Sequence[Path], *, most: float,
    tell: Callable[[str], None],
) -> dict[str, Any]:  # fmt: skip
    """Fit a gate and put it into the folder, in use by default if it keeps what is asked.

    Args:
        folder: A model folder; its gate, if it has one, is replaced.
        texts: What to learn from: transcripts, tables of statements, or folders of them.
        held_out: Of the same kinds, by which the threshold is chosen.
        test: Of the same kinds, on which the change is measured.
        most: Largest share in (0, 1) of the decisions other than ``none``, with or without the gate, that may change.
        tell: Takes progress, one line at a time.

    Returns:
        What the manifest says of the gate.

    Raises:
        ConfigError: If ``most`` is not such a share.
        DataError: If the network finds nothing about any issue in one of the three.
        InputError: If a text cannot be read.
        ModelError: If the folder is not a sound model.
    """
    if not 0 < most < 1:
        raise ConfigError(f"most: expected a share between 0 and 1, got {most:g}")
    began = time.perf_counter()
    model = classifier.load(folder)
    encoder = TextEncoder.from_file(folder / LAYOUT.tokenizer, model.artifact.window)
    learnt = _answers(model, texts, tell)
    fitted = _fitted(encoder, learnt)
    chosen = replace(fitted, least=_least(encoder, fitted, _answers(model, held_out, tell), most * _ALLOWED))
    seen = _answers(model, test, tell)
    changed, left_out = _cost(encoder, chosen, seen)
    chosen = replace(chosen, default=changed <= most)
    told = {
        "vocabulary": chosen.vocabulary, "pairs": chosen.pairs, "bias": chosen.bias, "least": chosen.least,
        "default": chosen.default, "learnt_from": len(learnt), "most": most,
        "test": {"statements": len(seen), "changed": round(changed, 5), "left_out": round(left_out, 4)},
        "seconds": round(time.perf_counter() - began),
    }  # fmt: skip
    _install(folder, chosen, told)
    return told


def _answers(
    model: classifier.StanceClassifier, paths: Sequence[Path], tell: Callable[[str], None]
) -> list[Prediction]:
    """What the network alone makes of texts, in order."""
    found: list[Prediction] = []
    for path, doc in readers.expand(paths):
        found += model.predict(readers.read(path, doc=doc).statements, gate=False)
    if not any(position.is_about for one in found for position in one.positions.values()):
        raise DataError(f"{', '.join(map(str, paths))}: the network finds no statement about any issue here")
    tell(f"{len(found)} statements of {', '.join(path.name for path in paths)}")
    return found


def _fitted(encoder: TextEncoder, answers: Sequence[Prediction]) -> Gate:
    """A gate with a threshold still to choose."""
    vocabulary = encoder.vocabulary
    features = _features(encoder, [one.statement for one in answers], vocabulary)
    about = np.asarray([max(position.about for position in one.positions.values()) for one in answers])
    # A probability as a label: the row twice, once for each label, weighted by its share.
    twice, labels = sparse.vstack([features, features]).tocsr(), np.repeat([1, 0], len(about))
    weights = np.concatenate([about, 1 - about])
    kept = weights > _LIGHT
    model = LogisticRegression(C=_STRENGTH, max_iter=200, solver="liblinear")
    model.fit(twice[kept], labels[kept], sample_weight=weights[kept])
    halves = model.coef_[0].astype(np.float16).astype(np.float32)
    return Gate(halves, vocabulary, PAIRS, float(model.intercept_[0]), least=0.5, default=False)


def _features(encoder: TextEncoder, statements: Sequence[Statement], vocabulary: int) -> Any:  # noqa: ANN401
    """Counts of tokens, of pairs of them, and of the neighbours' tokens.

    Returns:
        A sparse matrix. *Shape:* ``(statements, 2 x vocabulary + pairs)``
    """
    blocks = []
    for group in windows.documents(statements):
        tokens = encoder.tokens([statements[at].text for at in group])
        own = _counts(tokens, vocabulary)
        pairs = _counts([gate.paired(ids, PAIRS) for ids in tokens], PAIRS)
        blocks.append(sparse.hstack([own, pairs, _band(len(group)) @ own]))
    return sparse.vstack(blocks).tocsr()


def _counts(tokens: Sequence[IntArray], width: int) -> Any:  # noqa: ANN401
    edges = np.concatenate([[0], np.cumsum([len(ids) for ids in tokens])])
    ids = np.concatenate([np.zeros(0, np.int64), *tokens])
    counted = sparse.csr_matrix((np.ones(len(ids)), ids, edges), shape=(len(tokens), width))
    counted.sum_duplicates()
    return counted


def _band(count: int) -> Any:  # noqa: ANN401
    """Which statements are neighbours. *Shape:* ``(count, count)``."""
    offsets = [by for by in range(-gate.REACH, gate.REACH + 1) if by and abs(by) < count]
    return sparse.diags([np.ones(count - abs(by)) for by in offsets], offsets, shape=(count, count), format="csr")


def _least(encoder: TextEncoder, fitted: Gate, answers: Sequence[Prediction], most: float) -> float:
    """The largest threshold at which at most that share of the decisions would change."""
    costs, sureness = _windows(encoder, fitted, answers)
    order = np.argsort(sureness, kind="stable")
    lost = np.cumsum(costs[order])
    fits = int(np.searchsorted(lost, most * costs.sum(), side="right"))
    edge = float(sureness[order[fits]]) if fits < len(order) else 0.5
    return min(max(edge, 1e-6), 0.5)


def _windows(encoder: TextEncoder, fitted: Gate, answers: Sequence[Prediction]) -> tuple[Floats, Floats]:
    """Per window, the decisions that go if it is left out, and the largest probability of what it answers for."""
    statements = [one.statement for one in answers]
    decided = [sum(position.stance != "none" for position in one.positions.values()) for one in answers]
    costs, sureness = [], []
    for group in windows.documents(statements):
        tokens = encoder.tokens([statements[at].text for at in group])
        about = fitted.probabilities(tokens)
        for window in windows.pack([len(ids) for ids in tokens], encoder.plan):
            if answered := gate.answered(window):
                costs.append(sum(decided[group[at]] for at in answered))
                sureness.append(float(about[answered].max()))
    return np.asarray(costs, dtype=np.float64), np.asarray(sureness)


def _cost(encoder: TextEncoder, chosen: Gate, answers: Sequence[Prediction]) -> tuple[float, float]:
    """Share of the decisions that change, and share of the statements that are left out."""
    statements = [one.statement for one in answers]
    decided = changed = left_out = 0
    for group in windows.documents(statements):
        tokens = encoder.tokens([statements[at].text for at in group])
        packed = windows.pack([len(ids) for ids in tokens], encoder.plan)
        left = set(gate.divided(packed, chosen.probabilities(tokens), chosen.least)[1])
        left_out += len(left)
        for at, number in enumerate(group):
            stances = sum(position.stance != "none" for position in answers[number].positions.values())
            decided += stances
            changed += stances if at in left else 0
    return changed / max(decided, 1), left_out / max(len(statements), 1)


def _install(folder: Path, chosen: Gate, told: dict[str, Any]) -> None:
    """Put the weights and what is said of them into the folder.

    Whenever the process dies the folder is a sound model: with the older gate, with the new one, or with none, as which
    it stands while the weights are replaced. What is read without a gate is right, only slower.
    """
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    if manifest.pop("gate", None) is not None:
        manifest["files"].pop(GATE, None)
        _write_manifest(folder, manifest)
    with writers.atomic(folder / GATE) as stream:
        stream.write(chosen.weights.astype("<f2").tobytes())
    manifest["gate"] = told
    manifest["files"] = artifact.describe(folder)
    _write_manifest(folder, manifest)


def _write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    with writers.atomic(folder / MANIFEST) as stream:
        stream.write((json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode())
