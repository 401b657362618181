"""The folder of a run: what is in it, and whether it is the run that somebody wants to go on with.

::

    recipe.yaml      resolved, defaults written out
    data.json        checksums of the data, labels per split
    run.json         versions, machine, commit, seed, times
    checkpoints/     the best and the last epoch
    log.json         figures per epoch
    tensorboard/     the same as curves, if asked for
    best/            the best network, calibration not yet folded in
    model/           the exported folder: what `--model` takes
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import yaml

from stancecraft import writers
from stancecraft.codebook import Codebook
from stancecraft.errors import ConfigError
from stancecraft_training import config, extend_data, labelled, loop, split
from stancecraft_training.config import Recipe
from stancecraft_training.split import Splits

RECIPE, DATA, RUN, LOG = "recipe.yaml", "data.json", "run.json", "log.json"
CHECKPOINTS, CURVES, BEST, MODEL = "checkpoints", "tensorboard", "best", "model"


def prepare(recipe: Recipe, book: Codebook, splits: Splits, resume: bool) -> dict[str, str]:
    """Make the run's folder and write down what it is about to do; returns the checksums of the data.

    A folder holds a run once something was learnt in it: a whole checkpoint. One that failed before that may be begun
    anew, also if it died while it saved its first one.

    Raises:
        ConfigError: If it already holds a run and this is not its resumption, or if there is nothing to resume.
    """
    saved, resolved = recipe.output / RECIPE, config.dump(recipe)
    checksums = data_checksums(recipe)
    if loop.last_checkpoint(recipe.output / CHECKPOINTS) or (recipe.output / BEST).is_dir():
        if not resume:
            raise ConfigError(
                f"{recipe.output}: already holds a run; use --resume, or another folder with --set output="
            )
        require_same(recipe)
    elif resume:
        raise ConfigError(f"{recipe.output}: no checkpoint to resume from")
    if not resume:  # what is there is part of a checkpoint at most
        shutil.rmtree(recipe.output / CHECKPOINTS, ignore_errors=True)
    try:
        recipe.output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"output: cannot make {recipe.output}: {error.strerror or error}") from None
    with writers.atomic(saved) as stream:  # the first half of a recipe may be valid, too
        stream.write(resolved.encode())
    described = {name: labelled.counts(getattr(splits, name), book) for name in split.NAMES}
    write_json(recipe.output / DATA, {"sha256": checksums, "labels": described})
    return checksums


def require_same(recipe: Recipe) -> None:
    """Refuse to go on with a run of another recipe, or on other data.

    Raises:
        ConfigError: With one line per difference.
    """
    saved = yaml.safe_load((recipe.output / RECIPE).read_text("utf-8"))
    changed = changed_keys(saved, yaml.safe_load(config.dump(recipe))) + changed_files(
        recipe.output, data_checksums(recipe)
    )
    if changed:
        raise ConfigError(*(f"{recipe.output}: cannot resume, {line}" for line in changed))


def changed_keys(before: Any, now: Any, key: str = "") -> list[str]:  # noqa: ANN401 - parsed YAML
    """Where two resolved recipes differ, by dotted key."""
    if isinstance(before, dict) and isinstance(now, dict):
        names = [*before, *(name for name in now if name not in before)]
        return [
            line for name in names for line in changed_keys(before.get(name), now.get(name), f"{key}.{name}".strip("."))
        ]
    return [] if before == now else [f"{key} was {before!r}, now {now!r}"]


def data_checksums(recipe: Recipe) -> dict[str, str]:
    """SHA-256 of the data, of the issues and of the file that fixes the splits."""
    others = [recipe.issues] + ([recipe.data.split.file] if recipe.data.split.file else [])
    found = labelled.checksums(recipe.data.sources) | {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in others
    }
    if recipe.extend:
        found |= extend_data.checksums(recipe.extend)
    return found


def changed_files(folder: Path, checksums: dict[str, str]) -> list[str]:
    """Where the files of a run are no longer those it was trained on."""
    before = json.loads((folder / DATA).read_text("utf-8"))["sha256"]
    names = sorted(before.keys() | checksums.keys())
    return [f"{name} is not the file it was" for name in names if before.get(name) != checksums.get(name)]


def write_json(path: Path, data: dict[str, Any]) -> None:
    """Write a file whole or not at all."""
    with writers.atomic(path) as stream:
        stream.write((json.dumps(data, indent=1) + "\n").encode())
