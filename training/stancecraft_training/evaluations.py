"""What a model folder tells of itself beside its own figures: baselines, seeds, the agreement of annotators."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from stancecraft import artifact, writers
from stancecraft.artifact import LAYOUT, MANIFEST

Part = Literal["baselines", "seeds", "agreement"]


def record(folder: Path, evaluation: Mapping[str, Any]) -> None:
    """Put what was measured into the folder and renew its checksum.

    Whenever the process dies, the folder is a sound model that tells either what it told before or the new figures:
    the manifest first lists the checksums of both, then the file is replaced, then the manifest lists the new one's.

    Raises:
        OutputError: If a file cannot be written; the folder is sound all the same.
    """
    content = _encoded(evaluation)
    coming = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    manifest["files"] = artifact.describe(folder)
    manifest["files"][LAYOUT.evaluation] |= {"next": coming}
    _write(folder / MANIFEST, _encoded(manifest))
    _write(folder / LAYOUT.evaluation, content)
    manifest["files"][LAYOUT.evaluation] = coming
    _write(folder / MANIFEST, _encoded(manifest))


def add(folder: Path, part: Part, measured: Mapping[str, Any]) -> None:
    """Put one part more into what a finished model tells of itself.

    Raises:
        ModelError: If the folder is not a sound model.
        OutputError: If a file cannot be written.
    """
    artifact.load(folder)
    evaluation = json.loads((folder / LAYOUT.evaluation).read_text("utf-8"))
    record(folder, evaluation | {part: dict(measured)})


def _encoded(data: Mapping[str, Any]) -> bytes:
    return (json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode()


def _write(path: Path, content: bytes) -> None:
    with writers.atomic(path) as stream:
        stream.write(content)
