"""What every reader is given besides the words themselves."""

from __future__ import annotations

from dataclasses import dataclass

from stancecraft.speakers import Speakers


@dataclass(frozen=True, slots=True)
class Source:
    """A document about to be read.

    Attributes:
        where: What messages call it: its path, or "standard input".
        doc: Name of the document in the output.
        speakers: Table that resolves labels.
        date: ISO date that the caller or the file's name tells, or empty.
        notes: What was already noted, one line each.
    """

    where: str
    doc: str
    speakers: Speakers
    date: str = ""
    notes: tuple[str, ...] = ()
