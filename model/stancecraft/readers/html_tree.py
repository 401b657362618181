"""The tree of an HTML page, and its paragraphs in order: every word once, with what each paragraph is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stancecraft.errors import InputError
from stancecraft.readers import layout
from stancecraft.readers.document import Kind

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = _HEADINGS | frozenset(
    "html body p div section article main li ul ol dl dt dd table thead tbody tfoot tr td th caption pre hr br center "
    "header footer aside address figure details summary fieldset form hgroup dir menu search blockquote".split()
)  # fmt: skip
# No text of the page: scripts, menus, buttons, captions.
_SILENT = frozenset(
    "head script style noscript template svg nav button select textarea iframe object video audio canvas "
    "figcaption".split()
)
# Readers' comments below an article. "comment" alone in a longer name may be anything.
_COMMENTS = re.compile(
    r"(?:^|\s)(?:comments?(?:[-_]?(?:list|area|section|threads?|wrapper|container|box|form|respond|reply))?|"
    r"commentlist|disqus\w*|respond|fb-comments)(?:\s|$)",
    re.IGNORECASE,
)
_GROUPS = dict.fromkeys(_HEADINGS, "heading")
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
# Characters that a page may hold, also spelled by number, and no tree can be given back.
_UNWRITABLE = re.compile(
    "[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
    r"|&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01]|6553[45])(?!\d)|[xX]0*(?:[0-8bBcCeEfF]|1[\da-fA-F]|[fF]{3}[eEfF])"
    r"(?![\da-fA-F]));?"
)
_LARGEST = 64_000_000  # characters
_SHORT = 200  # characters


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph of a page.

    Attributes:
        words: Its text, white space made single blanks.
        kind: What it is.
        element: The innermost block that holds it.
        linked: How many of its words stand in links.
    """

    words: str
    kind: Kind
    element: Element
    linked: int


def parse(text: str, where: str) -> Element:
    """The root of a page, terms and the first cells of rows written before what they label.

    Raises:
        InputError: If the page is larger than 64 million characters, or nested too deeply (some 2000 elements).
    """
    import lxml.etree
    import lxml.html

    if len(text) > _LARGEST:
        raise InputError(f"{where}: expected at most {_LARGEST:,} characters of HTML, got {len(text):,}")
    # The text is decoded already, whatever the page says of its encoding.
    content = _UNWRITABLE.sub(_writable, text).encode("utf-8", "replace")
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        root = lxml.html.document_fromstring(content, parser=parser)
    except lxml.etree.LxmlError:
        return lxml.html.document_fromstring("<html><body></body></html>")
    if any("Excessive depth" in entry.message for entry in parser.error_log):
        raise InputError(f"{where}: the HTML page is nested too deeply to be read; expected at most 2000 elements")
    _label(root)
    return root


def _writable(match: re.Match[str]) -> str:
    return " " if match.group() in "\v\f" else "\ufffd"


def walk(root: Element, comments: bool = False) -> Iterator[Block]:
    """Paragraphs below an element. A line break ends one too: what follows may begin with a label.

    Args:
        root: The element.
        comments: Whether what looks like the comments of readers is text too.
    """
    from lxml import etree

    pieces: list[str] = []
    linked = 0
    inside: Counter[str] = Counter()
    open_blocks = [root]
    steps: Any = etree.iterwalk(root, events=("start", "end"))
    for event, element in steps:
        name, begins = str(element.tag), event == "start"
        if name in _BLOCKS:
            yield from _blocks(pieces, inside, open_blocks[-1], linked)
            pieces, linked = [], 0
            open_blocks.append(element) if begins else open_blocks.pop()
        silent = name in _SILENT or (not comments and _holds_comments(element))
        if silent and begins:
            steps.skip_subtree()
        else:
            inside[_GROUPS.get(name, name)] += 0 if silent else 1 if begins else -1
            words = (element.text if begins else element.tail if element is not root else "") or ""
            linked += len(words.split()) if inside["a"] else 0
            pieces.append(words)
    yield from _blocks(pieces, inside, root, linked)


def _holds_comments(element: Element) -> bool:
    names = f"{element.get('id') or ''} {element.get('class') or ''}"
    return _COMMENTS.search(names) is not None and element.tag not in ("html", "body", "main", "article")


def _blocks(pieces: list[str], inside: Counter[str], element: Element, linked: int) -> Iterator[Block]:
    text = _INVISIBLE.sub("", "".join(pieces))
    kind: Kind = "heading" if inside["heading"] else "quote" if inside["blockquote"] else "prose"
    for words in layout.unwrapped(text) if inside["pre"] else [layout.one_line(text)]:
        if words:
            yield Block(words, kind, element, linked)


def _label(root: Element) -> None:
    """Write labels in terms and in first cells before the words beside them, and turn tables into paragraphs."""
    for term in list(root.iter("dt")):
        words = term.getnext()
        if words is not None and words.tag == "dd" and (label := _short(term)) and layout.is_label(label):
            _move(label, term, words)
    for row in list(root.iter("tr")):
        cells = [cell for cell in row if cell.tag in ("td", "th")]
        if _is_one_line(row, cells):
            _join(row, cells)
        else:
            spoken = [cell for cell in cells if not layout.is_time(_short(cell) or "-")]
            if len(spoken) == 2 and (label := _short(spoken[0])) and layout.is_label(label):
                for cell in cells:
                    if cell not in spoken:
                        cell.clear(keep_tail=True)
                _move(label, *spoken)
    for element in list(root.iter("table", "thead", "tbody", "tfoot", "tr", "td", "th")):
        element.tag = "div"


def _join(row: Element, cells: list[Element]) -> None:
    """Turn a row into a paragraph, or into a heading where it heads a table."""
    heads = all(cell.tag == "th" for cell in cells)
    words = layout.row([" ".join("".join(cell.itertext()).split()) for cell in cells])
    row.clear(keep_tail=True)
    row.text, row.tag = words, "h6" if heads else "p"


def _move(label: str, holder: Element, words: Element) -> None:
    """Take a label out of its element and write it before the first words of another."""
    from lxml import etree

    holder.clear(keep_tail=True)
    for event, element in etree.iterwalk(words, events=("start", "end")):
        place = "text" if event == "start" else "tail"
        text = getattr(element, place) or ""
        if text.strip() and not (place == "tail" and element is words):
            setattr(element, place, layout.labelled(label, text.lstrip()))
            return
    words.text = layout.labelled(label, "")


def _short(element: Element) -> str:
    """The text of an element that is one short line, or the empty string."""
    found = ""
    for piece in element.itertext():
        found += piece
        if len(found) > _SHORT:
            return ""
    return " ".join(found.split())


def _is_one_line(row: Element, cells: list[Element]) -> bool:
    """Whether a row has nothing but cells without blocks in them, and is not one of links."""
    beside = [row.text, *(cell.tail for cell in cells)]
    if not cells or len(cells) < len(row) or any(text and text.strip() for text in beside):
        return False
    if any(below.tag in _BLOCKS for cell in cells for below in cell.iterdescendants()):
        return False
    linked = sum(len(piece) for link in row.iter("a") for piece in link.itertext())
    return 2 * linked <= sum(map(len, row.itertext()))
