"""Statements to windows of tokens and back: the same plan for training and for inference.

An encoder reads a window of consecutive statements in one pass::

    [CLS] <turn> <role> statement [SEP] statement [SEP] <turn> <role> statement [SEP]

A statement's score is the mean over its own tokens, so context from both sides costs nothing extra (sequential
sentence classification, Cohan et al. 2019, https://arxiv.org/abs/1909.04054, with mean pooling in place of the
separator's vector). Markers are unused entries of the vocabulary; they and the separators are outside every statement.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from stancecraft.records import Role, Statement

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float32]


SMALLEST_WINDOW = 32
"""Fewest tokens of a window: the frame and a few words."""

LARGEST_OVERLAP = 0.5


@dataclass(frozen=True, slots=True)
class WindowPlan:
    """How statements are packed.

    Attributes:
        tokens: Largest length of a window in tokens, markers and separators included; at least 32.
        overlap: Share of a window, in [0, 0.5], that is repeated in the next one as context.
        turn_token: Vocabulary entry that marks a change of turn.
        role_tokens: Vocabulary entry per role, after a change of turn and at a window's beginning.
    """

    tokens: int
    overlap: float
    turn_token: str
    role_tokens: dict[Role, str]

    @property
    def longest_piece(self) -> int:
        """Most tokens of one statement that go into one piece; the markers of a window need the rest."""
        return self.tokens - _FRAME


# [CLS], a turn marker, a role marker and one [SEP].
_FRAME = 4


@dataclass(frozen=True, slots=True)
class Piece:
    """Consecutive tokens of one statement: ``[start, stop)`` of statement number ``statement``."""

    statement: int
    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start


@dataclass(frozen=True, slots=True)
class Window:
    """Pieces read together; ``owned[i]`` says whether this window's scores of piece ``i`` are the ones that count."""

    pieces: tuple[Piece, ...]
    owned: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Encoded:
    """A window as the encoder's input.

    Attributes:
        input_ids: Token ids. *Shape:* ``(tokens,)``
        owner: Index into the window's pieces for every token, -1 outside all of them. *Shape:* ``(tokens,)``
    """

    input_ids: IntArray
    owner: IntArray


@dataclass(frozen=True, slots=True)
class WordScores:
    """A statement's logits, divided among its words.

    Attributes:
        spans: Offsets of every word in the statement's text.
        scores: Part of each word; their sum is the statement's logits. *Shape:* ``(words, issues, 4)``
        shares: Share of the statement's tokens that each word has, in [0, 1], summing to 1. *Shape:* ``(words,)``
    """

    spans: tuple[tuple[int, int], ...]
    scores: FloatArray
    shares: FloatArray


@dataclass(frozen=True, slots=True)
class MarkerIds:
    """Ids of the special tokens that frame statements."""

    cls: int
    sep: int
    turn: int
    roles: dict[Role, int]


def documents(statements: Sequence[Statement]) -> Iterator[range]:
    """Runs of statements that may share windows: rows of one document in order; rows without one stand alone."""
    start = 0
    for at in range(1, len(statements) + 1):
        if at == len(statements) or not statements[at].doc or statements[at].doc != statements[start].doc:
            yield range(start, at)
            start = at


def pack(lengths: Sequence[int], plan: WindowPlan) -> list[Window]:
    """Plan the windows of one document.

    Args:
        lengths: Tokens of each statement, in order; empty statements have 0.
        plan: Size and overlap.

    Returns:
        Windows in order. Every token of every statement is owned by exactly one window: the one in which the
        piece has most context on its poorer side. A document's own edge is no lack of context.
    """
    pieces = [piece for number, length in enumerate(lengths) for piece in _cut(number, length, plan.longest_piece)]
    sizes = [len(piece) for piece in pieces]
    spans = _spans(sizes, plan)
    best = _owners(sizes, spans)
    return [
        Window(tuple(pieces[first:last]), tuple(best[at] == number for at in range(first, last)))
        for number, (first, last) in enumerate(spans)
    ]


def encode(window: Window, tokens: Sequence[IntArray], statements: Sequence[Statement], markers: MarkerIds) -> Encoded:
    """Lay out one window.

    Args:
        window: What goes in.
        tokens: Token ids per statement of the document, without special tokens.
        statements: The document's statements: turns and roles are read from them.
        markers: Ids of the special tokens.
    """
    ids, owner = [markers.cls], [-1]
    for at, piece in enumerate(window.pieces):
        statement = statements[piece.statement]
        starts_turn = piece.start == 0 and (
            piece.statement == 0 or statements[piece.statement - 1].turn != statement.turn
        )
        frame = [markers.turn] * starts_turn + [markers.roles[statement.role]] * (starts_turn or at == 0)
        body = tokens[piece.statement][piece.start : piece.stop].tolist()
        ids += [*frame, *body, markers.sep]
        owner += [-1] * len(frame) + [at] * len(body) + [-1]
    return Encoded(np.asarray(ids, dtype=np.int64), np.asarray(owner, dtype=np.int64))


def pool(windows: Sequence[Window], owners: Sequence[IntArray], scores: Sequence[FloatArray], count: int) -> FloatArray:
    """Mean of every statement's own tokens over the pieces that count.

    Args:
        windows: The windows of a document.
        owners: Per window, the piece of each token. *Shape:* ``(tokens,)``
        scores: Per window, the outputs per token. *Shape:* ``(tokens, outputs)``
        count: Number of statements.

    Returns:
        *Shape:* ``(count, outputs)``; zeros for a statement without tokens.
    """
    width = scores[0].shape[1] if scores else 0
    total = np.zeros((count, width), dtype=np.float64)
    tokens = np.zeros(count, dtype=np.int64)
    for window, owner, score in zip(windows, owners, scores, strict=True):
        for at, (piece, owned) in enumerate(zip(window.pieces, window.owned, strict=True)):
            if owned:
                total[piece.statement] += score[owner == at].sum(axis=0, dtype=np.float64)
                tokens[piece.statement] += len(piece)
    return (total / np.maximum(tokens, 1)[:, None]).astype(np.float32)


def gather(
    windows: Sequence[Window], owners: Sequence[IntArray], scores: Sequence[FloatArray], lengths: Sequence[int]
) -> list[FloatArray]:
    """Every statement's own tokens, whose mean :func:`pool` gives.

    Args:
        windows: The windows of a document.
        owners: Per window, the piece of each token. *Shape:* ``(tokens,)``
        scores: Per window, the outputs per token. *Shape:* ``(tokens, outputs)``
        lengths: Tokens of each statement.

    Returns:
        Per statement, the outputs of its tokens in order. *Shape:* ``(length, outputs)``
    """
    width = scores[0].shape[1] if scores else 0
    gathered = [np.zeros((length, width), dtype=np.float32) for length in lengths]
    for window, owner, score in zip(windows, owners, scores, strict=True):
        for at, (piece, owned) in enumerate(zip(window.pieces, window.owned, strict=True)):
            if owned:
                gathered[piece.statement][piece.start : piece.stop] = score[owner == at]
    return gathered


def _cut(statement: int, length: int, longest: int) -> Iterator[Piece]:
    """A statement as pieces that fit: one for nearly all, equal parts for one that is longer than a window."""
    parts = max(1, -(-length // longest))
    edges = [length * part // parts for part in range(parts + 1)]
    for start, stop in zip(edges, edges[1:], strict=False):
        yield Piece(statement, start, stop)


def _spans(lengths: Sequence[int], plan: WindowPlan) -> list[tuple[int, int]]:
    """Half-open runs of pieces, each as long as fits, each beginning inside the one before by the overlap.

    Two markers are counted for every piece, so that a window fits however many turns it holds.
    """
    cost = [length + 3 for length in lengths]
    budget = plan.tokens - 1
    spans: list[tuple[int, int]] = []
    first = 0
    while first < len(cost):
        last, used = first, 0
        while last < len(cost) and used + cost[last] <= budget:
            used += cost[last]
            last += 1
        spans.append((first, last))
        if last == len(cost):
            break
        first = _step_back(cost, first, last, plan)
    return spans


def _step_back(cost: Sequence[int], first: int, last: int, plan: WindowPlan) -> int:
    """Where the next window begins: as far before ``last`` as the overlap allows, but always behind ``first``.

    Room is left for the piece at ``last``, so that every window reaches further than the one before.
    """
    start, shared = last, 0
    budget = plan.tokens - 1
    overlap = min(int(budget * plan.overlap), budget - cost[last])
    while start - 1 > first and shared + cost[start - 1] <= overlap:
        start -= 1
        shared += cost[start]
    return start


def _owners(lengths: Sequence[int], spans: Sequence[tuple[int, int]]) -> list[int]:
    """Per piece the number of the window in which it has most context on its poorer side; the first of equals."""
    before = [0, *accumulate(lengths)]
    firsts, lasts = [first for first, _ in spans], [last for _, last in spans]

    def context(at: int, number: int) -> float:
        first, last = spans[number]
        left = before[at] - before[first] if first > 0 else float("inf")
        right = before[last] - before[at + 1] if last < len(lengths) else float("inf")
        return min(left, right)

    # Windows are sorted at both ends, so those that hold a piece stand side by side.
    holding = (range(bisect_right(lasts, at), bisect_right(firsts, at)) for at in range(len(lengths)))
    return [max(numbers, key=lambda number: (context(at, number), -number)) for at, numbers in enumerate(holding)]
