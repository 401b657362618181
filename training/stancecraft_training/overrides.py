"""One key of a parsed recipe, by its dotted name: ``training.epochs``, ``data.sources.0.repeat``."""

from __future__ import annotations

from typing import Any

from stancecraft import yaml_text


def override(data: dict[str, Any], setting: str) -> str:
    """Set one key in place, given as ``KEY=VALUE``; returns what is wrong with the setting, or the empty string."""
    key, equals, value = setting.partition("=")
    if not equals or not all(key.split(".")):
        return f"--set {setting}: expected KEY=VALUE with a dotted key such as training.epochs=3"
    try:
        wrong = put(data, key, yaml_text.load(value))
    except ValueError:
        return f"--set {setting}: the value is not valid YAML"
    return f"--set {setting}: {wrong}" if wrong else ""


def put(data: dict[str, Any], key: str, value: Any) -> str:  # noqa: ANN401 - parsed YAML
    """Set one key in place, making the sections that it lies in; returns what is wrong with it, or the empty string."""
    *sections, last = key.split(".")
    inner: Any = data
    for section in sections:
        if isinstance(inner, list):
            if not _is_place(section, inner):
                return f"{section!r} is not one of {len(inner)} places, counted from 0"
            inner = inner[int(section)]
        else:
            inner = inner.setdefault(section, {})
        if not isinstance(inner, dict | list):
            return f"{section!r} is not a section"
    if isinstance(inner, list):
        if not _is_place(last, inner):
            return f"{last!r} is not one of {len(inner)} places, counted from 0"
        inner[int(last)] = value
    else:
        inner[last] = value
    return ""


def _is_place(name: str, items: list[Any]) -> bool:
    return name.isdecimal() and int(name) < len(items)
