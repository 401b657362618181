"""The network: a stock token classifier, and the pooling and loss over statements that are ours."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from torch import Tensor
from transformers import AutoConfig, AutoModelForTokenClassification

from stancecraft import windows
from stancecraft.errors import ConfigError
from stancecraft.records import ROLES, VALUES
from stancecraft.scorer import TextEncoder
from stancecraft.windows import FloatArray, WindowPlan
from stancecraft_training import dataset
from stancecraft_training.config import Recipe
from stancecraft_training.dataset import IGNORED, Document

TURN_TOKEN = "[unused1]"
ROLE_TOKENS = {role: f"[unused{at}]" for at, role in enumerate(ROLES, 2)}


def plan(recipe: Recipe) -> WindowPlan:
    """How this recipe packs statements."""
    return WindowPlan(recipe.window.tokens, recipe.window.overlap, TURN_TOKEN, dict(ROLE_TOKENS))


def encoder(recipe: Recipe) -> TextEncoder:
    """Tokenizer and window plan of a recipe.

    Raises:
        ConfigError: If the base cannot be found.
        ModelError: If its tokenizer lacks a marker.
    """
    return TextEncoder.from_file(base_folder(recipe.base) / "tokenizer.json", plan(recipe))


def base_folder(base: str) -> Path:
    """Folder of the base encoder.

    Args:
        base: A folder, ``package:NAME/FOLDER`` for a folder inside an installed package, or a model's hub name (fetched
            by transformers, for people who have a hub).

    Raises:
        ConfigError: If it cannot be found.
    """
    if base.startswith("package:"):
        package, _, folder = base.removeprefix("package:").partition("/")
        spec = _spec(package)
        if spec is None or spec.origin is None:
            raise ConfigError(f"base: package {package!r} is not installed")
        path = Path(spec.origin).parent / folder
    else:
        path = Path(base)
    if not path.is_dir():
        return _from_hub(base)
    if not (path / "config.json").is_file() or not (path / "tokenizer.json").is_file():
        raise ConfigError(f"base: {path} is not an encoder: expected config.json and tokenizer.json in it")
    return path


def _spec(package: str) -> ModuleSpec | None:
    try:
        return find_spec(package)
    except (ModuleNotFoundError, ValueError):
        return None


def build(recipe: Recipe, issues: Sequence[str]) -> Any:  # noqa: ANN401 - transformers' auto classes are untyped
    """The encoder with a fresh linear head: ``4 x issues`` outputs per token, labels named ``issue=value``.

    Raises:
        ConfigError: If the base cannot be loaded or its positions are fewer than a window's tokens.
    """
    folder = base_folder(recipe.base)
    names = [f"{issue}={value}" for issue in issues for value in VALUES]
    try:
        settings = AutoConfig.from_pretrained(
            folder,
            num_labels=len(names),
            id2label=dict(enumerate(names)),
            label2id={name: at for at, name in enumerate(names)},
            hidden_dropout_prob=recipe.training.dropout,
            attention_probs_dropout_prob=recipe.training.attention_dropout,
            classifier_dropout=recipe.training.dropout,
        )
        # Eager attention: the graph exported from it is the one that onnxruntime quantises and fuses best. fp32 also
        # where the base is a model folder of ours, whose weights are fp16.
        model = AutoModelForTokenClassification.from_pretrained(
            folder, config=settings, attn_implementation="eager", dtype=torch.float32
        )
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise ConfigError(f"base: {folder} is not an encoder: {str(error).splitlines()[0]}") from None
    except RuntimeError:
        raise ConfigError(
            f"base: {folder} has outputs for other issues than the recipe's {', '.join(issues)}; a model folder is "
            "taught one issue more by a recipe with the section extend"
        ) from None
    if recipe.training.freeze_embeddings:
        model.get_input_embeddings().requires_grad_(False)
    positions = getattr(settings, "max_position_embeddings", recipe.window.tokens)
    if positions < recipe.window.tokens:
        raise ConfigError(f"window.tokens: the base reads at most {positions} tokens, got {recipe.window.tokens}")
    return model


def average(model: Any, folders: Sequence[Path]) -> None:  # noqa: ANN401 - as for build
    """Give a network the mean of its own weights and those of others, in place.

    Networks that went on from one another lie close together, and their mean is often better than each (model soups,
    Wortsman et al. 2022, https://arxiv.org/abs/2203.05482).

    Args:
        model: A token classifier.
        folders: Of token classifiers of the same shape: a run's ``best``, or a model folder with weights.

    Raises:
        ConfigError: If a folder is none, or of another shape.
    """
    total = {name: weights.double() for name, weights in model.state_dict().items() if weights.is_floating_point()}
    for folder in folders:
        try:
            other = AutoModelForTokenClassification.from_pretrained(folder, dtype=torch.float32).state_dict()
        except (OSError, RuntimeError, ValueError) as error:
            told = str(error).strip().splitlines()[0]
            raise ConfigError(f"export.average: {folder}: not the folder of a network: {told}") from None
        shapes = {name: weights.shape for name, weights in other.items()}
        if unlike := [name for name, weights in total.items() if shapes.get(name) != weights.shape]:
            raise ConfigError(f"export.average: {folder}: a network of another shape: {unlike[0]}")
        for name in total:
            total[name] += other[name].double()
    mean = {name: (weights / (len(folders) + 1)).float() for name, weights in total.items()}
    model.load_state_dict(mean, strict=False)


def pool(token_logits: Tensor, owner: Tensor, pieces: int) -> Tensor:
    """Mean of every piece's own tokens.

    Args:
        token_logits: *Shape:* ``(windows, tokens, outputs)``
        owner: Piece of each token, -1 outside. *Shape:* ``(windows, tokens)``
        pieces: Number of pieces in the batch.

    Returns:
        *Shape:* ``(pieces, issues, 4)``, float32; zeros for a piece without tokens.
    """
    inside = owner >= 0
    index = owner[inside]
    logits = token_logits[inside].float()
    total = torch.zeros(pieces, logits.shape[-1], device=logits.device).index_add(0, index, logits)
    tokens = torch.zeros(pieces, device=logits.device).index_add(0, index, torch.ones_like(index, dtype=torch.float))
    return (total / tokens.clamp(min=1)[:, None]).view(pieces, -1, len(VALUES))


def loss(logits: Tensor, labels: Tensor, weights: Tensor) -> Tensor:
    """Cross-entropy over pooled logits, the mean over labels that are there.

    Args:
        logits: *Shape:* ``(pieces, issues, 4)``
        labels: Class indices, :data:`~stancecraft_training.dataset.IGNORED` where absent. *Shape:* ``(pieces, issues)``
        weights: Weight per value. *Shape:* ``(4,)``
    """
    each = torch.nn.functional.cross_entropy(
        logits.flatten(0, 1), labels.flatten(), weight=weights, ignore_index=IGNORED, reduction="sum"
    )
    return each / (labels != IGNORED).sum().clamp(min=1)


def taught_loss(logits: Tensor, taught: Tensor) -> Tensor:
    """Cross-entropy to another model's probabilities (Hinton et al. 2015, at temperature 1), the mean over those told.

    Args:
        logits: *Shape:* ``(pieces, issues, 4)``
        taught: Probabilities, NaN where absent. *Shape:* ``(pieces, issues, 4)``
    """
    told = ~taught[..., 0].isnan()
    if not told.any():
        return logits.sum() * 0.0
    return torch.nn.functional.cross_entropy(logits[told], taught[told])


@torch.no_grad()
def score(model: Any, documents: Sequence[Document], batch_windows: int) -> FloatArray:  # noqa: ANN401
    """Logits of all statements of some documents, in order, taken where each has most context.

    Returns:
        *Shape:* ``(statements, issues, 4)``
    """
    examples = dataset.examples(documents)
    outputs: list[FloatArray] = []
    was_training = model.training
    model.eval()
    for start in range(0, len(examples), batch_windows):
        chunk = examples[start : start + batch_windows]
        batch = {name: tensor.to(model.device) for name, tensor in dataset.collate(chunk).items()}
        logits = (
            model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits.float().cpu().numpy()
        )
        outputs += [logits[at, : len(example["input_ids"])] for at, example in enumerate(chunk)]
    model.train(was_training)
    pooled, at = [], 0
    for document in documents:
        own = outputs[at : at + len(document.windows)]
        owners = [encoded.owner for encoded in document.encoded]
        pooled.append(windows.pool(document.windows, owners, own, len(document.labels)))
        at += len(document.windows)
    return np.concatenate(pooled).reshape(sum(len(document.labels) for document in documents), -1, len(VALUES))


def _from_hub(name: str) -> Path:
    """Fetch a model by its hub name."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError

    try:
        return Path(snapshot_download(name, allow_patterns=["*.json", "*.safetensors", "vocab.txt"]))
    except (OSError, HFValidationError) as error:
        raise ConfigError(
            f"base: {name!r} is neither a folder nor to be had from a hub: {type(error).__name__}"
        ) from None
