"""Texts of the annotated documents, fetched from where they are published.

``sources.csv`` names for a document its address and the recipe that makes the annotated text of what stands there. A
text counts only by its checksum: one that differs is kept apart, for :mod:`~stancecraft_training.annotations` to find
the statements in again by their words.
"""

from __future__ import annotations

import ast
import csv
import hashlib
import html
import http.client
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from stancecraft import writers
from stancecraft.errors import DataError, OutputError

_SECONDS = 60
_LARGEST = 16_000_000  # bytes
_TABS_AND_LINES = re.compile(r"\s")
_BETWEEN_PARAGRAPHS = re.compile(r"</p>\n<p>(?=\S)")
_BYTES = re.compile(r"^b(['\"])")
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Published:
    """Where a document is published.

    Attributes:
        doc: Its name.
        source: Where, in words.
        url: Address, or empty.
        recipe: Name of one of :data:`RECIPES`, or empty if nobody wrote one.
        sha256: Of the annotated text.
    """

    doc: str
    source: str
    url: str
    recipe: str
    sha256: str


def as_published(page: str) -> str:
    """The text as it stands there."""
    return page


def markdown_body(page: str) -> str:
    """A Markdown page without its front matter."""
    return _FRONT_MATTER.sub("", page).strip() + "\n"


def behind_rule(page: str) -> str:
    """What stands behind the first rule of a Markdown page, its head left out."""
    return page.partition("\n---\n")[2].strip() + "\n"


def whitehouse_html(page: str) -> str:
    """A stored White House page without its title, tags removed: one line per break, a blank line per paragraph."""
    _, body = _stored(page)
    text = _TABS_AND_LINES.sub(" ", _BETWEEN_PARAGRAPHS.sub("</p><p>", body))
    text = re.sub(r"<br ?/?>", "\n", text).replace("</p>", "\n\n")
    text = html.unescape(re.sub(r"<[^>]+>", "", text)).replace("\u00a0", " ")
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def whitehouse_text(page: str) -> str:
    """A stored White House page with its title, blanks run together: a blank line per break and paragraph."""
    title, body = _stored(page)
    text = _TABS_AND_LINES.sub(" ", f"{title}<br/>{body}")
    text = re.sub(r"<br ?/?>|</p>", "\n", text)
    text = html.unescape(re.sub(r"<[^>]+>", "", text))
    text = re.sub(r"[^\S\n]+", " ", text)
    return re.sub(r"\n\s*", "\n\n", text).strip() + "\n"


def _stored(page: str) -> tuple[str, str]:
    """Title and body of a page of the collection, which has its pages as Python prints bytes."""
    title, heading, rest = page.partition("</h1>")
    body = (rest if heading else page).strip()
    if _BYTES.match(body):
        body = ast.literal_eval(body).decode("utf-8")
    return title if heading else "", body


RECIPES: Mapping[str, Callable[[str], str]] = {
    "as-published": as_published,
    "behind-rule": behind_rule,
    "markdown-body": markdown_body,
    "markdown-page": markdown_body,
    "whitehouse-html": whitehouse_html,
    "whitehouse-text": whitehouse_text,
}


_SUFFIXES = {"markdown-page": ".md"}
"""Endings of texts that are read by their format; all others are plain text."""


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
    if wrong := [one for one in found if one.recipe and (one.recipe not in RECIPES or not one.url)]:
        raise DataError(*(f"{file}: {one.doc}: expected a url and one of {', '.join(RECIPES)}, got {one.recipe!r}"
                          for one in wrong))  # fmt: skip
    return found


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
        try:
            text = RECIPES[one.recipe](_page(_mirrored(one.url, mirror)))
        except (OSError, ValueError, SyntaxError, http.client.HTTPException) as error:
            tell(f"{one.doc}: cannot fetch {_mirrored(one.url, mirror)}: {getattr(error, 'reason', None) or error}")
            continue
        same = hashlib.sha256(text.encode()).hexdigest() == one.sha256
        with writers.atomic(
            (out if same else out / "changed") / f"{one.doc}{_SUFFIXES.get(one.recipe, '.txt')}"
        ) as stream:
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
