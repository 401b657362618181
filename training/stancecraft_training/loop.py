"""The training loop: transformers' Trainer with our loss, our dev figures and our progress lines.

Trainer is used for what it is good at (checkpoints that resume with optimiser, schedule and random states, several
devices, bf16); what is learnt and what is measured is decided here.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from transformers import (
    AutoModelForTokenClassification,
    EarlyStoppingCallback,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    set_seed,
)

from stancecraft import metrics, policy
from stancecraft.errors import ConfigError, DataError
from stancecraft.policy import Thresholds
from stancecraft.records import VALUES, Value
from stancecraft.windows import FloatArray
from stancecraft_training import dataset, network
from stancecraft_training.config import Recipe
from stancecraft_training.dataset import IGNORED, Document, Packings

BEST = "both_f1"
"""The dev figure that chooses the checkpoint: micro-F1 of issue and stance together."""


def fit(
    recipe: Recipe, issues: Sequence[str], train: Packings, dev: Sequence[Document], *,
    checkpoints: Path, resume: bool, tell: Callable[[str], None],
) -> tuple[Any, list[dict[str, Any]]]:  # fmt: skip
    """Train on ``train`` and keep the epoch that is best on ``dev``.

    Args:
        recipe: All settings; its seed reaches the head's initial values, dropout and the order of windows.
        issues: Issue ids in the order of the outputs.
        train: Windows to learn from.
        dev: Encoded documents to choose the epoch by.
        checkpoints: Folder for checkpoints, one per epoch, the best and the last kept.
        resume: Go on from the last checkpoint there.
        tell: Takes one line of progress per epoch.

    Returns:
        The best model, in evaluation mode on the CPU, and the log of the epochs.

    Raises:
        ConfigError: If there is nothing to resume.
        DataError: If the loss is no longer a number.
    """
    last = _last_checkpoint(checkpoints) if resume else None
    if resume and last is None:
        raise ConfigError(f"{checkpoints}: no checkpoint to resume from that was saved whole")
    if last is not None and (state := _finished(last, recipe)):
        best = last.parent / Path(state["best_model_checkpoint"]).name
        model = AutoModelForTokenClassification.from_pretrained(best, attn_implementation="eager")
        return model.eval(), _epochs(state["log_history"])
    set_seed(recipe.training.seed)
    trainer = _StatementTrainer(
        model=network.build(recipe, issues),
        args=_arguments(recipe, checkpoints, windows=len(train)),
        train_dataset=train,
        eval_dataset=Dataset.from_list([{"windows": len(document.windows)} for document in dev]),
        data_collator=dataset.collate,
        callbacks=[
            EarlyStoppingCallback(recipe.training.patience),
            _Progress(recipe.training.epochs, tell),
            _Cuts(train),
        ],
    )
    trainer.remove_callback(PrinterCallback)  # it writes to standard output
    trainer.prepare(recipe, issues, dev)
    trainer.train(resume_from_checkpoint=str(last) if last else None)
    # Without the wrapper that computes in bf16: what is exported and compared is the network in fp32.
    model = trainer.accelerator.unwrap_model(trainer.model, keep_fp32_wrapper=False)
    return model.eval().cpu(), _epochs(trainer.state.log_history)


def _last_checkpoint(checkpoints: Path) -> Path | None:
    """The newest checkpoint that was saved whole: its state is written last."""
    whole = [path for path in checkpoints.glob("checkpoint-*") if _is_json(path / "trainer_state.json")]
    return max(whole, key=lambda path: int(path.name.rpartition("-")[2]), default=None)


def _is_json(path: Path) -> bool:
    try:
        json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return True


def _finished(last: Path, recipe: Recipe) -> dict[str, Any] | None:
    """The state of the last checkpoint, if training ended there: all epochs done, or patience at its end."""
    state: dict[str, Any] = json.loads((last / "trainer_state.json").read_text("utf-8"))
    figures = [entry[f"eval_{BEST}"] for entry in _epochs(state["log_history"])]
    since_best = len(figures) - 1 - figures.index(max(figures)) if figures else 0
    done = round(state["epoch"]) >= recipe.training.epochs or since_best >= recipe.training.patience
    return state if done and state["best_model_checkpoint"] else None


def _epochs(history: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entries of a training log that hold dev figures."""
    return [entry for entry in history if f"eval_{BEST}" in entry]


def dev_figures(logits: FloatArray, documents: Sequence[Document], issues: Sequence[str]) -> dict[str, float]:
    """The figures that are watched while training, with the raw threshold of one half."""
    thresholds = dict.fromkeys(issues, Thresholds())
    positions = [policy.decide(row, issues, thresholds) for row in policy.probabilities(logits)]
    gold = [labels for document in documents for labels in _gold(document, issues)]
    pooled = [one for issue in issues for one in metrics.decisions(gold, positions, issue)]
    return {
        "about_f1": metrics.about(pooled).f1,
        BEST: metrics.both(pooled).f1,
        "stance_macro_f1": metrics.stance_macro_f1(pooled),
    }


class _StatementTrainer(Trainer):
    def prepare(self, recipe: Recipe, issues: Sequence[str], dev: Sequence[Document]) -> None:
        """What loss and evaluation need beyond the Trainer's own arguments."""
        self._recipe, self._issues, self._dev = recipe, issues, dev
        weights = recipe.training.class_weights
        self._weights = torch.tensor([getattr(weights, value) for value in VALUES], dtype=torch.float)

    def compute_loss(
        self,
        model: torch.nn.Module,
        inputs: dict[str, torch.Tensor | Any],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | int | None = None,
    ) -> torch.Tensor | tuple[torch.Tensor, Any]:
        """Our loss over pooled statements; the model's own token loss is never used."""
        outputs = model(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"])
        labels = inputs["labels"]
        pooled = network.pool(outputs.logits, inputs["owner"], len(labels))
        value = network.loss(pooled, labels, self._weights.to(pooled.device))
        if self._recipe.training.taught_weight:
            value = value + self._recipe.training.taught_weight * network.taught_loss(pooled, inputs["taught"])
        if not torch.isfinite(value):
            raise DataError(f"the loss is {value.item()} at step {self.state.global_step}: lower the learning rate")
        return (value, outputs) if return_outputs else value

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:  # noqa: ANN401
        """Dev figures, each statement taken once, where it has most context."""
        logits = network.score(self.model, self._dev, self._recipe.training.batch_windows)
        figures = {f"eval_{name}": value for name, value in dev_figures(logits, self._dev, self._issues).items()}
        self.log(dict(figures))
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, figures)
        return figures


class _Cuts(TrainerCallback):
    """Gives every epoch its cut of the documents into windows, also the first one after a resumption."""

    def __init__(self, train: Packings) -> None:
        self._train = train

    def on_epoch_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:  # noqa: ANN401
        self._train.set_epoch(int(state.epoch or 0))


class _Progress(TrainerCallback):
    """One line per epoch: figures on dev and the time left."""

    def __init__(self, epochs: int, tell: Callable[[str], None]) -> None:
        self._epochs, self._tell = epochs, tell
        self._began, self._first_epoch, self._loss = 0.0, 0.0, math.nan

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:  # noqa: ANN401
        self._began, self._first_epoch = time.monotonic(), state.epoch or 0.0

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any) -> None:  # noqa: ANN401
        self._loss = (logs or {}).get("loss", self._loss)

    def on_evaluate(self, args: Any, state: Any, control: Any, **given: Any) -> None:  # noqa: ANN401
        metrics: dict[str, float] = given["metrics"]
        done = state.epoch - self._first_epoch
        left = (time.monotonic() - self._began) / done * (self._epochs - state.epoch) if done else 0.0
        figures = ", ".join(f"{name.removeprefix('eval_')} {value:.3f}" for name, value in metrics.items())
        self._tell(
            f"epoch {state.epoch:.0f}/{self._epochs}: loss {self._loss:.3f}; dev {figures}; {left / 60:.1f} min left"
        )


def _arguments(recipe: Recipe, checkpoints: Path, windows: int) -> TrainingArguments:
    training = recipe.training
    steps = math.ceil(windows / training.batch_windows) * training.epochs
    return TrainingArguments(
        output_dir=str(checkpoints), num_train_epochs=training.epochs, learning_rate=training.learning_rate,
        per_device_train_batch_size=training.batch_windows, weight_decay=training.weight_decay,
        warmup_steps=int(steps * training.warmup), lr_scheduler_type="linear", bf16=training.precision == "bf16",
        optim="adamw_torch_fused",
        seed=training.seed, data_seed=training.seed, use_cpu=not torch.cuda.is_available(),
        eval_strategy="epoch", save_strategy="epoch", logging_strategy="epoch", save_total_limit=2,
        load_best_model_at_end=True, metric_for_best_model=BEST, greater_is_better=True,
        remove_unused_columns=False, label_names=["labels"], report_to="none", disable_tqdm=True,
        restore_callback_states_from_checkpoint=True, dataloader_pin_memory=False, log_level="error",
    )  # fmt: skip


def _gold(document: Document, issues: Sequence[str]) -> list[dict[str, Value]]:
    return [
        {issue: VALUES[index] for issue, index in zip(issues, row, strict=True) if index != IGNORED}
        for row in document.labels.tolist()
    ]
