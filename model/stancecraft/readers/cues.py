"""Cues of captions: found in the text, freed of markup, each word once.

The scanner is our own. Of the libraries, tried in November 2026, ``webvtt-py`` 0.6.0 drops cues
with faulty times, and those behind a blank line, without a word, and keeps one voice per cue; ``pysubs2`` 1.8.1 merges
cues with faulty times into the one before and drops voices; ``srt`` 3.5.3 reads no WebVTT and stops at such cues or
drops them. None tells the line.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from math import isnan
from typing import NamedTuple

from stancecraft.readers.unpunctuated import UNTOLD

HEADER = re.compile(r"WEBVTT(?![^ \t\r\n])")
_NO_CUE = re.compile(r"(?:WEBVTT|NOTE)(?:[ \t]|$)|(?:STYLE|REGION)[ \t]*$")
_TIMING = re.compile(r"[ \t]*(?P<start>[^\s>]{0,32}?)[ \t]*(?P<arrow>--?>)[ \t]*(?P<end>\S{0,32})")
_LIKE_A_TIME = re.compile(r"[-+]?[0-9]|[^:]*:")
_TIME = re.compile(r"(?P<sign>[-+]?)(?:([0-9]{1,7}):)?([0-9]{1,2}):([0-9]{1,2})(?:[.,]([0-9]{1,9}))?")
_TAG = re.compile(
    r"<(?P<time>[0-9][0-9:.]*)>|<v(?:\.[^\s<>]*)?(?:\s(?P<voice>[^<>]*))?>|(?P<close></v>)|</?[a-zA-Z][^<>]*>|</?>"
    r"|\{\\[^{}]*\}"
)
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_MARKUP = re.compile(r"[<{&\u200b-\u2069\ufeff]")
WORD = re.compile(r"\S+")
_MOST_LINES = 15  # rows of a screen of captions
_FEW = 3
_MOMENT = 0.05  # seconds


class Cue(NamedTuple):
    """A cue: what is on the screen for a while.

    Attributes:
        line: Number of the line that tells its time, or of its first line.
        start: Second at which it appears, or ``UNTOLD``.
        end: Second at which it goes, or ``UNTOLD``.
        text: Its lines.
        times: Offsets of words with the second of each.
        voices: Offsets at which a voice begins, with the name; an empty name ends a voice.
    """

    line: int
    start: float
    end: float
    text: str
    times: tuple[tuple[int, float], ...] = ()
    voices: tuple[tuple[int, str], ...] = ()


def scan(text: str) -> tuple[list[Cue], list[int]]:
    """The cues as they stand, and the numbers of lines whose times cannot be read: such cues are passed over."""
    cues: list[Cue] = []
    unreadable: list[int] = []
    named = HEADER.match(text) is not None  # cues of WebVTT may have names, those of SubRip have numbers
    for first, block in _blocks(text):
        timings = [(at, match) for at, line in enumerate(block) if "->" in line and (match := _timing(line))]
        head = block[: timings[0][0]] if timings else block
        if _NO_CUE.match(block[0]):
            # Only a header may have a cue right below it.
            timings, head = timings if block[0].startswith("WEBVTT") else [], []
        if timings and head and (head[-1].strip().isdecimal() or (named and len(head) == 1)):
            head = head[:-1]
        _add_untimed(cues, first, head)
        ends = [at - block[at - 1].strip().isdecimal() for at, _ in timings[1:]] + [len(block)]
        for (at, match), end in zip(timings, ends, strict=False):
            start, stop = _seconds(match["start"]), _seconds(match["end"])
            if start is None or stop is None:
                unreadable.append(first + at)
            else:
                cues.append(Cue(first + at, start, stop, "\n".join(block[at + 1 : end])))
    return cues, unreadable


def _blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    """Runs of lines between empty ones, each with the number of its first line."""
    block: list[str] = []
    number = 0
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        if line:
            block.append(line)
        elif block:
            yield number - len(block), block
            block = []
    if block:
        yield number + 1 - len(block), block


def _add_untimed(cues: list[Cue], first: int, lines: list[str]) -> None:
    """Add lines without a time: they belong to a cue that had none below its time, or else are words without one."""
    if lines and lines[0].strip().isdecimal():
        first, lines = first + 1, lines[1:]  # the number of a cue
    if not any(map(str.strip, lines)):
        return
    if cues and not cues[-1].text.strip() and not isnan(cues[-1].start):
        cues[-1] = cues[-1]._replace(text="\n".join(lines))
    else:
        cues.append(Cue(first, UNTOLD, UNTOLD, "\n".join(lines)))


def _timing(line: str) -> re.Match[str] | None:
    """A line that tells the times of a cue or was meant to."""
    match = _TIMING.match(line)
    if match is None:
        return None
    sides = [side for side in match.group("start", "end") if side]
    if match["arrow"] == "-->":
        return match if all(map(_LIKE_A_TIME.match, sides)) else None
    return match if len(sides) == 2 and all(":" in side for side in sides) else None


def _seconds(time: str) -> float | None:
    """A time in seconds, ``UNTOLD`` if there is none, ``None`` if it cannot be read."""
    if not time:
        return UNTOLD
    match = _TIME.fullmatch(time)
    if match is None:
        return None
    sign, hours, minutes, seconds, fraction = match.groups()
    told = int(hours or 0) * 3600 + int(minutes) * 60 + float(f"{seconds}.{fraction or 0}")
    return round(-told if sign == "-" else told, 3)


def without_markup(cue: Cue) -> Cue:
    """A cue without tags and entities, with what its tags tell of times and voices."""
    if not _MARKUP.search(cue.text):
        return cue
    pieces: list[str] = []
    times: list[tuple[int, float]] = []
    voices: list[tuple[int, str]] = []
    length = at = 0
    for tag in _TAG.finditer(cue.text):
        pieces.append(_plain(cue.text[at : tag.start()]))
        length, at = length + len(pieces[-1]), tag.end()
        if tag["time"]:
            seconds = _seconds(tag["time"])
            times += [] if seconds is None else [(length, seconds)]
        elif tag["close"] or tag["voice"] is not None:
            voices.append((length, " ".join(_plain(tag["voice"] or "").split())))
    pieces.append(_plain(cue.text[at:]))
    return cue._replace(text="".join(pieces), times=tuple(times), voices=tuple(voices))


def _plain(text: str) -> str:
    return _INVISIBLE.sub("", html.unescape(text) if "&" in text else text)


def rolls_up(cues: Sequence[Cue]) -> tuple[bool, bool]:
    """Whether lines stay on the screen while the next one comes below them, and whether they grow word by word."""
    pairs = still = held = moved = grown = 0
    previous: list[str] = []
    for cue in cues:
        lines = [line for _, _, line in _rows(cue.text)]
        if previous and lines:
            whole, words = _repeated(previous, cue, growing=True)
            pairs += 1
            still += whole == len(lines)
            held += whole == len(lines) and cue.end - cue.start <= _MOMENT
            moved += 0 < whole < len(lines)
            grown += words > 0
        previous = lines or previous
    # Two equal cues in a row may be said twice; what moves up above a new line, or is shown for a moment only, is not.
    least = 1 if any(cue.times for cue in cues) else 2
    grows = grown >= _FEW and grown * 4 >= pairs
    rolls = moved + held + grown * grows >= least and (moved + still + grown * grows) * 2 >= pairs
    return rolls, rolls and grows


def once(cues: Iterable[Cue], growing: bool) -> Iterator[Cue]:
    """Cues that roll up, with blanks for the words that the cue before has shown."""
    previous: list[str] = []
    for cue in cues:
        rows = _rows(cue.text)
        lines = [line for _, _, line in rows]
        whole, words = _repeated(previous, cue, growing)
        shown = rows[whole - 1][1] if whole else 0
        for word in islice(WORD.finditer(cue.text, shown), words):
            shown = word.end()
        yield cue._replace(text=" " * shown + cue.text[shown:])
        previous = lines or previous


def _rows(text: str) -> list[tuple[int, int, str]]:
    """Lines that hold words: start, end, and the words with single blanks."""
    rows, at = [], 0
    for line in text.split("\n"):
        if words := line.split():
            rows.append((at, at + len(line), " ".join(words)))
        at += len(line) + 1
    return rows


def _repeated(previous: Sequence[str], cue: Cue, growing: bool) -> tuple[int, int]:
    """How many lines the cue before has shown, and how many words of the line behind them, if lines may grow."""
    rows = _rows(cue.text)
    if not rows or rows[0][0]:
        return 0, 0  # below a blank line everything is new
    new = next((at for at, second in cue.times if second >= cue.start), len(cue.text))
    lines = [line for _, end, line in rows if end <= new]
    most = min(len(previous), len(lines), _MOST_LINES)
    for count in range(most, 0, -1):
        if previous[-count:] == lines[:count]:
            return count, 0
    for count in range(most if growing else 0, 0, -1):
        if previous[-count:-1] == lines[: count - 1] and lines[count - 1].startswith(f"{previous[-1]} "):
            return count - 1, previous[-1].count(" ") + 1
    return 0, 0
