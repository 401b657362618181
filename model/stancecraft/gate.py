"""Which windows need not be read: those in which, by its words, no statement can be about any issue.

Most statements of a real corpus are about no issue. A linear model over a statement's tokens and pairs of tokens, and
the tokens of its neighbours, costs a thousandth of the network. Where it is sure of every statement that a window
answers for, the window is left out; a window that is read is read whole, so that no statement loses its context. Two
classifiers in a row, the cheap one first, are a cascade (Viola and Jones 2001).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from stancecraft.windows import FloatArray, IntArray, Window

REACH = 3
"""Statements on either side that count as neighbours."""

_PRIME = 1_000_003  # spreads pairs of token ids over the table
_LARGEST = 30.0  # a logit beyond which a probability no longer moves


@dataclass(frozen=True, slots=True)
class Gate:
    """A linear model that a statement is about some issue.

    Attributes:
        weights: Per token of the vocabulary, then per place in the table of pairs, then per token of the neighbours.
            *Shape:* ``(2 x vocabulary + pairs,)``
        vocabulary: Number of tokens.
        pairs: Places in the table that pairs of tokens are hashed into.
        bias: Added to every statement's sum.
        least: Probability, in (0, 1), from which a statement must be read.
        default: Whether it is used unless somebody says otherwise.
    """

    weights: FloatArray
    vocabulary: int
    pairs: int
    bias: float
    least: float
    default: bool

    def probabilities(self, tokens: Sequence[IntArray]) -> FloatArray:
        """How likely each statement of one document is about some issue.

        Args:
            tokens: Token ids of each statement in order. *Shape of each:* ``(tokens,)``

        Returns:
            *Shape:* ``(statements,)``, in [0, 1].
        """
        words, pairs, around = np.split(self.weights, [self.vocabulary, self.vocabulary + self.pairs])
        lengths = [len(ids) for ids in tokens]
        owner = np.repeat(np.arange(len(tokens)), lengths)
        ids = np.concatenate([np.zeros(0, np.int64), *tokens])
        sums = np.bincount(owner, words[ids], len(tokens)) + self.bias
        within = owner[1:] == owner[:-1]
        sums += np.bincount(owner[1:][within], pairs[paired(ids, self.pairs)][within], len(tokens))
        sums += neighbours(np.bincount(owner, around[ids], len(tokens)))
        return np.asarray(1 / (1 + np.exp(-np.clip(sums, -_LARGEST, _LARGEST))), dtype=np.float32)


def paired(ids: IntArray, places: int) -> IntArray:
    """Place in the table of every pair of tokens that follow each other. *Shape:* ``(tokens - 1,)``."""
    return np.asarray((ids[:-1] * _PRIME + ids[1:]) % places, dtype=np.int64)


def neighbours(values: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Sum over the statements within reach on both sides, without the statement itself, of one document.

    Args:
        values: One number per statement. *Shape:* ``(statements,)``
    """
    before = np.concatenate([np.zeros(1), np.cumsum(values)])
    at = np.arange(len(values))
    first, last = np.maximum(at - REACH, 0), np.minimum(at + REACH + 1, len(values))
    return np.asarray(before[last] - before[first] - values)


def load(file: Path, told: Mapping[str, Any]) -> Gate:
    """Read a gate of a model folder.

    Args:
        file: The weights, little-endian 16-bit floating-point numbers one after another.
        told: What the manifest says of it.

    Raises:
        KeyError, TypeError, ValueError: If they do not fit.
    """
    weights = np.frombuffer(file.read_bytes(), dtype="<f2").astype(np.float32)
    vocabulary, pairs, least = int(told["vocabulary"]), int(told["pairs"]), float(told["least"])
    if len(weights) != 2 * vocabulary + pairs or not np.isfinite(weights).all():
        raise ValueError(
            f"{file.name}: expected {2 * vocabulary + pairs} finite numbers, got {len(weights)} of any kind"
        )
    if not 0 < least < 1:
        raise ValueError(f"gate.least: expected a number between 0 and 1, got {least}")
    return Gate(weights, vocabulary, pairs, float(told["bias"]), least, bool(told["default"]))


def divided(packed: Sequence[Window], about: FloatArray, least: float) -> tuple[list[Window], list[int]]:
    """The windows that must be read, and the statements that are left out with the others.

    Args:
        packed: All windows of a document.
        about: How likely each of its statements is about some issue. *Shape:* ``(statements,)``
        least: Probability from which a statement must be read.

    Returns:
        A window is read if some statement that it answers for must be; a statement is left out if every window that
        answers for a piece of it is.
    """
    kept = [window for window in packed if any(about[at] >= least for at in answered(window))]
    read = {at for window in kept for at in answered(window)}
    # A long statement has pieces in several windows: all of them are read if one is.
    kept = [window for window in packed if any(at in read for at in answered(window))]
    read = {at for window in kept for at in answered(window)}
    return kept, [at for at in range(len(about)) if at not in read]


def answered(window: Window) -> list[int]:
    """The statements that a window answers for, in whole or in part."""
    return [piece.statement for piece, owned in zip(window.pieces, window.owned, strict=True) if owned]
