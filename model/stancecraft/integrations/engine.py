"""Models that are loaded once per process, and documents handed to them whole."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import TypeAlias

from stancecraft import artifact, classifier, windows
from stancecraft.classifier import StanceClassifier
from stancecraft.records import Prediction, Statement

Model: TypeAlias = "StanceClassifier | str | Path | None"
"""A loaded model, a model folder, or ``None`` for the packaged one."""

BATCH = 1000
"""Statements that are handed to the model at once, unless somebody says otherwise."""

_MOST_LOADED = 4

_Key = tuple[Path, str, int | None]
# Both by process: a child made by fork() takes neither a lock that a thread of its parent held, nor a session.
_locks: dict[int, Lock] = {}
_loaded: dict[int, dict[_Key, StanceClassifier]] = {}


def load(model: Model = None, threads: int | None = None) -> StanceClassifier:
    """The model to use, loaded at the first call of a process and kept.

    Safe to call from several threads and after a fork. A folder whose manifest has changed is loaded anew.

    Args:
        model: A loaded model, a folder, or ``None`` for the packaged one.
        threads: Processor threads to use; all that this process may use by default.

    Raises:
        ModelError: If the folder is not a sound model.
        ValueError: If the number of threads is not one, or is given for a model that is loaded already.
    """
    if isinstance(model, StanceClassifier):
        if threads is not None:
            raise ValueError("threads: a loaded model has its own; give them to stancecraft.load()")
        return model
    if threads is not None:
        positive(threads, "threads")
    folder = Path(model).resolve() if model is not None else artifact.packaged()
    key = folder, stamp(folder), threads
    process = os.getpid()
    with _locks.setdefault(process, Lock()):
        kept = _loaded.setdefault(process, {})
        if key not in kept:
            kept[key] = classifier.load(folder, threads=threads)
            while len(kept) > _MOST_LOADED:
                del kept[next(iter(kept))]
        return kept[key]


def stamp(folder: Path) -> str:
    """SHA-256 of a folder's manifest, which lists the checksums of all else; empty if there is none."""
    try:
        return hashlib.sha256((folder / artifact.MANIFEST).read_bytes()).hexdigest()
    except OSError:
        return ""  # loading says what is wrong


def predict(
    model: StanceClassifier, statements: Sequence[Statement], *, batch_size: int = BATCH, max_error: float | None = None
) -> list[Prediction]:
    """Label statements, a batch of documents at a time; the result is the same whatever the size of a batch.

    Args:
        model: A loaded model.
        statements: In order; rows of one document in order are read in each other's context.
        batch_size: Most statements to hand over at once; a longer document is still read whole.
        max_error: As for :meth:`StanceClassifier.predict`.

    Raises:
        ValueError: If the size is not a positive number.
        ModelError: If the model cannot promise that share of errors.
    """
    positive(batch_size, "batch_size")
    model.thresholds(max_error)  # refused also when there is nothing to label
    return [one for batch in _batches(statements, batch_size) for one in model.predict(batch, max_error=max_error)]


def positive(number: object, name: str) -> None:
    """Make sure that an argument is a whole number from 1.

    Raises:
        ValueError: If it is not.
    """
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise ValueError(f"{name}: expected a whole number from 1, got {number!r}")


def _batches(statements: Sequence[Statement], size: int) -> Iterator[list[Statement]]:
    batch: list[Statement] = []
    for document in windows.documents(statements):
        if batch and len(batch) + len(document) > size:
            yield batch
            batch = []
        batch += statements[document.start : document.stop]
    if batch:
        yield batch
