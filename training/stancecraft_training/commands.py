"""What the command line reaches by entry point: train, export, benchmark."""

from __future__ import annotations

import os
import sys
from pathlib import Path

# Before transformers is imported: nothing here needs a hub's telemetry or the tokenizers' fork warning.
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

from transformers.utils import logging

from stancecraft_training import agreement, reading, starter
from stancecraft_training import annotations as stand_off
from stancecraft_training import benchmark as measurements
from stancecraft_training import config as recipes
from stancecraft_training import run as runs


def train(*, config: Path | None, settings: list[str], resume: bool, init: Path | None) -> None:
    """Train from a recipe, or write a recipe to start from."""
    if init is not None:
        for path in starter.write(init):
            _tell(f"wrote {path}")
    if config is not None:
        _quiet_libraries()
        runs.train(recipes.load(config, settings), resume=resume, tell=_tell)


def export(*, run: Path) -> None:
    """Export a finished run again."""
    _quiet_libraries()
    runs.again(run, tell=_tell)


def corpus_join(*, data: Path, folder: Path, out: Path) -> None:
    """Join annotations with texts and write labelled statements."""
    joined = stand_off.join(stand_off.load(data / "annotations"), folder)
    for line in stand_off.report(joined, out, data / "sources.csv"):
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


def _quiet_libraries() -> None:
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
