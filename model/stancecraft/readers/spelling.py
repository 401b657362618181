"""Slips in labels: a misspelt word put right by another label or by the titles of the table."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher, get_close_matches

from stancecraft.speakers import Speakers

_CLOSE = 0.8  # likeness of a misspelt word to the right one
_CLOSE_TITLE = 0.85  # likewise of a title, which first names must not be taken for
_SHORTEST = 5  # letters of a word that may be misspelt
_NUMBERS = frozenset("one two three four five six seven eight nine ten".split())


def respelt(label: str, right: str) -> str:
    """A folded label with its one misspelt word as another label has it; empty if they differ by anything else.

    A number behind the label, which tells anonymous officials apart, may differ and is kept.
    """
    words, others = label.split(), right.split()
    rest = words[len(others) :]
    if len(words) < len(others) or len(rest) > 1 or not all(map(_is_number, rest)):
        return ""
    wrong = [pair for pair in zip(words, others, strict=False) if pair[0] != pair[1]]
    return " ".join([*others, *rest]) if len(wrong) == 1 and _is_slip(*wrong[0]) else ""


def with_right_title(label: str, table: Speakers) -> Iterator[str]:
    """A folded label with one misspelt title put right, where a known surname follows; a name is never changed."""
    *words, last = label.split() or [""]
    for at, word in enumerate(words) if table.bears(last) else ():
        if len(word) >= _SHORTEST and not table.is_title_word(word):
            for right in get_close_matches(word, table.title_words, n=1, cutoff=_CLOSE_TITLE):
                yield " ".join([*words[:at], right, *words[at + 1 :], last])


def _is_slip(one: str, other: str) -> bool:
    spelt = one.isalpha() and other.isalpha() and min(len(one), len(other)) >= _SHORTEST
    return spelt and SequenceMatcher(None, one, other, autojunk=False).ratio() >= _CLOSE


def _is_number(word: str) -> bool:
    return word.isdigit() or word in _NUMBERS
