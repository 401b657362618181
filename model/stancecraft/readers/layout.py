"""What layout says where words do not: cells side by side, lines one below the other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from stancecraft.readers import paragraphs

_TIME = re.compile(r"[\d:.,#()\[\]–\s-]+")
_LONGEST_LABEL = 60
_LONGEST_LINE = 200
_ASIDE = re.compile(r"\s*\([^()]*\)")
_BARE_LABEL = re.compile(r"\s*[QA]\s{2,}\S")
_SPEAKS = re.compile(r"\s*(?:[QA]\s{2,}|Q\.?\s(?=[A-Z\"“(\[]))")
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")


def is_label(words: str) -> bool:
    """Whether the words of a cell may name who speaks: few, and no sentence."""
    return (
        len(words) <= _LONGEST_LABEL
        and not words.endswith((".", "?", "!", ";", ",", "…"))
        and any(map(str.isalpha, words))
    )


def is_time(words: str) -> bool:
    """Whether a cell holds only a time or the number of a line, which nobody says."""
    return _TIME.fullmatch(words) is not None


def labelled(label: str, words: str) -> str:
    """Words with their label before them."""
    return f"{label.rstrip(' :')}: {words}"


def row(cells: Sequence[str]) -> str:
    """The cells of a table's row in one line; "NAME: words" where the first of two is a label."""
    cells = [cell for cell in cells if cell]
    spoken = [cell for cell in cells if not is_time(cell)]
    if len(spoken) == 2 and is_label(spoken[0]):
        return labelled(*spoken)
    return " | ".join(cells)


def one_line(text: str) -> str:
    """A text in one line. Two blanks behind a bare Q or A stay: they tell a label from a word."""
    words = " ".join(text.split())
    return f"{words[0]} {words[1:]}" if _BARE_LABEL.match(text) else words


def unwrapped(text: str) -> list[str]:
    """The paragraphs of a text whose lines may have been broken at a fixed width, each in one line.

    Blank lines part paragraphs. So do line breaks where lines are not wrapped, and those before a label.
    """
    found: list[str] = []
    for block in _BLANK_LINE.split(text):
        for start, end in paragraphs.split(block, 0, len(block)):
            lines = block[start:end].splitlines()
            begins = [0, *(at for at, line in enumerate(lines) if at and _begins_a_turn(line)), len(lines)]
            found += [" ".join(lines[first:last]) for first, last in pairwise(begins)]
    return list(map(one_line, found))


def _begins_a_turn(line: str) -> bool:
    label, colon, _ = _ASIDE.sub("", line[:_LONGEST_LINE]).strip().partition(":")
    return bool(colon and len(label) <= _LONGEST_LABEL and label.isupper()) or _SPEAKS.match(line) is not None
