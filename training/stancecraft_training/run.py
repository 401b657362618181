"""One training run, from a recipe to a measured model folder, in a folder that tells how to repeat it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from stancecraft.codebook import Codebook
from stancecraft.errors import ConfigError, DataError
from stancecraft.policy import Thresholds
from stancecraft_training import (
    calibrate,
    config,
    dataset,
    disk,
    evaluations,
    export,
    labelled,
    loop,
    measuring,
    network,
    processes,
    split,
    watching,
)
from stancecraft_training.config import Recipe
from stancecraft_training.labelled import Labelled
from stancecraft_training.provenance import Journal
from stancecraft_training.run_folder import (
    BEST,
    CHECKPOINTS,
    CURVES,
    LOG,
    MODEL,
    RECIPE,
    RUN,
    changed_files,
    data_checksums,
    prepare,
    write_json,
)
from stancecraft_training.split import Splits

Tell = Callable[[str], None]

_TYPICAL = 60  # training windows, spread over the data, that the largest channels are found on


def train(recipe: Recipe, *, resume: bool, tell: Tell, recipes: Path | None = None, curves: bool = False) -> Path:
    """Train, calibrate, export and measure.

    Every process of a launch calls it; the main one writes and tells.

    Args:
        recipe: What to do.
        resume: Go on from the last checkpoint of the same recipe.
        tell: Takes progress, one line at a time.
        recipes: Folder of the recipe's file, whose commit is written down.
        curves: Also write TensorBoard's event files.

    Returns:
        The exported model folder, or that of the network if the recipe exports nothing.

    Raises:
        StancecraftError: If recipe, data or base are not usable, the export decides differently from the network, or
            the disk is full.
    """
    began = time.time()
    watchers = processes.together(lambda: [watching.tensorboard(recipe.output / CURVES)] if curves else [])
    book, splits = processes.together(lambda: read(recipe))
    if processes.is_main():
        _tell_data(splits, book, tell)
    checksums = processes.on_main(lambda: prepare(recipe, book, splits, resume))
    does, seed = "resume" if resume else "train", recipe.training.seed
    journal = Journal(recipe.output / RUN, does=does, seed=seed, recipes=recipes, earlier=resume, began=began)
    with journal.stage("data"):
        encoder = network.encoder(recipe)
        train_set = dataset.Packings(splits.train, encoder, book.ids, recipe.training.packings, recipe.training.masked)
        dev_set = dataset.encode(splits.dev, encoder, book.ids)
    with journal.stage("training"):
        model, log = loop.fit(
            recipe, book.ids, train_set, dev_set, checkpoints=recipe.output / CHECKPOINTS, resume=resume, tell=tell,
            watchers=[watching.Clock(journal, train_set), *watchers],
        )  # fmt: skip
    return processes.on_main(lambda: _after(recipe, model, log, book, splits, checksums, journal, tell))


def _tell_data(splits: Splits, book: Codebook, tell: Tell) -> None:
    for name in split.NAMES:
        if rows := getattr(splits, name):
            documents = {row.statement.meta["document"] for row in rows}
            tell(f"{name}: {len(rows)} statements in {len(documents)} documents")
    for note in labelled.unlearnable(splits.train, book):
        tell(note)


def _after(
    recipe: Recipe,
    model: Any,  # noqa: ANN401 - transformers' classes are untyped
    log: list[dict[str, Any]],
    book: Codebook,
    splits: Splits,
    checksums: dict[str, str],
    journal: Journal,
    tell: Tell,
) -> Path:
    """Keep what was learnt, and export it if the recipe does."""
    best = recipe.output / BEST
    with disk.saving(best, "the checkpoints are whole, go on with --resume"):
        model.save_pretrained(best)
        # With its tokenizer the folder is a base that another run can go on from.
        shutil.copyfile(network.base_folder(recipe.base) / "tokenizer.json", best / "tokenizer.json")
    write_json(recipe.output / LOG, {"seconds": journal.seconds("training"), "epochs": log})
    folder = best
    if recipe.export.enabled:
        folder = _finish(recipe, model, book, splits, checksums, journal, tell)
    else:
        tell(f"network: {best}")
    journal.end()
    return folder


def _finish(
    recipe: Recipe,
    model: Any,  # noqa: ANN401 - transformers' classes are untyped
    book: Codebook,
    splits: Splits,
    checksums: dict[str, str],
    journal: Journal,
    tell: Tell,
) -> Path:
    """Calibrate, export and measure a trained network; the exported folder replaces an older one if all is well."""
    network.average(model, recipe.export.average)
    with journal.stage("calibration"):
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
        with disk.saving(
            recipe.output / MODEL, f"the network is whole, go on with: stancecraft export {recipe.output}"
        ):
            with journal.stage("export"):
                export.write(trained, staged)
                found = export.parity(logits, [row.statement for row in splits.dev], staged)
                tell(f"export: {found.flips} of {found.decisions} decisions differ in int8 ({found.share:.2%})")
                export.require(found, recipe.export.max_flips)
            with journal.stage("evaluation"):
                if splits.calibration:
                    export.record_abstention(staged, measuring.abstention(staged, splits.calibration, book, about))
                measured = measuring.evaluate(staged, splits, book)
                evaluations.record(staged, measured | {"parity": found.to_data()})
            folder = export.install(staged, recipe.output / MODEL)
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    for name in [name for name in split.NAMES[1:] if name in measured]:
        figures = measured[name]["overall"]
        tell(f"{name}: F1 about {figures['about']['f1']:.3f}, issue and stance {figures['both']['f1']:.3f}, "
             f"stance {figures['stance_macro_f1']:.3f} ({measured[name]['statements']} statements)")  # fmt: skip
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
    book, splits = read(recipe)
    checksums = data_checksums(recipe)
    if changed := changed_files(folder, checksums):
        raise ConfigError(*(f"{folder}: cannot export, {line}" for line in changed))
    model = AutoModelForTokenClassification.from_pretrained(folder / BEST, attn_implementation="eager")
    seed = recipe.training.seed
    journal = Journal(folder / RUN, does="export", seed=seed, recipes=None, earlier=True)
    made = _finish(recipe, model.eval(), book, splits, checksums, journal, tell)
    journal.end()
    return made


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
    if recipe.training.batch_windows % processes.count():
        problems.append(
            f"training.batch_windows: expected a multiple of the {processes.count()} processes, "
            f"got {recipe.training.batch_windows}"
        )
    if not recipe.data.split.dev:
        problems.append("data.split.dev: expected a share above 0: the epoch is chosen and the model calibrated on dev")
    if book is not None:
        try:
            # What an old row leaves out is none of the old issues; on a new one nobody judged it.
            judged = Codebook(book.issues[:-1]) if recipe.extend else book
            rows = labelled.read(recipe.data.sources, judged)
        except DataError as error:
            problems += error.lines
    if problems or book is None:
        raise ConfigError(*problems)
    splits = split.by_document(rows, recipe.data.split)
    splits = replace(splits, train=split.to_learn(splits.train, recipe.data.learn))
    if recipe.extend:
        from stancecraft_training import extend  # it trains by this module

        splits = extend.widen(recipe, book, splits)
    return book, splits
