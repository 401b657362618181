"""XML documents parsed safely, and what the readers of XML transcripts share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html.entities import html5
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from stancecraft.errors import InputError

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

GLUE = "\0"
"""Draws the words at its two sides together. No XML document can hold this character itself."""

_LARGEST = 64_000_000  # characters
_SNIFFED = 65_536
_PROLOG = re.compile(
    r"\ufeff?(?>\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE(?>[^\[>]+|\[.*?\]\s*(?=>))*>)*+"
    r"<(?:(?P<prefix>[\w.-]+):)?(?P<name>[\w.-]+)(?P<attributes>[^<>]*)",
    re.DOTALL,
)
_DECLARATION = re.compile(r"\A\s*<\?xml\s[^>]*\?>")
_ENTITY = re.compile(r"&(\w+;)")
_POSITION = re.compile(r",? ?line \d+, column \d+$")
_DAY = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?![\d-])")
_YEAR_BEHIND = re.compile(r"\.\d{4}$")


def root(text: str) -> tuple[str, str]:
    """Namespace and name of the root element, told from a text's beginning; both empty for what is no XML."""
    match = _PROLOG.match(text[:_SNIFFED])
    if match is None:
        return "", ""
    attribute = f"xmlns:{match['prefix']}" if match["prefix"] else "xmlns"
    namespace = re.search(rf"\s{re.escape(attribute)}\s*=\s*[\"']([^\"']*)[\"']", match["attributes"])
    return namespace[1] if namespace else "", match["name"]


def parse(text: str, where: str) -> Element:
    """The root element of a document, without comments and processing instructions.

    Nothing outside the text is ever read. Named characters of HTML (``&mdash;``) are understood, though XML would want
    them declared.

    Raises:
        InputError: If the text is larger than 64 million characters, declares entities, is nested too deeply (256
            elements), or is not well-formed; with the place.
    """
    from lxml import etree

    if len(text) > _LARGEST:
        raise InputError(f"{where}: expected at most {_LARGEST:,} characters of XML, got {len(text):,}")
    if "<!DOCTYPE" in text and (at := text.find("<!ENTITY")) >= 0:
        place = _place(text, at, where)
        raise InputError(f"{place}: the DOCTYPE declares entities, which are not read; write their text out")
    # The text is decoded already: what the declaration says of its encoding no longer holds. Blanks keep the places.
    text = _DECLARATION.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text.removeprefix("\ufeff"), count=1)
    content = _ENTITY.sub(_character, text).encode("utf-8", "replace")
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise InputError(f"{where}:{line}:{column}: not well-formed XML: {_reason(error.msg or '')}") from None
    for entity in root.iter(etree.Entity):
        raise InputError(f"{where}: the entity {entity.text} is not declared in the file; write its text out")
    return root


def local(element: Element) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def every(root: Element, *names: str) -> Iterator[Element]:
    """All elements of some names in whatever namespace, the root among them, in the order of the document."""
    return iter(root.iter(*(f"{{*}}{name}" for name in names)))


def paragraphs(
    root: Element, blocks: frozenset[str], apart: frozenset[str], instead: Callable[[Element], str | None]
) -> list[str]:
    """The text inside an element, a string for each of its paragraphs, white space made single blanks.

    Args:
        root: The element; its own tail is not part of it.
        blocks: Names of elements that are paragraphs.
        apart: Names of elements that white space surrounds even where none is written.
        instead: What an element gives instead of what stands in it, or ``None`` to go into it.
    """
    from lxml import etree

    found: list[str] = []
    pieces: list[str] = []
    walk: Any = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        name = local(element)
        if name in blocks:
            found.append(_spaced(pieces))
            pieces = []
        elif name in apart:
            pieces.append(" ")
        if event == "end":
            pieces.append("" if element is root else element.tail or "")
        elif element is not root and (given := instead(element)) is not None:
            pieces.append(given)
            walk.skip_subtree()
        else:
            pieces.append(element.text or "")
    return [words for words in (*found, _spaced(pieces)) if words]


def plain(element: Element) -> str:
    """All text inside an element in one line."""
    return " ".join("".join(element.itertext()).split())


def identifier(element: Element) -> str:
    """What other elements of the document call an element, or empty."""
    names = ("{http://www.w3.org/XML/1998/namespace}id", "eId", "id")
    return next((str(value) for name in names if (value := element.get(name))), "")


def references(value: str | None) -> list[str]:
    """The identifiers that an attribute like ``who="#a #b"`` points to."""
    return [name for one in (value or "").split() if (name := re.split("[#:/]", one)[-1])]


def day(value: str | None) -> str:
    """The ISO date that a date or time begins with, or empty where the day is not told."""
    match = _DAY.match((value or "").strip())
    return match.group() if match else ""


def readable(name: str) -> str:
    """An identifier as a person's name: ``JohnDoe`` and ``john-doe`` are John Doe; what is unclear stays as printed."""
    bare = _YEAR_BEHIND.sub("", name)
    words = re.split(r"[._-]", bare) if bare.islower() else re.split(r"[._]", bare)
    if not all(word.replace("-", "").replace("'", "").replace("’", "").isalpha() for word in words):
        return name
    if bare.islower():
        return " ".join(map(str.capitalize, words)) if len(words) > 1 else name
    return " ".join(_parted(word) for word in words)


def _parted(word: str) -> str:
    """A word with blanks where a capital begins the next one, save in names like McGrath."""
    cuts = [at for at in range(1, len(word)) if _begins_a_word(word, at)]
    return " ".join(word[first:last] for first, last in pairwise([0, *cuts, len(word)]))


def _begins_a_word(word: str, at: int) -> bool:
    if not word[at].isupper() or word[:at].endswith("Mc"):
        return False
    return word[at - 1].islower() or (word[at - 1].isupper() and word[at + 1 : at + 2].islower())


def _character(match: re.Match[str]) -> str:
    character = html5.get(match[1], "")
    return match.group() if not character or character in "<>&\"'" else character


def _place(text: str, at: int, where: str) -> str:
    return f"{where}:{text.count(chr(10), 0, at) + 1}:{at - text.rfind(chr(10), 0, at)}"


def _reason(message: str) -> str:
    """What the parser says, without its place and the advice to switch its limits off."""
    message = re.sub(r", (?:use|try) XML_PARSE_HUGE(?: option)?", "", " ".join(message.split()))
    return _POSITION.sub("", message)


def _spaced(pieces: list[str]) -> str:
    return re.sub(f" ?{GLUE} ?", "", " ".join("".join(pieces).split()))
