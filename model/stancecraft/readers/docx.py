"""Word documents: paragraphs with their kind, tables row by row, tracked changes as if accepted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from stancecraft.errors import InputError
from stancecraft.readers import archives, isolated, layout
from stancecraft.readers.document import Document, Kind, of_paragraphs

_MEMORY = 1_000_000_000  # bytes beyond what the file itself takes
_SECONDS = 300
_COLUMN_NAMES = frozenset({"speaker", "speakers", "name", "who"})

_Words = tuple[str, Kind]


def is_docx(content: bytes) -> bool:
    """Whether bytes are a Word document; also a broken, old or encrypted one, for ``extract`` to say so."""
    found = archives.kind(content)
    return found == archives.WORD or "old Word" in found or "password" in found


def extract(content: bytes, where: str) -> tuple[Document, tuple[str, ...]]:
    """The text of a Word document, by python-docx.

    A line break inside a paragraph begins a new one. A table is read row by row; a row whose first cell is a short
    label gives "LABEL: words". Kept: tracked insertions, text boxes (before the paragraph they are anchored in),
    content controls, the results of fields. Left out: tracked deletions, hidden text, tables of contents, footnotes,
    comments, headers and footers, numbers of lists.

    Args:
        content: The file.
        where: What messages call it.

    Returns:
        The document, its paragraphs told, and the notes about it.

    Raises:
        InputError: If it is no Word document, damaged, encrypted, too large when unpacked, takes too much memory or
            time to read, or has no text.
    """
    archive = archives.Archive(content, where, archives.WORD)
    told = isolated.told(
        "docx_body", archive.reduced("styles"), where,
        what="Word document (.docx)", library="python-docx", memory=_MEMORY, seconds=_SECONDS,
    )  # fmt: skip
    changed = next(told)
    document = of_paragraphs(_paragraphs(told))
    if not document.text:
        raise InputError(f"{where}: no text found in the Word document")
    return document, (f"{where}: holds tracked changes; read as if all were accepted",) if changed else ()


def _paragraphs(blocks: Iterable[Any]) -> Iterator[_Words]:
    """The paragraphs of blocks as :mod:`stancecraft.readers.docx_body` tells them."""
    for block in blocks:
        if isinstance(block, dict):
            yield from _row([list(_paragraphs(cell)) for cell in block["cells"]], block["heads"])
        else:
            words, kind = block
            yield words, kind


def _row(cells: list[list[_Words]], heads: bool) -> Iterator[_Words]:
    """The paragraphs of a row, one cell after the other; a short label before words is joined to them.

    Cells that hold only a time or a number are left out.
    """
    cells = [cell for cell in cells if not all(layout.is_time(words) for words, _ in cell)]
    if len(cells) > 1 and not heads and _is_label(cells[0]):
        label, (words, kind) = cells[0][0][0].strip(), cells[1][0]
        cells[:2] = [[(layout.labelled(label, words.strip()), kind), *cells[1][1:]]]
    for cell in cells:
        yield from cell


def _is_label(cell: list[_Words]) -> bool:
    label = cell[0][0].strip()
    return len(cell) == 1 and layout.is_label(label) and label.casefold() not in _COLUMN_NAMES
