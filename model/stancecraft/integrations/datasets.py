"""A function for ``Dataset.map(batched=True)`` of the library datasets, which it calls and is not imported here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from stancecraft.errors import InputError
from stancecraft.integrations import columns as table
from stancecraft.integrations import engine

_WHERE = "the batch"


class StanceMapper:
    """Adds stances to a batch of rows: ``dataset.map(StanceMapper(), batched=True, batch_size=None)``.

    Rows of one ``doc`` are read in each other's context as far as one batch holds them, so give ``map`` the whole
    split as a batch (``batch_size=None``); how much the model is handed at once is this function's own ``batch_size``.
    With ``num_proc``, a document that lies across two shards is read in two parts.

    Holds no model but the name of one, so that it can be sent to other processes; each loads it once. Part of it is
    the checksum of the model, so that a cache of datasets is not taken for that of another model.

    Args:
        model: A model folder; the packaged model by default.
        columns: What ``text``, ``doc``, ``turn``, ``speaker`` and ``role`` are called in the data set, if otherwise.
        probabilities: Whether to add the four probabilities of each issue.
        max_error: As for :meth:`stancecraft.StanceClassifier.predict`.
        threads: Processor threads to use; all that this process may use by default.
        batch_size: Most statements to hand to the model at once; changes the memory it takes and no result.

    Raises:
        ModelError: If the folder is not a sound model.
        ValueError: If an argument is out of its range.
    """

    def __init__(
        self, *, model: str | Path | None = None, columns: Mapping[str, str] | None = None,
        probabilities: bool = False, max_error: float | None = None, threads: int | None = None,
        batch_size: int = engine.BATCH,
    ) -> None:  # fmt: skip
        engine.positive(batch_size, "batch_size")
        loaded = engine.load(model, threads)
        loaded.thresholds(max_error)
        self.model = None if model is None else str(loaded.artifact.path)
        self.checksum = engine.stamp(loaded.artifact.path)
        self.columns = dict(columns or {})
        self.probabilities = probabilities
        self.max_error = max_error
        self.threads = threads
        self.batch_size = batch_size

    def __call__(self, batch: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
        """The columns to add to a batch, named as :func:`stancecraft.integrations.frames.label` names them.

        Raises:
            InputError: If a column is missing or taken, or a cell is not what its column holds; one line per fault.
        """
        loaded = engine.load(self.model, self.threads)
        added = table.names(loaded.codebook.ids, self.probabilities)
        chosen = table.chosen(batch.keys(), self.columns, added, _WHERE)
        return table.label(
            loaded, {key: _cells(batch[name], name) for key, name in chosen.items()}, _WHERE,
            probabilities=self.probabilities, batch_size=self.batch_size, max_error=self.max_error,
        )  # fmt: skip


def _cells(cells: object, name: str) -> list[Any]:
    """The cells of a column as Python's values, whichever format a data set was told to give."""
    if isinstance(cells, str | bytes) or not hasattr(cells, "__iter__"):
        raise InputError(
            f"{_WHERE}: column {name!r}: expected a list of cells, got {type(cells).__name__}: "
            "call map with batched=True"
        )
    method = next(
        (name for name in ("to_pylist", "tolist") if hasattr(cells, name)), ""
    )  # of arrow; of numpy and torch
    return list(getattr(cells, method)() if method else cells)
