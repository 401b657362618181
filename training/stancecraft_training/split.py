"""Train, dev and test: by document, never by statement."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from stancecraft.errors import DataError
from stancecraft_training import config
from stancecraft_training.labelled import Labelled


@dataclass(frozen=True, slots=True)
class Splits:
    """Rows per split, each in the order of the data."""

    train: list[Labelled]
    dev: list[Labelled]
    test: list[Labelled]


def by_document(rows: Sequence[Labelled], shares: config.Split) -> Splits:
    """Assign every document by a hash of its name and the seed.

    Where a document goes depends on nothing else, so adding documents moves no other one.

    Raises:
        DataError: If a split that has a share gets no document.
    """
    splits = Splits([], [], [])
    for row in rows:
        place = _place(str(row.statement.meta["document"]), shares.seed)
        if place < shares.test:
            splits.test.append(row)
        elif place < shares.test + shares.dev:
            splits.dev.append(row)
        else:
            splits.train.append(row)
    documents = len({row.statement.meta["document"] for row in rows})
    for name, share in (("train", 1.0), ("dev", shares.dev), ("test", shares.test)):
        if share and not getattr(splits, name):
            raise DataError(f"data.split: {name} is empty: {documents} documents are too few, or try another seed")
    return splits


def _place(document: str, seed: int) -> float:
    """A number in [0, 1) that is fixed for a document and a seed."""
    digest = hashlib.sha256(f"{seed}:{document}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
