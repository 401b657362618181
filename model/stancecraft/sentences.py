"""Sentences as character spans, by sentencex (Wikimedia's splitter), plus what transcripts need on top."""

from __future__ import annotations

import re
from collections.abc import Iterator

import sentencex

# Titles of the diplomatic trade that the splitter's English list lacks: never the end of a sentence.
_OPEN_ENDED = re.compile(
    r"(?:^|[\s(\"'“‘])(?:Amb|Brig|Cmdr|Dep|Maj|Messrs|Min|Mr|Mrs|Ms|Dr|Sec|Sgt|Supt|approx|Approx|incl|est)\.$"
)
# "neither he nor I. We ..." is an end; "A. Tann and I. Holm" is not: a word that opens sentences has to follow.
_OPENS = (
    "We|I|He|She|It|They|You|This|That|These|Those|The|An?|And|But|So|In|On|At|As|If|When|There|Our|My|No|Not|Yes|"
    "What|Now"
)
_AFTER_I = re.compile(
    r"\b(?:and|or|nor|than|as|am|do|did|have|was|will|can|would|should) I\.\s+(?=[\"'“‘]?(?:" + _OPENS + r")\b)"
)
_ITEM = re.compile(r"\(?(?:\d{1,3}|[a-z])[.)]")
_BLANK_LINE = re.compile(r"\n[ \t]*\r?\n")
_QUOTE = re.compile(r"[“”\"«»]")
_LONGEST_ABBREVIATION = 9  # characters, with the blank before and the full stop
_LONG = 240  # characters of a sentence that may be several inside a quotation
_WORD = re.compile(r"\w")
_MARK = re.compile(r"[“”„\"«»‹›‘’'`]")
_MOST_MARKS = 5000  # in a paragraph: the splitter's time grows with their square
_PARAGRAPHS = re.compile(r"(\n[ \t]*\r?\n)")


def split(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """Spans of the sentences in ``text[start:end]``.

    Args:
        text: The whole document.
        start: First code point of the part to split.
        end: Code point behind the part; the end of the text by default.

    Returns:
        Half-open spans into ``text``, in order, without white space at either edge. A piece without
        a letter or digit is joined to the sentence before it, or dropped if there is none.
    """
    part = text[start:end]
    spans: list[tuple[int, int]] = []
    for piece in _pieces(part):
        first, last = trimmed(part, *piece)
        if first == last:
            continue
        if spans and _belongs_to_previous(part, spans[-1], (first, last)):
            spans[-1] = (spans[-1][0], last)
        elif spans and _ITEM.fullmatch(part, *spans[-1]) and not _BLANK_LINE.search(part, spans[-1][1], first):
            spans[-1] = (spans[-1][0], last)  # the number of a list's item is no sentence
        elif has_word(part, first, last):
            spans.append((first, last))
    return [(start + first, start + last) for first, last in spans]


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    has_i = " I." in text
    for first, last in _boundaries(text):
        for match in _AFTER_I.finditer(text, first, last) if has_i else ():
            yield first, match.end()
            first = match.end()
        yield first, last


def _boundaries(text: str) -> Iterator[tuple[int, int]]:
    """The splitter's sentences, with long quotations split too: it takes each for a single sentence."""
    for boundary in sentencex.get_sentence_boundaries("en", _bounded(text)):
        first, last = boundary["start_index"], boundary["end_index"]
        if last - first <= _LONG or not _QUOTE.search(text, first, last):
            yield first, last
            continue
        bare = _QUOTE.sub(" ", text[first:last])
        for inner in sentencex.get_sentence_boundaries("en", bare):
            yield first + inner["start_index"], first + inner["end_index"]


def _bounded(text: str) -> str:
    """A text of the same length in which no paragraph has thousands of quotation marks."""
    if len(_MARK.findall(text)) <= _MOST_MARKS:
        return text
    pieces = _PARAGRAPHS.split(text)
    return "".join(_MARK.sub(" ", piece) if len(_MARK.findall(piece)) > _MOST_MARKS else piece for piece in pieces)


def trimmed(text: str, first: int, last: int) -> tuple[int, int]:
    """A span of a text without the white space at its edges."""
    while first < last and text[first].isspace():
        first += 1
    while last > first and text[last - 1].isspace():
        last -= 1
    return first, last


def has_word(text: str, first: int, last: int) -> bool:
    """Whether a span of a text holds a letter or a digit."""
    return _WORD.search(text, first, last) is not None


def _belongs_to_previous(text: str, previous: tuple[int, int], span: tuple[int, int]) -> bool:
    first, last = previous
    # An abbreviation stands in the last few characters, and most sentences have none there.
    abbreviated = text[last - 1] == "." and _OPEN_ENDED.search(text[max(first, last - _LONGEST_ABBREVIATION) : last])
    if not abbreviated and _WORD.search(text, *span):
        return False
    return not _BLANK_LINE.search(text, last, span[0])
