"""Predictions to a stream or file, in each format; a file appears whole or not at all."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Literal, get_args

from stancecraft.codebook import Codebook
from stancecraft.errors import OutputError
from stancecraft.records import Prediction

Format = Literal["table", "jsonl", "csv", "parquet"]
FORMATS: tuple[Format, ...] = get_args(Format)


def format_of(out: Path | None) -> Format:
    """The format that a file's ending names; the table for others and for standard output."""
    ending = out.suffix.lower().removeprefix(".") if out else ""
    return next((one for one in FORMATS if one == ending), "table")


def write(
    found: Iterable[Prediction],
    format: Format,
    codebook: Codebook,
    *,
    out: Path | None = None,
    every_issue: bool = False,
) -> None:
    """Write predictions as they come.

    Args:
        found: Predictions in order.
        format: One of :data:`FORMATS`.
        codebook: Titles for the table.
        out: File to write; standard output if ``None``. An existing file is replaced once the new one is complete.
        every_issue: In CSV and Parquet, also rows for issues a statement is not about.

    Raises:
        OutputError: If the file cannot be written; nothing half-written is left.
    """
    from stancecraft.writers import delimited, lines, parquet, terminal

    found = _told_apart(found)
    try:
        with atomic(out) if out else stdout() as stream:
            match format:
                case "jsonl":
                    lines.write(found, stream)
                case "csv":
                    delimited.write(found, stream, every_issue)
                case "parquet":
                    parquet.write(found, stream, every_issue)
                case "table":
                    terminal.write(found, stream, codebook, to_terminal=out is None and sys.stdout.isatty())
    except _SourceError as error:
        raise error.__cause__ or error from None


class _SourceError(Exception):
    """Carries an error of the predictions' source past the handlers of writing."""


def _told_apart(found: Iterable[Prediction]) -> Iterator[Prediction]:
    try:
        yield from found
    except OSError as error:
        raise _SourceError from error


@contextmanager
def atomic(path: Path) -> Iterator[BinaryIO]:
    """A file that takes its name only once it is complete and on the disk; a pipe or device is written to as it is.

    Raises:
        OutputError: If it cannot be written.
    """
    path = path if path.is_relative_to("/dev") else path.resolve()  # a link stays, what it points to is replaced
    if path.is_relative_to("/dev") or (path.exists() and not path.is_file()):
        with _opened(path) as stream:
            yield stream
        return
    temporary: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as stream:
            temporary = Path(stream.name)
            yield stream  # type: ignore[misc]  # the wrapper is a BinaryIO in all but name
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        raise OutputError(f"{path}: cannot write: {error.strerror or error}") from None
    finally:
        if temporary is not None:
            with suppress(FileNotFoundError):
                temporary.unlink()


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("wb") as stream:
            yield stream
    except OSError as error:
        raise OutputError(f"{path}: cannot write: {error.strerror or error}") from None


@contextmanager
def stdout() -> Iterator[BinaryIO]:
    """Standard output as bytes.

    Raises:
        OutputError: If it is closed or cannot be written; a reader that has gone is left to the caller.
    """
    if sys.stdout is None:
        raise OutputError("standard output: it is closed")
    sys.stdout.flush()
    try:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise  # the reader has gone, which is for the command line to judge
    except OSError as error:
        raise OutputError(f"standard output: cannot write: {error.strerror or error}") from None


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
