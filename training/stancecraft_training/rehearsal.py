"""What a recipe would do, and how long it would take here, before anything is written."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import torch

from stancecraft_training import dataset, labelled, network, run, split
from stancecraft_training.config import Recipe

_STEPS = 3  # timed, after one to warm up


def rehearse(recipe: Recipe, tell: Callable[[str], None]) -> None:
    """Read the data, build the network, time a few steps, and say what a run would be.

    Args:
        recipe: What would be done.
        tell: Takes one line at a time.

    Raises:
        StancecraftError: If recipe, data or base are not usable, as training would.
    """
    book, splits = run.read(recipe)
    for name in split.NAMES:
        if rows := getattr(splits, name):
            documents = len({row.statement.meta["document"] for row in rows})
            about = sum(any(value != "none" for value in row.labels.values()) for row in rows)
            tell(f"{name}: {len(rows)} statements in {documents} documents, {about} about an issue")
    for issue, values in labelled.counts(splits.train, book).items():
        tell(f"train, {issue}: " + ", ".join(f"{count} {value}" for value, count in values.items()))
    for note in labelled.unlearnable(splits.train, book):
        tell(note)
    training = recipe.training
    windows = dataset.Packings(splits.train, network.encoder(recipe), book.ids, training.packings)
    steps = math.ceil(len(windows) / training.batch_windows)
    model = network.build(recipe, book.ids)
    learnt = sum(one.numel() for one in model.parameters() if one.requires_grad)
    tell(f"{len(windows)} windows, {steps} steps an epoch, at most {training.epochs} epochs; "
         f"{learnt / 1e6:.1f} million weights to learn")  # fmt: skip
    seconds = _seconds_per_step(recipe, model, windows)
    tell(f"{seconds:.2f} s a step on {_device()}: about {_duration(seconds * steps)} an epoch, "
         f"{_duration(seconds * steps * training.epochs)} in all; nothing was written")  # fmt: skip


def _seconds_per_step(recipe: Recipe, model: torch.nn.Module, windows: dataset.Packings) -> float:
    """Time of one step of the optimiser on typical windows."""
    training = recipe.training
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model.to(device).train()
    optimiser = torch.optim.AdamW((one for one in model.parameters() if one.requires_grad), lr=1e-9, fused=True)
    weights = torch.ones(4, device=device)
    seconds = 0.0
    for number in range(_STEPS + 1):
        began = time.monotonic()
        chosen = range(number * training.batch_windows, (number + 1) * training.batch_windows)
        batch = dataset.collate([windows[at % len(windows)] for at in chosen])
        batch = {name: tensor.to(device) for name, tensor in batch.items()}
        with torch.autocast(device.type, torch.bfloat16, enabled=training.precision == "bf16"):
            outputs = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"])
        pooled = network.pool(outputs.logits, batch["owner"], len(batch["labels"]))
        network.loss(pooled, batch["labels"], weights).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        optimiser.zero_grad()
        if number:
            seconds += time.monotonic() - began
    return seconds / _STEPS


def _device() -> str:
    return torch.cuda.get_device_name() if torch.cuda.is_available() else f"{torch.get_num_threads()} processor threads"


def _duration(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"
