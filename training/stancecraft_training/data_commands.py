"""What the command line reaches by entry point of data: corpus, annotate, lint; torch is loaded only for lint."""

from __future__ import annotations

import sys
from pathlib import Path

from stancecraft import artifact
from stancecraft.codebook import Codebook
from stancecraft_training import agreement, evaluations, fetching, labelled, merging, sheets
from stancecraft_training import annotations as stand_off
from stancecraft_training import config as recipes


def lint(*, data: Path, texts: Path | None, issues: Path | None) -> bool:
    """Print what may be wrong with labelled data; returns whether nothing is."""
    from stancecraft_training import linting

    if data.suffix in {".yaml", ".yml"}:
        recipe = recipes.load(data)
        found = linting.recipe(recipe, recipes.read_codebook(recipe.issues))
    elif data.is_dir() and any(map(stand_off.is_annotations, data.rglob("*.jsonl"))):
        found = linting.stand_off(data, texts)
    else:
        found = linting.statements([data], _codebook(issues))
    for finding in found:
        sys.stdout.write(f"{finding}\n")
    _tell(f"{len(found)} finding{'s' * (len(found) > 1)}" if found else "nothing found")
    return not found


def corpus_fetch(*, data: Path, out: Path, mirror: str) -> bool:
    """Fetch the texts of annotated documents; returns whether all are there."""
    return fetching.fetch(data / "sources.csv", out, mirror=mirror, tell=_tell)


def corpus_join(*, data: Path, folder: Path, out: Path) -> None:
    """Join annotations with texts and write labelled statements."""
    joined = stand_off.join(stand_off.load(data / "annotations"), folder)
    for line in stand_off.report(joined, out, data / "sources.csv"):
        _tell(line)


def corpus_statistics(*, config: Path, out: Path) -> None:
    """Write a page of figures about a recipe's data."""
    from stancecraft_training import statistics

    recipe = recipes.load(config)
    statistics.write(recipe, recipes.read_codebook(recipe.issues), out)
    _tell(f"wrote {out} and {out.with_name(statistics.PLOT)}")


def annotate_sheet(*, text: Path, out: Path, first: int, count: int, issues: Path | None) -> None:
    """Write a sheet to label."""
    _tell(sheets.write(text, out, _codebook(issues), first=first, count=count))


def annotate_merge(
    *, sheets: list[Path], texts: Path, out: Path, annotator: str, reading: int, issues: Path | None
) -> None:
    """Write the labels of filled sheets by offset."""
    for line in merging.merge(sheets, texts, out, _codebook(issues), annotator=annotator, reading=reading):
        _tell(line)


def annotate_agreement(*, first: Path, second: Path, seed: int, issues: Path | None, model: Path | None) -> None:
    """Print how far two annotators agree, as a Markdown table."""
    if first.is_dir() and any(map(stand_off.is_annotations, first.glob("*.jsonl"))):
        pairs = agreement.stand_off_pairs(stand_off.load(first), stand_off.load(second))
    else:
        book = _codebook(issues)
        rows = [labelled.read([recipes.Source(path=path, unlisted="none")], book) for path in (first, second)]
        pairs = agreement.statement_pairs(*rows)
    sys.stdout.write(agreement.table(pairs, seed=seed))
    if model:
        evaluations.add(model, "agreement", agreement.figures(pairs))
        _tell(f"{model} tells it")


def _codebook(issues: Path | None) -> Codebook:
    """The issues of a file, or of the packaged model."""
    return recipes.read_codebook(issues) if issues else artifact.load(artifact.packaged()).codebook


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
