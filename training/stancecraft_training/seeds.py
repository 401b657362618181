"""A recipe with several seeds: how much of a figure is luck."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from stancecraft import writers
from stancecraft.artifact import LAYOUT
from stancecraft.errors import ConfigError
from stancecraft_training import processes, run, run_folder
from stancecraft_training.config import Recipe

FIGURES = "seeds.json"


def train(
    recipe: Recipe, seeds: Sequence[int], *,
    resume: bool, tell: Callable[[str], None], recipes: Path | None = None, curves: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Train once per seed, each in a folder of its own, and say mean and standard deviation.

    A seed whose model is there already is not trained again, so a call that broke off can be repeated with ``resume``.

    Args:
        recipe: What to do; its own seed is not used.
        seeds: At least two, each once.
        resume: Go on where an earlier call stopped.
        tell: Takes progress, one line at a time.
        recipes: Folder of the recipe's file, whose commit is written down.
        curves: Also write TensorBoard's event files, per seed.

    Returns:
        Per split and figure the values by seed, their mean and sample standard deviation.

    Raises:
        ConfigError: If there is one seed or a seed comes twice, if the recipe exports nothing, or if a seed that is
            there was trained by another recipe or on other data.
        StancecraftError: As training does.
    """
    if not recipe.export.enabled:
        raise ConfigError("export.enabled: expected true with --seeds: the figures are those of exported models")
    if len(seeds) < 2:
        raise ConfigError(f"--seeds: expected at least two seeds, got {seeds[0]}")
    if len(set(seeds)) != len(seeds):
        raise ConfigError(f"--seeds: expected every seed once, got {', '.join(map(str, seeds))}")
    measured: dict[int, dict[str, Any]] = {}
    for seed in seeds:
        tell(f"seed {seed}:")
        own = recipe.model_copy(
            update={
                "output": recipe.output / f"seed-{seed}",
                "training": recipe.training.model_copy(update={"seed": seed}),
            }
        )
        model = own.output / run_folder.MODEL
        if resume and model.is_dir():
            run_folder.require_same(own)
        else:
            begun = any((own.output / run_folder.CHECKPOINTS).glob("checkpoint-*"))
            model = run.train(own, resume=resume and begun, tell=tell, recipes=recipes, curves=curves)
        measured[seed] = json.loads((model / LAYOUT.evaluation).read_text("utf-8"))
    told = {name: _spread(measured, name) for name in ("dev", "test") if all(name in one for one in measured.values())}
    for name, figures in told.items():
        line = ", ".join(f"{figure} {one['mean']:.3f} ± {one['sd']:.3f}" for figure, one in figures.items())
        tell(f"{name}, {len(seeds)} seeds: {line}")
    if processes.is_main():
        _write(recipe.output / FIGURES, told)
    return told


def _spread(measured: dict[int, dict[str, Any]], name: str) -> dict[str, Any]:
    figures: dict[str, Callable[[dict[str, Any]], float]] = {
        "about": lambda one: one["about"]["f1"],
        "both": lambda one: one["both"]["f1"],
        "stance_macro_f1": lambda one: one["stance_macro_f1"],
        "ece": lambda one: one["ece"],
    }
    told = {}
    for figure, read in figures.items():
        values = {seed: read(one[name]["overall"]) for seed, one in measured.items()}
        told[figure] = {"by_seed": values, "mean": mean(values.values()), "sd": stdev(values.values())}
    return told


def _write(path: Path, data: dict[str, Any]) -> None:
    with writers.atomic(path) as stream:
        stream.write((json.dumps(data, indent=1) + "\n").encode())
