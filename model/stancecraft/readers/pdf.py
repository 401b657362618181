"""PDF documents, by PDFium."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from stancecraft.errors import InputError
from stancecraft.readers import isolated, pdf_layout
from stancecraft.readers.document import Document
from stancecraft.readers.pdf_layout import Line

_BEGIN = b"\xef\xbb\xbf \t\r\n\0"  # may stand before the first mark of a PDF
_WITHIN = 1024
_MOST_PAGES = 3000
_MOST_CHARACTERS = 50_000_000
_MOST_LINES = 2_000_000
_MEMORY = 1_000_000_000  # bytes beyond what the file itself takes
_SECONDS = 300
_NUMBERS_TOLD = 8

_FAULTS = {
    "password": "the PDF is encrypted; expected one that opens without a password",
    "damaged": "not a readable PDF: it is cut off or damaged",
    "pages": f"{{got:,}} pages are too many; a PDF may have {_MOST_PAGES:,}: give its parts as files of their own",
    "characters": f"the PDF holds more than {_MOST_CHARACTERS:,} characters: give its parts as files of their own",
    "lines": f"the PDF holds more than {_MOST_LINES:,} lines: give its parts as files of their own",
}


def is_pdf(content: bytes) -> bool:
    """Whether bytes begin like a PDF."""
    return content[:_WITHIN].lstrip(_BEGIN).startswith(b"%PDF-")


def extract(content: bytes, where: str) -> tuple[Document, tuple[str, ...]]:
    """The text of a PDF, in lines as on the page.

    A blank line stands where the gap between two lines is larger than usual. Left out are page numbers, and headers and
    footers that repeat on most pages; words hyphenated at a line end are joined (see
    :mod:`stancecraft.readers.pdf_layout`). The order is PDFium's, which is that of the file: columns come one after the
    other where the file draws them so, which most programs do. Not read are forms, remarks and attachments.

    Args:
        content: The file.
        where: What messages call it.

    Returns:
        The document and the notes about it: pages without text among others.

    Raises:
        InputError: If it is encrypted, damaged or too large, takes too much memory or time to read, or has no text.
    """
    pages = _pages(content, where)
    bodies = list(pdf_layout.without_furniture([page or [] for page in pages]))
    if not any(bodies):
        raise InputError(
            f"{where}: no text on any of {len(pages):,} pages; a scan has to go through text recognition (OCR) first"
        )
    return Document(pdf_layout.laid_out(bodies)), _notes(pages, bodies, where)


def _notes(pages: list[list[Line] | None], bodies: list[list[Line]], where: str) -> tuple[str, ...]:
    damaged = [at for at, page in enumerate(pages, 1) if page is None]
    empty = [at for at, body in enumerate(bodies, 1) if not body and at not in damaged]
    told = (("hold no text (blank, or scanned and in need of OCR)", empty), ("are damaged and left out", damaged))
    return tuple(
        f"{where}: {len(numbers)} of {len(pages)} pages {what}: {_ranges(numbers)}" for what, numbers in told if numbers
    )


def _ranges(numbers: list[int]) -> str:
    """Numbers with runs drawn together: 1, 3-5."""
    runs = [[number for _, number in run] for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0])]
    told = [f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs]
    return ", ".join(told[:_NUMBERS_TOLD]) + (", ..." if len(told) > _NUMBERS_TOLD else "")


def _pages(content: bytes, where: str) -> list[list[Line] | None]:
    """The lines of each page; ``None`` for a page that cannot be opened."""
    pages: list[list[Line] | None] = []
    for told in isolated.told(
        "pdf_pages", content, where, _MOST_PAGES, _MOST_CHARACTERS, _MOST_LINES,
        what="PDF", library="the PDF library", memory=_MEMORY, seconds=_SECONDS,
    ):  # fmt: skip
        if isinstance(told, dict):
            raise InputError(f"{where}: {_FAULTS[told['fault']].format(**told)}")
        pages.append(None if told is None else _lines(told))
    return pages


def _lines(page: list[list[Any]]) -> list[Line]:
    lines = [Line(pdf_layout.cleaned(words), *place) for words, *place in page]
    return [line for line in lines if line.text]
