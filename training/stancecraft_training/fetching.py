"""Texts of the annotated documents, fetched from where they are published.

``sources.csv`` names for a document its address and the recipe that makes the annotated text of what stands there. A
text counts only by its checksum: one that differs is kept apart, for :mod:`~stancecraft_training.annotations` to find
the statements in again by their words.
"""

from __future__ import annotations

import csv
import hashlib
import http.client
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from stancecraft import writers
from stancecraft.errors import DataError, OutputError
from stancecraft_training import text_recipes

_SECONDS = 60
_LARGEST = 16_000_000  # bytes


@dataclass(frozen=True, slots=True)
class Published:
    """Where a document is published.

    Attributes:
        doc: Its name.
        source: Where, in words.
        url: Address, or empty.
        recipe: Of the form of one of :data:`~stancecraft_training.text_recipes.FORMS`, or empty if nobody wrote one.
        sha256: Of the annotated text.
    """

    doc: str
    source: str
    url: str
    recipe: str
    sha256: str


def sources(file: Path) -> list[Published]:
    """The documents of a table.

    Raises:
        DataError: With one line per fault.
    """
    try:
        table = csv.DictReader(file.read_text("utf-8").splitlines())
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{file}: cannot read the sources: {getattr(error, 'strerror', None) or error}") from None
    needed = ("doc", "source", "url", "recipe", "sha256")
    if absent := [name for name in needed if name not in (table.fieldnames or ())]:
        raise DataError(f"{file}:1: no column {', '.join(absent)}")
    found = [Published(*(row[name] for name in needed)) for row in table]
    if wrong := [f"{file}: {one.doc}: {fault}" for one in found if (fault := _fault(one))]:
        raise DataError(*wrong)
    return found


def _fault(one: Published) -> str:
    if not one.recipe:
        return ""
    try:
        text_recipes.named(one.recipe)
    except ValueError as error:
        return str(error)
    return "" if one.url else f"expected a url for its recipe {one.recipe}, got none"


def fetch(file: Path, out: Path, *, mirror: str = "", tell: Callable[[str], None]) -> bool:
    """Write the texts of all documents that have a recipe and are not there yet.

    Args:
        file: Table of the sources.
        out: Folder for the texts; one whose checksum differs goes into its folder ``changed``.
        mirror: Address that takes the place of scheme and host of all addresses.
        tell: Takes progress, one line at a time.

    Returns:
        Whether every document is there with the annotated checksum.

    Raises:
        DataError: If the table is at fault.
        OutputError: If a text cannot be written.
    """
    try:
        (out / "changed").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{out}: cannot make the folder: {error.strerror or error}") from None
    there = wanting = 0
    published = sources(file)
    for one in published:
        if _is_there(out, one):
            there += 1
            continue
        if not one.recipe:
            tell(f"{one.doc}: no recipe; published as {one.source}")
            continue
        address, recipe = _mirrored(one.url, mirror), text_recipes.named(one.recipe)
        try:
            page = _page(address)
        except (OSError, ValueError, http.client.HTTPException) as error:
            tell(f"{one.doc}: cannot fetch {address}: {getattr(error, 'reason', None) or error}")
            continue
        try:
            text = recipe.make(page)
        except (ValueError, SyntaxError, csv.Error) as error:
            tell(f"{one.doc}: recipe {one.recipe} does not fit {address}: {error}")
            continue
        same = hashlib.sha256(text.encode()).hexdigest() == one.sha256
        with writers.atomic((out if same else out / "changed") / f"{one.doc}{recipe.suffix}") as stream:
            stream.write(text.encode())
        there, wanting = there + same, wanting + (not same)
        tell(f"{one.doc}: fetched" if same else f"{one.doc}: another text than was annotated, in {out / 'changed'}")
    if not any((out / "changed").iterdir()):
        (out / "changed").rmdir()
    tell(f"{there} of {len(published)} texts are in {out}" + (f", {wanting} changed" if wanting else ""))
    return there == len(published)


def _is_there(out: Path, one: Published) -> bool:
    return any(
        hashlib.sha256(path.read_bytes()).hexdigest() == one.sha256
        for path in out.glob(f"{one.doc}.*")
        if path.is_file()
    )


def _mirrored(url: str, mirror: str) -> str:
    if not mirror:
        return url
    return mirror.rstrip("/") + urllib.parse.urlsplit(url).path


def _page(url: str) -> str:
    if urllib.parse.urlsplit(url).scheme not in {"http", "https"}:
        raise ValueError("expected an address that begins with http:// or https://")
    request = urllib.request.Request(url, headers={"User-Agent": "stancecraft"})
    with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
        content: bytes = answer.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise ValueError(f"larger than {_LARGEST / 1e6:.0f} MB")
    return content.decode("utf-8")
