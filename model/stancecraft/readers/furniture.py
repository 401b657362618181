"""What a page carries besides its text: captions, by-lines, reply forms, log-in links."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

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
    r"^[\w., ]{2,40}, D\.C\.$|(?:uses?|accept) cookies|click (?:here|an icon)|^advertisement\b|^©",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?:…][\"'”’)\]]*$")
_LONGEST_HEADING = 30
_LONGEST_CAPTION = 20
_LONGEST_FOOTER = 60
_BEGINS_A_MARK = frozenset("0123456789-–—([*#\\pPmMeEoObBsStT")
_LONGEST_MARK = 120  # characters of a line
_NEAR = 200  # characters looked at above a mark
_FAR = 2000  # characters behind a rule that are looked at
_BLANK_LINE = 2  # line breaks
_OPEN_ENDED = re.compile(r"[\w,;]\Z")  # in the middle of a sentence
_SHORTEST_SHOUT = 12  # letters
_SHOUTED = 0.9  # of the letters
_LINE = re.compile(r"[^\r\n]+")
_NUMBERED_LINE = re.compile(r"^(?=[^\r\n]{8,160}\r?$)[^\r\n]*\d[^\r\n]*$", re.M)
_DIGITS = re.compile(r"\d+")
_MARGIN = 40  # characters looked at around a line
_BLANK_ABOVE = re.compile(r"\n[ \t]*\r?\n[ \t]*\Z")
_BLANK_BELOW = re.compile(r"[ \t]*\r?\n[ \t]*\r?\n")
_RUNNING = 3  # times that a running line comes back
_SHORTEST_RUNNING = 8  # characters
# Alone on a line: no words of anybody.
_MARK = re.compile(
    r"(?:"
    r"(?:page[ \t]*+)?[-–—]?[ \t]*+\d{1,4}(?:[ \t]*+(?:/|of)[ \t]*+\d{1,4})?[ \t]*+[-–—]?"
    r"|\d{2}-\d{5}(?:[ \t]*+\(?E?\)?)?[ \t]++\d{1,3}/\d{1,3}|\d{1,3}/\d{1,3}[ \t]++\d{2}-\d{5}"
    r"|the meeting (?:rose|was (?:called to order|suspended|resumed|adjourned)) at .{1,40}"
    r"|\(?(?:more|end)\)?"
    r"|[(\[]the (?:press )?(?:briefing|conference|call|meeting|interview|event|remarks)\b[^)\]]{0,80}[)\]]"
    r"|\**[ \t]*+(?:off|back on|on) the record[ \t]*+\**"
    r"|end[ \t]+\d{1,2}:\d\d\b.{0,30}|(?:begin|start|end) (?:transcript|video|audio|clip)"
    r"|\d{1,2}:\d\d[ \t]*[ap]\.?m\.?\b.{0,20}|\*{1,2}please see below.{0,80}|\\?#{3}|# # #|-30-"
    r")[ \t\u00a0.*\\]*+",
    re.IGNORECASE,
)
# Marks that part sections as well as end pages.
_RULE = re.compile(r"[\s\\]*(?:#{3}|# # #|-30-|related:?)\s*", re.IGNORECASE)


def end_of_text(text: str, after: int) -> int:
    """Where the page's footer begins, looked for only behind ``after``; the end of the text if there is none.

    In a text without labels (``after`` is 0) a footer stands behind some prose: the same buttons above it cut nothing.
    """
    for footer in _FOOTER.finditer(text, after):
        if _RULE.fullmatch(footer.group()) and len(text[footer.end() : footer.end() + _FAR].split()) > _LONGEST_FOOTER:
            continue  # a rule in the middle of a speech
        if _OPEN_ENDED.search(text, max(0, footer.start() - 2), max(0, footer.start() - 1)):
            continue  # a line of wrapped text that is like a footer by chance
        if after or _has_prose(text, footer.start()):
            return footer.start()
    return len(text)


def _has_prose(text: str, end: int) -> bool:
    return any(line.group().strip() and not is_furniture(line.group()) for line in _LINE.finditer(text, 0, end))


def running_lines(text: str) -> frozenset[str]:
    """Lines that come back on page after page, digits aside: a browser's or a printer's page headers and footers.

    They stand apart from the words around them, and other words lie between one and the next.
    """
    last: dict[str, int] = {}
    counts: Counter[str] = Counter()
    for match in _NUMBERED_LINE.finditer(text):
        line = _folded(match.group())
        if len(line) < _SHORTEST_RUNNING or _SENTENCE_END.search(line) or not _stands_apart(text, *match.span()):
            continue
        # Items in a row that count something are no page's head: nothing stands between them.
        apart = line not in last or not text[last[line] : min(match.start(), last[line] + _MARGIN)].isspace()
        counts[line] += apart
        last[line] = match.end()
    return frozenset(line for line, times in counts.items() if times >= _RUNNING)


def _stands_apart(text: str, start: int, end: int) -> bool:
    """Whether a blank line, a page break or an edge of the text is above or below a line."""
    above, below = text[max(0, start - _MARGIN) : start], text[end : end + _MARGIN]
    edges = (not above.strip(), not below.strip(), "\f" in above[-2:], "\f" in below[:3])
    blank = _BLANK_ABOVE.search(above) is not None or _BLANK_BELOW.match(below) is not None
    return blank or any(edges)


def without_marks(text: str, start: int, end: int, running: frozenset[str]) -> Iterator[tuple[int, int]]:
    """The parts of a paragraph that are left when page numbers, running lines and marks of the end are taken out."""
    first = last = -1
    for line in _LINE.finditer(text, start, end):
        words = line.group()
        if _is_mark(text, line.start(), line.end()) or (running and _folded(words) in running):
            if first >= 0:
                yield first, last
            first = -1
        elif not words.isspace():
            first, last = (line.start() if first < 0 else first), line.end()
    if first >= 0:
        yield first, last


def _is_mark(text: str, start: int, end: int) -> bool:
    """Whether a line is a page number or a mark of the end: a whole line of the text, and no part of a sentence."""
    if end - start > _LONGEST_MARK:
        return False
    words = text[start:end].strip()
    if words[:1] not in _BEGINS_A_MARK or not _MARK.fullmatch(words):
        return False
    before = text[max(0, start - _NEAR) : start].rstrip(" \t\u00a0")
    if before and not before.endswith(("\n", "\r", "\f")):
        return False  # what somebody says behind a label
    # The last words of a wrapped sentence may look like one; a bare number is a page's all the same.
    above = before.rstrip()
    goes_on = _OPEN_ENDED.search(above) is not None and before[len(above) :].count("\n") < _BLANK_LINE
    return not (goes_on and words.endswith(".") and words[:1].islower() | words[:1].isdigit())


def _folded(line: str) -> str:
    return _DIGITS.sub("0", line.strip())


def is_punctuated(paragraphs: Sequence[str]) -> bool:
    """Whether full stops can tell prose from headings: most words stand in paragraphs that end like a sentence."""
    ended = sum(len(one.split()) for one in paragraphs if _SENTENCE_END.search(one.strip()))
    return ended * 2 > sum(len(one.split()) for one in paragraphs)


def _shouts(paragraph: str) -> bool:
    """Whether a paragraph is in capitals throughout, as headings between paragraphs are."""
    letters = [c for c in paragraph if c.isalpha()]
    return len(letters) >= _SHORTEST_SHOUT and sum(map(str.isupper, letters)) > _SHOUTED * len(letters)


def is_furniture(paragraph: str, punctuated: bool = True) -> bool:
    """Whether an unlabelled paragraph is a heading, caption, by-line or link rather than prose.

    Among punctuated prose, what does not end like a sentence and is short is furniture. A text that has no full stops
    is not told apart by them: there only the known buttons and footers count.
    """
    paragraph = paragraph.strip()
    words = paragraph.split()
    if _FOOTER.fullmatch(paragraph) or _shouts(paragraph):
        return True
    if _SENTENCE_END.search(paragraph):
        return len(words) < _LONGEST_CAPTION and _FURNITURE.search(paragraph) is not None
    return punctuated and len(words) <= _LONGEST_HEADING
