"""From a file of any supported format to a :class:`~stancecraft.records.Transcript`.

The format is found from the content: Parquet by its magic bytes, JSONL and CSV by their first line, HTML by its
tags, and plain text is everything else. To add a format: one module with a ``read`` function, one line in
:func:`parse`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
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
    return parse(_content(path), str(path), doc or names([path])[0], speakers)


def parse(content: bytes, where: str, doc: str, speakers: Speakers | None = None) -> Transcript:
    """Read the bytes of a document; ``where`` names it in messages. Arguments and errors as for :func:`read`."""
    if tables.is_parquet(content):
        return tables.from_parquet(content, where, doc)
    text, notes = decoding.decode(content, where)
    if tables.is_jsonl(text):
        return tables.from_jsonl(text, where, doc, notes)
    if tables.is_json_array(text):
        return tables.from_json_array(text, where, doc, notes)
    if tables.is_csv(text) or Path(where).suffix.lower() in {".csv", ".tsv"}:
        return tables.from_csv(text, where, doc, notes)
    if is_page := html.is_html(text):
        text = html.extract(text, where)
    date = _ISO_DATE.search(Path(where).name)
    return plain.read(text, doc, speakers or packaged(), date=date.group(1) if date else "", notes=notes, lines=is_page)


def expand(inputs: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """Every file behind the inputs with the name of its document, as :func:`files` and :func:`names` give them.

    Raises:
        InputError: If a folder holds no file of a supported kind.
    """
    paths = [path for given in inputs for path in files(given)]
    return zip(paths, names(paths), strict=True)


def files(path: Path) -> list[Path]:
    """A file itself, or the files of a supported kind in a folder, walked in sorted order.

    Raises:
        InputError: If a folder holds no such file.
    """
    if not path.is_dir():
        return [path]
    inside = sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
    if not inside:
        raise InputError(f"{path}: no file to read in this folder; expected one of {', '.join(sorted(SUFFIXES))}")
    return inside


def names(paths: Sequence[Path]) -> list[str]:
    """What the documents of some files are called, each differently.

    A document is called by its file's stem; where several share one, by their whole paths, and a file that is
    named again also by a number.
    """
    stems = Counter(path.stem for path in paths)
    found: dict[str, None] = {}
    for path in paths:
        name = path.stem if stems[path.stem] == 1 else path.as_posix()
        # A file system may hold names that are not UTF-8, and output is.
        name = name.encode("utf-8", "replace").decode()
        numbered = (f"{name} ({number})" for number in count(2))
        found[name if name not in found else next(one for one in numbered if one not in found)] = None
    return list(found)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except OSError as error:
        raise InputError(f"{path}: cannot read: {error.strerror or error}") from None
