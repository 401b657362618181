"""Labelled statements to batches of windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from stancecraft import windows
from stancecraft.records import VALUES
from stancecraft.scorer import TextEncoder
from stancecraft.windows import Encoded, IntArray, Window
from stancecraft_training.labelled import Labelled

IGNORED = -100
"""Class index of a label that is absent; the loss skips it."""

PADDING_ID = 0


@dataclass(frozen=True, slots=True)
class Document:
    """One document, ready for the encoder.

    Attributes:
        windows: Plan of its windows.
        encoded: The same as encoder input.
        labels: Class index per statement and issue, :data:`IGNORED` where absent. *Shape:* ``(statements, issues)``
    """

    windows: list[Window]
    encoded: list[Encoded]
    labels: IntArray


def encode(rows: Sequence[Labelled], encoder: TextEncoder, issues: Sequence[str]) -> list[Document]:
    """Pack every document of some rows; rows without a document each stand alone."""
    statements = [row.statement for row in rows]
    documents = []
    for group in windows.documents(statements):
        packed, encoded = encoder.windows([statements[at] for at in group])
        documents.append(Document(packed, encoded, class_indices([rows[at] for at in group], issues)))
    return documents


def class_indices(rows: Sequence[Labelled], issues: Sequence[str]) -> IntArray:
    """Gold class per row and issue, :data:`IGNORED` where absent. *Shape:* ``(rows, issues)``."""
    index = {value: at for at, value in enumerate(VALUES)}
    table = [[index[row.labels[issue]] if issue in row.labels else IGNORED for issue in issues] for row in rows]
    return np.asarray(table, dtype=np.int64).reshape(len(rows), len(issues))


def examples(documents: Sequence[Document]) -> list[dict[str, Any]]:
    """One example per window.

    Every statement of a window is learnt from, also those that another window owns: a statement at a window's edge
    teaches the same label with less context.
    """
    return [
        {
            "input_ids": encoded.input_ids,
            "owner": encoded.owner,
            "labels": document.labels[[piece.statement for piece in window.pieces]],
        }
        for document in documents
        for window, encoded in zip(document.windows, document.encoded, strict=True)
    ]


def collate(batch: Sequence[dict[str, Any]]) -> dict[str, torch.Tensor]:
    """Pad windows into a batch.

    Returns:
        ``input_ids``, ``attention_mask`` (1 is read, 0 is padding) and ``owner``: *Shape:* ``(windows, tokens)``, the
        owner counting pieces through the whole batch, -1 outside; ``labels``: *Shape:* ``(pieces, issues)``.
    """
    longest = max(len(example["input_ids"]) for example in batch)
    shape = (len(batch), longest)
    ids = torch.full(shape, PADDING_ID, dtype=torch.long)
    mask = torch.zeros(shape, dtype=torch.long)
    owner = torch.full(shape, -1, dtype=torch.long)
    pieces = 0
    for at, example in enumerate(batch):
        length = len(example["input_ids"])
        ids[at, :length] = torch.as_tensor(example["input_ids"])
        mask[at, :length] = 1
        local = torch.as_tensor(example["owner"])
        owner[at, :length] = torch.where(local >= 0, local + pieces, local)
        pieces += len(example["labels"])
    labels = torch.as_tensor(np.concatenate([example["labels"] for example in batch]))
    return {"input_ids": ids, "attention_mask": mask, "owner": owner, "labels": labels}
