"""A trained network to a model folder, and proof that both decide alike."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import platform
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch

import stancecraft
from stancecraft import artifact, classifier, policy
from stancecraft.artifact import LAYOUT, MANIFEST
from stancecraft.codebook import Codebook
from stancecraft.errors import ModelError
from stancecraft.policy import Thresholds
from stancecraft.records import VALUES, Statement
from stancecraft.windows import FloatArray, IntArray, WindowPlan
from stancecraft_training import network, quantise
from stancecraft_training.calibrate import Calibration
from stancecraft_training.config import Recipe


@dataclass(frozen=True, slots=True)
class Parity:
    """How far the exported graph is from the network it came from, on some statements.

    Attributes:
        decisions: Decisions that are not ``none`` in at least one of the two.
        flips: How many of these differ.
        largest_difference: Largest difference of a probability.
    """

    decisions: int
    flips: int
    largest_difference: float

    @property
    def share(self) -> float:
        """Flips as a share of the decisions, in [0, 1]."""
        return self.flips / self.decisions if self.decisions else 0.0

    def to_data(self) -> dict[str, Any]:
        """The counts and the share."""
        return asdict(self) | {"share": round(self.share, 5)}


@dataclass(frozen=True, slots=True)
class Trained:
    """What an export is made of."""

    recipe: Recipe
    codebook: Codebook
    model: Any
    calibration: Calibration
    thresholds: Mapping[str, Thresholds]
    data: Mapping[str, Any]
    calibration_windows: Sequence[IntArray]


def write(trained: Trained, folder: Path) -> None:
    """Write a model folder; it replaces an older one only when it is complete.

    The evaluation is still empty: what was written is measured and then told by
    :func:`stancecraft_training.evaluations.record`.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        _write_files(trained, fresh)
        _write_manifest(trained, fresh)
        install(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def install(fresh: Path, folder: Path) -> Path:
    """Give a complete folder its name, in the place of an older one; returns the folder.

    Whenever the process dies, under that name is the older folder, the new one, or none, and never a part of one.
    """
    fresh.chmod(0o755)
    for file in fresh.rglob("*"):
        if file.is_file():
            with file.open("rb") as stream:
                os.fsync(stream.fileno())
    if not folder.exists():
        return fresh.replace(folder)
    # A folder cannot take the place of another in one step: the older one is moved aside whole, then taken apart.
    aside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}.older."))
    try:
        folder.replace(aside / folder.name)
        return fresh.replace(folder)
    finally:
        if not folder.exists():
            (aside / folder.name).replace(folder)
        shutil.rmtree(aside, ignore_errors=True)


def record_abstention(folder: Path, seen: Mapping[str, Any]) -> None:
    """Put into the manifest how often stances were wrong on calibration documents, by how sure they were."""
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    manifest["abstention"] = dict(seen)
    _json(folder / MANIFEST, manifest)


def parity(reference: FloatArray, statements: Sequence[Statement], folder: Path) -> Parity:
    """Compare the exported folder with the network's own calibrated logits on the same statements.

    Args:
        reference: The network's logits in fp32. *Shape:* ``(statements, issues, 4)``
        statements: The statements behind them, in order.
        folder: The exported model.
    """
    exported = classifier.load(folder).predict(statements)
    issues, thresholds = exported[0].positions.keys(), artifact.load(folder).thresholds
    rows = policy.probabilities(reference)
    decisions = flips = 0
    for row, prediction in zip(rows, exported, strict=True):
        for issue, position in policy.decide(row, list(issues), thresholds).items():
            other = prediction.positions[issue].stance
            decisions += position.stance != "none" or other != "none"
            flips += position.stance != other
    shares = [[[one.probabilities[v] for v in VALUES] for one in p.positions.values()] for p in exported]
    return Parity(decisions, flips, float(np.abs(rows - np.asarray(shares)).max()))


def require(found: Parity, most: float) -> None:
    """Refuse an export that decides differently.

    Raises:
        ModelError: If more than the allowed share of decisions flips.
    """
    if found.share > most:
        raise ModelError(
            f"export: {found.flips} of {found.decisions} decisions ({found.share:.1%}) differ between the network and "
            f"its int8 graph; export.max_flips allows {most:.1%}"
        )


def _write_files(trained: Trained, folder: Path) -> None:
    recipe, model = trained.recipe, trained.model
    _json(folder / LAYOUT.issues, trained.codebook.to_data())
    _json(folder / LAYOUT.evaluation, {})
    model.config.to_json_file(folder / LAYOUT.config, use_diff=True)
    _write_tokenizer(network.base_folder(recipe.base) / "tokenizer.json", folder / LAYOUT.tokenizer)
    if recipe.export.weights:
        from safetensors.torch import save_file

        halves = {name: tensor.half().contiguous() for name, tensor in model.state_dict().items()}
        save_file(halves, folder / "model.safetensors", metadata={"format": "pt"})
        (folder / "model.safetensors").chmod(0o644)  # written for its owner alone, unlike the files beside it
    (folder / LAYOUT.graph).parent.mkdir()
    _write_graph(trained, folder / LAYOUT.graph)


def _write_tokenizer(source: Path, target: Path) -> None:
    """Copy a tokenizer without the padding and truncation that bases ask for: windows are laid out elsewhere."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(source))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.save(str(target), pretty=False)


def _write_graph(trained: Trained, path: Path) -> None:
    """Export to ONNX in fp32 and quantise that to int8."""
    ids = torch.ones((1, 16), dtype=torch.long)
    axes = {0: torch.export.Dim("batch"), 1: torch.export.Dim("tokens")}
    with tempfile.TemporaryDirectory() as scratch, _quiet():
        plain = Path(scratch) / "model.onnx"
        torch.onnx.export(
            _Logits(trained.model).eval(), (ids, torch.ones_like(ids)), plain, dynamo=True, verbose=False,
            opset_version=20, external_data=False, input_names=["input_ids", "attention_mask"],
            output_names=["logits"], dynamic_shapes={"input_ids": axes, "attention_mask": axes},
        )  # fmt: skip
        quantise.quantise(plain, path, trained.calibration_windows, trained.recipe.export.outliers)


class _Logits(torch.nn.Module):
    """The network as a function of two tensors."""

    def __init__(self, model: Any) -> None:  # noqa: ANN401
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.model(input_ids=input_ids, attention_mask=attention_mask).logits
        return logits


def _write_manifest(trained: Trained, folder: Path) -> None:
    recipe, plan = trained.recipe, network.plan(trained.recipe)
    _json(
        folder / MANIFEST,
        {
            "format": artifact.FORMAT,
            "name": recipe.name,
            "version": recipe.version,
            "created": datetime.now(UTC).date().isoformat(),
            "stancecraft": stancecraft.__version__,
            "values": list(VALUES),
            "issues": list(trained.codebook.ids),
            "window": _window(plan),
            "pooling": "mean over the statement's own tokens of logits (batch, tokens, 4 x issues)",
            "quantisation": "int8 weights per output channel, activations per token, largest channels and head in fp32",
            "calibration": {"applied": True, **asdict(trained.calibration)},
            "thresholds": {issue: asdict(one) for issue, one in trained.thresholds.items()},
            "bias": _bias(trained),
            "training": {
                "base": _name(recipe.base),
                "average": [_name(str(one)) for one in recipe.export.average],
                "data": dict(trained.data),
                "seed": recipe.training.seed,
                "python": platform.python_version(),
                **{name: version(name) for name in ("torch", "transformers", "onnxruntime", "tokenizers")},
            },
            "files": artifact.describe(folder),
        },
    )


def _name(base: str) -> str:
    """What a base is called in the manifest: of a folder the last two parts, and nothing of the machine it lay on."""
    return "/".join(Path(base).parts[-2:]) if Path(base).is_dir() else base


def _bias(trained: Trained) -> dict[str, list[float]]:
    """Bias of the linear head, which the words' shares of a decision leave out, per issue in the order of values."""
    rows = trained.model.classifier.bias.detach().float().reshape(-1, len(VALUES)).tolist()
    return dict(zip(trained.codebook.ids, rows, strict=True))


def _window(plan: WindowPlan) -> dict[str, Any]:
    return {
        "tokens": plan.tokens,
        "overlap": plan.overlap,
        "turn_token": plan.turn_token,
        "role_tokens": plan.role_tokens,
    }


def _json(path: Path, data: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", "utf-8")


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """The exporter prints and warns about itself; what goes wrong still raises."""
    previous = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(previous)
