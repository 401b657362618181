"""Web pages: the main text as paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from stancecraft.errors import InputError
from stancecraft.readers import html_article, html_tree
from stancecraft.readers.document import Document, Kind, of_paragraphs
from stancecraft.readers.html_tree import Block

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_TAGS = re.compile(
    r"<!doctype html|<html[\s>]|<head[\s>]|<body[\s>]|<(?:div|p|article|section|table)[\s>]", re.IGNORECASE
)
_WHOLE = re.compile(r"<!doctype|<html[\s>]|<head[\s>]|<body[\s>]", re.IGNORECASE)
_MOST = 0.9  # of the words of a page


def is_html(text: str) -> bool:
    """Whether a text begins like a page or a piece of one."""
    return text.lstrip()[:1] == "<" and _TAGS.search(text[:4096]) is not None


def extract(text: str, where: str) -> Document:
    """The main text of a page; menus, buttons, captions and readers' comments are left out.

    Raises:
        InputError: If no main text is found, or the page is too large or nested too deeply.
    """
    root = html_tree.parse(text, where)
    if (plain := _preformatted(root)) is not None:
        return Document(plain)
    blocks = list(html_tree.walk(root)) or list(html_tree.walk(root, comments=True))
    # A piece of a page was already cut out by somebody: all of it is main text.
    if _WHOLE.search(text):
        blocks = html_article.main(root, blocks)
    if not blocks:
        raise InputError(f"{where}: no article text found in the HTML page")
    return of_paragraphs(_kinds(blocks))


def pieces(text: str, where: str) -> list[tuple[str, Kind]]:
    """The paragraphs of some markup inside a text of another format, all of it.

    Raises:
        InputError: If it is nested too deeply.
    """
    return [(block.words, block.kind) for block in html_tree.walk(html_tree.parse(text, where))]


def _kinds(blocks: Sequence[Block]) -> Iterator[tuple[str, Kind]]:
    """Paragraphs with their kinds; a page that quotes everything only indents it."""
    quoted = sum(len(block.words) for block in blocks if block.kind == "quote")
    is_layout = quoted > _MOST * sum(len(block.words) for block in blocks)
    return ((block.words, "prose" if is_layout and block.kind == "quote" else block.kind) for block in blocks)


def _preformatted(root: Element) -> str | None:
    """The text of a page that is one plain text between ``<pre>`` tags."""
    outer = (element for element in root.iter("pre") if next(element.iterancestors("pre"), None) is None)
    texts = ["".join(element.itertext()) for element in outer]
    most = max(texts, key=len, default="")
    return most if len(most) > _MOST * len("".join(root.itertext("*")).strip()) and most.strip() else None
