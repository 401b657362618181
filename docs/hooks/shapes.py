"""A JSON Schema as tables in Markdown: key, type and range, default, meaning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]

_BOUNDS = {
    "minimum": "at least {:g}", "exclusiveMinimum": "above {:g}", "maximum": "at most {:g}",
    "exclusiveMaximum": "below {:g}", "minItems": "at least {:g} of them", "minLength": "at least {:g} characters",
}  # fmt: skip


@dataclass(frozen=True)
class Words:
    """How the third column is called, and what it says of a key that the schema requires."""

    column: str
    required: str


GIVEN = Words("default", "must be given")
"""For what people write."""

WRITTEN = Words("presence", "always")
"""For what the program writes."""


def sections(schema: Schema, level: str, top: str, words: Words) -> Iterator[str]:
    """A heading and a table for the schema's own keys, then for those of every object inside it.

    Args:
        schema: A JSON Schema of an object, with its ``$defs``.
        level: What headings begin with, ``##`` say.
        top: Heading of the outermost keys.
        words: Those of the third column.
    """
    yield from _section(schema, schema.get("$defs", {}), "", (level, top), words)


def _section(
    schema: Schema, definitions: Schema, prefix: str, heading: tuple[str, str], words: Words
) -> Iterator[str]:  # fmt: skip
    required = set(schema.get("required", ()))
    rows = [
        f"| `{prefix}{name}` | {' | '.join(_told(one, definitions, words.required if name in required else ''))} |"
        for name, one in _properties(schema, definitions).items()
    ]
    yield " ".join(heading)
    if told := schema.get("description", "") if prefix else "":
        yield told
    yield "\n".join([f"| key | type | {words.column} | meaning |", "|---|---|---|---|", *rows])
    for below, one in _inner(schema, definitions, prefix):
        yield from _section(one, definitions, below, (heading[0], f"`{below.removesuffix('.')}`"), words)


def _told(schema: Schema, definitions: Schema, required: str) -> tuple[str, str, str]:
    return _kind(schema, definitions), _default(schema, required), _meaning(schema, definitions)


def _properties(schema: Schema, definitions: Schema) -> Mapping[str, Schema]:
    found: Mapping[str, Schema] = _resolved(schema, definitions).get("properties", {})
    return found


def _inner(schema: Schema, definitions: Schema, prefix: str) -> list[tuple[str, Schema]]:
    """The objects right inside one, each with what its keys begin with."""
    found = []
    for name, one in _properties(schema, definitions).items():
        for ending, part in _parts(one, definitions):
            if part.get("properties"):
                found.append((f"{prefix}{name}{ending}.", part))
    return found


def _parts(schema: Schema, definitions: Schema) -> Iterator[tuple[str, Schema]]:
    """What a value may be, with the ending that its place adds to a key."""
    schema = _resolved(schema, definitions)
    for one in schema.get("anyOf", [schema]):
        one = _resolved(one, definitions)
        yield "", one
        if isinstance(items := one.get("items"), Mapping):
            yield "[]", _resolved(items, definitions)
        if isinstance(values := one.get("additionalProperties"), Mapping):
            yield ".NAME", _resolved(values, definitions)


def _resolved(schema: Schema, definitions: Schema) -> Schema:
    if "$ref" not in schema:
        return schema
    own = {key: one for key, one in schema.items() if key != "$ref"}
    return {**definitions[schema["$ref"].rsplit("/", 1)[1]], **own}


def _kind(schema: Schema, definitions: Schema) -> str:
    """A value's type with its choices or its range."""
    schema = _resolved(schema, definitions)
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_kind(one, definitions) for one in schema["anyOf"]))
    if "enum" in schema or "const" in schema:
        return " or ".join(f"`{one}`" for one in schema.get("enum", [schema.get("const")]))
    if schema.get("format") == "path":
        return "path"
    told = schema.get("type", "any value")
    told = " or ".join(told) if isinstance(told, list) else told
    if "prefixItems" in schema:
        return f"list of {', '.join(_kind(one, definitions) for one in schema['prefixItems'])}"
    if isinstance(items := schema.get("items"), Mapping):
        told = f"list of {_kind(items, definitions)}"
    bounds = [words.format(schema[name]) for name, words in _BOUNDS.items() if name in schema]
    bounds += [f"like `{schema['pattern']}`".replace("|", "\\|")] if "pattern" in schema else []
    return ", ".join([told, *bounds])


def _default(schema: Schema, required: str) -> str:
    if required:
        return required
    given = schema.get("default")
    if given is None or isinstance(given, dict):
        return ""
    if isinstance(given, bool):
        return f"`{str(given).lower()}`"
    return f"`{given:.4g}`" if isinstance(given, float) else f"`{given}`"


def _meaning(schema: Schema, definitions: Schema) -> str:
    """What a key means: its own description, or that of the object under it."""
    told = (
        schema.get("description")
        or _resolved(schema, definitions).get("description")
        or next((one["description"] for _, one in _parts(schema, definitions) if one.get("description")), "")
    )
    return " ".join(told.split()).replace("|", "\\|")
