"""The article of a web page as text, by trafilatura."""

from __future__ import annotations

import re

from stancecraft.errors import InputError

_TAGS = re.compile(
    r"<!doctype html|<html[\s>]|<head[\s>]|<body[\s>]|<(?:div|p|article|section|table)[\s>]", re.IGNORECASE
)
_WHOLE = re.compile(r"<!doctype|<html[\s>]|<head[\s>]|<body[\s>]", re.IGNORECASE)
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


def is_html(text: str) -> bool:
    """Whether a text begins like a page or a piece of one."""
    return text.lstrip()[:1] == "<" and _TAGS.search(text[:4096]) is not None


def extract(text: str, where: str) -> str:
    """The main text of a page, one paragraph per line; menus, comments and forms are left out.

    Raises:
        InputError: If no main text is found.
    """
    import trafilatura

    # A <br> inside a paragraph often stands before the next speaker's label, and would be lost.
    page = _LINE_BREAK.sub("</p><p>", text)
    if not _WHOLE.search(page):
        # A piece of a page was already cut out by somebody: all of it is article.
        page = f"<html><body><article>{page}</article></body></html>"
    article = trafilatura.extract(page, include_comments=False, include_tables=True, favor_recall=True)
    if not article or not article.strip():
        raise InputError(f"{where}: no article text found in the HTML page")
    return str(article)
