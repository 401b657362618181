"""From a file of any supported format to a :class:`~stancecraft.records.Transcript`.

Formats and how they are told apart stand in :mod:`stancecraft.readers.formats`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import BinaryIO

from stancecraft.errors import InputError
from stancecraft.readers import formats
from stancecraft.readers.source import Source
from stancecraft.records import Transcript
from stancecraft.speakers import Speakers, packaged

SUFFIXES = formats.SUFFIXES
"""Files that a folder contributes; a file named outright is read whatever it is called."""

RECORDS = "_run"
"""Folder in which a run of ``predict`` into a folder keeps its own records; no input."""

_PIECE = 1_000_000
_ISO_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))(?!\d)")


def read(
    path: str | Path, *, speakers: Speakers | None = None, doc: str = "", date: str = "", input_format: str = ""
) -> Transcript:
    """Read a file into statements.

    Args:
        path: A transcript or a table of statements, in any of :data:`stancecraft.readers.formats.FORMATS`.
        speakers: Table that resolves speaker labels; the packaged one by default.
        doc: Name of the document; the file's name without its ending by default.
        date: ISO date of a document whose file's name does not tell it; else that at the head of the text counts.
        input_format: Name of the format; found from the content by default.

    Raises:
        InputError: If the file is missing, empty, too large, not of the format, or not valid in it.
    """
    path = Path(path)
    doc = doc or names([path])[0]
    return parse(bytes_of(path, str(path)), str(path), doc, speakers, date=date, input_format=input_format)


def parse(
    content: bytes, where: str, doc: str, speakers: Speakers | None = None, *, date: str = "", input_format: str = ""
) -> Transcript:
    """Read the bytes of a document; ``where`` names it in messages. Arguments and errors as for :func:`read`."""
    if date and not formats.is_date(date):
        raise InputError(f"{where}: expected an ISO date (2016-07-15), got {date!r}")
    named = _ISO_DATE.search(Path(where).name)
    told = named.group(1) if named else date
    source = Source(where, doc, speakers or packaged(), told)
    return formats.read(content, source, input_format)


def read_stream(stream: BinaryIO) -> bytes:
    """The bytes of a stream, as many as the largest input has and one more, so that a larger one is refused."""
    # To be asked for a gigabyte at once, Python sets a gigabyte aside, however little there is to read.
    pieces, left = [], formats.LARGEST + 1
    while left and (piece := stream.read(min(left, _PIECE))):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


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
    found = (file for file in path.rglob("*") if RECORDS not in file.relative_to(path).parts)
    inside = sorted(file for file in found if file.suffix.lower() in SUFFIXES and file.is_file())
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


def bytes_of(path: Path, where: str) -> bytes:
    """The bytes of a file; ``where`` names it in messages.

    Raises:
        InputError: If it is missing, too large or cannot be read.
    """
    try:
        size = path.stat().st_size
        if size > formats.LARGEST:
            raise InputError(formats.too_large(where, size))
        with path.open("rb") as stream:
            content = stream.read(size + 1) if path.is_file() else b""
            return content if 0 < len(content) <= size else content + read_stream(stream)
    except FileNotFoundError:
        raise InputError(f"{where}: no such file") from None
    except OSError as error:
        raise InputError(f"{where}: cannot read: {error.strerror or error}") from None
