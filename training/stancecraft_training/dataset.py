"""Labelled statements to batches of windows."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, repeat
from typing import Any

import numpy as np
import torch

from stancecraft import windows
from stancecraft.records import VALUES
from stancecraft.scorer import TextEncoder
from stancecraft.windows import Encoded, FloatArray, IntArray, Window
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
        taught: Another model's probabilities, NaN where absent. *Shape:* ``(statements, issues, 4)``
    """

    windows: list[Window]
    encoded: list[Encoded]
    labels: IntArray
    taught: FloatArray


def encode(rows: Sequence[Labelled], encoder: TextEncoder, issues: Sequence[str]) -> list[Document]:
    """Pack every document of some rows; rows without a document each stand alone."""
    statements = [row.statement for row in rows]
    documents = []
    for group in windows.documents(statements):
        packed, encoded = encoder.windows([statements[at] for at in group])
        own = [rows[at] for at in group]
        documents.append(Document(packed, encoded, class_indices(own, issues), taught(own, issues)))
    return documents


def class_indices(rows: Sequence[Labelled], issues: Sequence[str]) -> IntArray:
    """Gold class per row and issue, :data:`IGNORED` where absent. *Shape:* ``(rows, issues)``."""
    index = {value: at for at, value in enumerate(VALUES)}
    table = [[index[row.labels[issue]] if issue in row.labels else IGNORED for issue in issues] for row in rows]
    return np.asarray(table, dtype=np.int64).reshape(len(rows), len(issues))


def taught(rows: Sequence[Labelled], issues: Sequence[str]) -> FloatArray:
    """Another model's probabilities per row and issue, NaN where absent. *Shape:* ``(rows, issues, 4)``."""
    absent = (float("nan"),) * len(VALUES)
    table = [[row.taught.get(issue, absent) for issue in issues] for row in rows]
    return np.asarray(table, dtype=np.float32).reshape(len(rows), len(issues), len(VALUES))


def examples(documents: Sequence[Document]) -> list[dict[str, Any]]:
    """One example per window, as at inference."""
    return [
        _example(document.labels, document.taught, window, encoded)
        for document in documents
        for window, encoded in zip(document.windows, document.encoded, strict=True)
    ]


class Packings(torch.utils.data.Dataset[dict[str, Any]]):
    """Training windows, cut out of the documents in another way each epoch.

    Windows to learn from do not overlap, so no statement is paid for twice; that a statement at a window's edge sees
    little context is made good by the edges moving. Some tokens can be hidden, others in each epoch, so that a label
    is not learnt by a single word. Cut and hidden tokens of an epoch depend on its number alone.
    """

    def __init__(
        self, rows: Sequence[Labelled], encoder: TextEncoder, issues: Sequence[str], count: int, masked: float = 0.0
    ) -> None:
        """Cut.

        Args:
            rows: In the order of their documents.
            encoder: Tokenizer and window plan; the plan's overlap is not used.
            issues: Issue ids in the order of the outputs.
            count: Number of different cuts, at least 1.
            masked: Share of the statements' tokens, in [0, 1), that is hidden.
        """
        self._masked, self._mask = masked, encoder.id("[MASK]", "<mask>") if masked else -1
        cuts = [list(_cut(rows, encoder, issues, number / count)) for number in range(count)]
        # Epochs of one length, or a run could not be resumed by steps: cuts differ by a window or two.
        self._length = min(map(len, cuts))
        self._cuts = [_spread_out(cut, self._length) for cut in cuts]
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the cut of an epoch, counted from 0."""
        self._epoch = epoch

    def __len__(self) -> int:
        """Windows in an epoch."""
        return self._length

    def __getitem__(self, at: int) -> dict[str, Any]:
        """One window of the epoch's cut, with its number in the epoch."""
        example = self._cuts[self._epoch % len(self._cuts)][at] | {"window": at}
        if not self._masked:
            return example
        ids = example["input_ids"]
        hidden = np.random.default_rng([self._epoch, at]).random(len(ids)) < self._masked
        return example | {"input_ids": np.where(hidden & (example["owner"] >= 0), self._mask, ids)}

    @property
    def tokens(self) -> int:
        """Tokens of the epoch's windows, markers counted and padding not."""
        return sum(len(one["input_ids"]) for one in self._cuts[self._epoch % len(self._cuts)])

    def describe(self, at: int) -> str:
        """Document and statements of a window of the epoch, for a person who looks for it."""
        first, last, document = self._cuts[self._epoch % len(self._cuts)][at]["source"]
        return f"{document} ({first})" if first == last else f"{document} ({first} to {last})"


def _cut(
    rows: Sequence[Labelled], encoder: TextEncoder, issues: Sequence[str], part: float
) -> Iterator[dict[str, Any]]:
    """Windows of all documents whose first window is only a part of a window long, unless the part is 0."""
    plan = replace(encoder.plan, overlap=0.0)
    statements = [row.statement for row in rows]
    for group in windows.documents(statements):
        own = [statements[at] for at in group]
        tokens = encoder.tokens([one.text for one in own])
        lengths = [len(ids) for ids in tokens]
        head = bisect_right(list(accumulate(lengths)), part * plan.tokens)
        packed = windows.pack(lengths[:head], plan) + [
            _moved(window, head) for window in windows.pack(lengths[head:], plan)
        ]
        gold = [rows[at] for at in group]
        labels, soft = class_indices(gold, issues), taught(gold, issues)
        for window in packed:
            encoded = windows.encode(window, tokens, own, encoder.markers)
            first, last = (own[window.pieces[at].statement] for at in (0, -1))
            source = (first.id, last.id, str(first.meta["document"]))
            yield from repeat(_example(labels, soft, window, encoded) | {"source": source}, rows[group[0]].repeat)


def _moved(window: Window, by: int) -> Window:
    pieces = tuple(replace(piece, statement=piece.statement + by) for piece in window.pieces)
    return replace(window, pieces=pieces)


def _spread_out(examples: list[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    """As many examples as asked for, what is left out taken evenly from all documents."""
    return [examples[at * len(examples) // count] for at in range(count)]


def _example(labels: IntArray, soft: FloatArray, window: Window, encoded: Encoded) -> dict[str, Any]:
    inside = [piece.statement for piece in window.pieces]
    return {
        "input_ids": encoded.input_ids, "owner": encoded.owner, "labels": labels[inside], "taught": soft[inside],
    }  # fmt: skip


def collate(batch: Sequence[dict[str, Any]]) -> dict[str, torch.Tensor]:
    """Pad windows into a batch.

    Returns:
        ``input_ids``, ``attention_mask`` (1 is read, 0 is padding) and ``owner``: *Shape:* ``(windows, tokens)``, the
        owner counting pieces through the whole batch, -1 outside; ``labels``: *Shape:* ``(pieces, issues)``;
        ``taught``: *Shape:* ``(pieces, issues, 4)``; ``home``, the place in the batch of each piece's window:
        *Shape:* ``(pieces,)``; ``window``, each window's number in its epoch, -1 if it has none:
        *Shape:* ``(windows,)``.
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
    taught = torch.as_tensor(np.concatenate([example["taught"] for example in batch]))
    home = torch.repeat_interleave(torch.tensor([len(example["labels"]) for example in batch]))
    window = torch.tensor([example.get("window", -1) for example in batch])
    return {
        "input_ids": ids, "attention_mask": mask, "owner": owner, "labels": labels, "taught": taught,
        "home": home, "window": window,
    }  # fmt: skip
