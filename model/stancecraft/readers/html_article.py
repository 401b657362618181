"""Which paragraphs of a page are its main text.

Trafilatura knows well where a page's article is, and may leave out short paragraphs of it ("Q Yes."). It is asked for
the place only: the part of the page that holds what it finds. There, every paragraph that is not furniture is kept.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING

from stancecraft.readers import html_tree
from stancecraft.readers.html_tree import Block

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_HOLDERS = frozenset("body div section article main form center figure ul ol blockquote".split())
_FURNITURE_TAGS = frozenset({"footer", "aside", "menu", "search"})
_FURNITURE_ROLES = frozenset({"navigation", "complementary", "banner", "contentinfo", "search"})
_FURNITURE_NAMES = re.compile(
    r"(?:^|[\s_-])(?:nav(?:bar|igation)?|menu|breadcrumbs?|sidebar|shar(?:e|ing)|social|related|footer|masthead|cookies?|"
    r"consent|newsletter|subscribe|promo|advert(?:isement)?|ads?|banner|pagination|pager|tags|log-?in|sign-?up|"
    r"search|skip-link)(?:$|[\s_-])",
    re.IGNORECASE,
)
_MOST_FOR_TRAFILATURA = 20_000  # paragraphs; its time grows with their square
_PLACE = 0.9  # of the words that trafilatura finds: a part that holds so many is the one looked for
_DENSE = 0.6  # of all words
_LINKED = 0.6  # of the words of what is a list of links
_PROSE = 0.4  # of the words of what is none
_LARGE = 0.2  # of the words: too many for furniture told by its name


def main(root: Element, blocks: Sequence[Block]) -> list[Block]:
    """The paragraphs of a page's main text, in order."""
    known = frozenset(_found(root)) if len(blocks) <= _MOST_FOR_TRAFILATURA else frozenset()
    page = _Page(root, blocks, known)
    place = page.place()
    inside = set(place.iter())
    said = {block.words for block in blocks if block.element in inside}
    left_out = page.furniture()
    return [
        block for block in blocks
        if block.element not in left_out
        and (block.element in inside or (block.words in known and block.words not in said))
    ]  # fmt: skip


def _found(root: Element) -> Iterable[str]:
    """The paragraphs that trafilatura takes for main text."""
    import trafilatura
    from lxml import etree

    try:
        found = trafilatura.extract(deepcopy(root), output_format="xml", include_comments=False, favor_recall=True)
        tree = etree.fromstring(found or "<doc/>")
    except Exception:  # It is asked for an opinion only, and fails on odd trees in many ways.
        return ()
    for element in tree.iter("head", "lb", "list", "item", "quote", "row", "cell"):
        element.tag = {"head": "h1", "lb": "br"}.get(element.tag, "div")
    return (block.words for block in html_tree.walk(tree))


class _Page:
    """Numbers of words below every element of a page."""

    def __init__(self, root: Element, blocks: Sequence[Block], known: frozenset[str]) -> None:
        self._root = root
        self._elements = list(root.iter())
        lengths = [(block, len(block.words.split())) for block in blocks]
        self._all = self._below((block.element, words) for block, words in lengths)
        self._linked = self._below((block.element, block.linked) for block in blocks)
        self._known = self._below((block.element, words) for block, words in lengths if block.words in known)
        self._prose = self._below((block.element, words) for block, words in lengths if block.linked < _PROSE * words)

    def place(self) -> Element:
        """The part of the page that holds its main text.

        That is where trafilatura finds it, unless most words stand in one place and it finds not half as many.
        """
        place, dense = self._densest(self._known, _PLACE), self._densest(self._prose, _DENSE)
        found = self._known[self._root]
        if found and (dense.tag in ("html", "body") or found * 2 >= self._prose[dense]):
            return place
        return dense

    def furniture(self) -> set[Element]:
        """Elements that hold links, menus and the like, and nothing known to be main text."""
        found: set[Element] = set()
        for element in self._elements:
            if element.getparent() in found or self._is_furniture(element):
                found.add(element)
        return found

    def _below(self, words: Iterable[tuple[Element, int]]) -> Counter[Element]:
        below: Counter[Element] = Counter()
        for element, number in words:
            below[element] += number
        for element in reversed(self._elements):
            if below[element] and (parent := element.getparent()) is not None:
                below[parent] += below[element]
        return below

    def _densest(self, words: Counter[Element], share: float) -> Element:
        """The smallest part that holds some words, or a share of them; not one of several of its kind side by side."""
        at = self._root
        while len(at):
            inner = max(at, key=words.__getitem__)
            if not words[inner] or words[inner] < share * words[self._root] or inner.tag not in _HOLDERS:
                break
            if sum(_looks(one) == _looks(inner) and words[one] > 0 for one in at) > 1:
                break
            at = inner
        return at

    def _is_furniture(self, element: Element) -> bool:
        total = self._all[element]
        if not total or self._known[element]:
            return False
        if self._linked[element] > _LINKED * total:
            return True
        named = (
            element.tag in _FURNITURE_TAGS
            or element.get("role") in _FURNITURE_ROLES
            or _FURNITURE_NAMES.search(f"{element.get('id') or ''} {element.get('class') or ''}") is not None
        )
        return named and total < _LARGE * self._all[self._root]


def _looks(element: Element) -> tuple[object, ...]:
    return (element.tag, element.get("class"))
