"""Speech as machines write it down: words with times, noises in brackets, and often no full stop in an hour.

Captions and diarised speech gather what somebody says in a :class:`Speech`; :func:`utterances` turns speeches into
utterances and, where full stops are missing, cuts them where the speaker pauses.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isnan, nan

from stancecraft.readers.utterances import Utterance
from stancecraft.records import Role

UNTOLD = nan
"""A time that the source does not tell."""

SHORTEST, LONGEST = 8, 30
"""Words of a piece of unpunctuated speech; only a whole utterance may be shorter."""

_WORDS_PER_STOP = 60  # fewer sentence ends than one in so many words is no punctuation
# Weights of a place to cut, in seconds of pause. On a debate of 17,000 words with automatic captions pauses alone find
# three in ten sentence ends; with the words on both sides, which tell a halt from an end, it is more than four in ten.
_ENDS_PIECE = 0.55
_WORD_TAKES = 0.25
_BORDER = 0.2
_OPENING = 0.5
_HANGING = -1.0
_OPENERS = frozenset("and but so now well we i he they you it this these there what i'm we're yes no".split())
_HANGERS = frozenset(
    "the a an of to in on at for with by from and or but our my your their his its this that is are was were be been "
    "have has had will would can could should i we they he not as than".split()
)
_USUAL = 16  # words of a piece where nothing else decides
_CLOSERS = "\"'”’»)]"
_ABBREVIATIONS = frozenset("mr. mrs. ms. dr. st. vs. gen. sen. gov. amb. prof. rep. jr. sr.".split())

_BRACKET = re.compile(r"[\[(][^\[\]()]{0,80}[\])]")
_BRACKETS_ALONE = re.compile(r"^(?:[^\w\n\[\]()]*+[\[(][^\[\]()]{0,80}[\])])++[^\w\n]*+$", re.MULTILINE)
_FEW = 6
_NOISES = frozenset(
    "applauding applause audience beep beeping bell bells booing boos buzzer chanting chatter chattering cheering "
    "cheers chuckles chuckling clapping clip cough coughing coughs cross-talk crosstalk crowd crying drumroll "
    "explosion foreign gasps gavel groans gunfire gunshots indistinct interpretation interpreter interpreting "
    "jingle laugh laughing laughs laughter mic music noise noises off-mic pause pauses playing ringing screams "
    "shouting sighing sighs silence silent singing sings siren sirens sneezes sniffs sobs sound sounds speaking "
    "speaks static theme translator whistles whistling yells".split()
)
# In round brackets these may as well be what is said.
_ONLY_SQUARE = frozenset("audience bell bells clip crowd explosion foreign gunfire sound sounds static theme".split())
_NOTES = re.compile("[♩♪♫♬]")
_NOTES_INSIDE = re.compile("[♩♪♫♬](?:.*[♩♪♫♬]|.*)")
_VERSE = 4  # lines
_WORD = re.compile(r"[\w'-]+")
_VISIBLE = re.compile(r"[^\s]")


@dataclass(slots=True)
class Speech:
    """What one speaker says without a break, gathered word by word.

    Attributes:
        label: Who speaks, as the source prints it; empty when it does not say.
        role: The capacity, where the source tells it.
        side: Country or organisation, where the source tells it.
        words: The words in order.
        starts: Second at which each begins, or :data:`UNTOLD`.
        ends: Second at which each ends, or :data:`UNTOLD`.
        borders: Whether a cue or segment of the source begins with each.
    """

    label: str = ""
    role: Role | None = None
    side: str = ""
    words: list[str] = field(default_factory=list)
    starts: array[float] = field(default_factory=lambda: array("d"))
    ends: array[float] = field(default_factory=lambda: array("d"))
    borders: bytearray = field(default_factory=bytearray)

    def say(self, word: str, start: float = UNTOLD, end: float = UNTOLD, *, border: bool = False) -> None:
        """Add a word, which holds no white space."""
        self.words.append(word)
        self.starts.append(start)
        self.ends.append(end)
        self.borders.append(border)


def utterances(speeches: Sequence[Speech]) -> list[Utterance]:
    """Speeches as utterances; those without punctuation are cut at their pauses.

    An utterance long enough to tell decides for itself whether it is punctuated, a short one goes with the rest.
    """
    counts = [(len(one.words), sum(map(_ends_sentence, one.words))) for one in speeches]
    bare = _is_bare(sum(words for words, _ in counts), sum(ends for _, ends in counts))
    return [
        _utterance(one, _is_bare(words, ends) and (bare or words >= _WORDS_PER_STOP))
        for one, (words, ends) in zip(speeches, counts, strict=True)
        if words
    ]


def cuts(speech: Speech) -> list[int]:
    """Numbers of the words that begin a piece, the first word left out.

    The longest pauses are taken first. Every piece has :data:`SHORTEST` to :data:`LONGEST` words, or the speech is
    itself shorter. Equal speeches are cut alike.
    """
    count = len(speech.words)
    weights = [0.0, *(_weight(speech, at) for at in range(1, count))]
    # Where places are alike, pieces come out even.
    uneven = [min(at, _USUAL - at) for at in range(_USUAL)]
    places = sorted(range(SHORTEST, count - SHORTEST + 1), key=lambda at: (-weights[at], uneven[at % _USUAL]))
    begins = bytearray(count + 1)
    begins[0] = begins[count] = True
    for at in places:
        before = begins.rfind(1, max(0, at - LONGEST), at)
        behind = begins.find(1, at + 1, at + LONGEST + 1)
        left = at - before if before >= 0 else LONGEST
        right = behind - at if behind >= 0 else LONGEST
        if min(left, right) >= SHORTEST and (left + right > LONGEST or weights[at] >= _ENDS_PIECE):
            begins[at] = True
    return [at for at in range(1, count) if begins[at]]


def silenced(text: str) -> str:
    """A text with blanks for what is no speech: ``[Music]``, ``(applause)``, lines of song between notes (♪).

    Offsets stay as they are. ``(inaudible)`` inside a line stays too: it stands for words.
    """
    if _NOTES.search(text):
        text = "\n".join(_unsung(text.split("\n")))
    if "[" in text or "(" in text:
        text = _BRACKETS_ALONE.sub(lambda match: match[0] if _is_sentence(match[0]) else _blank(match[0]), text)
        text = _BRACKET.sub(lambda match: _blank(match[0]) if _is_noise(match[0]) else match[0], text)
    return text


def _utterance(speech: Speech, bare: bool) -> Utterance:
    offsets, at = [], 0
    for word in speech.words:
        offsets.append(at)
        at += len(word) + 1
    times = tuple((offset, start) for offset, start in zip(offsets, speech.starts, strict=True) if not isnan(start))
    breaks = tuple(offsets[number] for number in cuts(speech)) if bare else None
    return Utterance(" ".join(speech.words), speech.label, speech.role, speech.side, breaks, times)


def _is_bare(words: int, ends: int) -> bool:
    return ends * _WORDS_PER_STOP < words


def _ends_sentence(word: str) -> bool:
    if word[-1].isalnum():
        return False
    word = word.rstrip(_CLOSERS)
    if not word.endswith(".") or word.casefold() in _ABBREVIATIONS:
        return word.endswith(("!", "?", "…", "。", "؟", "।"))
    # The stop of "U.S." or "p.m." ends an abbreviation.
    return word[-2:-1].isdigit() or (len(word) > 2 and word[-3:-1].isalnum()) or word.endswith("..")


def _weight(speech: Speech, at: int) -> float:
    """How good a place the one before a word is for a cut, in seconds of pause."""
    start, said, began = speech.starts[at], speech.ends[at - 1], speech.starts[at - 1]
    # A time that is not told is NaN, and no comparison with it holds.
    pause = start - said if said >= 0 else start - began - _WORD_TAKES
    weight = (pause if pause > 0 else 0.0) + _BORDER * speech.borders[at]
    weight += _OPENING if speech.words[at].casefold() in _OPENERS else 0.0
    return weight + (_HANGING if speech.words[at - 1].casefold() in _HANGERS else 0.0)


def _blank(text: str) -> str:
    return _VISIBLE.sub(" ", text)


def _is_sentence(text: str) -> bool:
    """Whether brackets that fill a line hold a sentence: noises have no full stop."""
    return text.rstrip().rstrip("])").rstrip().endswith((".", "!", "?")) and len(text.split()) > 1


def _is_noise(bracket: str) -> bool:
    words = _WORD.findall(bracket.casefold())
    noises = _NOISES - _ONLY_SQUARE if bracket[0] == "(" else _NOISES
    return not any(map(str.isalnum, bracket)) or (len(words) <= _FEW and not noises.isdisjoint(words))


def _unsung(lines: Sequence[str]) -> list[str]:
    """Lines with blanks for song: from a note that opens a line to the note that ends this or a later one."""
    found, singing = [], False
    for number, line in enumerate(lines):
        bare = line.strip(" \t-–>")
        if singing or _NOTES.match(bare):
            later = any(map(_NOTES.search, lines[number + 1 : number + _VERSE]))
            singing = later and not _NOTES.match(bare[-1:])
            found.append(_blank(line))
        else:
            found.append(_NOTES_INSIDE.sub(lambda match: _blank(match[0]), line))
    return found
