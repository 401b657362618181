"""Paragraphs of a text that has only line breaks and blank lines to tell them by."""

from __future__ import annotations

import re
from collections.abc import Iterator

Span = tuple[int, int]

_BLOCK = re.compile(r"\S[^\r\n]*(?:(?:\r?\n(?![ \t\u00a0]*\r?\n)|\r(?!\n))[^\r\n]*)*")
_LINE = re.compile(r"[^\r\n]+")
_CLOSED = (".", "?", "!", '"', "”", ":", ")", "—")
_FINISHED = re.compile(r"(?:[.?!:…]|--|—)[\"”’'*_)\]]*$")
_GOES_ON = re.compile(r"[a-z]")
_WIDEST = 120  # columns of wrapped text
_NARROWEST = 30
_FULL = 0.6  # of the widest line: what is left of a line that a page's end cut


def split(text: str, start: int, end: int) -> Iterator[Span]:
    """Spans of the paragraphs in a part of a text, in order.

    Blank lines part paragraphs, and so do single line breaks where lines are not wrapped. A wrapped paragraph that
    stops in the middle of a sentence goes on behind a blank line, and behind a page number, if what follows begins in
    lower case.
    """
    open_span: Span | None = None
    for first, last, wrapped in _pieces(text, start, end):
        if open_span is not None:
            if _GOES_ON.match(text, first):
                first = open_span[0]
            elif _is_number(text[first:last]):
                continue
            else:
                yield open_span
        open_span = (first, last) if wrapped and not _FINISHED.search(text, first, last) else None
        if open_span is None:
            yield first, last
    if open_span is not None:
        yield open_span


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """Blocks between blank lines, or their lines, each with whether it is wrapped."""
    for block in _BLOCK.finditer(text, start, end):
        if text.find("\n", block.start(), block.end()) < 0 and text.find("\r", block.start(), block.end()) < 0:
            yield block.start(), block.end(), False
        elif _is_wrapped(block.group()):
            yield block.start(), block.start() + len(block.group().rstrip()), True
        else:
            for line in _LINE.finditer(text, block.start(), block.end()):
                if line.group().strip():
                    yield line.start(), line.end(), False


def _is_number(words: str) -> bool:
    return words.strip(" \t-–—.|").isdigit()


def _is_wrapped(block: str) -> bool:
    """Whether a block's line breaks come from a fixed width: lines of like length, most ending in mid-sentence."""
    lines = [line.strip() for line in block.splitlines() if line.strip()]
    inner = lines[:-1]
    if not inner or max(map(len, lines)) > _WIDEST:
        return False
    if max(map(len, inner)) <= _NARROWEST:
        # In narrow columns a heading's lines are as long as a paragraph's: the next line has to go on in lower case.
        return 2 * sum(_GOES_ON.match(line) is not None for line in lines[1:]) >= len(inner)
    return 2 * sum(not line.endswith(_CLOSED) for line in inner) > len(inner)
