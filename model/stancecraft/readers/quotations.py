"""Whole sentences that a speaker quotes from somebody else."""

from __future__ import annotations

import re
from collections.abc import Sequence

Span = tuple[int, int]

_PAIRS = re.compile(r"“(?P<curly>[^“”]{12,1500})”|(?<![\w\"])\"(?P<straight>[^\"]{12,1500})\"(?!\w)")
_INTRODUCED = re.compile(
    r"(?:[:,]|\b(?:said|says|saying|wrote|writes|stated|reads|declared|added|quote))[\s,:]*$", re.IGNORECASE
)
_NEAR = 200  # characters before a quotation that may introduce it
_ENDED = re.compile(r"[.!?…]$")
_ENDS = frozenset(".!?")
_EDGES = "“”\"'’ \t\r\n\u00a0"


def quoted(text: str, start: int, end: int, sentences: Sequence[Span]) -> list[Span | None]:
    """For each sentence of a paragraph the quotation that it lies in as a whole, or ``None``.

    A quotation counts if it is introduced (by a colon, a comma, a verb of saying, or nothing at all before it in the
    paragraph) and holds whole sentences; a quoted word or phrase holds none.

    Args:
        text: The document.
        start: Offset where the paragraph begins.
        end: Offset behind it.
        sentences: Spans of its sentences.
    """
    if "“" not in text[start:end] and '"' not in text[start:end]:
        return [None] * len(sentences)
    spans = [match.span() for match in _PAIRS.finditer(text, start, end) if _is_speech(text, start, match)]
    found: list[Span | None] = []
    at = 0
    for first, last in sentences:
        while first < last and text[first] in _EDGES:
            first += 1
        while last > first and text[last - 1] in _EDGES:
            last -= 1
        while at < len(spans) and spans[at][1] < last:
            at += 1
        inside = at < len(spans) and spans[at][0] <= first < last <= spans[at][1]
        found.append(spans[at] if inside else None)
    return found


def _is_speech(text: str, start: int, match: re.Match[str]) -> bool:
    words = match["curly"] or match["straight"]
    before = text[max(start, match.start() - _NEAR) : match.start()].strip()
    begins = words.lstrip()[:1].isupper() or words.lstrip()[:1] in "…."
    ended = _ENDED.search(words.rstrip()) is not None or text[match.end() : match.end() + 1] in _ENDS
    return begins and ended and (not before or _INTRODUCED.search(before) is not None)
