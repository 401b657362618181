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

import hashlib
import json
import shutil
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from stancecraft import classifier, metrics
from stancecraft.codebook import Codebook
from stancecraft.errors import ConfigError, DataError
from stancecraft.metrics import calibration
from stancecraft.policy import Thresholds
from stancecraft.records import VALUES
from stancecraft_training import calibrate, config, dataset, export, labelled, loop, network, split
from stancecraft_training.config import Recipe
from stancecraft_training.labelled import Labelled
from stancecraft_training.split import Splits

RECIPE, DATA, LOG, CHECKPOINTS, BEST, MODEL = "recipe.yaml", "data.json", "log.json", "checkpoints", "best", "model"
Tell = Callable[[str], None]

_PROMISED = (0.1, 0.2, 0.3, 0.35, 0.4, 0.45)
_TYPICAL = 60  # training windows, spread over the data, that the largest channels are found on


def train(recipe: Recipe, *, resume: bool, tell: Tell) -> Path:
    """Train, calibrate, export and measure.

    Args:
        recipe: What to do.
        resume: Go on from the last checkpoint of the same recipe.
        tell: Takes progress, one line at a time.

    Returns:
        The exported model folder, or that of the network if the recipe exports nothing.

    Raises:
        StancecraftError: If recipe, data or base are not usable, or the export decides differently from the network.
    """
    book, splits = read(recipe)
    for name in split.NAMES:
        if rows := getattr(splits, name):
            documents = {row.statement.meta["document"] for row in rows}
            tell(f"{name}: {len(rows)} statements in {len(documents)} documents")
    checksums = _prepare_folder(recipe, book, splits, resume)
    encoder = network.encoder(recipe)
    train_set = dataset.Packings(splits.train, encoder, book.ids, recipe.training.packings, recipe.training.masked)
    dev_set = dataset.encode(splits.dev, encoder, book.ids)
    began = time.monotonic()
    model, log = loop.fit(
        recipe, book.ids, train_set, dev_set, checkpoints=recipe.output / CHECKPOINTS, resume=resume, tell=tell
    )
    model.save_pretrained(recipe.output / BEST)
    # With its tokenizer the folder is a base that another run can go on from.
    shutil.copyfile(network.base_folder(recipe.base) / "tokenizer.json", recipe.output / BEST / "tokenizer.json")
    _write_json(recipe.output / LOG, {"seconds": round(time.monotonic() - began, 1), "epochs": log})
    if not recipe.export.enabled:
        tell(f"network: {recipe.output / BEST}")
        return recipe.output / BEST
    return _finish(recipe, model, book, splits, checksums, tell)


def _finish(
    recipe: Recipe,
    model: Any,  # noqa: ANN401 - transformers' classes are untyped
    book: Codebook,
    splits: Splits,
    checksums: dict[str, str],
    tell: Tell,
) -> Path:
    """Calibrate, export and measure a trained network; the exported folder replaces an older one if all is well."""
    encoder = network.encoder(recipe)
    dev = dataset.encode(splits.dev, encoder, book.ids)
    typical = [
        one.input_ids for document in dataset.encode(splits.train, encoder, book.ids) for one in document.encoded
    ]
    calibration = calibrate.fit(
        network.score(model, dev, recipe.training.batch_windows),
        dataset.class_indices(splits.dev, book.ids),
        recipe.calibration.penalty,
    )
    calibrate.fold(model, calibration)
    logits = network.score(model, dev, recipe.training.batch_windows)
    documents = [str(row.statement.meta["document"]) for row in splits.dev]
    about = calibrate.about_threshold(logits, [dict(row.labels) for row in splits.dev], book.ids, documents)
    trained = export.Trained(
        recipe, book, model, calibration, dict.fromkeys(book.ids, Thresholds(about=about)),
        checksums, typical[:: max(1, len(typical) // _TYPICAL)],
    )  # fmt: skip
    staged = recipe.output / f".{MODEL}.new"
    try:
        export.write(trained, staged)
        found = export.parity(logits, [row.statement for row in splits.dev], staged)
        tell(f"export: {found.flips} of {found.decisions} decisions differ in int8 ({found.share:.2%})")
        export.require(found, recipe.export.max_flips)
        if splits.calibration:
            export.record_abstention(staged, _abstention(staged, splits.calibration, book, about))
        measured = evaluate(staged, splits, book)
        export.record_evaluation(staged, measured | {"parity": found.to_data()})
        folder = export.install(staged, recipe.output / MODEL)
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    for name in [name for name in split.NAMES[1:] if name in measured]:
        figures = measured[name]["overall"]
        tell(f"{name}: F1 about {figures['about']['f1']:.3f}, issue and stance {figures['both']['f1']:.3f}, "
             f"stance {figures['stance_macro_f1']:.3f} ({measured[name]['statements']} statements)")  # fmt: skip
    tell(f"model: {folder}")
    return folder


def _abstention(folder: Path, rows: list[Labelled], book: Codebook, about: float) -> dict[str, Any]:
    """What the exported model gets wrong on documents kept for that, by how sure it is."""
    predictions = classifier.load(folder).predict([row.statement for row in rows])
    shares = [[[one.probabilities[v] for v in VALUES] for one in p.positions.values()] for p in predictions]
    documents = [str(row.statement.meta["document"]) for row in rows]
    steps = calibrate.abstention(np.asarray(shares), [dict(row.labels) for row in rows], book.ids, documents, about)
    return {"documents": len(set(documents)), "statements": len(rows), "steps": [asdict(step) for step in steps]}


def again(folder: Path, *, tell: Tell) -> Path:
    """Export a finished run once more, from its best network.

    Raises:
        ConfigError: If the folder is not a finished run.
    """
    from transformers import AutoModelForTokenClassification

    if not (folder / RECIPE).is_file() or not (folder / BEST).is_dir():
        raise ConfigError(f"{folder}: not a finished training run: expected {RECIPE} and {BEST}/ in it")
    recipe = config.load(folder / RECIPE).model_copy(update={"output": folder.resolve()})
    book, splits = read(recipe)
    checksums = _checksums(recipe)
    if changed := _other_files(folder, checksums):
        raise ConfigError(*(f"{folder}: cannot export, {line}" for line in changed))
    model = AutoModelForTokenClassification.from_pretrained(folder / BEST, attn_implementation="eager")
    return _finish(recipe, model.eval(), book, splits, checksums, tell)


def read(recipe: Recipe) -> tuple[Codebook, Splits]:
    """Issues and data of a recipe; what is wrong with issues, base, split and data is told at once.

    Raises:
        ConfigError: With one line per fault.
    """
    problems: list[str] = []
    book: Codebook | None = None
    rows: list[Labelled] = []
    try:
        book = config.read_codebook(recipe.issues)
    except ConfigError as error:
        problems += error.lines
    try:
        network.base_folder(recipe.base)
    except ConfigError as error:
        problems += error.lines
    if not recipe.data.split.dev:
        problems.append("data.split.dev: expected a share above 0: the epoch is chosen and the model calibrated on dev")
    if book is not None:
        try:
            rows = labelled.read(recipe.data.sources, book)
        except DataError as error:
            problems += error.lines
    if problems or book is None:
        raise ConfigError(*problems)
    return book, split.by_document(rows, recipe.data.split)


def _checksums(recipe: Recipe) -> dict[str, str]:
    """SHA-256 of the data, of the issues and of the file that fixes the splits."""
    others = [recipe.issues] + ([recipe.data.split.file] if recipe.data.split.file else [])
    return labelled.checksums(recipe.data.sources) | {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in others
    }


def _other_files(folder: Path, checksums: dict[str, str]) -> list[str]:
    """Where the files of a run are no longer those it was trained on."""
    before = json.loads((folder / DATA).read_text("utf-8"))["sha256"]
    names = sorted(before.keys() | checksums.keys())
    return [f"{name} is not the file it was" for name in names if before.get(name) != checksums.get(name)]


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
                measured[name]["promises"] = _promises(model, rows)
    measured["train"] = {
        "statements": len(splits.train),
        "sources": dict(Counter(map(labelled.origin, splits.train))),
        "labels": labelled.counts(splits.train, book),
    }
    return measured


def _promises(model: classifier.StanceClassifier, rows: list[Labelled]) -> list[dict[str, Any]]:
    """For some promised errors what came of them: share of stances still given, and how many of these are wrong."""
    stances = [
        (position.probabilities[position.stance], position.stance == row.labels[issue])
        for row, prediction in zip(rows, model.predict([row.statement for row in rows]), strict=True)
        for issue, position in prediction.positions.items()
        if issue in row.labels and position.stance is not None and position.is_about
    ]
    return calibration.promises(stances, model.artifact.abstention, _PROMISED)


def _prepare_folder(recipe: Recipe, book: Codebook, splits: Splits, resume: bool) -> dict[str, str]:
    """Make the run's folder and write down what it is about to do; returns the checksums of the data.

    A folder holds a run once something was learnt in it; one that failed before that may be begun anew.

    Raises:
        ConfigError: If it already holds a run and this is not its resumption, or if there is nothing to resume.
    """
    saved, resolved = recipe.output / RECIPE, config.dump(recipe)
    checksums = _checksums(recipe)
    if any((recipe.output / CHECKPOINTS).glob("checkpoint-*")) or (recipe.output / BEST).is_dir():
        if not resume:
            raise ConfigError(
                f"{recipe.output}: already holds a run; use --resume, or another folder with --set output="
            )
        require_same(recipe)
    elif resume:
        raise ConfigError(f"{recipe.output}: no checkpoint to resume from")
    try:
        recipe.output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"output: cannot make {recipe.output}: {error.strerror or error}") from None
    saved.write_text(resolved, "utf-8")
    described = {name: labelled.counts(getattr(splits, name), book) for name in split.NAMES}
    versions = {name: version(name) for name in ("stancecraft", "torch", "transformers", "onnxruntime", "tokenizers")}
    _write_json(recipe.output / DATA, {"sha256": checksums, "labels": described, "versions": versions})
    return checksums


def require_same(recipe: Recipe) -> None:
    """Refuse to go on with a run of another recipe, or on other data.

    Raises:
        ConfigError: With one line per difference.
    """
    saved = yaml.safe_load((recipe.output / RECIPE).read_text("utf-8"))
    changed = _changed(saved, yaml.safe_load(config.dump(recipe))) + _other_files(recipe.output, _checksums(recipe))
    if changed:
        raise ConfigError(*(f"{recipe.output}: cannot resume, {line}" for line in changed))


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
