"""What a page carries besides its text: captions, by-lines, reply forms, log-in links."""

from __future__ import annotations

import re
from collections.abc import Sequence

# A line that is nothing else; prose may begin with the same words.
_FOOTER = re.compile(
    r"^[ \t]*(?:leave a (?:reply|comment)(?: cancel reply)?|(?:post|add) a comment|"
    r"share this(?: page| article| post)?:?|like this:?|related(?: articles| posts| stories)?:?|"
    r"fill in your details below.*|you must be logged in.*|log in to (?:reply|comment).*|"
    r"\d+ (?:comments?|responses?)(?: (?:to|on) .{1,80})?|subscribe to our newsletter.*|"
    r"this site uses akismet.*|\\?#{3}|# # #|-30-)[ \t]*\r?$",
    re.IGNORECASE | re.MULTILINE,
)
# Ends like a sentence and still is none of the article's.
_FURNITURE = re.compile(
    r"^log ?(?:in|out)\b.{0,20}$|log ?(?:in|out) (?:to|/|with)|^read more\b|"
    r"^(?:photo|image|picture)s? (?:by|of|caption|credit|courtesy)\b|akismet|all rights reserved|"
    r"(?:uses?|accept) cookies|click (?:here|an icon)|^advertisement\b|^©",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?:…][\"'”’)\]]*$")
_LONGEST_HEADING = 30
_LONGEST_CAPTION = 20
_LONGEST_FOOTER = 60
# Marks that part sections as well as end pages.
_RULE = re.compile(r"[\s\\]*(?:#{3}|# # #|-30-|related:?)\s*", re.IGNORECASE)


def end_of_text(text: str, after: int) -> int:
    """Where the page's footer begins, looked for only behind ``after``; the end of the text if there is none.

    In a text without labels (``after`` is 0) a footer stands behind some prose: the same buttons above it cut nothing.
    """
    for footer in _FOOTER.finditer(text, after):
        if _RULE.fullmatch(footer.group()) and len(text[footer.end() :].split()) > _LONGEST_FOOTER:
            continue  # a rule in the middle of a speech
        if after or any(line.strip() and not is_furniture(line) for line in text[: footer.start()].splitlines()):
            return footer.start()
    return len(text)


def is_punctuated(paragraphs: Sequence[str]) -> bool:
    """Whether full stops can tell prose from headings: most words stand in paragraphs that end like a sentence."""
    ended = sum(len(one.split()) for one in paragraphs if _SENTENCE_END.search(one.strip()))
    return ended * 2 > sum(len(one.split()) for one in paragraphs)


def is_furniture(paragraph: str, punctuated: bool = True) -> bool:
    """Whether an unlabelled paragraph is a heading, caption, by-line or link rather than prose.

    Among punctuated prose, what does not end like a sentence and is short is furniture. A text that has no full stops
    is not told apart by them: there only the known buttons and footers count.
    """
    paragraph = paragraph.strip()
    words = paragraph.split()
    if _FOOTER.fullmatch(paragraph):
        return True
    if _SENTENCE_END.search(paragraph):
        return len(words) < _LONGEST_CAPTION and _FURNITURE.search(paragraph) is not None
    return punctuated and len(words) <= _LONGEST_HEADING
