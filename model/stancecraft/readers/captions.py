"""Captions: WebVTT and SubRip (SRT), made by people or by machines, to a transcript."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from math import isnan
from operator import attrgetter

from stancecraft.errors import InputError
from stancecraft.readers import utterances
from stancecraft.readers.cues import HEADER, WORD, Cue, once, rolls_up, scan, without_markup
from stancecraft.readers.source import Source
from stancecraft.readers.unpunctuated import UNTOLD, Speech, silenced
from stancecraft.readers.unpunctuated import utterances as spoken
from stancecraft.readers.voices import Change, Names
from stancecraft.records import Transcript

_BEGINS_AS_SUBRIP = re.compile(r"(?:[0-9]{1,9}[ \t]*[\r\n]\s*)?[-+]?[0-9]+:[0-9:.,]*\S{0,9}[ \t]*--?>[ \t]*[-+0-9]")
_TOLD_LINES = 10
_MAY_CHANGE = re.compile("[:>–—-]")
Word = tuple[int, str, float, bool]
"""Offset of a word, the word, the second at which it is said, and whether that is told of this word itself."""


def is_captions(text: str) -> bool:
    """Whether a text begins with the header of WebVTT or with a cue of SubRip."""
    head = text[:4096].lstrip("\ufeff \t\r\n")
    return HEADER.match(head) is not None or _BEGINS_AS_SUBRIP.match(head) is not None


def read(text: str, source: Source) -> Transcript:
    """Read captions: every word once, in the order of the file, under the label that the captions give.

    Labels are voice tags (``<v Anna Holt>``), names before a colon, and changes of speaker without a name (``>>``, a
    dash at the beginning of a line). A label holds until the next one. Captions without punctuation are cut at the
    longest pauses.

    Raises:
        InputError: If there are no captions in the text.
    """
    scanned, unreadable = scan(text.removeprefix("\ufeff"))
    if not unreadable and not is_captions(text) and all(isnan(cue.start) and isnan(cue.end) for cue in scanned):
        raise InputError(f"{source.where}: expected captions (WebVTT or SRT), found no line with the times of a cue")
    cues = [without_markup(cue) for cue in scanned]
    rolls, grows = rolls_up(cues)
    notes = _notes(cues, unreadable, rolls, source.where)
    if rolls:
        cues = list(once(cues, grows))
    talk = _Talk(Names(cues, source.speakers))
    for cue in cues:
        talk.add(cue)
    return utterances.transcript(spoken(talk.speeches), source, notes)


def _notes(cues: Sequence[Cue], unreadable: Sequence[int], rolled: bool, where: str) -> list[str]:
    notes = []
    if unreadable:
        lines = ", ".join(map(str, unreadable[:_TOLD_LINES])) + (", ..." if len(unreadable) > _TOLD_LINES else "")
        notes.append(
            f"{where}:{unreadable[0]}: times that cannot be read; passed over: {_cues(len(unreadable))} (line {lines})"
        )
    odd: list[int] = []
    before = Cue(0, 0.0, 0.0, "")
    for cue in cues:
        # A time that is not told is NaN, and no comparison with it holds.
        regular = 0 <= cue.start <= cue.end and not cue.start < before.start
        if not regular or (cue.start < before.end and not rolled):
            odd.append(cue.line)
        before = cue
    if odd:
        notes.append(
            f"{where}:{odd[0]}: times that overlap, run backwards, are negative or missing in {_cues(len(odd))}, "
            "of which this is the first; the words are kept in the order of the file"
        )
    return notes


def _cues(count: int) -> str:
    return f"{count} cue" + "s" * (count > 1)


class _Talk:
    """Gathers the words of cues into what each speaker says.

    Attributes:
        speeches: In order; the first may be empty.
    """

    def __init__(self, names: Names) -> None:
        self.speeches = [Speech()]
        self._names = names
        self._label = ""
        self._changed = False  # somebody else speaks, though the label may be the same
        self._voiced = False  # a voice tag, and no word since

    def add(self, cue: Cue) -> None:
        """Add the words of a cue."""
        text = silenced(cue.text)
        changes = [Change(at, at, name, printed=False) for at, name in cue.voices]
        if _MAY_CHANGE.search(text):
            changes += self._names.changes(text, cue.text)
        changes.sort(key=attrgetter("start", "printed"))
        spoken_text = _without(text, [(one.start, one.end) for one in changes])
        at, number = 0, -1
        for number, word in enumerate(_timed(cue, spoken_text)):
            while at < len(changes) and changes[at].start <= word[0]:
                self._change(changes[at])
                at += 1
            self._say(word, border=number == 0)
        for change in changes[at:]:
            self._change(change)
        if number >= 0 and not cue.times and cue.end >= max(cue.start, 0):
            self.speeches[-1].ends[-1] = cue.end

    def _change(self, change: Change) -> None:
        if change.label is not None:
            self._label, self._changed = change.label, False
            self._voiced = bool(change.label) and not change.printed
        elif not change.idle and not self._voiced:  # a dash behind a voice tag is that voice's
            self._label, self._changed = "", True

    def _say(self, word: Word, *, border: bool) -> None:
        _, written, time, is_told = word
        if self._changed or self._label != self.speeches[-1].label:
            self.speeches.append(Speech(self._label))
            is_told = True
        self._changed = self._voiced = False
        self.speeches[-1].say(written, time if is_told else UNTOLD, border=border)


def _without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """A text with blanks for some spans."""
    pieces, at = [], 0
    for start, end in spans:
        if end > at:
            pieces += [text[at:start], " " * (end - max(at, start))]
            at = end
    return "".join([*pieces, text[at:]])


def _timed(cue: Cue, text: str) -> Iterator[Word]:
    """The words of a cue with their times."""
    marks = iter([*cue.times, (len(text) + 1, UNTOLD)])
    time, is_told = cue.start, True
    upcoming = next(marks)
    for match in WORD.finditer(text):
        while upcoming[0] <= match.start():
            time, is_told, upcoming = upcoming[1], True, next(marks)
        yield match.start(), match[0], time if time >= 0 else UNTOLD, is_told
        is_told = False
