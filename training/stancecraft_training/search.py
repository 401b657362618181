"""A search over a recipe's ``search:`` block with Optuna: many short trainings, the best by a dev figure.

Trials are drawn by the tree-structured Parzen estimator (Bergstra et al. 2011) and ended early by the median rule: a
trial whose best figure so far is below the median of the others' at the same epoch. What a trial is depends on seed,
number and the trials before it alone, so a search that was killed goes on as it would have, the broken trial from its
last checkpoint. Only train and dev are read: test is for the model that comes of it.

::

    recipe.yaml      resolved
    data.json        checksums of the data
    trials.db        Optuna's study
    trials/NNN/      a trial's recipe and its figures per epoch
    trials.csv       a row per trial
    best.yaml        the recipe with the values of the best trial
"""

from __future__ import annotations

import csv
import io
import json
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import sqlalchemy
import yaml
from optuna.trial import FrozenTrial, Trial, TrialState
from transformers import TrainerCallback

from stancecraft import writers
from stancecraft.errors import ConfigError, DataError
from stancecraft_training import config, dataset, loop, network, processes, run, run_folder
from stancecraft_training.config import Recipe
from stancecraft_training.space import Search, Span

FOLDER, TRIALS, TABLE, BEST = "search", "trials", "trials.csv", "best.yaml"
_STUDY, _DATABASE = "search", "trials.db"
_NAMES = {TrialState.COMPLETE: "complete", TrialState.PRUNED: "pruned", TrialState.FAIL: "failed"}
_COLUMNS = ("trial", "state", loop.BEST, "epochs", "seconds")


def search(recipe: Recipe, *, resume: bool, tell: Callable[[str], None]) -> Path:
    """Train as many trials as the recipe asks for.

    Args:
        recipe: With a ``search:`` block.
        resume: Go on with a search that was broken off, or that is to have more trials.
        tell: Takes progress, one line at a time.

    Returns:
        The best trial's recipe, whose output is a folder beside it.

    Raises:
        StancecraftError: If recipe, data or base are not usable, if there is a search of another recipe, or if no trial
            came to its end.
    """
    if recipe.search is None:
        raise ConfigError("search: missing: expected the block with space, trials and seed")
    if processes.count() > 1:
        raise ConfigError(f"search: runs in one process, not in {processes.count()}")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    run.read(recipe)  # its faults before anything is written
    _find_bases(recipe.search)
    folder = recipe.output / FOLDER
    _prepare(folder, recipe, resume)
    study = _study(folder, recipe.search)
    if _done(study):
        _write(study, recipe, folder)
    while (number := len(_done(study))) < recipe.search.trials:
        _one(study, recipe, recipe.search, number, folder, tell)
        _write(study, recipe, folder)
    if not (folder / BEST).is_file():
        raise DataError(f"{folder / TABLE}: no trial came to its end, see the column fault")
    best = study.best_trial
    tell(f"best: trial {_number(best)}, dev {loop.BEST} {best.value:.3f}, {_told(best.params)}; "
         f"train it with: stancecraft train {folder / BEST}")  # fmt: skip
    return folder / BEST


def _find_bases(search: Search) -> None:
    problems = []
    for base in search.space["base"].choices or () if "base" in search.space else ():
        try:
            network.base_folder(str(base))
        except ConfigError as error:
            problems += [f"search.space.{line}" for line in error.lines]
    if problems:
        raise ConfigError(*problems)


def _prepare(folder: Path, recipe: Recipe, resume: bool) -> None:
    """Make the folder, or see that what is in it is this search; only the number of trials may have changed."""
    saved, checksums = folder / run_folder.RECIPE, run_folder.data_checksums(recipe)
    if (folder / _DATABASE).is_file() and saved.is_file():
        if not resume:
            raise ConfigError(f"{folder}: already holds a search; use --resume, or another folder with --set output=")
        before, now = yaml.safe_load(saved.read_text("utf-8")), yaml.safe_load(config.dump(recipe))
        for each in (before, now):
            each["search"].pop("trials", None)
        if changed := run_folder.changed_keys(before, now) + run_folder.changed_files(folder, checksums):
            raise ConfigError(*(f"{folder}: cannot resume, {line}" for line in changed))
    elif resume:
        raise ConfigError(f"{folder}: no search to resume")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"output: cannot make {folder}: {error.strerror or error}") from None
    _save(saved, config.dump(recipe))
    _save(folder / run_folder.DATA, json.dumps({"sha256": checksums}, indent=1) + "\n")


def _study(folder: Path, search: Search) -> optuna.Study:
    """The study of the folder; trials that a killed call left running are taken back."""
    url = sqlalchemy.URL.create("sqlite", database=str(folder / _DATABASE))
    pruner: optuna.pruners.BasePruner = optuna.pruners.NopPruner()
    if search.prune_after is not None:
        pruner = optuna.pruners.MedianPruner(n_startup_trials=search.startup, n_warmup_steps=search.prune_after)
    storage = optuna.storages.RDBStorage(url.render_as_string(hide_password=False))
    study = optuna.create_study(
        study_name=_STUDY, storage=storage, direction="maximize", pruner=pruner, load_if_exists=True
    )
    for trial in study.get_trials(states=(TrialState.RUNNING,)):
        study.tell(trial.number, state=TrialState.FAIL)
    return study


def _done(study: optuna.Study) -> list[FrozenTrial]:
    """Trials that need not be repeated: those that ended, and those whose loss was no number, not those taken back."""
    return [
        one for one in study.get_trials(deepcopy=False)
        if one.state in (TrialState.COMPLETE, TrialState.PRUNED)
        or (one.state == TrialState.FAIL and one.user_attrs.get("fault"))
    ]  # fmt: skip


def _one(
    study: optuna.Study, recipe: Recipe, search: Search, number: int, folder: Path, tell: Callable[[str], None]
) -> None:
    """Draw and train a trial, or go on with the one that a killed call had drawn."""
    seed = int(np.random.default_rng([search.seed, number]).integers(2**31))
    study.sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=search.startup)
    trial = study.ask()
    trial.set_user_attr("number", number)
    values = {key: _suggest(trial, key, span) for key, span in search.space.items()}
    own = config.varied(recipe, values, folder / TRIALS / f"{number:03d}")
    tell(f"trial {number} of 0 to {search.trials - 1}: {_told(values)}")
    began = time.monotonic()
    watch = _Watch(trial)
    value, state, fault = None, TrialState.COMPLETE, ""
    try:
        value = _train(own, watch, tell)
    except optuna.TrialPruned:
        state = TrialState.PRUNED
        tell(f"trial {number}: pruned")
    except DataError as error:
        state, fault = TrialState.FAIL, str(error)
        tell(f"trial {number}: failed, {error}")
    figures = {"epochs": len(watch.figures), "seconds": round(time.monotonic() - began, 1), "fault": fault}
    for name, told in figures.items():
        trial.set_user_attr(name, told)
    study.tell(trial, value, state)
    _save(own.output / run_folder.LOG, json.dumps({loop.BEST: list(watch.figures.values())}, indent=1) + "\n")
    shutil.rmtree(own.output / run_folder.CHECKPOINTS, ignore_errors=True)


def _train(recipe: Recipe, watch: _Watch, tell: Callable[[str], None]) -> float:
    """Train a trial and give its best dev figure.

    Raises:
        optuna.TrialPruned: If the others were better by then.
        DataError: If the loss is no number.
    """
    book, splits = run.read(recipe)
    splits = replace(splits, calibration=[], test=[], apart=[])
    checkpoints, saved = recipe.output / run_folder.CHECKPOINTS, recipe.output / run_folder.RECIPE
    same = saved.is_file() and saved.read_text("utf-8") == config.dump(recipe)
    if not same:
        shutil.rmtree(recipe.output, ignore_errors=True)
        recipe.output.mkdir(parents=True)
        _save(saved, config.dump(recipe))
    encoder, training = network.encoder(recipe), recipe.training
    _, log = loop.fit(
        recipe, book.ids, dataset.Packings(splits.train, encoder, book.ids, training.packings, training.masked),
        dataset.encode(splits.dev, encoder, book.ids), checkpoints=checkpoints,
        resume=loop.last_checkpoint(checkpoints) is not None, tell=tell, watchers=[watch],
    )  # fmt: skip
    watch.catch_up(log)
    return max(watch.figures.values())


class _Watch(TrainerCallback):
    """Tells a trial's figures to the study, epoch by epoch, and ends it where others were better."""

    def __init__(self, trial: Trial) -> None:
        self._trial = trial
        self.figures: dict[int, float] = {}

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:  # noqa: ANN401
        """Epochs before a resumption are known already."""
        self.catch_up(loop.epochs(state.log_history))

    def on_evaluate(self, args: Any, state: Any, control: Any, **given: Any) -> None:  # noqa: ANN401
        """Dev was measured."""
        self._report(round(state.epoch), given["metrics"][f"eval_{loop.BEST}"])
        if self._trial.should_prune():
            raise optuna.TrialPruned

    def catch_up(self, log: list[dict[str, Any]]) -> None:
        """Report epochs of an earlier call."""
        for entry in log:
            self._report(round(entry["epoch"]), entry[f"eval_{loop.BEST}"])

    def _report(self, epoch: int, figure: float) -> None:
        if epoch not in self.figures:
            self.figures[epoch] = figure
            self._trial.report(figure, epoch)


def _suggest(trial: Trial, key: str, span: Span) -> Any:  # noqa: ANN401 - a value of YAML
    if span.choices is not None:
        return trial.suggest_categorical(key, span.choices)
    if isinstance(span.low, int) and isinstance(span.high, int):
        return trial.suggest_int(key, span.low, span.high, log=span.log)
    return trial.suggest_float(key, float(span.low or 0), float(span.high or 0), log=span.log)


def _write(study: optuna.Study, recipe: Recipe, folder: Path) -> None:
    """The table of all trials, and the best so far as a recipe."""
    done = _done(study)
    keys = list(recipe.search.space) if recipe.search else []
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow([*_COLUMNS, *keys, "fault"])
    for one in done:
        told, value = one.user_attrs, one.value if one.state == TrialState.COMPLETE else None
        figure = "" if value is None else round(value, 4)
        table.writerow([told["number"], _NAMES[one.state], figure, told["epochs"], told["seconds"],
                        *(one.params[key] for key in keys), told["fault"]])  # fmt: skip
    _save(folder / TABLE, text.getvalue())
    if any(one.state == TrialState.COMPLETE for one in done):
        best = config.varied(recipe, study.best_trial.params, folder / "best")
        _save(folder / BEST, config.dump(best))


def _number(trial: FrozenTrial) -> int:
    return int(trial.user_attrs["number"])


def _told(values: dict[str, Any]) -> str:
    return ", ".join(f"{key}={value:.3g}" if isinstance(value, float) else f"{key}={value}"
                     for key, value in values.items())  # fmt: skip


def _save(path: Path, text: str) -> None:
    with writers.atomic(path) as stream:
        stream.write(text.encode())
