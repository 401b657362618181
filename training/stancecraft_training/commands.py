"""What the command line reaches by entry point: train, export, benchmark."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

# Before transformers is imported: nothing here needs a hub's telemetry or the tokenizers' fork warning.
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

from transformers.utils import logging

from stancecraft import artifact, writers
from stancecraft.codebook import Codebook
from stancecraft_training import (
    agreement,
    baselines,
    fetching,
    linting,
    merging,
    reading,
    rehearsal,
    starter,
    statistics,
)
from stancecraft_training import annotations as stand_off
from stancecraft_training import benchmark as measurements
from stancecraft_training import config as recipes
from stancecraft_training import run as training_runs
from stancecraft_training import seeds as several
from stancecraft_training import sheets as labelling
from stancecraft_training import teach as teaching


def train(
    *, config: Path | None, settings: list[str], resume: bool, init: Path | None, dry_run: bool, seeds: list[int]
) -> None:
    """Train from a recipe, with one seed or several; rehearse it; or write a recipe to start from."""
    if init is not None:
        for path in starter.write(init):
            _tell(f"wrote {path}")
    if config is None:
        return
    _quiet_libraries()
    recipe = recipes.load(config, settings)
    if dry_run:
        rehearsal.rehearse(recipe, _tell)
    elif seeds:
        several.train(recipe, seeds, resume=resume, tell=_tell)
    else:
        training_runs.train(recipe, resume=resume, tell=_tell)


def export(*, run: Path) -> None:
    """Export a finished run again."""
    _quiet_libraries()
    training_runs.again(run, tell=_tell)


def teach(*, runs: list[Path], inputs: list[Path], out: Path) -> None:
    """Write what trained networks think of statements."""
    _quiet_libraries()
    teaching.write(runs, inputs, out, tell=_tell)


def corpus_fetch(*, data: Path, out: Path, mirror: str) -> bool:
    """Fetch the texts of annotated documents; returns whether all are there."""
    return fetching.fetch(data / "sources.csv", out, mirror=mirror, tell=_tell)


def corpus_join(*, data: Path, folder: Path, out: Path) -> None:
    """Join annotations with texts and write labelled statements."""
    joined = stand_off.join(stand_off.load(data / "annotations"), folder)
    for line in stand_off.report(joined, out, data / "sources.csv"):
        _tell(line)


def lint(*, data: Path, texts: Path | None, issues: Path | None) -> bool:
    """Print what may be wrong with labelled data; returns whether nothing is."""
    if data.suffix in {".yaml", ".yml"}:
        recipe = recipes.load(data)
        found = linting.recipe(recipe, training_runs.read_codebook(recipe.issues))
    elif data.is_dir() and any(map(stand_off.is_annotations, data.rglob("*.jsonl"))):
        found = linting.stand_off(data, texts)
    else:
        found = linting.statements([data], _codebook(issues))
    for finding in found:
        sys.stdout.write(f"{finding}\n")
    _tell(f"{len(found)} finding{'s' * (len(found) > 1)}" if found else "nothing found")
    return not found


def corpus_statistics(*, config: Path, out: Path) -> None:
    """Write a page of figures about a recipe's data."""
    recipe = recipes.load(config)
    statistics.write(recipe, training_runs.read_codebook(recipe.issues), out)
    _tell(f"wrote {out} and {out.with_name(statistics.PLOT)}")


def annotate_sheet(*, text: Path, out: Path, first: int, count: int, issues: Path | None) -> None:
    """Write a sheet to label."""
    _tell(labelling.write(text, out, _codebook(issues), first=first, count=count))


def annotate_merge(
    *, sheets: list[Path], texts: Path, out: Path, annotator: str, reading: int, issues: Path | None
) -> None:
    """Write the labels of filled sheets by offset."""
    for line in merging.merge(sheets, texts, out, _codebook(issues), annotator=annotator, reading=reading):
        _tell(line)


def annotate_agreement(*, first: Path, second: Path, seed: int) -> None:
    """Print how far two annotators agree, as a Markdown table."""
    sys.stdout.write(agreement.table(stand_off.load(first), stand_off.load(second), seed=seed))


def benchmark_speed(*, text: Path) -> None:
    """Measure the installed package and print a Markdown table."""
    _quiet_libraries()
    sys.stdout.write(measurements.table(text, tell=_tell))


def benchmark_reading(*, gold: Path, texts: Path) -> None:
    """Measure the readers against gold turns and print a Markdown table."""
    sys.stdout.write(reading.table(gold, texts, tell=_tell))


def benchmark_labels(*, text: Path, labels: Path) -> None:
    """Measure the packaged model's labels of a transcript and print a Markdown table."""
    sys.stdout.write(measurements.label_table(text, labels))


def benchmark_baselines(*, config: Path, out: Path) -> None:
    """Measure simpler methods on a recipe's data."""
    _quiet_libraries()
    measured = baselines.measure(recipes.load(config), _tell)
    with writers.atomic(out) as stream:
        stream.write((json.dumps(measured, indent=1) + "\n").encode())
    _tell(f"wrote {out}")


def _codebook(issues: Path | None) -> Codebook:
    """The issues of a file, or of the packaged model."""
    return training_runs.read_codebook(issues) if issues else artifact.load(artifact.packaged()).codebook


def _quiet_libraries() -> None:
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
