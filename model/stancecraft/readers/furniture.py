"""What a page carries besides its text: captions, by-lines, reply forms, log-in links."""

from __future__ import annotations

import re

_FOOTER = re.compile(
    r"^[ \t]*(?:leave a (?:reply|comment)|(?:post|add) a comment|share this(?: page| article)?:?|like this:|"
    r"related (?:articles|posts|stories)|fill in your details below|you must be logged in|log in to (?:reply|comment)|"
    r"\d+ (?:comments?|responses?)|subscribe to our newsletter|(?:this site uses )?akismet|\\?###|-30-|# # #)\b.*$",
    re.IGNORECASE | re.MULTILINE,
)
_FURNITURE = re.compile(
    r"log ?(?:in|out)\b|change \)|\bpicture$|connecting to %s|akismet|subscribe|read more|^by [A-Z]|\bstaff$|^©|"
    r"^photo\b|^image\b|cookies|all rights reserved|click (?:here|an icon)|^advertisement",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?:…][\"'”’)\]]*$")
_LONGEST_HEADING = 30


def end_of_text(text: str, after: int) -> int:
    """Where the page's footer begins, looked for only behind ``after``; the end of the text if there is none."""
    footer = _FOOTER.search(text, after)
    return footer.start() if footer else len(text)


def is_furniture(paragraph: str) -> bool:
    """Whether an unlabelled paragraph is a heading, caption, by-line or link rather than prose.

    Prose ends like a sentence; what does not, and is short, is furniture.
    """
    paragraph = paragraph.strip()
    words = paragraph.split()
    if _SENTENCE_END.search(paragraph):
        return len(words) < 12 and _FURNITURE.search(paragraph) is not None
    return len(words) <= _LONGEST_HEADING
