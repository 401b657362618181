"""What the head of a document tells: its date and who publishes it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date as calendar_date

from stancecraft.speakers import Speakers, fold

_LINES = 25
_LONGEST = 18  # words of a line that is a head's, not prose
_LONGEST_SENTENCE = 5  # words of a line that ends in a full stop and still is no prose
_WIDEST = 4000  # characters looked at
_DATELINE = re.compile(r"[A-Z][A-Z .'-]{2,30},[\w., ]{4,30}?(?=\s*(?:[-–—]|\([A-Z]))")
_MONTHS = (
    "january february march april may june july august september october november december "
    "jan feb mar apr may jun jul aug sep oct nov dec"
).split()
_MONTH = rf"(?P<month>{'|'.join(sorted({*_MONTHS, 'sept'}, key=len, reverse=True))})\.?"
_DAY = r"(?<![\d–-])(?P<day>[0-3]?\d)(?:st|nd|rd|th|[\"”])?"
_DATES = (
    re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)-(?P<number>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12]\d|3[01])(?!\d)"),
    re.compile(rf"\b{_MONTH}\s+{_DAY},?\s+(?P<year>(?:19|20)\d\d)\b", re.IGNORECASE),
    re.compile(rf"{_DAY}(?:\s+of)?\s+{_MONTH},?\s+(?P<year>(?:19|20)\d\d)\b", re.IGNORECASE),
    re.compile(r"(?<![\d.])(?P<day>[0-3]?\d)\.(?P<number>[01]?\d)\.(?P<year>(?:19|20)\d\d)(?!\d)"),
)
_ANY_DAY, _ANY_MONTH = r"(?<![\w.–-])[0-3]?\d", rf"(?:{'|'.join(_MONTHS)})[a-z]*\.?"
_AND = r"\s*(?:[–-]|\band\b|\bto\b|&)\s*"
# Several days are not the day of anything: 3 and 4 May 2016, April 30 - May 2, 2016.
_SEVERAL = re.compile(
    rf"{_ANY_DAY}(?:\s+{_ANY_MONTH})?{_AND}[0-3]?\d\s+{_ANY_MONTH},?\s+\d{{4}}\b"
    rf"|\b{_ANY_MONTH}\s+{_ANY_DAY}{_AND}(?:{_ANY_MONTH}\s+)?[0-3]?\d,?\s+\d{{4}}\b",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\b[ap]\.m\.$", re.IGNORECASE)


def lines(text: str, end: int) -> list[str]:
    """The short lines at the head of a document that are no prose, up to an offset."""
    head = [line.strip() for line in text[: min(end, _WIDEST)].splitlines()[: 2 * _LINES] if line.strip()]
    short = (line if not _is_prose(line) else _dateline(line) for line in head[:_LINES])
    return [line for line in short if line]


def _dateline(line: str) -> str:
    """Place and date that a line of prose begins with, before a dash or a bracket; empty if it does not."""
    match = _DATELINE.match(line)
    return match.group() if match else ""


def _is_prose(line: str) -> bool:
    words = len(line.split())
    ended = line.endswith((".", "?", "!")) and not _CLOCK.search(line)
    return words > _LONGEST or (ended and words > _LONGEST_SENTENCE)


def date(head: Sequence[str]) -> str:
    """The ISO date that a head tells, or the empty string: if it tells several, none is the document's for sure."""
    single = [_SEVERAL.sub("", line) for line in head]
    found = {one for line in single for pattern in _DATES for match in pattern.finditer(line) if (one := _iso(match))}
    return found.pop() if len(found) == 1 else ""


def host(head: Sequence[str], speakers: Speakers) -> str:
    """The side whose building or office a head names, or the empty string."""
    words = f" {fold(' / '.join(head).translate(_NO_BRACKETS))} "
    sides = {side for phrase, side in speakers.hosts.items() if f" {phrase} " in words}
    return sides.pop() if len(sides) == 1 else ""


def is_interview(head: Sequence[str]) -> bool:
    """Whether a head announces an interview, in which whoever asks speaks for nobody."""
    return any(_INTERVIEW.search(line) for line in head)


_INTERVIEW = re.compile(r"\binterview(?:ed)?\b", re.IGNORECASE)
_NO_BRACKETS = str.maketrans("()[]", "    ")


def _iso(match: re.Match[str]) -> str:
    parts = match.groupdict()
    month = int(parts["number"]) if parts.get("number") else _MONTHS.index(parts["month"].casefold()[:3]) % 12 + 1
    try:
        return calendar_date(int(parts["year"]), month, int(parts["day"])).isoformat()
    except ValueError:  # 31 February
        return ""
