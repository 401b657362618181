"""One training run, from a recipe to a measured model folder, in a folder that tells how to repeat it.

::

    recipe.yaml      resolved, defaults written out
    data.json        checksums of the data, rows and labels per split, versions
    checkpoints/     the best and the last epoch
    log.json         figures per epoch
    best/            the best network, calibration not yet folded in
    model/           the exported folder: what `--model` takes
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

from stancecraft import classifier, codebook, metrics
from stancecraft.codebook import Codebook
from stancecraft.errors import ConfigError
from stancecraft.policy import Thresholds
from stancecraft.scorer import TextEncoder
from stancecraft_training import calibrate, config, dataset, export, labelled, loop, network, split
from stancecraft_training.config import Recipe
from stancecraft_training.split import Splits

RECIPE, DATA, LOG, CHECKPOINTS, BEST, MODEL = "recipe.yaml", "data.json", "log.json", "checkpoints", "best", "model"
Tell = Callable[[str], None]

_TYPICAL = 300  # training statements that the largest channels are found on


def train(recipe: Recipe, *, resume: bool, tell: Tell) -> Path:
    """Train, calibrate, export and measure.

    Args:
        recipe: What to do.
        resume: Go on from the last checkpoint of the same recipe.
        tell: Takes progress, one line at a time.

    Returns:
        The exported model folder.

    Raises:
        StancecraftError: If recipe, data or base are not usable, or the export decides differently from the network.
    """
    book = read_codebook(recipe.issues)
    if not recipe.data.split.dev:
        raise ConfigError(
            "data.split.dev: expected a share above 0: the epoch is chosen and the model calibrated on dev"
        )
    splits = split.by_document(labelled.read(recipe.data.sources, book), recipe.data.split)
    for name in ("train", "dev", "test"):
        rows = getattr(splits, name)
        tell(f"{name}: {len(rows)} statements in {len({row.statement.meta['document'] for row in rows})} documents")
    _prepare_folder(recipe, book, splits, resume)
    encoder = _encoder(recipe)
    train_set, dev_set = (dataset.encode(rows, encoder, book.ids) for rows in (splits.train, splits.dev))
    began = time.monotonic()
    model, log = loop.fit(
        recipe, book.ids, train_set, dev_set, checkpoints=recipe.output / CHECKPOINTS, resume=resume, tell=tell
    )
    model.save_pretrained(recipe.output / BEST)
    _write_json(recipe.output / LOG, {"seconds": round(time.monotonic() - began, 1), "epochs": log})
    return finish(recipe, model, tell=tell)


def finish(recipe: Recipe, model: Any, *, tell: Tell) -> Path:  # noqa: ANN401 - transformers' classes are untyped
    """Calibrate, export and measure a trained network. Arguments, result and errors as for :func:`train`."""
    book = read_codebook(recipe.issues)
    splits = split.by_document(labelled.read(recipe.data.sources, book), recipe.data.split)
    dev, train = (dataset.encode(rows, _encoder(recipe), book.ids) for rows in (splits.dev, splits.train[:_TYPICAL]))
    calibration = calibrate.fit(
        network.score(model, dev, recipe.training.batch_windows),
        dataset.class_indices(splits.dev, book.ids),
        recipe.calibration.penalty,
    )
    calibrate.fold(model, calibration)
    logits = network.score(model, dev, recipe.training.batch_windows)
    about = calibrate.about_threshold(logits, [dict(row.labels) for row in splits.dev], book.ids)
    trained = export.Trained(
        recipe, book, model, calibration, dict.fromkeys(book.ids, Thresholds(about=about)),
        labelled.checksums(recipe.data.sources),
        [window.input_ids for document in train for window in document.encoded],
    )  # fmt: skip
    staged = recipe.output / f".{MODEL}.new"
    try:
        export.write(trained, staged)
        found = export.parity(logits, [row.statement for row in splits.dev], staged)
        tell(f"export: {found.flips} of {found.decisions} decisions differ in int8 ({found.share:.2%})")
        export.require(found, recipe.export.max_flips)
        export.record_evaluation(staged, evaluate(staged, splits, book) | {"parity": found.to_data()})
        folder = export.install(staged, recipe.output / MODEL)
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    tell(f"model: {folder}")
    return folder


def again(folder: Path, *, tell: Tell) -> Path:
    """Export a finished run once more, from its best network.

    Raises:
        ConfigError: If the folder is not a finished run.
    """
    from transformers import AutoModelForTokenClassification

    if not (folder / RECIPE).is_file() or not (folder / BEST).is_dir():
        raise ConfigError(f"{folder}: not a finished training run: expected {RECIPE} and {BEST}/ in it")
    recipe = config.load(folder / RECIPE).model_copy(update={"output": folder.resolve()})
    model = AutoModelForTokenClassification.from_pretrained(folder / BEST, attn_implementation="eager")
    return finish(recipe, model.eval(), tell=tell)


def evaluate(folder: Path, splits: Splits, book: Codebook) -> dict[str, Any]:
    """Measure the exported folder with what users run: the figures on dev and on test, and on ``none`` everywhere."""
    model = classifier.load(folder)
    measured = {}
    for name, rows in (("dev", splits.dev), ("test", splits.test)):
        if rows:
            predictions = model.predict([row.statement for row in rows])
            positions = [prediction.positions for prediction in predictions]
            measured[name] = metrics.report([row.labels for row in rows], positions, book.ids)
            measured[name]["documents"] = len({row.statement.meta["document"] for row in rows})
    measured["train"] = {"statements": len(splits.train), "labels": labelled.counts(splits.train, book)}
    return measured


def read_codebook(path: Path) -> Codebook:
    """The issues of a YAML file.

    Raises:
        ConfigError: If it cannot be read or is not valid.
    """
    try:
        return codebook.parse(yaml.safe_load(path.read_text("utf-8")), str(path))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: cannot read the issues: {' '.join(str(error).split())}") from None


def _encoder(recipe: Recipe) -> TextEncoder:
    return TextEncoder.from_file(network.base_folder(recipe.base) / "tokenizer.json", network.plan(recipe))


def _prepare_folder(recipe: Recipe, book: Codebook, splits: Splits, resume: bool) -> None:
    """Make the run's folder and write down what it is about to do.

    A folder holds a run once something was learnt in it; one that failed before that may be begun anew.

    Raises:
        ConfigError: If it already holds a run and this is not its resumption, or if there is nothing to resume.
    """
    network.base_folder(recipe.base)
    saved, resolved = recipe.output / RECIPE, config.dump(recipe)
    checksums = labelled.checksums(recipe.data.sources)
    if any((recipe.output / CHECKPOINTS).glob("checkpoint-*")) or (recipe.output / BEST).is_dir():
        if not resume:
            raise ConfigError(
                f"{recipe.output}: already holds a run; use --resume, or another folder with --set output="
            )
        changed = _changed(yaml.safe_load(saved.read_text("utf-8")), yaml.safe_load(resolved))
        before = json.loads((recipe.output / DATA).read_text("utf-8"))["sha256"]
        changed += [f"{name} is not the file it was" for name in sorted(before.keys() | checksums.keys())
                    if before.get(name) != checksums.get(name)]  # fmt: skip
        if changed:
            raise ConfigError(*(f"{recipe.output}: cannot resume, {line}" for line in changed))
    elif resume:
        raise ConfigError(f"{recipe.output}: no checkpoint to resume from")
    try:
        recipe.output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"output: cannot make {recipe.output}: {error.strerror or error}") from None
    saved.write_text(resolved, "utf-8")
    described = {name: labelled.counts(getattr(splits, name), book) for name in ("train", "dev", "test")}
    versions = {name: version(name) for name in ("stancecraft", "torch", "transformers", "onnxruntime", "tokenizers")}
    _write_json(recipe.output / DATA, {"sha256": checksums, "labels": described, "versions": versions})


def _changed(before: Any, now: Any, key: str = "") -> list[str]:  # noqa: ANN401 - parsed YAML
    """Where two resolved recipes differ, by dotted key."""
    if isinstance(before, dict) and isinstance(now, dict):
        names = [*before, *(name for name in now if name not in before)]
        return [
            line for name in names for line in _changed(before.get(name), now.get(name), f"{key}.{name}".strip("."))
        ]
    return [] if before == now else [f"{key} was {before!r}, now {now!r}"]


def _write_json(path: Path, data: dict[str, Any]) -> None:
    path.write_text(json.dumps(data, indent=1) + "\n", "utf-8")
