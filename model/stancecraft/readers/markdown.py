"""Markdown to paragraphs of plain words, by markdown-it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from stancecraft.readers import html, layout
from stancecraft.readers.document import Document, Kind, of_paragraphs

if TYPE_CHECKING:
    from markdown_it.token import Token

_MARKS = re.compile(
    r"^ {0,3}(?:"
    r"#{1,6} \S"  # heading
    r"|> \S"  # quotation; ">>" is how captions say that the speaker changes
    r"|(?:[-*+] |\d{1,3}[.)] )?(?:\*\*|__)[^*_\n]{1,60}(?::(?:\*\*|__)|(?:\*\*|__) ?:)"  # label in bold
    r"|\|?(?: *:?-{3,}:? *\|)+ *:?-*:? *\r?$"  # rule below a table's head
    r")|!?\[[^\[\]\n]{0,200}\]\((?:https?:|/|#|mailto:|data:)[^\s()]*",  # link or image
    re.MULTILINE,
)
_SEVERAL = 2
_SNIFFED = 65_536
_FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\r?\n[a-z][\w-]*:(?s:.{0,10000}?)\n(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)")
# "[Anna]: Yes." is a label and an answer; a definition of a link has an address.
_NO_DEFINITION = re.compile(r"^ {0,3}(?=\[[^\]\n]{1,200}\]:[ \t]+(?!<|https?:|mailto:|www\.|[/#.]))", re.MULTILINE)
_YEAR = re.compile(r"^ {0,3}\d{4,9}(?=[.)][ \t])", re.MULTILINE)  # no number of a list
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_SENTENCE = re.compile(r"[.!?…][\"'”’)]*$")
_MOST_BRACKETS = 1000  # in a paragraph
_DEEPEST = 100  # quotations in quotations


def looks_like_markdown(text: str) -> bool:
    """Whether a text has several marks that only Markdown has; one ``#`` or asterisk does not make a text one."""
    marks = _MARKS.finditer(text[:_SNIFFED])
    return sum(1 for _ in zip(marks, range(_SEVERAL), strict=False)) == _SEVERAL


def extract(text: str, where: str) -> Document:
    """The words of a Markdown text; images, tags, rules and front matter are left out.

    Lines of a paragraph are joined where they are wrapped at a fixed width.

    Raises:
        InputError: If raw HTML in it is nested too deeply.
    """
    text = _FRONT_MATTER.sub("", text.removeprefix("\ufeff"))
    text = _YEAR.sub(r"\g<0>\\", _NO_DEFINITION.sub(r"\g<0>\\", text))
    return of_paragraphs(_paragraphs(_tokens(text), where))


def _tokens(text: str) -> Iterator[Token]:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"maxNesting": _DEEPEST}).enable(["table", "strikethrough"]).disable("inline")
    known: dict[str, Any] = {}
    for token in parser.parse(text, known):
        if token.type == "inline":
            token.children = []
            # The parser's time grows with the square of the brackets that nothing closes.
            if token.content.count("[") <= _MOST_BRACKETS:
                parser.inline.parse(token.content, parser, known, token.children)
        yield token


def _paragraphs(tokens: Iterable[Token], where: str) -> Iterator[tuple[str, Kind]]:
    inside: Counter[str] = Counter()
    cells: list[str] = []
    is_underlined = False
    for token in tokens:
        inside[token.type.removesuffix("_open").removesuffix("_close")] += token.nesting
        kind: Kind = "heading" if inside["thead"] else "quote" if inside["blockquote"] else "prose"
        if token.type == "heading_open":
            is_underlined = not token.markup.startswith("#")
        elif token.type == "tr_close":
            yield layout.row(cells), kind
            cells = []
        elif token.type == "inline" and inside["tr"]:
            cells.append(" ".join(_rendered(token).split()))
        elif token.type == "inline":
            words = _rendered(token)
            # A line of speech above a rule is no heading, though Markdown has it so.
            is_heading = inside["heading"] and not (is_underlined and _SENTENCE.search(words))
            yield from ((line, "heading" if is_heading else kind) for line in layout.unwrapped(words))
        elif token.type in ("code_block", "fence"):
            yield from ((line, kind) for line in layout.unwrapped(token.content))
        elif token.type == "html_block":
            yield from ((words, own if kind == "prose" else kind) for words, own in html.pieces(token.content, where))


def _rendered(token: Token) -> str:
    """Inline markup as plain words; lines that are certainly apart have a blank line between them."""
    children = token.children or []
    pieces = [] if children else [token.content]
    for at, child in enumerate(children):
        if child.type in ("text", "text_special", "code_inline"):
            pieces.append(child.content)
        elif child.type == "hardbreak" or (child.type == "html_inline" and _LINE_BREAK.match(child.content)):
            pieces.append("\n\n")
        elif child.type == "softbreak":
            pieces.append("\n\n" if _begins_with_bold_label(children[at + 1 : at + 6]) else "\n")
    return "".join(pieces)


def _begins_with_bold_label(children: Sequence[Token]) -> bool:
    kinds = [child.type for child in children if child.content or child.nesting]
    words = [child.content for child in children if child.content or child.nesting]
    if kinds[:3] != ["strong_open", "text", "strong_close"]:
        return False
    return words[1].rstrip().endswith(":") or "".join(words[3:4]).lstrip().startswith(":")
