"""What the command line reaches by entry point of models: train, export, teach, benchmark."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

# Before transformers is imported: nothing here needs a hub's telemetry or the tokenizers' fork warning.
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

from transformers.utils import logging

from stancecraft import artifact, writers
from stancecraft.errors import ConfigError
from stancecraft_training import baselines, challenge, evaluations, processes, public_run, reading, rehearsal, starter
from stancecraft_training import benchmark as measurements
from stancecraft_training import config as recipes
from stancecraft_training import extend as extending
from stancecraft_training import run as training_runs
from stancecraft_training import seeds as several
from stancecraft_training import teach as teaching


def train(
    *, config: Path | None, settings: list[str], resume: bool, init: Path | None, dry_run: bool, seeds: list[int],
    tensorboard: bool,
) -> None:  # fmt: skip
    """Train from a recipe, with one seed or several; rehearse it; or write a recipe to start from."""
    if init is not None:
        for path in starter.write(init):
            _tell(f"wrote {path}")
    if config is None:
        return
    _quiet_libraries()
    with processes.connected():
        # A run does not depend on the search block, and is not another if that changes.
        recipe = processes.together(lambda: recipes.load(config, settings)).model_copy(update={"search": None})
        told: dict[str, Any] = {"resume": resume, "tell": _tell, "recipes": config.parent, "curves": tensorboard}
        if dry_run:
            rehearsed = extending.rehearse if recipe.extend else rehearsal.rehearse
            processes.on_main(lambda: rehearsed(recipe, _tell))
        elif recipe.extend:
            if seeds or processes.count() > 1:
                raise ConfigError("extend: a model is extended by one process with one seed; give training.seed")
            extending.train(recipe, **told)
        elif seeds:
            several.train(recipe, seeds, **told)
        else:
            training_runs.train(recipe, **told)


def search(*, config: Path, settings: list[str], resume: bool) -> None:
    """Search over a recipe's search block."""
    # Here alone: Optuna's storage takes a second to import.
    from stancecraft_training import search as searching

    _quiet_libraries()
    recipe = recipes.load(config, settings)
    if recipe.extend:
        raise ConfigError(f"{config}: extend: a model's extension is not searched over; take the section out")
    searching.search(recipe, resume=resume, tell=_tell)


def export(*, run: Path) -> None:
    """Export a finished run again."""
    _quiet_libraries()
    training_runs.again(run, tell=_tell)


def teach(*, runs: list[Path], inputs: list[Path], out: Path) -> None:
    """Write what trained networks think of statements."""
    _quiet_libraries()
    teaching.write(runs, inputs, out, tell=_tell)


def suggest(
    *, inputs: list[Path], issue: str, out: Path, count: int, issues: Path | None, model: Path | None,
    labelled: Path | None, per_document: int | None,
) -> None:  # fmt: skip
    """Write a sheet of the statements that are most worth labelling."""
    # Here alone: scikit-learn's text module takes a second to import.
    from stancecraft_training import suggest as suggesting

    _quiet_libraries()
    known = recipes.read_codebook(issues) if issues else artifact.load(model or artifact.packaged()).codebook
    suggesting.write(
        inputs, out, known, issue, count=count, model=model, labelled=labelled, per_document=per_document, tell=_tell
    )


def gate(*, model: Path, texts: list[Path], held_out: list[Path], test: list[Path], most: float) -> None:
    """Fit a model folder's gate and tell what it changes."""
    # Here alone: scikit-learn takes a second to import.
    from stancecraft_training import gate as gates

    told = gates.fit(model, texts, held_out, test, most=most, tell=_tell)
    seen = told["test"]
    _tell(f"gate: {seen['changed']:.2%} of the decisions of {seen['statements']} test statements change, "
          f"{seen['left_out']:.0%} of the statements are left out; "
          f"{'in use' if told['default'] else 'not in use'} by default")  # fmt: skip


def benchmark_challenge(*, data: Path, model: Path | None) -> None:
    """Measure a model on statements labelled by what they probe, and print a Markdown table."""
    sys.stdout.write(challenge.table(data, model))


def benchmark_speed(*, text: Path, briefings: Path | None, largest: int, peers: bool) -> None:
    """Measure the installed package and print a Markdown table."""
    _quiet_libraries()
    sys.stdout.write(measurements.table(text, briefings=briefings, largest=largest, peers=peers, tell=_tell))


def benchmark_reading(*, gold: Path, texts: Path) -> None:
    """Measure the readers against gold turns and print a Markdown table."""
    sys.stdout.write(reading.table(gold, texts, tell=_tell))


def benchmark_labels(*, text: Path, labels: Path) -> None:
    """Measure the packaged model's labels of a transcript and print a Markdown table."""
    sys.stdout.write(measurements.label_table(text, labels))


def benchmark_baselines(*, config: Path, out: Path, model: Path | None) -> None:
    """Measure simpler methods on a recipe's data."""
    _quiet_libraries()
    if model:
        artifact.load(model)
    measured = baselines.measure(recipes.load(config), _tell)
    with writers.atomic(out) as stream:
        stream.write((json.dumps(measured, indent=1) + "\n").encode())
    if model:
        evaluations.add(model, "baselines", measured)
    _tell(f"wrote {out}" + (f" and into {model}" if model else ""))


def benchmark_public(*, name: str, data: Path, config: Path, seeds: list[int], out: Path | None) -> None:
    """Train on a public data set and print its figure beside published ones."""
    _quiet_libraries()
    result = public_run.measure(name, data, config, seeds, tell=_tell)
    if out:
        public_run.record(result, out)
    sys.stdout.write(public_run.page([result]))


def _quiet_libraries() -> None:
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]


def _tell(line: str) -> None:
    if not processes.is_main():
        return
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
