"""A YAML file of issues, to which one is added without touching what stands there.

A library that keeps comments would bring a second YAML into every install; adding to the end of a block list needs
none, and whether it went well is checked by reading the result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml

from stancecraft import codebook, writers, yaml_text
from stancecraft.codebook import Codebook
from stancecraft.errors import ConfigError

_WIDTH = 110


def read(path: Path) -> Codebook:
    """The issues of a YAML file.

    Raises:
        ConfigError: If it cannot be read or is not valid, with one line per violation.
    """
    return _parsed(_text(path), path)


def require_new(book: Codebook, id: str, where: str) -> None:
    """Refuse an id that is taken.

    Raises:
        ConfigError: If an issue has it.
    """
    if id in book.ids:
        raise ConfigError(f"{where}: has an issue {id!r} already; its issues are {', '.join(book.ids)}")


def add(path: Path, issue: Mapping[str, str], *, start: Codebook) -> list[str]:
    """Add an issue behind the others.

    Comments, order and layout of the file stay as they are. A list in braces has no end to add a block to: it is
    written anew, which is told, unless comments would be lost.

    Args:
        path: The file; if there is none it is made.
        issue: ``id``, ``title``, ``proposition``, ``favor``, ``against`` and ``neutral``.
        start: The issues that a new file begins with. A model's, in its order, so that it can be taught one more.

    Returns:
        Lines that say what was done.

    Raises:
        ConfigError: If the file or the issue is not valid or the id is taken; then nothing is changed.
        OutputError: If the file cannot be written; the old one is whole.
    """
    fresh = not path.exists()
    before = _block(start.to_data()["issues"], "  ") if fresh else _text(path)
    before = f"issues:\n{before}" if fresh else before
    old = _parsed(before, path)
    [added] = codebook.parse({"issues": [dict(issue)]}, f"{path}: the new issue").issues
    require_new(old, added.id, str(path))
    after, told = _appended(before, asdict(added), old, path), []
    if after is None:
        if "#" in before:
            raise ConfigError(
                f"{path}: cannot add to this layout without losing its comments: write the issues as a list with a "
                "dash each, as `stancecraft issues new` does in a new file; nothing was changed"
            )
        after = "issues:\n" + _block([*old.to_data()["issues"], asdict(added)], "  ")
        told = [f"{path}: written anew as a list with a dash per issue; it had no comments"]
    with writers.atomic(path) as stream:
        stream.write(after.encode("utf-8"))
    did = f"made with {len(old.ids)} issues of the model and" if fresh else "added"
    return [*told, f"{path}: {did} {added.id}; issues: {', '.join((*old.ids, added.id))}"]


def _appended(before: str, issue: dict[str, str], old: Codebook, path: Path) -> str | None:
    """The text with the issue behind its last line, or ``None`` if that is not a file of the old issues and the new."""
    newline = "\r\n" if "\r\n" in before else "\n"
    for indent in _indents(before):
        # An empty line between issues where the file has them would be a guess: none.
        gap = "" if before.endswith(("\n", "\r")) else newline
        after = before + gap + _block([issue], indent).replace("\n", newline)
        try:
            now = _parsed(after, path)
        except ConfigError:
            continue
        if now.to_data()["issues"] == [*old.to_data()["issues"], issue]:
            return after
    return None


def _indents(text: str) -> list[str]:
    """Indents of lines that begin with a dash, the smallest first: one is that of the list."""
    dashed = {line[: len(line) - len(line.lstrip(" "))] for line in text.splitlines() if line.lstrip(" ")[:2] == "- "}
    return sorted(dashed, key=len)


def _block(issues: list[dict[str, Any]], indent: str) -> str:
    """Issues as a block list at an indent."""
    text = yaml.safe_dump(issues, sort_keys=False, allow_unicode=True, width=_WIDTH)
    return "".join(f"{indent}{line}\n" if line else "\n" for line in text.rstrip("\n").split("\n"))


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot read the issues: {getattr(error, 'strerror', None) or error}") from None


def _parsed(text: str, path: Path) -> Codebook:
    try:
        data = yaml_text.load(text)
    except ValueError as error:
        raise ConfigError(f"{path}: not valid YAML: {error}") from None
    return codebook.parse(data, str(path))
