"""What simpler methods reach on the same rows: the bar that a trained model has to clear.

majority
    The commonest stance of each issue, given wherever a word of the issue's title occurs: knows no stance at all.
tfidf_svm
    Words and word pairs of the statement and, apart, of the two before it; a linear support vector machine per issue.
frozen_lr
    Sentence embeddings of the base encoder, not trained further, of context and statement; logistic regression.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import scipy.sparse
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC
from transformers import AutoModel, AutoTokenizer

from stancecraft import metrics
from stancecraft.codebook import Codebook
from stancecraft.records import VALUES, Position, Value
from stancecraft_training import network, run
from stancecraft_training.config import Recipe
from stancecraft_training.labelled import Labelled
from stancecraft_training.split import Splits

_BEFORE = 2
_BATCH = 64
_REGULARISATION = (0.1, 1.0, 10.0)  # searched on dev, for both classifiers
Features = Any
Labels = Mapping[str, list[Value]]
Fit = Callable[[Features, list[Value]], Any]


def measure(recipe: Recipe, tell: Callable[[str], None]) -> dict[str, Any]:
    """Fit every baseline on a recipe's training rows and measure it on dev, where it was tuned, and on test.

    Args:
        recipe: Whose data, splits and base.
        tell: Takes progress, one line at a time.

    Returns:
        Per baseline the settings chosen, seconds, and a report per split as of :func:`stancecraft.metrics.report`.

    Raises:
        StancecraftError: If recipe, data or base are not usable.
    """
    book, splits = run.read(recipe)
    splits = replace(splits, train=[row for row in splits.train if row.labels])
    told = {}
    for name, features in (("majority", None), ("tfidf_svm", _words), ("frozen_lr", _embeddings)):
        began = time.monotonic()
        made = _majority(splits, book) if features is None else _best(name, features, recipe, splits, book)
        told[name] = made | {"seconds": round(time.monotonic() - began, 1)}
        for part in [part for part in ("dev", "test") if part in made]:
            figures = told[name][part]["overall"]
            about, both = figures["about"]["f1"], figures["both"]["f1"]
            stance = figures["stance_macro_f1"]
            about, both = figures["about"]["f1"], figures["both"]["f1"]
            stance = figures["stance_macro_f1"]
            tell(f"{name}, {part}: F1 about {about:.3f}, issue and stance {both:.3f}, stance {stance:.3f}")
    return told


def _best(
    name: str, features: Callable[[Recipe, Splits], list[Features]], recipe: Recipe, splits: Splits, book: Codebook
) -> dict[str, Any]:
    """The classifier whose strength of regularisation does best on dev, with its reports."""
    train, *others = features(recipe, splits)
    fit = _svm if name == "tfidf_svm" else _regression
    best: dict[str, Any] = {}
    for strength in _REGULARISATION:
        found = _answers(train, others, splits.train, book, partial(fit, strength))
        parts = (("dev", splits.dev, found[0]), ("test", splits.test, found[-1]))
        reports = {part: _report(rows, answers, book) for part, rows, answers in parts if rows}
        figure = reports["dev"]["overall"]["both"]["f1"]
        if not best or figure > best["dev"]["overall"]["both"]["f1"]:
            best = {"settings": {"C": strength}, **reports}
    return best


def _svm(strength: float, x: Features, y: list[Value]) -> LinearSVC:
    return LinearSVC(C=strength, random_state=0).fit(x, y)


def _regression(strength: float, x: Features, y: list[Value]) -> LogisticRegression:
    return LogisticRegression(C=strength, max_iter=1000).fit(x, y)


def _answers(
    train: Features, others: Sequence[Features], rows: Sequence[Labelled], book: Codebook, fit: Fit
) -> list[list[dict[str, Value]]]:
    """Per set of features a value per row and issue; every issue has a classifier of its own."""
    answers: list[list[dict[str, Value]]] = [[{} for _ in range(other.shape[0])] for other in others]
    for issue in book.ids:
        known = [at for at, row in enumerate(rows) if issue in row.labels]
        labels = [rows[at].labels[issue] for at in known]
        if len(set(labels)) < 2:
            continue
        classifier = fit(train[known], labels)
        for told, other in zip(answers, others, strict=True):
            for row, value in zip(told, classifier.predict(other), strict=True):
                row[issue] = value
    return answers


def _majority(splits: Splits, book: Codebook) -> dict[str, Any]:
    words = {issue.id: _keywords(issue.title) for issue in book.issues}
    commonest = {
        issue: Counter(row.labels[issue] for row in splits.train if row.labels.get(issue, "none") != "none")
        for issue in book.ids
    }

    def answer(row: Labelled) -> dict[str, Value]:
        text = row.statement.text.casefold()
        return {
            issue: commonest[issue].most_common(1)[0][0]
            for issue in book.ids
            if commonest[issue] and any(word in text for word in words[issue])
        }

    parts = (("dev", splits.dev), ("test", splits.test))
    return {
        "settings": {}, **{part: _report(rows, [answer(row) for row in rows], book) for part, rows in parts if rows}
    }  # fmt: skip


def _keywords(title: str) -> list[str]:
    return [word[:7] for word in re.findall(r"\w{4,}", title.casefold())] or [title.casefold()]


def _report(rows: Sequence[Labelled], answers: Sequence[Mapping[str, Value]], book: Codebook) -> dict[str, Any]:
    positions = [{issue: _position(told.get(issue, "none")) for issue in book.ids} for told in answers]
    documents = [str(row.statement.meta["document"]) for row in rows]
    return metrics.report([row.labels for row in rows], positions, book.ids, documents)


def _position(value: Value) -> Position:
    return Position(value, {one: float(one == value) for one in VALUES}, "decided")


def _contexts(rows: Sequence[Labelled]) -> list[str]:
    """What stands before each statement in its document."""
    told = []
    for at, row in enumerate(rows):
        before = [one for one in rows[max(0, at - _BEFORE) : at] if one.statement.doc == row.statement.doc != ""]
        told.append(" ".join(one.statement.text for one in before))
    return told


def _words(recipe: Recipe, splits: Splits) -> list[Features]:
    parts = [rows for rows in (splits.train, splits.dev, splits.test) if rows]
    texts = [[row.statement.text for row in rows] for rows in parts]
    own = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True).fit(texts[0])
    before = TfidfVectorizer(ngram_range=(1, 1), min_df=2, sublinear_tf=True)
    try:
        before.fit(_contexts(splits.train))
    except ValueError:  # no word stands before two statements: they stand alone
        return [own.transform(told) for told in texts]
    return [
        scipy.sparse.hstack([own.transform(told), 0.5 * before.transform(_contexts(rows))]).tocsr()
        for told, rows in zip(texts, parts, strict=True)
    ]


def _embeddings(recipe: Recipe, splits: Splits) -> list[Features]:
    folder = network.base_folder(recipe.base)
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()

    def embedded(texts: Sequence[str]) -> Any:  # noqa: ANN401 - an array
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        rows: dict[int, Any] = {}
        with torch.no_grad():
            for start in range(0, len(order), _BATCH):
                chunk = order[start : start + _BATCH]
                batch = tokenizer([texts[at] for at in chunk], padding=True, truncation=True, max_length=128,
                                  return_tensors="pt")  # fmt: skip
                hidden, mask = model(**batch).last_hidden_state, batch["attention_mask"][..., None]
                mean = (hidden * mask).sum(dim=1) / mask.sum(dim=1)
                rows |= dict(zip(chunk, torch.nn.functional.normalize(mean).numpy(), strict=True))
        return np.asarray([rows[at] for at in range(len(texts))])

    return [
        np.concatenate([embedded([row.statement.text for row in rows]), embedded(_contexts(rows))], axis=1)
        for rows in (splits.train, splits.dev, splits.test)
        if rows
    ]
