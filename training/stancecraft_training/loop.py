"""The training loop: transformers' Trainer with our loss, our dev figures and our progress lines.

Trainer is used for what it is good at (checkpoints that resume with optimiser, schedule and random states, several
devices, bf16); what is learnt and what is measured is decided here.
"""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import torch
from datasets import Dataset
from torch import distributed
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
from stancecraft.errors import ConfigError, DataError, OutputError
from stancecraft.policy import Thresholds
from stancecraft.records import VALUES, Value
from stancecraft.windows import FloatArray
from stancecraft_training import dataset, disk, network, processes
from stancecraft_training.config import Recipe
from stancecraft_training.dataset import IGNORED, Document, Packings
from stancecraft_training.watching import Cuts, Progress

BEST = "both_f1"
"""The dev figure that chooses the checkpoint: micro-F1 of issue and stance together."""


def fit(
    recipe: Recipe, issues: Sequence[str], train: Packings, dev: Sequence[Document], *,
    checkpoints: Path, resume: bool, tell: Callable[[str], None], watchers: Sequence[TrainerCallback] = (),
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
        watchers: Told of everything that happens while training.

    Returns:
        The best model, in evaluation mode on the CPU, and the log of the epochs.

    Raises:
        ConfigError: If there is nothing to resume.
        DataError: If the loss is no longer a number.
        OutputError: If a checkpoint cannot be saved; the one before is whole.
    """
    last = last_checkpoint(checkpoints) if resume else None
    if resume and last is None:
        raise ConfigError(f"{checkpoints}: no checkpoint to resume from that was saved whole")
    if last is not None and (state := _finished(last, recipe)):
        best = last.parent / Path(state["best_model_checkpoint"]).name
        model = AutoModelForTokenClassification.from_pretrained(best, attn_implementation="eager")
        return model.eval(), epochs(state["log_history"])
    set_seed(recipe.training.seed)
    trainer = _StatementTrainer(
        model=network.build(recipe, issues),
        args=_arguments(recipe, checkpoints, windows=len(train)),
        train_dataset=train,
        eval_dataset=Dataset.from_list([{"windows": len(document.windows)} for document in dev]),
        data_collator=dataset.collate,
        callbacks=[
            EarlyStoppingCallback(recipe.training.patience),
            Progress(recipe.training.epochs, tell),
            Cuts(train),
            *watchers,
        ],
    )
    trainer.remove_callback(PrinterCallback)  # it writes to standard output
    trainer.prepare(recipe, issues, train, dev)
    if processes.rank():
        torch.manual_seed(recipe.training.seed + processes.rank())  # or all would drop the same outputs
    trainer.train(resume_from_checkpoint=str(last) if last else None)
    # Without the wrapper that computes in bf16: what is exported and compared is the network in fp32.
    model = trainer.accelerator.unwrap_model(trainer.model, keep_fp32_wrapper=False)
    return model.eval().cpu(), epochs(trainer.state.log_history)


def last_checkpoint(checkpoints: Path) -> Path | None:
    """The newest checkpoint that was saved whole: its state is written last."""
    whole = [path for path in checkpoints.glob("checkpoint-*") if _is_json(path / "trainer_state.json")]
    return max(whole, key=lambda path: int(path.name.rpartition("-")[2]), default=None)


def _kept(checkpoints: Path) -> str:
    """What is left of a run that has to stop."""
    last = last_checkpoint(checkpoints)
    return f"{last.name} is kept, --resume goes on from it" if last else "there was no checkpoint yet"


def _is_json(path: Path) -> bool:
    try:
        json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return True


def _finished(last: Path, recipe: Recipe) -> dict[str, Any] | None:
    """The state of the last checkpoint, if training ended there: all epochs done, or patience at its end."""
    state: dict[str, Any] = json.loads((last / "trainer_state.json").read_text("utf-8"))
    figures = [entry[f"eval_{BEST}"] for entry in epochs(state["log_history"])]
    since_best = len(figures) - 1 - figures.index(max(figures)) if figures else 0
    done = round(state["epoch"]) >= recipe.training.epochs or since_best >= recipe.training.patience
    return state if done and state["best_model_checkpoint"] else None


def epochs(history: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
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
    def prepare(self, recipe: Recipe, issues: Sequence[str], train: Packings, dev: Sequence[Document]) -> None:
        """What loss and evaluation need beyond the Trainer's own arguments."""
        self._recipe, self._issues, self._train, self._dev = recipe, issues, train, dev
        self._checkpoints = Path(str(self.args.output_dir))
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
        labels, taught = self._not_repeated(inputs)
        outputs = model(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"])
        pooled = network.pool(outputs.logits, inputs["owner"], len(labels))
        parts = [network.loss(pooled, labels, self._weights.to(pooled.device))]
        counts = [(labels != IGNORED).sum()]
        if self._recipe.training.taught_weight:
            parts.append(self._recipe.training.taught_weight * network.taught_loss(pooled, taught))
            counts.append((~taught[..., 0].isnan()).sum())
        value = self._over_processes(parts, counts, inputs["window"])
        return (value, outputs) if return_outputs else value

    def _over_processes(
        self, parts: Sequence[torch.Tensor], counts: Sequence[torch.Tensor], windows: torch.Tensor
    ) -> torch.Tensor:
        """The sum of the parts of the loss, such that its mean over the processes is that of one process.

        Each part is a mean over what is known in this process's windows. Gradients are averaged over processes, so each
        part is weighted by what is known here against what is known per process: the mean of means would favour a
        process that knows little.

        Raises:
            DataError: If the loss is no number, in all processes alike.
        """
        here = torch.stack(list(parts)).detach().sum()
        wrong = ~torch.isfinite(here)
        if processes.count() == 1:
            if wrong:
                self._not_a_number([(float(here), windows.tolist())])
            return sum(parts[1:], parts[0])
        known = torch.stack([*counts, wrong.sum()]).float()
        total = known.clone()
        distributed.all_reduce(total)
        if total[-1]:
            found: list[Any] = [None] * processes.count()
            distributed.all_gather_object(found, (float(here), windows.tolist()) if wrong else None)
            self._not_a_number([one for one in found if one])
        shares = known[:-1] * processes.count() / total[:-1].clamp(min=1)
        return sum((part * share for part, share in zip(parts[1:], shares[1:], strict=True)), parts[0] * shares[0])

    def _not_repeated(self, inputs: dict[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        """Labels and another model's opinion, without those of windows that only fill an epoch's last step.

        With several processes accelerate fills it up by windows from the epoch's beginning; in the order of the
        processes, the first ``remainder`` are the true ones.
        """
        labels, taught = inputs["labels"], inputs["taught"]
        state = self.accelerator.gradient_state
        if processes.count() == 1 or not state.end_of_dataloader or state.remainder <= 0:
            return labels, taught
        true = state.remainder - processes.rank() * self.args.per_device_train_batch_size
        repeated = (inputs["home"] >= true)[:, None]
        return labels.masked_fill(repeated, IGNORED), taught.masked_fill(repeated[..., None], float("nan"))

    def _not_a_number(self, found: Sequence[tuple[float, list[int]]]) -> NoReturn:
        where = "; ".join(self._train.describe(at) for _, windows in found for at in windows)
        processes.fail(
            DataError(
                f"the loss is {found[0][0]} at step {self.state.global_step + 1}: lower the learning rate, or look at "
                f"{where}; {_kept(self._checkpoints)}"
            )
        )

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:  # noqa: ANN401
        """Dev figures, each statement taken once, where it has most context."""
        # One process measures for all: figures that differed by a hair would end training in one and not in another.
        figures = processes.on_main(self._measure)
        self.log(dict(figures))
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, figures)
        return figures

    def _measure(self) -> dict[str, float]:
        logits = network.score(self.model, self._dev, self._recipe.training.batch_windows)
        if not np.isfinite(logits).all():
            # Before it is saved, or the checkpoint to go on from would be useless.
            raise DataError(
                f"the network's scores on dev are not numbers after step {self.state.global_step}: lower the learning "
                f"rate; {_kept(self._checkpoints)}"
            )
        return {f"eval_{name}": value for name, value in dev_figures(logits, self._dev, self._issues).items()}

    def _save_checkpoint(self, model: torch.nn.Module, trial: Any) -> None:  # noqa: ANN401
        folder = self._checkpoints / f"checkpoint-{self.state.global_step}"
        try:
            with disk.saving(folder, _kept(self._checkpoints)):
                super()._save_checkpoint(model, trial)
        except OutputError:
            shutil.rmtree(folder, ignore_errors=True)
            raise


def _arguments(recipe: Recipe, checkpoints: Path, windows: int) -> TrainingArguments:
    training = recipe.training
    steps = math.ceil(windows / training.batch_windows) * training.epochs
    arguments = TrainingArguments(
        output_dir=str(checkpoints), num_train_epochs=training.epochs, learning_rate=training.learning_rate,
        per_device_train_batch_size=training.batch_windows // processes.count(), weight_decay=training.weight_decay,
        warmup_steps=int(steps * training.warmup), lr_scheduler_type="linear", bf16=training.precision == "bf16",
        optim="adamw_torch_fused",
        seed=training.seed, data_seed=training.seed, use_cpu=not torch.cuda.is_available(),
        eval_strategy="epoch", save_strategy="epoch", logging_strategy="epoch", save_total_limit=2,
        load_best_model_at_end=True, metric_for_best_model=BEST, greater_is_better=True,
        remove_unused_columns=False, label_names=["labels"], report_to="none", disable_tqdm=True,
        restore_callback_states_from_checkpoint=True, dataloader_pin_memory=False, log_level="error",
        ddp_find_unused_parameters=False,
    )  # fmt: skip
    if arguments.n_gpu > 1:
        arguments._n_gpu = 1  # a process has one GPU: several would be a batch each, of windows that know no others
    return arguments


def _gold(document: Document, issues: Sequence[str]) -> list[dict[str, Value]]:
    return [
        {issue: VALUES[index] for issue, index in zip(issues, row, strict=True) if index != IGNORED}
        for row in document.labels.tolist()
    ]
