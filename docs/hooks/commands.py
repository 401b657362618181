"""The page on commands, from the application itself: what ``--help`` prints, put where ``<!-- commands -->`` stands."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from typer.main import get_command

from stancecraft.cli import app


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put a section for every command in its place."""
    mark = "<!-- commands -->"
    if mark not in markdown:
        return markdown
    command = get_command(app)
    return markdown.replace(mark, "\n\n".join(_sections(command, command.make_context("stancecraft", [], **_UNPARSED))))


_UNPARSED: dict[str, Any] = {"resilient_parsing": True}


def _sections(command: Any, context: Any) -> Iterator[str]:  # noqa: ANN401 - typer vendors click, which has no public types
    """A command's section, then those of the commands under it."""
    path = context.command_path
    heading = f"{'#' * max(2, len(path.split()))} {path}"
    usage = " ".join(command.get_usage(context).split()).removeprefix("Usage: ")
    parts = [heading, inspect.cleandoc(command.help or ""), f"```text\n{usage}\n```", _table(command, context)]
    inner = getattr(command, "commands", {})
    if inner and " " in path:
        parts.append(f"Commands: {', '.join(f'[`{name}`](#{_anchor(path, name)})' for name in inner)}.")
    yield "\n\n".join(part for part in parts if part)
    for name, one in inner.items():
        yield from _sections(one, one.make_context(name, [], parent=context, **_UNPARSED))


def _table(command: Any, context: Any) -> str:  # noqa: ANN401 - as above
    """Arguments and options as ``--help`` tells them."""
    records = [one.get_help_record(context) for one in command.get_params(context)]
    rows = [f"| `{_cell(name)}` | {_cell(told).replace('<', '&lt;')} |" for name, told in filter(None, records)]
    return "\n".join(["| argument or option | meaning |", "|---|---|", *rows])


def _anchor(path: str, name: str) -> str:
    return f"{path} {name}".replace(" ", "-")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
