"""What looks on while a network is trained: progress for people, times for ``run.json``, curves for TensorBoard."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from transformers import TrainerCallback
from transformers.integrations.integration_utils import TensorBoardCallback

from stancecraft.errors import MissingExtraError
from stancecraft_training import processes
from stancecraft_training.dataset import Packings
from stancecraft_training.provenance import Journal


class Cuts(TrainerCallback):
    """Gives every epoch its cut of the documents into windows, also the first one after a resumption."""

    def __init__(self, train: Packings) -> None:
        self._train = train

    def on_epoch_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:  # noqa: ANN401
        """An epoch begins."""
        self._train.set_epoch(int(state.epoch or 0))


class Progress(TrainerCallback):
    """One line per epoch: figures on dev and the time left."""

    def __init__(self, epochs: int, tell: Callable[[str], None]) -> None:
        self._epochs, self._tell = epochs, tell
        self._began, self._first_epoch, self._loss = 0.0, 0.0, math.nan

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:  # noqa: ANN401
        """Training begins, or goes on."""
        self._began, self._first_epoch = time.monotonic(), state.epoch or 0.0

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any) -> None:  # noqa: ANN401
        """The loss is known."""
        self._loss = (logs or {}).get("loss", self._loss)

    def on_evaluate(self, args: Any, state: Any, control: Any, **given: Any) -> None:  # noqa: ANN401
        """Dev was measured."""
        metrics: dict[str, float] = given["metrics"]
        done = state.epoch - self._first_epoch
        left = (time.monotonic() - self._began) / done * (self._epochs - state.epoch) if done else 0.0
        figures = ", ".join(f"{name.removeprefix('eval_')} {value:.3f}" for name, value in metrics.items())
        if processes.is_main():
            self._tell(
                f"epoch {state.epoch:.0f}/{self._epochs}: loss {self._loss:.3f}; dev {figures}; "
                f"{left / 60:.1f} min left"
            )


class Clock(TrainerCallback):
    """Takes down every epoch's time and tokens, those of all processes."""

    def __init__(self, journal: Journal, train: Packings) -> None:
        self._journal, self._train, self._began = journal, train, 0.0

    def on_epoch_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:  # noqa: ANN401
        """An epoch begins."""
        self._began = time.monotonic()

    def on_epoch_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:  # noqa: ANN401
        """An epoch was learnt."""
        self._journal.epoch(round(state.epoch), time.monotonic() - self._began, self._train.tokens)


def tensorboard(folder: Path) -> TrainerCallback:
    """Writes loss, learning rate and dev figures of every epoch as TensorBoard's event files.

    Args:
        folder: Where they go; a run that is resumed adds a file.

    Raises:
        MissingExtraError: If there is no package that writes them.
    """
    try:
        from tensorboardX import SummaryWriter
    except ModuleNotFoundError:
        raise MissingExtraError("--tensorboard needs tensorboardX, which is not installed: "
                                "pip install 'stancecraft[train]'") from None  # fmt: skip
    return _Curves(str(folder), SummaryWriter)


class _Curves(TensorBoardCallback):
    """Transformers' own, without its note of all arguments, which names folders."""

    def __init__(self, folder: str, writer: Any) -> None:  # noqa: ANN401 - tensorboardX is untyped
        super().__init__()  # type: ignore[no-untyped-call]
        self._SummaryWriter, self.logging_dir = writer, folder

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:  # noqa: ANN401
        """Training begins, or goes on."""
        if state.is_world_process_zero:
            self.tb_writer = self._SummaryWriter(log_dir=self.logging_dir)
