"""The task "stance-detection" of ``transformers.pipeline``, registered when this module is imported.

It runs ``model.safetensors`` of a model folder in torch; windows, pooling and policy are those of the package.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from stancecraft import artifact, policy, windows
from stancecraft.artifact import LAYOUT, Artifact
from stancecraft.errors import InputError, ModelError
from stancecraft.integrations.extras import missing
from stancecraft.readers import tables
from stancecraft.records import VALUES, Prediction, Statement, Transcript
from stancecraft.report import rows
from stancecraft.scorer import TextEncoder
from stancecraft.windows import Encoded, FloatArray, Window

try:
    import torch
    import transformers
    from transformers.pipelines import PIPELINE_REGISTRY
    from transformers.pipelines.base import ChunkPipeline
except ModuleNotFoundError as error:
    raise missing(__name__, "transformers", error) from None

if TYPE_CHECKING:
    _Pipeline: TypeAlias = Any  # its types fit its own pipelines, whose inputs and outputs are not ours
else:
    _Pipeline = ChunkPipeline

TASK = "stance-detection"

WEIGHTS = "model.safetensors"


@dataclass(frozen=True, slots=True)
class _Document:
    """One input with its windows.

    Attributes:
        statements: What it holds, in order.
        groups: Statements that may share windows.
        packed: Per group, its windows.
        encoded: The windows of all groups as the encoder reads them.
        alone: Whether the input was one text, whose label is not a list.
    """

    statements: Sequence[Statement]
    groups: Sequence[range]
    packed: Sequence[Sequence[Window]]
    encoded: Sequence[Encoded]
    alone: bool


class StancePipeline(_Pipeline):  # type: ignore[misc]
    """Labels statements: ``transformers.pipeline("stance-detection", model=FOLDER)``.

    An input is a text, which stands alone, and gives one label; or a document, which gives a list of labels: a
    :class:`~stancecraft.records.Transcript`, or ``{"statements": [...]}`` with texts or rows
    (``{"text", "speaker", "turn", "role", ...}``, as tables of the command line have them). A list of inputs gives a
    list of results. A label is an object as a line of JSONL output is one: :mod:`stancecraft.schema`.

    ``batch_size`` counts windows. The threads are torch's (``torch.set_num_threads``).

    Raises:
        ModelError: If the model is not of a sound model folder.
        InputError: If an input is none of these.
    """

    _load_processor = False
    _load_image_processor = False
    _load_video_processor = False
    _load_feature_extractor = False
    _load_tokenizer = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.artifact = _sound(Path(self.model.name_or_path), self.model.config.id2label)
        self.encoder = TextEncoder.from_file(self.artifact.file(LAYOUT.tokenizer), self.artifact.window)

    def __call__(self, inputs: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        """Labels of one input, or of a list of them, in order."""
        if isinstance(inputs, list | tuple):
            return super().__call__(list(inputs), **kwargs) if inputs else []
        return super().__call__(inputs, **kwargs)

    def _sanitize_parameters(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:  # noqa: ANN401
        if kwargs:
            raise InputError(f"{TASK}: unknown arguments: {', '.join(kwargs)}")
        return {}, {}, {}

    def preprocess(self, inputs: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401
        """The windows of one input."""
        statements = _statements(inputs)
        groups = list(windows.documents(statements))
        planned = [self.encoder.windows([statements[at] for at in group]) for group in groups]
        encoded = [one for _, inside in planned for one in inside]
        document = _Document(statements, groups, [packed for packed, _ in planned], encoded, isinstance(inputs, str))
        # What a pipeline is given, it hands on; a document without statements still needs a window to travel in.
        frame = np.asarray([self.encoder.markers.cls, self.encoder.markers.sep])
        framed = [one.input_ids for one in encoded] or [frame]
        for at, ids in enumerate(framed):
            row = torch.as_tensor(ids)[None]
            yield {
                "input_ids": row, "attention_mask": torch.ones_like(row), "document": document,
                "is_last": at == len(framed) - 1,
            }  # fmt: skip

    def _forward(self, model_inputs: dict[str, Any]) -> dict[str, Any]:
        logits = self.model(
            input_ids=model_inputs["input_ids"], attention_mask=model_inputs["attention_mask"]
        ).logits.float()
        return {"logits": logits, "document": model_inputs["document"], "is_last": model_inputs["is_last"]}

    def postprocess(self, model_outputs: list[dict[str, Any]]) -> dict[str, Any] | list[dict[str, Any]]:
        """From the logits of an input's windows to its labels."""
        document: _Document = model_outputs[0]["document"]
        outputs = [one["logits"][0, : len(window.input_ids)].cpu().numpy()
                   for one, window in zip(model_outputs, document.encoded, strict=False)]  # fmt: skip
        labels = [rows.nested(one) for one in self._decided(document, outputs)]
        return labels[0] if document.alone else labels

    def _decided(self, document: _Document, outputs: Sequence[FloatArray]) -> Iterator[Prediction]:
        ids, at = self.artifact.codebook.ids, 0
        for group, packed in zip(document.groups, document.packed, strict=True):
            owners = [one.owner for one in document.encoded[at : at + len(packed)]]
            pooled = windows.pool(packed, owners, outputs[at : at + len(packed)], len(group))
            at += len(packed)
            probabilities = policy.probabilities(pooled.reshape(len(group), len(ids), len(VALUES)))
            spoken = {piece.statement for window in packed for piece in window.pieces if len(piece)}
            probabilities[[one for one in range(len(group)) if one not in spoken]] = np.eye(len(VALUES))[0]
            for number, row in zip(group, probabilities, strict=True):
                positions = policy.decide(row, ids, self.artifact.thresholds)
                yield Prediction(document.statements[number], positions, self.artifact.model)


def stance_detection(folder: str | Path | None = None, **kwargs: Any) -> StancePipeline:  # noqa: ANN401
    """A pipeline for a model folder, which is checked before anything is loaded.

    Args:
        folder: The folder; the packaged model by default.
        **kwargs: For ``transformers.pipeline``: ``batch_size``, ``device``.

    Raises:
        ModelError: If the folder is not a sound model, or has no weights for torch.
    """
    path = Path(folder) if folder is not None else artifact.packaged()
    artifact.load(path)
    if not (path / WEIGHTS).is_file():
        raise ModelError(f"{path}: no {WEIGHTS} in it: export the model with export.weights: true")
    make: Any = transformers.pipeline  # its overloads name only the tasks of its own
    pipe: StancePipeline = make(TASK, model=str(path), **kwargs)
    return pipe


def _sound(folder: Path, labels: Mapping[int, str]) -> Artifact:
    loaded = artifact.load(folder)
    expected = [f"{issue}={value}" for issue in loaded.codebook.ids for value in VALUES]
    if [labels[at] for at in sorted(labels)] != expected:
        raise ModelError(f"{folder / LAYOUT.config}: expected the labels {expected[0]}, {expected[1]}, ..., "
                         f"got {labels.get(0)}, {labels.get(1)}, ...")  # fmt: skip
    return loaded


def _statements(inputs: object) -> list[Statement]:
    if isinstance(inputs, str):
        return [Statement(inputs)]
    if isinstance(inputs, Transcript):
        return list(inputs.statements)
    if not isinstance(inputs, Mapping) or "statements" not in inputs:
        raise InputError(f"{TASK}: expected a text, a Transcript or {{'statements': [...]}}, got {_kind(inputs)}")
    given = inputs["statements"]
    if isinstance(given, str | bytes) or not isinstance(given, Sequence):
        raise InputError(f"{TASK}: statements: expected a list, got {type(given).__name__}")
    placed = [(f"{TASK}: statements[{at}]", _row(one, at)) for at, one in enumerate(given)]
    return list(tables.from_rows(placed, TASK, "document", (), []).statements) if placed else []


def _row(given: object, at: int) -> Mapping[str, Any]:
    """A row of a document; those that name none belong together."""
    if isinstance(given, str):
        return {"text": given, "doc": "document", "turn": 0}
    if isinstance(given, Mapping):
        return {"doc": "document", **given}
    raise InputError(f"{TASK}: statements[{at}]: expected a text or a row, got {type(given).__name__}")


def _kind(inputs: object) -> str:
    if isinstance(inputs, Mapping):
        return f"an object with {', '.join(map(repr, inputs)) or 'no keys'}"
    return type(inputs).__name__


if TASK not in PIPELINE_REGISTRY.get_supported_tasks():
    PIPELINE_REGISTRY.register_pipeline(
        TASK, pipeline_class=StancePipeline, pt_model=transformers.AutoModelForTokenClassification,
        default={"model": (str(artifact.packaged()), "main")}, type="text",
    )  # fmt: skip
