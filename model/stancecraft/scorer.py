"""The network: tokens in, one score per statement, issue and value out.

The only module that knows onnxruntime and tokenizers.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from stancecraft import artifact_graph, windows
from stancecraft import gate as gating
from stancecraft.artifact import LAYOUT, Artifact
from stancecraft.errors import ModelError
from stancecraft.gate import Gate
from stancecraft.records import ROLES, VALUES, Statement
from stancecraft.windows import Encoded, FloatArray, IntArray, MarkerIds, Window, WindowPlan, WordScores

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_BATCH = 1000  # statements whose windows are laid out at once
_STACK = 256  # most tokens of short windows that are run together
_GPU = "CUDAExecutionProvider"
_SURE = 30.0  # a logit that leaves nothing to the others

# One character for one, so that offsets hold: what the vocabulary spells differently is read as what it knows.
_NORMALISED = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\u00a0": " ", "\u2011": "-"})


def runtime() -> Any:  # noqa: ANN401 - a module without types
    """onnxruntime, without what it does besides running graphs.

    From 1.29 on it sends what it runs on and how often to its makers, and keeps a device number in the user's home,
    unless this variable says otherwise before it is first imported. Somebody who has set it already is not overruled.
    """
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime

    return onnxruntime


class TextEncoder:
    """Statements to token ids and windows; shared by training and inference."""

    def __init__(self, tokenizer: Tokenizer, plan: WindowPlan) -> None:
        self._tokenizer = tokenizer
        self.plan = plan
        special = sorted((one.content for one in tokenizer.get_added_tokens_decoder().values()), key=len, reverse=True)
        self._special = re.compile("|".join(map(re.escape, special)) or "(?!)")
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
        encodings = self._tokenizer.encode_batch([self._plain(text) for text in texts], add_special_tokens=False)
        return [np.asarray(encoding.ids, dtype=np.int64) for encoding in encodings]

    def _plain(self, text: str) -> str:
        """The text as the vocabulary spells it, of the same length; a special token written out in it is words."""
        return self._special.sub(lambda found: " " + found[0][1:], text.translate(_NORMALISED))

    @property
    def vocabulary(self) -> int:
        """Number of different token ids."""
        return int(self._tokenizer.get_vocab_size(with_added_tokens=True))

    def words(self, text: str) -> tuple[list[tuple[int, int]], IntArray]:
        """The words and signs of a text, and the word of every token.

        Returns:
            Offsets of each word in ``text``, and an index into them per token. *Shape:* ``(tokens,)``
        """
        encoding = self._tokenizer.encode(self._plain(text), add_special_tokens=False)
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
class Scores:
    """What is made of statements.

    Attributes:
        logits: Calibrated. *Shape:* ``(statements, issues, 4)``; a statement without any token is surely ``none``.
        ruled_out: For a statement that the gate ruled out, how likely it is about some issue, in [0, 1]; its logits
            mean nothing. NaN for the others. *Shape:* ``(statements,)``
        words: The logits divided among the words, if that was asked for.
    """

    logits: FloatArray
    ruled_out: FloatArray
    words: Sequence[WordScores] = ()


@dataclass(frozen=True, slots=True)
class _Planned:
    """One document's windows, and those of them that are read."""

    group: range
    packed: Sequence[Window]
    encoded: Sequence[Encoded]
    ruled_out: FloatArray


@dataclass(frozen=True, slots=True)
class _Scored:
    """One document's windows that were read, with the outputs of all their tokens."""

    group: range
    packed: Sequence[Window]
    owners: Sequence[IntArray]
    outputs: Sequence[FloatArray]
    ruled_out: FloatArray


class Scorer:
    """Runs the graph of a model folder.

    Nothing is padded: a run is one window, or several short ones of one length. Rows of the int8 graph have scales of
    their own, so no window depends on those beside it. Runs share the threads.
    """

    def __init__(self, artifact: Artifact, threads: int, *, gpu: bool = False) -> None:
        onnxruntime = runtime()
        providers = ["CPUExecutionProvider"]
        if gpu:
            if _GPU not in (found := onnxruntime.get_available_providers()):
                raise ModelError(f"--gpu: expected onnxruntime with {_GPU}, got {', '.join(found)}: "
                                 "pip install onnxruntime-gpu in place of onnxruntime")  # fmt: skip
            providers.insert(0, _GPU)
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
            self._session = onnxruntime.InferenceSession(str(graph), options, providers=providers)
        except Exception as error:  # onnxruntime's exceptions share no base
            raise ModelError(f"{graph}: not a readable ONNX graph: {str(error).splitlines()[0]}") from None
        outputs = self._session.get_outputs()[0].shape[-1]
        if outputs != self._shape[0] * self._shape[1]:
            raise ModelError(f"{graph}: expected {self._shape[0]} issues x {self._shape[1]} outputs, got {outputs}")

    def scores(
        self, statements: Sequence[Statement], *, words: bool = False, gate: Gate | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> Scores:  # fmt: skip
        """Score statements.

        Args:
            statements: In order; rows of one document in order are read in each other's context.
            words: Divide the logits among the words.
            gate: Leaves out the windows that it is sure of; without it every window is read.
            progress: Called with the number of statements newly scored.
        """
        logits = [np.zeros((0, *self._shape), dtype=np.float32)]
        ruled_out = [np.zeros(0, dtype=np.float32)]
        divided: list[WordScores] = []
        for document in self._documents(statements, gate, progress):
            logits.append(self._pooled(document))
            ruled_out.append(document.ruled_out)
            if words:
                divided += self._divided(document, [statements[at].text for at in document.group])
        return Scores(np.concatenate(logits), np.concatenate(ruled_out), divided)

    def _documents(
        self, statements: Sequence[Statement], gate: Gate | None, progress: Callable[[int], None] | None
    ) -> Iterator[_Scored]:
        """Every document as it is scored, in order."""
        with ThreadPoolExecutor(self._threads) as pool:
            for groups in _batches(windows.documents(statements)):
                planned = [self._plan([statements[at] for at in group], group, gate) for group in groups]
                encoded = [window for one in planned for window in one.encoded]
                stacks = _stacks([len(window.input_ids) for window in encoded])
                outputs: list[FloatArray] = [np.zeros(0, dtype=np.float32)] * len(encoded)
                runs = pool.map(self._run, [[encoded[at].input_ids for at in stack] for stack in stacks])
                for stack, found in zip(stacks, runs, strict=True):
                    for at, output in zip(stack, found, strict=True):
                        outputs[at] = output
                rest = iter(outputs)
                for one in planned:
                    owners = [window.owner for window in one.encoded]
                    yield _Scored(one.group, one.packed, owners, list(islice(rest, len(owners))), one.ruled_out)
                    if progress is not None:
                        progress(len(one.group))

    def _plan(self, statements: Sequence[Statement], group: range, gate: Gate | None) -> _Planned:
        tokens = self.encoder.tokens([statement.text for statement in statements])
        packed = windows.pack([len(ids) for ids in tokens], self.encoder.plan)
        ruled_out = np.full(len(group), np.nan, dtype=np.float32)
        if gate is not None:
            about = gate.probabilities(tokens)
            packed, left = gating.divided(packed, about, gate.least)
            ruled_out[left] = about[left]
        encoded = [windows.encode(window, tokens, statements, self.encoder.markers) for window in packed]
        return _Planned(group, packed, encoded, ruled_out)

    def _pooled(self, document: _Scored) -> FloatArray:
        count = len(document.group)
        pooled = windows.pool(document.packed, document.owners, document.outputs, count)
        if not document.packed:
            pooled = np.zeros((count, self._shape[0] * self._shape[1]), dtype=np.float32)
        pooled = pooled.reshape(-1, *self._shape)
        pooled[_silent(document.packed, count)] = self._none
        return pooled

    def _divided(self, document: _Scored, texts: Sequence[str]) -> Iterator[WordScores]:
        words = [self.encoder.words(text) for text in texts]
        lengths = [len(owner) for _, owner in words]
        tokens = windows.gather(document.packed, document.owners, document.outputs, lengths)
        if not document.packed:  # the gate left all of them out
            tokens = [np.zeros((length, self._shape[0] * self._shape[1]), dtype=np.float32) for length in lengths]
        for (spans, owner), scores in zip(words, tokens, strict=True):
            summed = np.zeros((len(spans), *self._shape), dtype=np.float64)
            np.add.at(summed, owner, scores.reshape(len(owner), *self._shape))
            counts = np.bincount(owner, minlength=len(spans)) if spans else np.zeros(0)
            every = max(len(owner), 1)
            yield WordScores(tuple(spans), (summed / every).astype(np.float32), (counts / every).astype(np.float32))

    def _run(self, stack: Sequence[IntArray]) -> FloatArray:
        """Outputs of every token of windows of one length. *Shape:* ``(windows, tokens, 4 x issues)``."""
        ids = np.stack(stack)
        outputs: list[FloatArray] = self._session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        return outputs[0]


def _stacks(lengths: Sequence[int]) -> list[list[int]]:
    """Windows that are run together: short ones of one length, for which a run costs more than their tokens."""
    stacks: list[list[int]] = []
    open_: dict[int, list[int]] = {}
    for at, length in enumerate(lengths):
        stack = open_.get(length)
        if stack is None or (len(stack) + 1) * length > _STACK:
            stack = open_[length] = []
            stacks.append(stack)
        stack.append(at)
    return stacks


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
