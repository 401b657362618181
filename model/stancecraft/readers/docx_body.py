"""The words of a Word document by python-docx: a program that :mod:`stancecraft.readers.isolated` runs.

The library's own lists of paragraphs, runs and cells leave out what was inserted with tracked changes, content controls
and text boxes, so its elements are walked here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Set
from functools import cache
from io import BytesIO
from typing import Any

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml.ns import qn
from docx.text.font import Font

_PARAGRAPH, _RUN, _TEXT, _BREAK = map(qn, ("w:p", "w:r", "w:t", "w:br"))
_BLOCKS = frozenset({_PARAGRAPH, qn("w:tbl")})
_ROW, _CELL = frozenset({qn("w:tr")}), frozenset({qn("w:tc")})
_PIECES = frozenset({_TEXT, _BREAK, *map(qn, ("w:cr", "w:tab", "w:ptab", "w:noBreakHyphen"))})
_CHANGES = tuple(map(qn, ("w:ins", "w:del", "w:moveFrom", "w:moveTo")))
_GONE_END = "/".join(map(qn, ("w:pPr", "w:rPr", "w:del")))
_MOVED_END = "/".join(map(qn, ("w:pPr", "w:rPr", "w:moveFrom")))
_HEADS_TABLE = "/".join(map(qn, ("w:trPr", "w:tblHeader")))
_OFF = frozenset({"0", "false", "off"})

# Deletions, the place that moved words left, the reading printed above East Asian words, how a paragraph looks, and
# what older versions show instead of a text box, which repeats its words.
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_LEFT_OUT = frozenset({*map(qn, ("w:del", "w:moveFrom", "w:rt", "w:pPr")), _FALLBACK})

_HEADINGS = ("heading", "title", "subtitle")
_QUOTES = frozenset({"quote", "intense quote", "quotations"})
_DEEPEST_STYLE = 20

_Element = Any
_Kind = Callable[[str | None], str | None]


def told(content: bytes) -> Iterator[Any]:
    """First whether there are tracked changes, then the blocks.

    A block is a paragraph, ``[words, kind]``, or a row of a table, ``{"cells": lists of blocks, "heads": whether it
    heads the table}``.
    """
    document = docx.Document(BytesIO(content))
    body = document.element.body
    yield next(body.iter(*_CHANGES), None) is not None

    @cache
    def kind(style: str | None) -> str | None:
        return _kind(document.part.get_style(style, WD_STYLE_TYPE.PARAGRAPH))

    yield from _blocks(_nearest(body, _BLOCKS), kind)


def _kind(style: _Element) -> str | None:
    """What a style, or the nearest one it is based on, makes of a paragraph; ``None`` for a table of contents."""
    for _ in range(_DEEPEST_STYLE):
        if style is None:
            break
        name = (style.name or "").casefold()  # in English, whatever Word's language is
        if name.startswith("toc "):
            return None
        if name.startswith(_HEADINGS):
            return "heading"
        if name in _QUOTES:
            return "quote"
        style = style.base_style
    return "prose"


def _nearest(element: _Element, names: Set[str]) -> Iterator[_Element]:
    """The elements of some names inside another, but not inside one another, without what is hidden or left out."""
    for child in element:
        if child.tag in names:
            yield child
        elif child.tag not in _LEFT_OUT and not (child.tag == _RUN and Font(child).hidden):
            yield from _nearest(child, names)


def _blocks(elements: Iterable[_Element], kind: _Kind) -> Iterator[Any]:
    carried = ""
    for element in elements:
        if element.tag != _PARAGRAPH:
            yield from _lines(carried, "prose")
            carried = ""
            yield from (_row(row, kind) for row in _nearest(element, _ROW))
            continue
        inside = list(_nearest(element, _PIECES | _BLOCKS))
        yield from _blocks((one for one in inside if one.tag in _BLOCKS), kind)  # of text boxes
        carried += "".join(_words(one) for one in inside if one.tag in _PIECES)
        # A paragraph whose end was deleted goes on in the next.
        if element.find(_GONE_END) is None and element.find(_MOVED_END) is None:
            yield from _lines(carried, kind(element.style))
            carried = ""
    yield from _lines(carried, "prose")


def _row(row: _Element, kind: _Kind) -> dict[str, Any]:
    heads = row.find(_HEADS_TABLE)
    cells = [list(_blocks(_nearest(cell, _BLOCKS), kind)) for cell in _nearest(row, _CELL)]
    return {"cells": cells, "heads": heads is not None and heads.get(qn("w:val")) not in _OFF}


def _lines(words: str, kind: str | None) -> Iterator[list[str]]:
    if kind is not None:
        yield from ([line, kind] for line in words.split("\n") if line.strip())


def _words(piece: _Element) -> str:
    if piece.tag == _TEXT:
        return str(piece).replace("\n", " ").replace("\u00ad", "")
    return "\n" if piece.tag == _BREAK else str(piece)  # to the library a page break is no line break
