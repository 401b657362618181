"""The ``search:`` block of a recipe: which keys are varied, between what, and how often."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Count = Annotated[int, Field(ge=1, strict=True)]


def _no_truth_value(given: Any) -> Any:  # noqa: ANN401 - parsed YAML
    if isinstance(given, bool):
        raise ValueError("expected a number")
    return given


Number = Annotated[int | Annotated[float, Field(allow_inf_nan=False)], BeforeValidator(_no_truth_value)]


class Section(BaseModel):
    """A part of a recipe: no unknown keys, and never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Span(Section):
    """Where one key is searched: from ``low`` to ``high``, whole numbers if both are, or among ``choices``."""

    low: Annotated[Number | None, Field(description="Lowest value.")] = None
    high: Annotated[Number | None, Field(description="Highest value.")] = None
    log: Annotated[bool, Field(description="Search on a logarithmic scale.")] = False
    choices: Annotated[
        list[str | int | float | bool] | None,
        Field(min_length=1, description="Values to choose among, in place of a range."),
    ] = None

    @model_validator(mode="after")
    def _is_a_range_or_choices(self) -> Span:
        ends = (self.low, self.high)
        if self.choices is not None:
            if ends != (None, None) or self.log:
                raise ValueError("expected either choices or low and high")
        elif self.low is None or self.high is None:
            raise ValueError("expected low and high, or choices")
        elif self.low >= self.high or (self.log and self.low <= 0):
            raise ValueError(f"expected low below high{' and above 0 with log' if self.log else ''}")
        return self

    def ends(self) -> list[Any]:
        """The values that stand for all others when the key is checked."""
        return list(self.choices) if self.choices is not None else [self.low, self.high]


class Search(Section):
    """Which keys `stancecraft search` varies, and how often."""

    space: Annotated[dict[str, Span], Field(min_length=1, description="Dotted key to range or choices.")]
    trials: Annotated[Count, Field(description="How many values are tried.")] = 20
    seed: Annotated[int, Field(description="Of the draws.")] = 1
    startup: Annotated[Count, Field(description="Trials drawn at random and never pruned, before the others.")] = 5
    prune_after: Annotated[Count | None, Field(description="Epochs that every trial is given; null prunes none.")] = 3
