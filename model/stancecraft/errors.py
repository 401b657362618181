"""Everything that stancecraft raises on purpose.

::

    StancecraftError            base: catch this one
    ├── InputError              a text, table or speakers file is at fault
    ├── ModelError              the model folder is at fault
    ├── ConfigError             a training recipe is at fault; may carry several lines
    ├── DataError               labelled data is at fault; may carry several lines
    ├── OutputError             the result cannot be written
    └── MissingExtraError       an optional part of the package is not installed

The text of every error is written for the person who reads it: what, expected, got, where.
"""

from __future__ import annotations


class StancecraftError(Exception):
    """Base of all errors raised on purpose.

    Attributes:
        lines: One line per violation, all of them at once.
    """

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class InputError(StancecraftError):
    """A text, a table of statements or a speakers file cannot be used."""


class ModelError(StancecraftError):
    """A model folder is incomplete, altered, or of a version this package does not read."""


class ConfigError(StancecraftError):
    """A training recipe is not valid."""


class DataError(StancecraftError):
    """Labelled data is not valid."""


class OutputError(StancecraftError):
    """A result cannot be written where it was asked for."""


class MissingExtraError(StancecraftError):
    """A command needs a part of the package that is not installed."""
