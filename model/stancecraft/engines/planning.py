"""Which inputs are labelled together, and how a large table is shared among workers. Pure.

A batch is what finishes as one: a large input, or several small ones. How inputs are batched does not depend on the
number of workers, so that the parts of a run do not either.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

BATCH_BYTES = 256_000
"""Bytes of input that fill a batch: some thousand statements."""

BATCH_INPUTS = 50
"""Inputs that fill a batch."""

SLICE_BYTES = 4_000_000
"""Bytes of a table that are worth a worker of their own."""

_TABLES = (".jsonl", ".ndjson", ".csv", ".tsv", ".parquet")


@dataclass(frozen=True, slots=True)
class Input:
    """A file with the name of its document, in the order of the run."""

    path: str
    doc: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Inputs that finish as one; ``number`` counts from 0 and names its parts."""

    number: int
    inputs: tuple[Input, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """A worker's share of a batch: of its parts, those whose number leaves the rest ``slice`` when divided by ``of``.

    Every slice reads the whole input, which costs little beside labelling, so that no document is divided and nobody
    has to agree on where one ends.
    """

    batch: Batch
    slice: int
    of: int
    size: int = 0

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Task:
        """From plain values, as :func:`dataclasses.asdict` gives them.

        Raises:
            KeyError, TypeError: If they are not a task's.
        """
        batch = record["batch"]
        inputs = tuple(Input(**one) for one in batch["inputs"])
        return cls(Batch(batch["number"], inputs), record["slice"], record["of"], record["size"])


def batches(inputs: Iterable[tuple[Input, int]]) -> list[Batch]:
    """Batch inputs, each given with its size in bytes, in order."""
    found: list[tuple[Input, ...]] = []
    waiting: list[Input] = []
    total = 0
    for one, size in inputs:
        if waiting and (total + size > BATCH_BYTES or len(waiting) == BATCH_INPUTS):
            found.append(tuple(waiting))
            waiting, total = [], 0
        waiting.append(one)
        total += size
    if waiting:
        found.append(tuple(waiting))
    return [Batch(number, given) for number, given in enumerate(found)]


def tasks(sized: Sequence[tuple[Batch, int]], workers: int) -> list[Task]:
    """The tasks of batches, each given with its size in bytes, the largest first so that none is waited for alone."""
    found = [
        Task(batch, at, of, size // of)
        for batch, size in sized
        for of in [_slices(batch, size, workers)]
        for at in range(of)
    ]
    return sorted(found, key=lambda task: -task.size)


def _slices(batch: Batch, size: int, workers: int) -> int:
    table = len(batch.inputs) == 1 and batch.inputs[0].path.lower().endswith(_TABLES)
    return max(1, min(workers, size // SLICE_BYTES)) if table else 1
