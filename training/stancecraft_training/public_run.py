"""The training package on a public data set: a recipe, several seeds, the official figure, a page with the published.

Chosen on dev only; test is answered once per seed, with the network of its best epoch.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from stancecraft import writers
from stancecraft.errors import ConfigError
from stancecraft.records import VALUES, Statement
from stancecraft_training import config, public_data, run
from stancecraft_training.public_data import BENCHMARKS, Answers, Benchmark, Row
from stancecraft_training.teach import Teacher

FILES = "files.csv"


def measure(
    name: str, data: Path, recipe_file: Path, seeds: Sequence[int], *, tell: Callable[[str], None]
) -> dict[str, Any]:
    """Train and measure.

    Args:
        name: One of :data:`~stancecraft_training.public_data.BENCHMARKS`.
        data: Folder with the public files.
        recipe_file: The recipe; ``files.csv`` stands beside it.
        seeds: One run each, in folders of their own.
        tell: Takes progress, one line at a time.

    Returns:
        Official figure per seed with mean and standard deviation, that of the commonest value per target, numbers of
        rows, and run time.

    Raises:
        StancecraftError: If files, recipe or base are not usable.
    """
    benchmark = BENCHMARKS[name]
    rows = public_data.read(benchmark, data, recipe_file.parent / FILES)
    recipe = config.load(recipe_file)
    if len(recipe.data.sources) != 1 or recipe.data.sources[0].path.parent != recipe.output:
        raise ConfigError(f"{recipe_file}: expected one source, rows.jsonl in the folder that output names")
    public_data.write(rows, recipe.output)
    test = [row for row in rows if row.split == "test"]
    by_seed: dict[int, dict[str, Any]] = {}
    for seed in seeds:
        tell(f"seed {seed}:")
        training = recipe.training.model_copy(update={"seed": seed})
        own = recipe.model_copy(update={"output": recipe.output / f"seed-{seed}", "training": training})
        began = time.time()
        if not (own.output / "best").is_dir():
            run.train(own, resume=False, tell=tell)
        told = answers(Teacher(own.output), benchmark, test)
        by_seed[seed] = {
            "score": benchmark.score(told), "by_target": {
                target: public_data.favor_against(*both) for target, both in told.items()
            }, "seconds": round(time.time() - began),
        }  # fmt: skip
        tell(f"seed {seed}: {100 * by_seed[seed]['score']:.1f}")
    return _summed({
        "benchmark": name, "metric": benchmark.metric, "base": recipe.base, "epochs": recipe.training.epochs,
        "rows": dict(Counter(row.split for row in rows)), "by_seed": by_seed,
        "majority": benchmark.score(_majority(rows)),
    })  # fmt: skip


def _summed(result: Mapping[str, Any]) -> dict[str, Any]:
    """A result with the mean and the standard deviation of its seeds."""
    scores = [one["score"] for one in result["by_seed"].values()]
    return {**result, "mean": mean(scores), "sd": stdev(scores) if len(scores) > 1 else None}


def answers(teacher: Teacher, benchmark: Benchmark, test: Sequence[Row]) -> Answers:
    """Gold and the likeliest of the data set's values, per target."""
    probabilities = teacher.probabilities([Statement(row.text) for row in test])
    places = [VALUES.index(value) for value in benchmark.values]
    told: dict[str, tuple[list[str], list[str]]] = {}
    for row, scores in zip(test, probabilities, strict=True):
        for target, value in row.labels.items():
            gold, given = told.setdefault(target, ([], []))
            gold.append(value)
            given.append(benchmark.values[int(scores[teacher.issues.index(target)][places].argmax())])
    return told


def page(results: Sequence[Mapping[str, Any]]) -> str:
    """All measured data sets beside published numbers, Markdown."""
    head = "# Public data sets\n\nMade by `stancecraft benchmark`; not edited by hand. "
    parts = [head + "Chosen on dev, figures on test, in percent.\n"]
    for one in results:
        benchmark = BENCHMARKS[one["benchmark"]]
        seeds = ", ".join(f"{100 * run['score']:.1f}" for run in one["by_seed"].values())
        minutes = sum(run["seconds"] for run in one["by_seed"].values()) / 60
        spread = f" ± {100 * one['sd']:.1f}" if one["sd"] is not None else ""
        parts.append(
            f"\n## {one['benchmark']}\n\n{one['metric']}; "
            f"{', '.join(f'{number:,} {name}' for name, number in one['rows'].items())}.\n\n"
            "| system | figure | source |\n|---|---|---|\n"
            f"| **stancecraft, MiniLM (22M), {len(one['by_seed'])} seeds** | **{100 * one['mean']:.1f}{spread}** "
            f"| here: {seeds}; {minutes:.0f} minutes on two cores |\n"
            f"| the commonest value of each target | {100 * one['majority']:.1f} | here |\n"
        )
        parts += [
            f"| {row.system} | {row.figure:g} | {row.source}{'' if row.read else ' (remembered, not read again)'} |\n"
            for row in benchmark.published
        ]
    return "".join(parts)


def record(result: Mapping[str, Any], folder: Path) -> None:
    """Write a result and renew the page of all results in a folder.

    Seeds that an earlier result of the same metric, base, epochs and rows has, and this one has not, are kept: they may
    be measured on different days.

    Raises:
        OutputError: If a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{result['benchmark']}.json"
    seeds = {str(seed): one for seed, one in result["by_seed"].items()}
    if path.is_file():
        earlier = json.loads(path.read_text("utf-8"))
        if all(earlier[key] == result[key] for key in ("metric", "base", "epochs", "rows")):
            seeds = earlier["by_seed"] | seeds
    result = _summed({**result, "by_seed": dict(sorted(seeds.items(), key=lambda pair: int(pair[0])))})
    with writers.atomic(path) as stream:
        stream.write((json.dumps(result, indent=1) + "\n").encode())
    every = [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))]
    with writers.atomic(folder / "README.md") as stream:
        stream.write(page(every).encode())


def _majority(rows: Sequence[Row]) -> Answers:
    """What the commonest value of each target in training would answer."""
    told = {}
    for target in dict.fromkeys(target for row in rows for target in row.labels):
        seen = Counter(row.labels[target] for row in rows if row.split == "train" and target in row.labels)
        gold = [row.labels[target] for row in rows if row.split == "test" and target in row.labels]
        told[target] = (gold, [seen.most_common(1)[0][0]] * len(gold))
    return told
