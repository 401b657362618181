"""From a file of any supported format to a :class:`~stancecraft.records.Transcript`.

The format is found from the content: Parquet by its magic bytes, JSONL and CSV by their first line, HTML by its
tags, and plain text is everything else. To add a format: one module with a ``read`` function, one line in
:func:`parse`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from stancecraft.errors import InputError
from stancecraft.readers import decoding, html, plain, tables
from stancecraft.records import Transcript
from stancecraft.speakers import Speakers, packaged

SUFFIXES = frozenset({".txt", ".text", ".md", ".html", ".htm", ".jsonl", ".ndjson", ".csv", ".tsv", ".parquet"})
"""Files that a folder contributes; a file named outright is read whatever it is called."""

_ISO_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))(?!\d)")


def read(path: str | Path, *, speakers: Speakers | None = None, doc: str = "") -> Transcript:
    """Read a file into statements.

    Args:
        path: A transcript (plain text, HTML) or a table of statements (JSONL, CSV, Parquet).
        speakers: Table that resolves speaker labels; the packaged one by default.
        doc: Name of the document; the file's name without its ending by default.

    Raises:
        InputError: If the file is missing, empty, binary, or a table that is not valid.
    """
    path = Path(path)
    return parse(_content(path), str(path), doc or path.stem, speakers)


def parse(content: bytes, where: str, doc: str, speakers: Speakers | None = None) -> Transcript:
    """Read the bytes of a document; ``where`` names it in messages. Arguments and errors as for :func:`read`."""
    if tables.is_parquet(content):
        return tables.from_parquet(content, where, doc)
    text, notes = decoding.decode(content, where)
    if tables.is_jsonl(text):
        return tables.from_jsonl(text, where, doc, notes)
    if tables.is_csv(text):
        return tables.from_csv(text, where, doc, notes)
    if html.is_html(text):
        text = html.extract(text, where)
    date = _ISO_DATE.search(Path(where).name)
    return plain.read(text, doc, speakers or packaged(), date=date.group(1) if date else "", notes=notes)


def expand(inputs: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """Every file behind the inputs with the name of its document, folders walked in sorted order.

    A document is called by its file's stem; where two inputs share one, by their whole paths.

    Raises:
        InputError: If a folder holds no file of a supported kind.
    """
    paths: list[Path] = []
    for path in inputs:
        if not path.is_dir():
            paths.append(path)
            continue
        inside = sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
        if not inside:
            raise InputError(f"{path}: no file to read in this folder; expected one of {', '.join(sorted(SUFFIXES))}")
        paths += inside
    stems = [path.stem for path in paths]
    for path in paths:
        yield path, path.stem if stems.count(path.stem) == 1 else path.as_posix()


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except OSError as error:
        raise InputError(f"{path}: cannot read: {error.strerror or error}") from None
