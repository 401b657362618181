"""From the lines of a PDF's pages to its text: what of them is furniture, where paragraphs end, which words go on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

_EDGE = 3
"""Rows at the top and at the bottom of a page among which headers and footers are."""

_FEWEST_REPEATS = 3  # of a header, in a document of three pages or more
_SHARE_OF_PAGES = 0.4  # headers of left and right pages may differ
_APART = 1.4  # usual gaps between a page number, or a header of two pages, and the text
_PARAGRAPH = 1.3  # usual gaps between paragraphs
_USUAL = 0.2  # the usual gap is that which so many are not above
_UNEVEN = 1.15  # a gap is larger than those beside it
_FULL = 0.85  # of the width of a page
_PAGE_NUMBER = re.compile(
    r"[\W_]*(?:(?i:page|p\.|seite|стр\.)\s*)?(?:\d{1,4}|[ivxlc]{1,7})(?:\s*(?:/|\||of|von|из)\s*\d{1,4})?[\W_]*"
)
_SENTENCE_END = re.compile(r"[.?!…][\"'”’»)\]]*$")
_WORD = re.compile(r"(?<![\w-])[^\W\d_]+(?![\w-])")
_COMPOUND = re.compile(r"(?<![^\W\d_])[^\W\d_]+-[^\W\d_]+")
_BROKEN = re.compile(r"(?<![^\W\d_])([^\W\d_]+)-\n([^\W\d_]+)(\S*)[ \n]?")
_SUSPENDED = frozenset({"and", "or", "to", "und", "oder", "et", "ou", "и", "или"})  # pre- and post-war

_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
_CONTROLS = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0), 0xAD, 0x200B, 0xFEFF, 0xFFFE, 0xFFFF])
_PRIVATE = dict.fromkeys(range(0xE000, 0xF900))  # of fonts that do not say what they show
_HYPHENS = dict.fromkeys((0x2010, 0x2011), "-")
_LETTERS = _CONTROLS | _PRIVATE | _LIGATURES | _HYPHENS


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page.

    Attributes:
        text: Its words, cleaned.
        left: Where it begins, in points from the left.
        right: Where its last letter begins.
        height: Where it stands, in points from the bottom.
        size: Size of its letters, in points.
    """

    text: str
    left: float
    right: float
    height: float
    size: float


def cleaned(text: str) -> str:
    """A line with ligatures spelled out, blanks drawn together, and without what is no character to read.

    A soft hyphen at its end becomes a hyphen, and is left out elsewhere.
    """
    text = re.sub("\u00ad\\s*$", "-", text)
    return " ".join(re.sub(r"\s", " ", text).translate(_LETTERS).split())


def laid_out(pages: Sequence[Sequence[Line]]) -> str:
    """The text of a document: lines parted by line breaks, paragraphs by a blank line where the layout shows them."""
    usual = _usual_gap(pages)
    kept = [page for page in pages if page]
    inside = [list(_ends(page, usual)) for page in kept]
    shows_gaps = any(map(any, inside))
    pieces: list[str] = []
    for page, ends in zip(kept, inside, strict=True):
        ends.append(shows_gaps and _ends_sentence(page[-1]) and page[-1].right < _full_width(page))
        pieces += [line.text + ("\n\n" if end else "\n") for line, end in zip(page, ends, strict=True)]
    return _joined("".join(pieces).strip())


def _gap(above: Line, below: Line) -> float:
    """Distance between two lines in sizes of their letters; not positive for a line beside or above."""
    size = max(above.size, below.size)
    return (above.height - below.height) / size if size > 0 else 0.0


def _usual_gap(pages: Sequence[Sequence[Line]]) -> float:
    """The gap between the lines of a paragraph: small, and frequent."""
    gaps = sorted(gap for page in pages for pair in pairwise(page) if (gap := _gap(*pair)) > 0)
    return gaps[int(len(gaps) * _USUAL)] if gaps else 0.0


def _ends(page: Sequence[Line], usual: float) -> Iterator[bool]:
    """For each line but the last, whether a paragraph ends with it.

    That is where the gap below is larger than usual; among gaps that are all as large (a part in double spacing) only
    where the line ends a sentence or does not fill the width.
    """
    gaps, full = [_gap(*pair) for pair in pairwise(page)], _full_width(page)
    for at, gap in enumerate(gaps):
        beside = [other for other in (*gaps[max(at - 1, 0) : at], *gaps[at + 1 : at + 2]) if other > 0]
        uneven = not beside or gap > _UNEVEN * min(beside)
        yield gap > _PARAGRAPH * usual and (uneven or _ends_sentence(page[at]) or page[at].right < full)


def _ends_sentence(line: Line) -> bool:
    return _SENTENCE_END.search(line.text) is not None


def _full_width(page: Sequence[Line]) -> float:
    """How far a line goes that fills the width of a page, unlike the last line of most paragraphs."""
    left, right = min(line.left for line in page), max(line.right for line in page)
    return left + _FULL * (right - left)


@dataclass(frozen=True, slots=True)
class _Edge:
    """A line near the top or the bottom of a page, with what makes two of them alike: the row and all but digits."""

    line: Line
    place: tuple[str, int, str]
    is_apart: bool  # from the text, by a gap


def without_furniture(pages: Sequence[Sequence[Line]]) -> Iterator[list[Line]]:
    """The lines of each page without page numbers, headers and footers.

    Headers and footers stand in the same row from the top or the bottom on many pages, whatever number is in them. In
    a document of two pages they must stand apart from the text as well, and so must the number of a page, and a header
    with a number that is on few pages, such as that of a chapter.
    """
    usual = _usual_gap(pages)
    edges = [list(_edges(page, usual)) for page in pages]
    repeats = Counter(place for page in edges for place in {edge.place for edge in page})
    with_text = sum(map(bool, pages))
    fewest = max(_FEWEST_REPEATS, with_text * _SHARE_OF_PAGES)

    def is_furniture(edge: _Edge) -> bool:
        if edge.is_apart and _PAGE_NUMBER.fullmatch(edge.line.text):
            return True
        count = repeats[edge.place]
        is_repeated = count >= fewest or (edge.is_apart and count == with_text == 2)
        is_numbered = edge.is_apart and count >= _FEWEST_REPEATS and "#" in edge.place[-1]
        # Who speaks next may well be the same at the top of several pages.
        return (is_repeated or is_numbered) and not edge.line.text.endswith(":")

    for page, edges_of_page in zip(pages, edges, strict=True):
        left_out = {id(edge.line) for edge in edges_of_page if is_furniture(edge)}
        yield [line for line in page if id(line) not in left_out]


def _edges(page: Sequence[Line], usual: float) -> Iterator[_Edge]:
    rows = _rows(page)
    for side, inward in (("top", rows), ("bottom", rows[::-1])):
        gaps = [abs(_gap(row[0], following[0])) for row, following in pairwise(inward[: _EDGE + 1])]
        for rank, row in enumerate(inward[:_EDGE]):
            is_apart = len(inward) == 1 or any(gap > _APART * usual for gap in gaps[rank:])
            for line in row:
                yield _Edge(line, (side, rank, re.sub(r"\d+", "#", line.text)), is_apart)


def _rows(page: Sequence[Line]) -> list[list[Line]]:
    """The lines of a page by height, those beside one another together."""
    rows: list[list[Line]] = []
    for line in sorted(page, key=lambda line: -line.height):
        if rows and rows[-1][0].height - line.height < line.size / 2:
            rows[-1].append(line)
        else:
            rows.append([line])
    return rows


def _joined(text: str) -> str:
    """Text with words that are hyphenated over a line end made whole, the line break behind them.

    The second part must begin in lower case, or the word be seen whole elsewhere. The hyphen stays where the word is
    seen nowhere whole and its first part is a word of the text by itself, or where the text has the compound elsewhere:
    it may be "well-known".
    """
    if not _BROKEN.search(text):
        return text
    folded = text.casefold()
    words = {match.group() for match in _WORD.finditer(folded)}
    compounds = {match.group() for match in _COMPOUND.finditer(folded)}

    def whole(match: re.Match[str]) -> str:
        first, second, rest = match.groups()
        seen = (first + second).casefold() in words
        if not (second[0].islower() or seen) or second in _SUSPENDED:
            return match.group()
        stays = not seen and (f"{first}-{second}".casefold() in compounds or first.casefold() in words)
        return f"{first}{'-' * stays}{second}{rest}\n"

    return _BROKEN.sub(whole, text).strip()
