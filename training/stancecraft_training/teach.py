"""What trained networks think of statements, written beside them for another network to learn from.

Distillation (Hinton et al. 2015, https://arxiv.org/abs/1503.02531) as data: a large or several networks read labelled
and unlabelled texts, and a smaller one learns from their probabilities with ``training.taught_weight``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import AutoModelForTokenClassification

from stancecraft import policy, readers, writers
from stancecraft.errors import ConfigError
from stancecraft.records import VALUES, Statement
from stancecraft.windows import FloatArray
from stancecraft_training import config, dataset, network
from stancecraft_training.labelled import Labelled
from stancecraft_training.run_folder import BEST, RECIPE

_BATCH = 8  # windows
_KEPT = ("id", "doc", "date", "kind", "turn", "speaker", "role", "side", "reported", "joint", "text")


def write(runs: Sequence[Path], inputs: Sequence[Path], out: Path, *, tell: Callable[[str], None]) -> None:
    """Write statements with the mean of the probabilities of several runs.

    Args:
        runs: Folders of finished training runs with the same issues.
        inputs: Transcripts, tables of statements (their labels are carried along), or folders of them.
        out: JSONL, one statement a line, whole or not at all.
        tell: Takes progress, one line at a time.

    Raises:
        ConfigError: If a folder is not a finished run, or issues differ.
        InputError: If an input cannot be read.
        OutputError: If the file cannot be written.
    """
    teachers = [Teacher(folder) for folder in runs]
    issues = teachers[0].issues
    for folder, teacher in zip(runs, teachers, strict=True):
        if teacher.issues != issues:
            raise ConfigError(f"{folder}: its issues are {', '.join(teacher.issues)}, expected {', '.join(issues)}")
    paths = list(readers.expand(inputs))
    with writers.atomic(out) as stream:
        for number, (path, doc) in enumerate(paths, 1):
            statements = readers.read(path, doc=doc).statements
            if not statements:
                continue
            scores = np.mean([teacher.probabilities(statements) for teacher in teachers], axis=0)
            for statement, row in zip(statements, scores.tolist(), strict=True):
                stream.write((json.dumps(_line(statement, issues, row), ensure_ascii=False) + "\n").encode())
            tell(f"{number}/{len(paths)}: {path.name}, {len(statements)} statements")


class Teacher:
    """The best network of a run."""

    def __init__(self, folder: Path) -> None:
        if not (folder / RECIPE).is_file() or not (folder / BEST).is_dir():
            raise ConfigError(f"{folder}: not a finished training run: expected {RECIPE} and {BEST}/ in it")
        recipe = config.load(folder / RECIPE)
        self.issues = config.read_codebook(recipe.issues).ids
        self._encoder = network.encoder(recipe)
        self._model: Any = AutoModelForTokenClassification.from_pretrained(
            folder / BEST, attn_implementation="eager"
        ).eval()
        if torch.cuda.is_available():
            self._model.cuda()
        self._half = recipe.training.precision == "bf16"

    def probabilities(self, statements: Sequence[Statement]) -> FloatArray:
        """Raw probabilities, before any calibration. *Shape:* ``(statements, issues, 4)``."""
        documents = dataset.encode([Labelled(one, {}) for one in statements], self._encoder, self.issues)
        with torch.autocast(self._model.device.type, torch.bfloat16, enabled=self._half):
            return policy.probabilities(network.score(self._model, documents, _BATCH))


def _line(statement: Statement, issues: Sequence[str], row: Sequence[Sequence[float]]) -> dict[str, Any]:
    told = {
        issue: {"probabilities": {value: round(one, 5) for value, one in zip(VALUES, values, strict=True)}}
        for issue, values in zip(issues, row, strict=True)
    }
    kept = {name: value for name in _KEPT if (value := getattr(statement, name)) not in (None, "", False)}
    columns = {issue: value for issue in issues if (value := statement.meta.get(issue))}
    judged = "labels" in statement.meta or any(issue in statement.meta for issue in issues)
    labels = {"labels": {**(statement.meta.get("labels") or {}), **columns}} if judged else {}
    return {**kept, **labels, "issues": told}
