"""A model folder with four outputs more for an issue that it does not know.

The old outputs' weights stay as they are to the last bit (what comes out may differ in the last digit: a wider matrix
is summed up in another order). The new ones are not left to chance: a statement's logit is the mean
of its tokens' logits and the head is linear, so logistic regression on the mean of the frozen network's last hidden
states gives its weights exactly, and is fitted in seconds from as few as fifty labels. Training that goes on from there
distorts the network less than from random outputs (Kumar et al. 2022, https://arxiv.org/abs/2202.10054).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import save_file
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.preprocessing import StandardScaler
from transformers import AutoModelForTokenClassification

from stancecraft.artifact import LAYOUT
from stancecraft.codebook import Codebook
from stancecraft.errors import ConfigError
from stancecraft.records import VALUES
from stancecraft.windows import FloatArray, IntArray
from stancecraft_training import dataset, extend_curve, network
from stancecraft_training.config import Recipe
from stancecraft_training.dataset import IGNORED
from stancecraft_training.labelled import Labelled

WEIGHTS = "model.safetensors"

_STRENGTHS = (0.001, 0.003, 0.01, 0.03, 0.1)  # inverse of the penalty, tried by cross-validation
_FOLDS = 4
_BATCH = 8  # windows


def load(folder: Path) -> Any:  # noqa: ANN401 - transformers' auto classes are untyped
    """The network of a model folder in fp32, in evaluation mode."""
    return AutoModelForTokenClassification.from_pretrained(
        folder, attn_implementation="eager", dtype=torch.float32
    ).eval()


def write(model: Path, recipe: Recipe, book: Codebook, issue: str, rows: Sequence[Labelled], out: Path) -> None:
    """Write the widened network as a base that training can go on from.

    Args:
        model: Folder of the model.
        recipe: Its window plan is used, not its base.
        book: The model's issues in its order, and the new one behind them.
        issue: The new one.
        rows: Those of them with a label for the new issue are learnt from; the others give context.
        out: Folder to write; an older one is replaced.

    Raises:
        ConfigError: If there are not at least two different labels of the new issue.
    """
    network_before = load(model)
    seen = features(network_before, model, recipe, rows, issue)
    weight, bias = fit(seen.hidden, seen.classes, seen.groups)
    state = {name: tensor.contiguous() for name, tensor in network_before.state_dict().items()}
    state["classifier.weight"] = torch.cat([state["classifier.weight"], torch.as_tensor(weight)])
    state["classifier.bias"] = torch.cat([state["classifier.bias"], torch.as_tensor(bias)])
    names = [f"{one}={value}" for one in book.ids for value in VALUES]
    settings = json.loads((model / LAYOUT.config).read_text("utf-8"))
    settings |= {"id2label": dict(enumerate(names)), "label2id": {name: at for at, name in enumerate(names)}}
    if out.exists():
        shutil.rmtree(out)
    out.mkdir(parents=True)
    (out / LAYOUT.config).write_text(json.dumps(settings, indent=1) + "\n", "utf-8")
    shutil.copyfile(model / LAYOUT.tokenizer, out / LAYOUT.tokenizer)
    save_file(state, out / WEIGHTS, metadata={"format": "pt"})


@dataclass(frozen=True, slots=True)
class Features:
    """What the frozen network makes of the statements that have a label of an issue.

    Attributes:
        hidden: Mean of the last hidden states of each one's tokens. *Shape:* ``(statements, width)``
        classes: Indices into the four values. *Shape:* ``(statements,)``
        groups: Document per statement.
        ids: Id per statement.
    """

    hidden: FloatArray
    classes: IntArray
    groups: list[str]
    ids: list[str]

    def of(self, ids: Collection[str]) -> Features:
        """Those of some statements."""
        at = [number for number, one in enumerate(self.ids) if one in ids]
        return Features(
            self.hidden[at], self.classes[at], [self.groups[one] for one in at], [self.ids[one] for one in at]
        )


def features(
    model: Any, folder: Path, recipe: Recipe, rows: Sequence[Labelled], issue: str  # noqa: ANN401
) -> Features:  # fmt: skip
    """Read the documents that have a label of an issue with the frozen network.

    Args:
        model: The network, in evaluation mode.
        folder: Its folder, for the tokenizer.
        recipe: Its window plan is used.
        rows: Of the documents in order; those without a label give context.
        issue: Id.
    """
    rows = extend_curve.in_documents_with(rows, issue)
    encoder = network.encoder(recipe.model_copy(update={"base": str(folder)}))
    documents = dataset.encode(rows, encoder, [issue])
    head, model.classifier = model.classifier, torch.nn.Identity()
    try:
        hidden = network.score(model, documents, _BATCH).reshape(len(rows), -1) if rows else np.zeros((0, 1))
    finally:
        model.classifier = head
    classes = dataset.class_indices(rows, [issue])[:, 0]
    known = classes != IGNORED
    told = [row.statement for row, is_known in zip(rows, known, strict=True) if is_known]
    return Features(hidden[known], classes[known], [str(one.meta["document"]) for one in told], [o.id for o in told])


def fit(features: FloatArray, classes: IntArray, groups: Sequence[str]) -> tuple[FloatArray, FloatArray]:
    """Logistic regression, its penalty chosen by cross-validation that leaves documents out.

    A value without a label keeps no weights and the bias of half a statement: not known, and seldom.

    Args:
        features: *Shape:* ``(statements, width)``
        classes: Indices into the four values. *Shape:* ``(statements,)``
        groups: Document per statement.

    Returns:
        Weights, *Shape:* ``(4, width)``, and biases, *Shape:* ``(4,)``, float32.

    Raises:
        ConfigError: If there are not at least two different classes.
    """
    if len(set(classes.tolist())) < 2:
        raise ConfigError(f"the new issue's training labels are all alike: {len(classes)} statements; label more")
    model, scaler = _regression(features, classes, _strength(features, classes, groups))
    coefficients, intercepts = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # scikit-learn then keeps one row, the second class's odds
        coefficients, intercepts = np.vstack([-coefficients, coefficients]) / 2, np.r_[-intercepts, intercepts] / 2
    weight = np.zeros((len(VALUES), features.shape[1]))
    bias = np.full(len(VALUES), np.log(0.5 / len(classes)))
    weight[model.classes_] = coefficients / scaler.scale_
    bias[model.classes_] = intercepts - (coefficients / scaler.scale_) @ scaler.mean_
    return weight.astype(np.float32), bias.astype(np.float32)


def _strength(features: FloatArray, classes: IntArray, groups: Sequence[str]) -> float:
    """The penalty with the best log-likelihood on documents left out; the middle one where there are too few."""
    folds = min(_FOLDS, len(set(groups)))
    if folds < 2:
        return _STRENGTHS[len(_STRENGTHS) // 2]
    losses = np.zeros(len(_STRENGTHS))
    for inside, outside in GroupKFold(folds).split(features, classes, list(groups)):
        if len(set(classes[inside].tolist())) < 2:
            continue
        for number, strength in enumerate(_STRENGTHS):
            model, scaler = _regression(features[inside], classes[inside], strength)
            losses[number] += _loss(model, scaler.transform(features[outside]), classes[outside])
    return _STRENGTHS[int(losses.argmin())]


def _loss(model: LogisticRegression, features: npt.NDArray[Any], classes: IntArray) -> float:
    """Negative log-likelihood; a class that the model never saw costs as a chance of one in a thousand."""
    shares = np.full((len(classes), len(VALUES)), 1e-3)
    shares[:, model.classes_] = model.predict_proba(features).clip(1e-3)
    return float(-np.log(shares[np.arange(len(classes)), classes]).sum())


def _regression(features: FloatArray, classes: IntArray, strength: float) -> tuple[LogisticRegression, StandardScaler]:
    scaler = StandardScaler().fit(features)
    model = LogisticRegression(C=strength, max_iter=1000)
    return model.fit(scaler.transform(features), classes), scaler
