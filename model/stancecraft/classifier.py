"""The one verb: statements in, positions out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from stancecraft import artifact, explanation, policy
from stancecraft.codebook import Codebook
from stancecraft.errors import ModelError
from stancecraft.gate import Gate
from stancecraft.policy import Thresholds
from stancecraft.records import Prediction, Statement, Transcript
from stancecraft.scorer import Scorer

Texts: TypeAlias = Transcript | str | Iterable[str | Statement]


class StanceClassifier:
    """Labels statements with the issues they are about and the stance they take.

    Scoring is safe from several threads at once, and its result does not depend on how statements are batched:
    only on the statement and the document around it.
    """

    def __init__(self, model: artifact.Artifact, *, threads: int | None = None) -> None:
        self.artifact = model
        self._scorer = Scorer(model, threads or _available_threads())

    @property
    def codebook(self) -> Codebook:
        """The issues that this model knows."""
        return self.artifact.codebook

    def predict(
        self, texts: Texts, *, max_error: float | None = None, explain: bool = False, gate: bool | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> list[Prediction]:  # fmt: skip
        """Label statements.

        Args:
            texts: A transcript, statements, or plain strings (each then stands alone, without context); one string is
                one statement.
            max_error: Give only stances of which, on documents like those the model was calibrated on, at most this
                share is wrong, in (0, 1); the others are ``None``, with the reason ``abstained``.
            explain: Say of every position which words carried it.
            gate: Leave out whole windows that are surely about no issue, with the reason ``gated``; by default as the
                model folder says. ``False`` reads everything.
            progress: Called with the number of statements newly scored.

        Returns:
            One prediction per statement, in order.

        Raises:
            ModelError: If the model cannot promise that share, cannot explain, or has no gate that is asked for.
        """
        given = texts.statements if isinstance(texts, Transcript) else [texts] if isinstance(texts, str) else texts
        statements = [Statement(one) if isinstance(one, str) else one for one in given]
        ids, thresholds, model = self.codebook.ids, self.thresholds(max_error), self.artifact.model
        if explain:
            self.require_explanations()
        scores = self._scorer.scores(statements, words=explain, gate=self.gate(gate), progress=progress)
        found = []
        for at, (statement, row) in enumerate(zip(statements, policy.probabilities(scores.logits), strict=True)):
            if (about := float(scores.ruled_out[at])) == about:  # not NaN: the gate ruled it out
                positions = policy.gated(about, ids)
            else:
                positions = policy.decide(row, ids, thresholds)
                if explain:
                    bias = self.artifact.bias
                    positions = explanation.explain(positions, thresholds, scores.logits[at], scores.words[at], bias)
            found.append(Prediction(statement, positions, model))
        return found

    def gate(self, wanted: bool | None = None) -> Gate | None:
        """What leaves out windows that are surely about no issue, or ``None`` if all are read.

        Args:
            wanted: Whether to leave windows out; by default as the model folder says.

        Raises:
            ModelError: If it is wanted, and the folder has no gate.
        """
        gate = self.artifact.gate
        if wanted and gate is None:
            raise ModelError(f"{self.artifact.model}: has no gate that could leave statements out")
        return gate if gate is not None and (gate.default if wanted is None else wanted) else None

    def require_explanations(self) -> None:
        """Make sure that this model can explain.

        Raises:
            ModelError: If its folder does not tell the last layer's bias.
        """
        if not self.artifact.bias:
            raise ModelError(f"{self.artifact.model}: its manifest has no bias, so its words cannot be explained; "
                             "export it anew")  # fmt: skip

    def thresholds(self, max_error: float | None = None) -> Mapping[str, Thresholds]:
        """What it takes to answer, per issue id.

        Args:
            max_error: As for :meth:`predict`.

        Raises:
            ValueError: If the share is not between 0 and 1.
            ModelError: If the model cannot promise it.
        """
        thresholds = self.artifact.thresholds
        if max_error is None:
            return thresholds
        if not 0 < max_error < 1:
            raise ValueError(f"max_error: expected a share between 0 and 1, got {max_error!r}")
        stance = policy.least_stance(self.artifact.abstention, max_error)
        if stance is None:
            raise ModelError(f"{self.artifact.model}: cannot promise an error of at most {max_error:g}: "
                             f"{_best_promise(self.artifact)}")  # fmt: skip
        return {issue: replace(one, stance=stance) for issue, one in thresholds.items()}


def _best_promise(model: artifact.Artifact) -> str:
    if not model.abstention:
        return "it was calibrated on no documents of their own"
    possible = next((e for e in range(1, 100) if policy.least_stance(model.abstention, e / 100) is not None), None)
    return f"the least that it can promise is {possible / 100:g}" if possible else "it can promise none"


def load(path: str | Path | None = None, *, threads: int | None = None) -> StanceClassifier:
    """Load a model folder.

    Args:
        path: The folder; the packaged model by default.
        threads: Processor threads to use; all that this process may use by default.

    Raises:
        ModelError: If the folder is not a sound model.
    """
    return StanceClassifier(artifact.load(Path(path) if path else artifact.packaged()), threads=threads)


def _available_threads() -> int:
    """Processors that this process may use; a container's limit counts where the system tells it."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
