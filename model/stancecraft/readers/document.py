"""The text of a document with what its format tells of its paragraphs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["prose", "heading", "quote"]
"""What a paragraph is: running text, a heading, or a block quotation (somebody else's words)."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A span of a document's text.

    Attributes:
        start: Offset of its first character, in code points.
        end: Offset behind its last.
        kind: What it is.
    """

    start: int
    end: int
    kind: Kind = "prose"


@dataclass(frozen=True, slots=True)
class Document:
    """The decoded or extracted text of a document.

    Attributes:
        text: What offsets count in.
        paragraphs: Its paragraphs in order, where the format tells them (HTML, Markdown, DOCX); ``None`` where they
            have to be found by line breaks and blank lines (plain text, PDF).
    """

    text: str
    paragraphs: tuple[Paragraph, ...] | None = None


def of_paragraphs(paragraphs: Iterable[tuple[str, Kind]]) -> Document:
    """Lay paragraphs out one below the other, a blank line between them; those without a word are left out."""
    text, spans, at = [], [], 0
    for words, kind in paragraphs:
        if words := words.strip():
            text.append(words)
            spans.append(Paragraph(at, at + len(words), kind))
            at += len(words) + 2
    return Document("\n\n".join(text), tuple(spans))
