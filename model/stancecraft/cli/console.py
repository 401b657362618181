"""What every command shares: talk on standard error, faults in one line, other packages' commands by their names."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import typer

from stancecraft.errors import MissingExtraError, StancecraftError


def tell(line: str) -> None:
    """Write one line to standard error."""
    typer.echo(line, err=True)


@contextmanager
def one_line_errors() -> Iterator[None]:
    """Turn the package's own errors into lines on standard error and exit status 1."""
    try:
        yield
    except StancecraftError as error:
        for line in error.lines:
            tell(f"error: {line}")
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        tell("interrupted")
        raise typer.Exit(130) from None
    except BrokenPipeError:
        # The reader of our output has gone, as `head` does: no fault of the input.
        sys.stdout = None
        raise typer.Exit(0) from None


def extra(name: str) -> Callable[..., Any]:
    """A command of the training package, found by its entry point so that it is imported only here."""
    from importlib.metadata import entry_points

    found = list(entry_points(group="stancecraft.commands", name=name))
    if not found:
        raise MissingExtraError(f"the command {name!r} is not installed: pip install 'stancecraft[train]'")
    try:
        command: Callable[..., Any] = found[0].load()
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"the command {name!r} needs {error.name}, which is not installed: pip install 'stancecraft[train]'"
        ) from None
    return command
