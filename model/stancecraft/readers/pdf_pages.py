"""The lines of a PDF's pages by PDFium: a program that :mod:`stancecraft.readers.isolated` runs."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from ctypes import c_double
from itertools import islice
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

# PDFium ends a line with CR LF; where a hyphen ends it, a mark stands for both hyphen and line break.
_LINE = re.compile("[^\r\n\ufffe]+")
_HYPHEN = "\ufffe"
_BAD_PASSWORD, _UNKNOWN_SECURITY = 4, 5
_SIDEWAYS = 1, 3  # quarter turns


def told(content: bytes, most_pages: int, most_characters: int, most_lines: int) -> Iterator[Any]:
    """For each page the list of its lines, ``None`` for a page that cannot be opened.

    A last value ``{"fault": what, "got": number}`` says that the file is not read, and why.
    """
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        locked = error.err_code in (_BAD_PASSWORD, _UNKNOWN_SECURITY)
        yield {"fault": "password" if locked else "damaged", "got": 0}
        return
    if len(document) > most_pages:
        yield {"fault": "pages", "got": len(document)}
        return
    characters = lines = 0
    for number in range(len(document)):
        try:
            page = document[number]
            text = page.get_textpage()
        except pypdfium2.PdfiumError:
            yield None
            continue
        characters += text.count_chars()
        if characters > most_characters:
            yield {"fault": "characters", "got": characters}
            return
        found = list(islice(_lines(text, page.get_rotation() // 90), most_lines - lines + 1))
        lines += len(found)
        if lines > most_lines:
            yield {"fault": "lines", "got": lines}
            return
        yield found
        text.close()
        page.close()


def _lines(text: pypdfium2.PdfTextPage, turns: int) -> Iterator[list[Any]]:
    """The lines of a page in PDFium's order: words, left and right edge, height on the page, size of the letters."""
    words = text.get_text_range()
    for match in _LINE.finditer(words):
        line = match.group()
        if not line.strip():
            continue
        first = match.start() + len(line) - len(line.lstrip())
        last = match.start() + len(line.rstrip()) - 1
        left, height, size = _placed(text, first, turns)
        right, _, other = _placed(text, last, turns)
        hyphen = "-" if words[match.end() : match.end() + 1] == _HYPHEN else ""
        yield [line + hyphen, round(left, 1), round(right, 1), round(height, 1), round(max(size, other), 1)]


def _placed(text: pypdfium2.PdfTextPage, at: int, turns: int) -> tuple[float, float, float]:
    """Where a character begins on the page as it is shown, and its size."""
    index = pdfium.FPDFText_GetCharIndexFromTextIndex(text, at)
    x, y, matrix = c_double(), c_double(), pdfium.FS_MATRIX()
    pdfium.FPDFText_GetCharOrigin(text, index, x, y)
    pdfium.FPDFText_GetMatrix(text, index, matrix)
    across, up = (y.value, -x.value) if turns in _SIDEWAYS else (x.value, y.value)
    sign = -1 if turns > 1 else 1
    return sign * across, sign * up, pdfium.FPDFText_GetFontSize(text, index) * math.hypot(matrix.c, matrix.d)
