"""What a model folder tells of itself beside its own figures: baselines, seeds, the agreement of annotators."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from stancecraft import artifact, writers
from stancecraft.artifact import LAYOUT, MANIFEST

Part = Literal["baselines", "seeds", "agreement"]


def record(folder: Path, evaluation: Mapping[str, Any]) -> None:
    """Put what was measured into the folder and renew its checksum.

    Raises:
        OutputError: If a file cannot be written.
    """
    _json(folder / LAYOUT.evaluation, evaluation)
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    manifest["files"] = artifact.describe(folder)
    _json(folder / MANIFEST, manifest)


def add(folder: Path, part: Part, measured: Mapping[str, Any]) -> None:
    """Put one part more into what a finished model tells of itself.

    Raises:
        ModelError: If the folder is not a sound model.
        OutputError: If a file cannot be written.
    """
    artifact.load(folder)
    evaluation = json.loads((folder / LAYOUT.evaluation).read_text("utf-8"))
    record(folder, evaluation | {part: dict(measured)})


def _json(path: Path, data: Mapping[str, Any]) -> None:
    with writers.atomic(path) as stream:
        stream.write((json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode())
