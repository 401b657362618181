"""Issues as data: what each is called, what it proposes, what favor and against mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from stancecraft.errors import ConfigError

_ID = re.compile(r"[a-z][a-z0-9_]*")
_FIELDS = ("id", "title", "proposition", "favor", "against", "neutral")


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue of the codebook.

    Attributes:
        id: Lower-case identifier used in data and output.
        title: Short name for people.
        proposition: The sentence that stances are for or against.
        favor: What counts as favor, in plain words.
        against: What counts as against, in plain words.
        neutral: What counts as neutral, in plain words.
    """

    id: str
    title: str
    proposition: str
    favor: str
    against: str
    neutral: str


@dataclass(frozen=True, slots=True)
class Codebook:
    """The issues that a model knows, in the order of its outputs."""

    issues: tuple[Issue, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """Issue ids in order."""
        return tuple(issue.id for issue in self.issues)

    def to_data(self) -> dict[str, Any]:
        """The codebook as plain data; :func:`parse` is the inverse."""
        return {"issues": [asdict(issue) for issue in self.issues]}


def parse(data: object, where: str) -> Codebook:
    """Build a codebook from plain data (parsed YAML or JSON), strictly.

    Args:
        data: ``{"issues": [{"id", "title", "proposition", "favor", "against", "neutral"}, ...]}``.
        where: File name for messages.

    Raises:
        ConfigError: With one line per violation.
    """
    if not isinstance(data, Mapping) or not isinstance(data.get("issues"), list) or not data["issues"]:
        raise ConfigError(f"{where}: expected a non-empty list under 'issues'")
    problems = [f"{where}: {key}: unknown key" for key in data if key != "issues"]
    rows = [_row(entry, f"{where}: issues[{at}]", problems) for at, entry in enumerate(data["issues"])]
    ids = [row["id"] for row in rows if "id" in row]
    problems += [f"{where}: issues: id {one!r} is used twice" for one in sorted({i for i in ids if ids.count(i) > 1})]
    if problems:
        raise ConfigError(*problems)
    return Codebook(tuple(Issue(**row) for row in rows))


def _row(entry: object, where: str, problems: list[str]) -> dict[str, str]:
    """The fields of one issue; what is wrong with them is added to ``problems``."""
    if not isinstance(entry, Mapping):
        problems.append(f"{where}: expected a mapping, got {type(entry).__name__}")
        return {}
    problems += [f"{where}.{key}: unknown key" for key in entry if key not in _FIELDS]
    row: dict[str, str] = {}
    for name in _FIELDS:
        value = entry.get(name)
        if not isinstance(value, str) or not value.strip():
            problems.append(f"{where}.{name}: expected a text, got {value!r}")
        elif name == "id" and not _ID.fullmatch(value):
            problems.append(f"{where}.id: expected lower-case letters, digits and '_', got {value!r}")
        else:
            row[name] = value.strip()
    return row
