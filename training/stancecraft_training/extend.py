"""Teaching a finished model one issue more without losing what it knows.

The model's head gets four outputs more (:mod:`stancecraft_training.extend_head`), and training goes on from there
with the recipe's ordinary loop. What keeps the old issues: statements with their labels are learnt from again; the
model's own probabilities before the extension are a second teacher on every statement (learning without forgetting,
Li and Hoiem 2016, https://arxiv.org/abs/1606.09282); and nobody's silence counts as ``none``: a statement that was
labelled for the new issue alone says nothing on the others. Whether it worked is measured, not hoped.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from stancecraft import artifact, metrics, policy, writers
from stancecraft.artifact import Artifact
from stancecraft.codebook import Codebook
from stancecraft.errors import ConfigError, ModelError
from stancecraft.policy import Thresholds
from stancecraft.records import VALUES, Value
from stancecraft.windows import FloatArray
from stancecraft_training import (
    dataset,
    extend_curve,
    extend_data,
    extend_head,
    extend_report,
    loop,
    network,
    rehearsal,
    run,
    run_folder,
    split,
)
from stancecraft_training.config import Extend, Recipe
from stancecraft_training.extend_curve import Drawn, Point
from stancecraft_training.labelled import Labelled
from stancecraft_training.split import Splits

Tell = Callable[[str], None]

WIDENED = "widened"
"""Folder in a run's folder: the model with its wider head, before anything else was learnt."""

REPORT = "extension.json"
"""File in a run's folder: figures of the old issues before and after, and the learning curve."""

_DRAWS = 10  # of the labels of a point that trains nothing


def train(recipe: Recipe, *, resume: bool, tell: Tell, recipes: Path | None = None, curves: bool = False) -> Path:
    """Widen, train, export, and compare the old issues' figures with those of the model before.

    Args:
        recipe: With a section ``extend``.
        resume: Go on from the last checkpoint.
        tell: Takes progress, one line at a time.
        recipes: Folder of the recipe's file, whose commit is written down.
        curves: Also write TensorBoard's event files.

    Returns:
        The exported model folder.

    Raises:
        ModelError: If the old issues lost more than the recipe allows; the folder is kept.
        StancecraftError: As :func:`stancecraft_training.run.train` does.
    """
    plan = _plan(recipe)
    old = artifact.load(model_folder(recipe))
    plan = plan.model_copy(update={"model": old.path})
    recipe = recipe.model_copy(update={"base": str(recipe.output / WIDENED), "extend": plan})
    began = time.monotonic()
    if resume and not (recipe.output / WIDENED).is_dir():
        raise ConfigError(f"{recipe.output}: no checkpoint to resume from")
    if not resume and not (recipe.output / run_folder.BEST).is_dir():
        report = _prepared(recipe, old, tell)
    else:
        report = _saved(recipe.output / REPORT)
    folder = run.train(recipe, resume=resume, tell=tell, recipes=recipes, curves=curves)
    if not recipe.export.enabled:
        return folder
    _, splits = run.read(_read_as(recipe, recipe.base))
    report |= extend_report.kept(old.path, folder, splits.test, old.codebook.ids, plan.most_lost)
    report["new"] = extend_report.figures(folder, splits.test, plan.issue)
    report["seconds"] = round(time.monotonic() - began)
    _save(recipe.output / REPORT, report)
    for line in extend_report.described(report):
        tell(line)
    if report["lost_too_much"]:
        raise ModelError(
            f"{folder}: the old issues lost {report['lost']:.3f} of F1 on test, {plan.most_lost} is allowed "
            "(extend.most_lost): raise extend.replay or training.taught_weight, or lower the learning rate or the "
            "epochs; the folder is kept for you to look at"
        )
    return folder


def rehearse(recipe: Recipe, tell: Tell) -> None:
    """What :func:`train` would do, and how long it would take here, before anything is written.

    Raises:
        StancecraftError: If recipe, data or model are not usable.
    """
    old = model_folder(recipe)
    recipe = recipe.model_copy(update={"extend": _plan(recipe).model_copy(update={"model": old})})
    book, splits = run.read(_read_as(recipe, str(old)))
    with tempfile.TemporaryDirectory() as scratch:
        widened = Path(scratch) / WIDENED
        extend_head.write(old, recipe, book, _plan(recipe).issue, splits.train, widened)
        rehearsal.rehearse(recipe.model_copy(update={"base": str(widened)}), tell)


def _prepared(recipe: Recipe, old: Artifact, tell: Tell) -> dict[str, Any]:
    """Measure the curve and widen the head; returns what is known so far."""
    plan = _plan(recipe)
    # The opinion of the model before costs time, and nothing here learns from it but a trained curve.
    taught = bool(plan.curve) and plan.curve_trains
    book, splits = run.read(_read_as(recipe, str(old.path), taught=taught))
    curve = [point.to_data() for point in _curve(recipe, book, splits, tell)]
    report: dict[str, Any] = {"issue": plan.issue, "model": old.model, "curve": curve}
    extend_head.write(old.path, recipe, book, plan.issue, splits.train, recipe.output / WIDENED)
    _save(recipe.output / REPORT, report)
    return report


def _read_as(recipe: Recipe, base: str, *, taught: bool = False) -> Recipe:
    """The recipe to read data by, of a base that is there, and without asking the model before for its opinion."""
    training = recipe.training if taught else recipe.training.model_copy(update={"taught_weight": 0.0})
    return recipe.model_copy(update={"base": base, "training": training})


def _saved(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text("utf-8"))) if path.is_file() else {}


def _save(path: Path, report: Mapping[str, Any]) -> None:
    with writers.atomic(path) as stream:
        stream.write((json.dumps(report, indent=1) + "\n").encode())


def _plan(recipe: Recipe) -> Extend:
    if recipe.extend is None:
        raise ConfigError("extend: missing")
    return recipe.extend


def model_folder(recipe: Recipe) -> Path:
    """The folder of the model that a recipe extends.

    Raises:
        ConfigError: If it is no model folder, or one without the weights that training goes on from.
    """
    folder = _plan(recipe).model or network.base_folder(recipe.base)
    if not (folder / artifact.MANIFEST).is_file():
        raise ConfigError(f"base: expected a model folder to extend, got {folder}: no {artifact.MANIFEST} in it")
    if not (folder / extend_head.WEIGHTS).is_file():
        raise ConfigError(f"base: {folder} has no {extend_head.WEIGHTS}: export it with export.weights: true")
    return folder


def widen(recipe: Recipe, book: Codebook, splits: Splits) -> Splits:
    """Splits with the new issue's statements in their context and with the model's own opinion; old rows thinned.

    Args:
        recipe: With a section ``extend``.
        book: The old issues in the model's order, and the new one.
        splits: Of the old data.

    Raises:
        ConfigError: If the issues are not the model's and the new one, or no label of the new issue is found.
        DataError: If a document of the new issue is in the old data under another split.
    """
    plan = _plan(recipe)
    folder = model_folder(recipe)
    old = artifact.load(folder).codebook.ids
    if book.ids != (*old, plan.issue):
        raise ConfigError(
            f"{recipe.issues}: expected the model's issues in its order and then {plan.issue}: "
            f"{', '.join((*old, plan.issue))}; got {', '.join(book.ids)}"
        )
    fresh = split.by_document(extend_data.passages(plan), plan.split)
    extend_data.require_apart(splits, fresh)
    kept_rows = [row for row in splits.train if extend_data.drawn(row, plan.replay, recipe.training.seed)]
    train = [*kept_rows, *fresh.train]
    if recipe.training.taught_weight:
        train = _taught(train, folder, recipe, old)
    return Splits(
        train, [*splits.dev, *fresh.dev], [*splits.calibration, *fresh.calibration], [*splits.test, *fresh.test],
        [*splits.apart, *fresh.apart],
    )  # fmt: skip


def _taught(rows: Sequence[Labelled], folder: Path, recipe: Recipe, issues: Sequence[str]) -> list[Labelled]:
    """Rows with the probabilities of the model before the extension; opinions that rows carry already are kept."""
    wanting = [row for row in rows if not row.taught]
    if not wanting:
        return list(rows)
    documents = dataset.encode(wanting, network.encoder(recipe.model_copy(update={"base": str(folder)})), issues)
    model = extend_head.load(folder)
    opinions = iter(policy.probabilities(network.score(model, documents, recipe.training.batch_windows)))
    return [
        row if row.taught else replace(row, taught=dict(zip(issues, map(tuple, next(opinions).tolist()), strict=True)))
        for row in rows
    ]


def _curve(recipe: Recipe, book: Codebook, splits: Splits, tell: Tell) -> list[Point]:
    """F1 on the new issue's test statements by number of labels."""
    plan = _plan(recipe)
    points: list[Point] = []
    total = sum(plan.issue in row.labels for row in (*splits.train, *splits.dev))
    draw = _trained(recipe, book, splits) if plan.curve_trains else _frozen(recipe, splits)
    for size in plan.curve:
        if size > total:
            tell(f"curve: {size} labels: left out, there are {total}")
            continue
        began = time.monotonic()
        seeds = [recipe.training.seed + number for number in range(1 if plan.curve_trains else _DRAWS)]
        drawn = [one for seed in seeds if (one := draw(size, seed)) is not None]
        if not drawn:
            tell(f"curve: {size} labels: left out, those to learn from are all alike")
            continue
        points.append(Point.of(size, drawn, time.monotonic() - began))
        tell(f"curve: {points[-1]}")
    for line in extend_curve.outlook(points) if points else ():
        tell(line)
    return points


def _frozen(recipe: Recipe, splits: Splits) -> Callable[[int, int], Drawn | None]:
    """What so many labels, drawn by a seed, come to if the new outputs alone are fitted.

    The network reads the documents once: it is the same for every draw.
    """
    plan = _plan(recipe)
    folder = model_folder(recipe)
    model = extend_head.load(folder)
    learnt, held = (
        extend_head.features(model, folder, recipe, rows, plan.issue) for rows in (splits.train, splits.test)
    )

    def draw(size: int, seed: int) -> Drawn | None:
        own, learning = extend_curve.thinned(splits, plan.issue, size, seed)
        seen = learnt.of({row.statement.id for row in own.train if plan.issue in row.labels})
        if len(set(seen.classes.tolist())) < 2:
            return None
        weight, bias = extend_head.fit(seen.hidden, seen.classes, seen.groups)
        logits = (held.hidden @ weight.T + bias)[:, None]
        gold = [{plan.issue: VALUES[at]} for at in held.classes]
        return learning, *_f1(logits, gold, [plan.issue], plan.issue)

    return draw


def _trained(recipe: Recipe, book: Codebook, splits: Splits) -> Callable[[int, int], Drawn | None]:
    """The same if the whole network is trained, as the recipe says."""
    plan, training = _plan(recipe), recipe.training
    held = extend_curve.in_documents_with(splits.test, plan.issue)

    def draw(size: int, seed: int) -> Drawn | None:
        own, learning = extend_curve.thinned(splits, plan.issue, size, seed)
        if len({row.labels[plan.issue] for row in own.train if plan.issue in row.labels}) < 2:
            return None
        with tempfile.TemporaryDirectory() as scratch:
            one = recipe.model_copy(update={"base": str(Path(scratch) / WIDENED)})
            extend_head.write(model_folder(recipe), one, book, plan.issue, own.train, Path(one.base))
            encoder = network.encoder(one)
            train_set = dataset.Packings(own.train, encoder, book.ids, training.packings, training.masked)
            model, _ = loop.fit(
                one, book.ids, train_set, dataset.encode(own.dev, encoder, book.ids),
                checkpoints=Path(scratch) / "checkpoints", resume=False, tell=lambda _: None,
            )  # fmt: skip
            logits = network.score(model, dataset.encode(held, encoder, book.ids), training.batch_windows)
        return learning, *_f1(logits, [row.labels for row in held], book.ids, plan.issue)

    return draw


def _f1(
    logits: FloatArray, gold: Sequence[Mapping[str, Value]], issues: Sequence[str], issue: str
) -> tuple[float, float]:
    """F1 of "about", and of issue and stance, before calibration and with a threshold of one half."""
    thresholds = dict.fromkeys(issues, Thresholds())
    positions = [policy.decide(row, issues, thresholds) for row in policy.probabilities(logits)]
    found = metrics.decisions(gold, positions, issue)
    return metrics.about(found).f1, metrics.both(found).f1
