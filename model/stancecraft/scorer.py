"""The network: tokens in, one score per statement, issue and value out.

The only module that knows onnxruntime and tokenizers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from stancecraft import artifact_graph, windows
from stancecraft.artifact import LAYOUT, Artifact
from stancecraft.errors import ModelError
from stancecraft.records import ROLES, VALUES, Statement
from stancecraft.windows import Encoded, FloatArray, IntArray, MarkerIds, Window, WindowPlan, WordScores

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_BATCH = 1000  # statements whose windows are laid out at once
_SURE = 30.0  # a logit that leaves nothing to the others

# One character for one, so that offsets hold: what the vocabulary spells differently is read as what it knows.
_NORMALISED = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\u00a0": " ", "\u2011": "-"})


class TextEncoder:
    """Statements to token ids and windows; shared by training and inference."""

    def __init__(self, tokenizer: Tokenizer, plan: WindowPlan) -> None:
        self._tokenizer = tokenizer
        self.plan = plan
        self.markers = MarkerIds(
            cls=self.id("[CLS]", "<s>"),
            sep=self.id("[SEP]", "</s>"),
            turn=self.id(plan.turn_token),
            roles={role: self.id(plan.role_tokens[role]) for role in ROLES},
        )

    @classmethod
    def from_file(cls, path: Path, plan: WindowPlan) -> TextEncoder:
        """Load a ``tokenizer.json``.

        Raises:
            ModelError: If it is not one, or its vocabulary lacks a marker.
        """
        from tokenizers import Tokenizer

        try:
            tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises bare Exception
            raise ModelError(f"{path}: not a tokenizer: {error}") from None
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return cls(tokenizer, plan)

    def tokens(self, texts: Sequence[str]) -> list[IntArray]:
        """Token ids per text, without special tokens."""
        normalised = [text.translate(_NORMALISED) for text in texts]
        encodings = self._tokenizer.encode_batch(normalised, add_special_tokens=False)
        return [np.asarray(encoding.ids, dtype=np.int64) for encoding in encodings]

    def words(self, text: str) -> tuple[list[tuple[int, int]], IntArray]:
        """The words and signs of a text, and the word of every token.

        Returns:
            Offsets of each word in ``text``, and an index into them per token. *Shape:* ``(tokens,)``
        """
        encoding = self._tokenizer.encode(text.translate(_NORMALISED), add_special_tokens=False)
        spans: list[tuple[int, int]] = []
        owner: list[int] = []
        previous: int | None = None
        for word, (start, end) in zip(encoding.word_ids, encoding.offsets, strict=True):
            if spans and word is not None and word == previous:
                spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
            else:
                spans.append((start, end))
            owner.append(len(spans) - 1)
            previous = word
        return spans, np.asarray(owner, dtype=np.int64)

    def windows(self, statements: Sequence[Statement]) -> tuple[list[Window], list[Encoded]]:
        """The windows of one document's statements, and each as encoder input."""
        tokens = self.tokens([statement.text for statement in statements])
        packed = windows.pack([len(ids) for ids in tokens], self.plan)
        return packed, [windows.encode(window, tokens, statements, self.markers) for window in packed]

    def id(self, *spellings: str) -> int:
        """Id of a special token that encoders spell differently.

        Raises:
            ModelError: If the vocabulary has none of the spellings.
        """
        found = [at for token in spellings if (at := self._tokenizer.token_to_id(token)) is not None]
        if not found:
            raise ModelError(f"the tokenizer's vocabulary has no token {spellings[0]!r}")
        return int(found[0])


@dataclass(frozen=True, slots=True)
class _Scored:
    """One document's windows with the outputs of all their tokens."""

    group: range
    packed: Sequence[Window]
    owners: Sequence[IntArray]
    outputs: Sequence[FloatArray]


class Scorer:
    """Runs the graph of a model folder.

    One window is one run, so nothing is padded and no window can depend on its neighbours. Runs of different windows
    share the threads.
    """

    def __init__(self, artifact: Artifact, threads: int) -> None:
        import onnxruntime

        self.encoder = TextEncoder.from_file(artifact.file(LAYOUT.tokenizer), artifact.window)
        self._shape = (len(artifact.codebook.issues), len(VALUES))
        self._none = np.asarray([_SURE] + [0.0] * (len(VALUES) - 1), dtype=np.float32)
        self._threads = threads
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        graph = artifact.file(LAYOUT.graph)
        artifact_graph.check(graph)
        try:
            self._session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's exceptions share no base
            raise ModelError(f"{graph}: not a readable ONNX graph: {str(error).splitlines()[0]}") from None
        outputs = self._session.get_outputs()[0].shape[-1]
        if outputs != self._shape[0] * self._shape[1]:
            raise ModelError(f"{graph}: expected {self._shape[0]} issues x {self._shape[1]} outputs, got {outputs}")

    def scores(self, statements: Sequence[Statement], progress: Callable[[int], None] | None = None) -> FloatArray:
        """Calibrated logits of statements.

        Args:
            statements: In order; rows of one document in order are read in each other's context.
            progress: Called with the number of statements newly scored.

        Returns:
            *Shape:* ``(statements, issues, 4)``; a statement without any token is surely ``none``.
        """
        rows = [np.zeros((0, *self._shape), dtype=np.float32)]
        rows += [self._pooled(document) for document in self._documents(statements, progress)]
        return np.concatenate(rows)

    def explained(
        self, statements: Sequence[Statement], progress: Callable[[int], None] | None = None
    ) -> tuple[FloatArray, list[WordScores]]:
        """Calibrated logits of statements as :meth:`scores` gives them, and each divided among its words."""
        rows = [np.zeros((0, *self._shape), dtype=np.float32)]
        words: list[WordScores] = []
        for document in self._documents(statements, progress):
            rows.append(self._pooled(document))
            words += self._divided(document, [statements[at].text for at in document.group])
        return np.concatenate(rows), words

    def _documents(self, statements: Sequence[Statement], progress: Callable[[int], None] | None) -> Iterator[_Scored]:
        """Every document as it is scored, in order."""
        with ThreadPoolExecutor(self._threads) as pool:
            for groups in _batches(windows.documents(statements)):
                planned = [self.encoder.windows([statements[at] for at in group]) for group in groups]
                scored = pool.map(self._run, [window for _, encoded in planned for window in encoded])
                for group, (packed, encoded) in zip(groups, planned, strict=True):
                    yield _Scored(group, packed, [one.owner for one in encoded], list(islice(scored, len(packed))))
                    if progress is not None:
                        progress(len(group))

    def _pooled(self, document: _Scored) -> FloatArray:
        count = len(document.group)
        pooled = windows.pool(document.packed, document.owners, document.outputs, count).reshape(-1, *self._shape)
        pooled[_silent(document.packed, count)] = self._none
        return pooled

    def _divided(self, document: _Scored, texts: Sequence[str]) -> Iterator[WordScores]:
        words = [self.encoder.words(text) for text in texts]
        lengths = [len(owner) for _, owner in words]
        tokens = windows.gather(document.packed, document.owners, document.outputs, lengths)
        for (spans, owner), scores in zip(words, tokens, strict=True):
            summed = np.zeros((len(spans), *self._shape), dtype=np.float64)
            np.add.at(summed, owner, scores.reshape(len(owner), *self._shape))
            counts = np.bincount(owner, minlength=len(spans)) if spans else np.zeros(0)
            every = max(len(owner), 1)
            yield WordScores(tuple(spans), (summed / every).astype(np.float32), (counts / every).astype(np.float32))

    def _run(self, window: Encoded) -> FloatArray:
        """Outputs of every token of one window. *Shape:* ``(tokens, 4 x issues)``."""
        ids = window.input_ids[None, :]
        outputs: list[FloatArray] = self._session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        scores: FloatArray = outputs[0][0]
        return scores


def _batches(groups: Iterable[range]) -> Iterator[list[range]]:
    """Documents in batches, so that windows of several fill the threads and memory stays bounded."""
    batch: list[range] = []
    for group in groups:
        batch.append(group)
        if sum(map(len, batch)) >= _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _silent(packed: Sequence[Window], count: int) -> list[int]:
    """The statements that have no token at all."""
    speaking = {piece.statement for window in packed for piece in window.pieces if len(piece)}
    return [at for at in range(count) if at not in speaking]
