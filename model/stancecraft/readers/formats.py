"""The formats: what each is called, how it is told from its content, which reader it goes to.

To add one: a module with a function that tells the format from its content and one that reads it, and a row in
:data:`FORMATS`. Order matters: the first format whose test holds is taken, and plain text is what is left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date as calendar_date
from pathlib import Path

from stancecraft.errors import InputError
from stancecraft.readers import (
    akoma_ntoso,
    captions,
    convokit,
    decoding,
    diarised,
    docx,
    html,
    markdown,
    pdf,
    plain,
    tables,
    tei,
    workbook,
)  # fmt: skip
from stancecraft.readers.document import Document
from stancecraft.readers.source import Source
from stancecraft.records import Transcript

LARGEST = 1_000_000_000
"""Bytes of the largest file that is opened at all."""

LARGEST_DOCUMENT = 64_000_000
"""Bytes of the largest document read as one: a hundred times the longest day of a parliament."""

_MB = 1_000_000
_HEAD = 1_000_000


@dataclass(frozen=True, slots=True)
class Format:
    """A format of input.

    Attributes:
        name: What ``--input-format`` takes.
        suffixes: Endings of file names, lower case.
        fits: Whether some content is of this format: bytes for a binary format, else decoded text.
        read: Content and source to a transcript.
        binary: Whether the content is not text.
        is_table: Whether it holds rows of statements, which may be many, rather than one document.
        by_suffix: Whether the ending of a file's name is enough to tell it.
    """

    name: str
    suffixes: tuple[str, ...]
    fits: Callable[..., bool]
    read: Callable[..., Transcript]
    binary: bool = False
    is_table: bool = False
    by_suffix: bool = False


def _pages(extract: Callable[[bytes, str], tuple[Document, tuple[str, ...]]]) -> Callable[[bytes, Source], Transcript]:
    def read(content: bytes, source: Source) -> Transcript:
        document, notes = extract(content, source.where)
        return plain.read(document, replace(source, notes=source.notes + notes))

    return read


def _marked_up(extract: Callable[[str, str], Document]) -> Callable[[str, Source], Transcript]:
    return lambda text, source: plain.read(extract(text, source.where), source)


def _rows(read: Callable[[str, str, str, tuple[str, ...]], Transcript]) -> Callable[[str, Source], Transcript]:
    return lambda text, source: read(text, source.where, source.doc, source.notes)


def _cells(read: Callable[[bytes, str, str], Transcript]) -> Callable[[bytes, Source], Transcript]:
    return lambda content, source: read(content, source.where, source.doc)


def _plain(text: str, source: Source) -> Transcript:
    return plain.read(Document(text), source)


FORMATS: tuple[Format, ...] = (
    Format("parquet", (".parquet",), tables.is_parquet, _cells(tables.from_parquet), binary=True, is_table=True),
    Format("pdf", (".pdf",), pdf.is_pdf, _pages(pdf.extract), binary=True),
    Format("xlsx", (".xlsx", ".xlsm"), workbook.is_workbook, _cells(workbook.read), binary=True, is_table=True),
    Format("docx", (".docx",), docx.is_docx, _pages(docx.extract), binary=True),
    Format("tei", (".xml",), tei.is_tei, tei.read),
    Format("akoma-ntoso", (".xml", ".akn"), akoma_ntoso.is_akoma_ntoso, akoma_ntoso.read),
    Format("captions", (".srt", ".vtt"), captions.is_captions, captions.read),
    Format("diarised", (".json",), diarised.is_diarised, diarised.read),
    Format("convokit", (".jsonl",), convokit.is_convokit, convokit.read),
    Format("jsonl", (".jsonl", ".ndjson"), tables.is_jsonl, _rows(tables.from_jsonl), is_table=True),
    Format("json", (".json",), tables.is_json_array, _rows(tables.from_json_array), is_table=True),
    Format("csv", (".csv", ".tsv"), tables.is_csv, _rows(tables.from_csv), is_table=True, by_suffix=True),
    Format("html", (".html", ".htm", ".xhtml"), html.is_html, _marked_up(html.extract)),
    Format(
        "markdown", (".md", ".markdown"), markdown.looks_like_markdown, _marked_up(markdown.extract), by_suffix=True
    ),
    Format("text", (".txt", ".text"), lambda text: True, _plain),
)
"""All formats, in the order in which they are tried."""

NAMES = tuple(one.name for one in FORMATS)
SUFFIXES = frozenset(suffix for one in FORMATS for suffix in one.suffixes)


def read(content: bytes, source: Source, name: str = "") -> Transcript:
    """Read content in the format of a name, or in the one that it shows.

    Raises:
        InputError: If there is no such format, or the content is not valid in it.
    """
    if name and name not in NAMES:
        raise InputError(f"{source.where}: expected an input format out of {', '.join(NAMES)}, got {name!r}")
    if not content or content.isspace():
        raise InputError(f"{source.where}: the file is empty")
    binary = next(
        (one for one in FORMATS if one.binary and (one.name == name or (not name and one.fits(content)))), None
    )
    if binary is not None:
        _check_size(binary, content, source)
        return binary.read(content, source)
    if len(content) > LARGEST_DOCUMENT:
        # Only a table may be that large, and its head shows that it is one before all of it is decoded.
        head = content[:_HEAD].decode("utf-8", "replace")
        fits = (one for one in FORMATS if not one.binary and (one.name == name if name else _fits(one, head, source)))
        _check_size(next(fits), content, source)
    text, notes = decoding.decode(content, source.where)
    source = replace(source, notes=source.notes + notes)
    chosen = next(one for one in FORMATS if not one.binary and one.name == name) if name else told(text, source)
    return chosen.read(text, source)


def told(text: str, source: Source) -> Format:
    """The text format that a text, or its beginning, shows."""
    return next(one for one in FORMATS if not one.binary and _fits(one, text, source))


def _fits(one: Format, text: str, source: Source) -> bool:
    suffix = Path(source.where).suffix.lower()
    return one.fits(text) or (one.by_suffix and suffix in one.suffixes)


def is_date(text: str) -> bool:
    """Whether a text is an ISO date that the calendar has."""
    try:
        return len(text) == len("2016-07-15") and bool(calendar_date.fromisoformat(text))
    except ValueError:
        return False


def too_large(where: str, size: int) -> str:
    """What a person is told of a file beyond the limit."""
    return f"{where}: {size / _MB:,.0f} MB is too large; the largest file that is opened has {LARGEST / _MB:,.0f} MB"


def _check_size(one: Format, content: bytes, source: Source) -> None:
    if len(content) > LARGEST:
        raise InputError(too_large(source.where, len(content)))
    if not one.is_table and len(content) > LARGEST_DOCUMENT:
        raise InputError(
            f"{source.where}: {len(content) / _MB:,.0f} MB as one document of format {one.name}; expected at most "
            f"{LARGEST_DOCUMENT / _MB:,.0f} MB: give its parts as files of their own"
        )
