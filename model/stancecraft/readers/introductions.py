"""What a text says of its speakers: full names for surnames, with the title and the side that stand beside them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from stancecraft.speakers import Speaker, Speakers, fold
from stancecraft.speakers.names import written

_CAPITALISED_WORD = re.compile(r"(?<![\w’'-])(?:[^\W\d_a-z]|[a-z]{1,3}-)[\w’'-]*")
_TOKEN = re.compile(r"[^\W\d_][\w’'-]*")
# Between the parts of a name: a blank or a line break of wrapped text, and the full stop of an initial.
_WITHIN_NAME = re.compile(r"[ \t\u00a0]+|[ \t]*\r?\n[ \t]*")
_BEHIND_INITIAL = re.compile(r"\.?[ \t\u00a0]*(?:\r?\n[ \t]*)?")
_PARTICLES = frozenset("al el de da di del der den van von bin ibn la le du".split())
_NO_NAME = re.compile(r"[’'](?:s|m|ve|re|ll|d|t)$")  # and contractions: no part of a name
_LONGEST = 3  # words before a surname
_BEFORE, _BEHIND = 90, 120  # characters looked at beside a name
_LABEL_FOLLOWS = re.compile(r"[ \t]*(?:\([^)\n]*\)[ \t]*)?:")
_CAPITALISED = r"[A-ZÀ-Þ][\w’'-]*"
_OF_WHAT = rf"(?:of|for)[ \n]+(?:the[ \n]+)?{_CAPITALISED}(?:[ \n]+(?:and[ \n]+)?{_CAPITALISED}){{0,4}}"
_TITLE = rf"(?:{_CAPITALISED}[ \n]+){{0,4}}{_CAPITALISED}(?:[ \n]+{_OF_WHAT})?"
_TITLED_BEFORE = re.compile(rf"(?P<title>{_TITLE}),?[ \n]+\Z")
_SIDE = rf"(?P<side>(?:the[ \n]+)?{_CAPITALISED}(?:[ \n]+(?:of[ \n]+)?(?:the[ \n]+)?{_CAPITALISED}){{0,5}})"
_BEHIND_NAME = re.compile(
    r"[ \n]*\((?P<brackets>[^)\n]{2,40})\)"
    rf"|(?:,[ \n]*(?:the[ \n]+)?(?P<title>[A-Za-z][\w’' \n-]{{2,70}}?))?[ \n]+(?:of|from)[ \n]+{_SIDE}"
)
_POSSESSIVE = re.compile(r"[’']s?$")
_PLACED = frozenset({"in", "at"})  # "In Geneva Holt was late."
# Words that open a sentence or address somebody, capitalised before a name they are no part of.
_OPENERS = frozenset(
    "and but so thank thanks yes no well ok okay please hi hello good dear when where what who how why if as on in at "
    "by for to from with about that this is was our my your his her their let then now here there today also both "
    "either yesterday earlier later meanwhile however still while monday tuesday wednesday thursday friday saturday "
    "sunday january february march april june july august september october november december".split()
)


@dataclass(frozen=True, slots=True)
class Introduction:
    """A full name in a text.

    Attributes:
        name: As a person would write it.
        title: Folded title before or behind it, or empty.
        side: Side named beside it, or empty.
    """

    name: str
    title: str = ""
    side: str = ""


class Introductions:
    """The full names that a text gives to some surnames, found in one pass."""

    def __init__(self, text: str, surnames: Collection[str], table: Speakers, no_names: Collection[str] = ()) -> None:
        """Read a text for some folded surnames, with folded words that are part of no name (misspelt titles)."""
        self._text, self._table, self._no_names = text, table, no_names
        self._by_surname: dict[str, dict[str, Introduction]] = {}
        wanted = frozenset(name for name in surnames if name)
        for start, first, last in _named(text, wanted) if wanted else ():
            self._add(start, first, last)

    def of(self, surname: str) -> list[Introduction]:
        """The different people of a folded surname, in the order in which they are first named."""
        return list(self._by_surname.get(surname, {}).values())

    def of_name(self, name: str) -> bool:
        """Whether the text names somebody in full by a name as written."""
        return any(name in people for people in self._by_surname.values())

    def _add(self, start: int, first: list[str], last: re.Match[str]) -> None:
        # Titles, countries and the words of a sentence before a name are no part of it.
        while first and (self._table.is_title_word(fold(first[0])) or fold(first[0]) in _OPENERS):
            if fold(first[0]) in _PLACED:
                return
            start = self._text.find(first[1] if len(first) > 1 else last.group(), start + len(first[0]))
            del first[0]
        names = [word for word in first if word.casefold() not in _PARTICLES]
        if not any(len(word) > 1 for word in names) or any(self._no_name(fold(word)) for word in names):
            return
        name = written(" ".join(self._text[start : last.end()].split()), self._table)
        people = self._by_surname.setdefault(fold(last.group()).rsplit(" ", 1)[-1], {})
        title, side = self._beside(start, last.end())
        known = people.get(name, Introduction(name))
        people[name] = Introduction(name, known.title or title, known.side or side)

    def _no_name(self, folded: str) -> bool:
        return folded in self._no_names or self._table.is_title_word(folded)

    def _beside(self, start: int, end: int) -> tuple[str, str]:
        """The title and the side named directly before a name, or directly behind it."""
        title, side = "", ""
        if before := _TITLED_BEFORE.search(self._text, max(0, start - _BEFORE), start):
            title, side = self._titled(before["title"].split())
        behind = _BEHIND_NAME.match(self._text, end, end + _BEHIND)
        if behind and behind["brackets"]:
            side = side or self._table.side_named(behind["brackets"])
        elif behind:
            told = self._table.read(fold(behind["title"] or ""))
            if not behind["title"] or told.office:
                title, side = title or told.office, side or self._side_behind(behind["side"].split())
        return title, side

    def _titled(self, words: list[str]) -> tuple[str, str]:
        """The office and side that the last words before a name are, and nothing else: Velmian Minister of Trade."""
        for at in range(len(words)):
            reading = self._table.read(fold(" ".join(_POSSESSIVE.sub("", word) for word in words[at:])))
            if not reading.office and reading.side and not reading.name and _POSSESSIVE.search(words[-1]):
                return "", reading.side  # "Velm's Anna Holt"
            if reading.office and (not reading.name or reading.name.startswith(("of ", "for "))):
                return reading.office, reading.side
        return "", ""

    def _side_behind(self, words: list[str]) -> str:
        """The side that words behind "of" begin with, or that follows another "of": Trade of the Republic of Velm."""
        for at in (0, *(at + 1 for at, word in enumerate(words) if word == "of")):
            for end in range(len(words), at, -1):
                if side := self._table.side_named(" ".join(words[at:end])):
                    return side
        return ""

    def holder(self, office: str, side: str) -> Speaker | None:
        """The known person whom the text calls by an office ("Foreign Minister Sergey Lavrov"): of the side, if told.

        Of several of a side, the one named twice as often as any other; without a side only if no other is called so.
        """
        if not office:
            return None
        words = rf"(?:{_CAPITALISED}|al-{_CAPITALISED}|al|de|van|von|bin)"
        pattern = rf"\b(?i:{re.escape(office)})[ \n]+((?:{words}[ \n]+){{0,3}}{words})"
        found: Counter[Speaker | None] = Counter()
        for match in re.finditer(pattern, self._text):
            speaker = self._called(office, match[1].split())
            if not side or (speaker is not None and speaker.side == side):
                found[speaker] += 1
        ranked = found.most_common(2)
        if not ranked or (len(ranked) > 1 and not (side and ranked[0][1] >= 2 * ranked[1][1])):
            return None
        return ranked[0][0]

    def _called(self, office: str, words: list[str]) -> Speaker | None:
        for length in range(len(words), 0, -1):
            speaker = self._table.resolve(f"{office} {' '.join(words[:length])}")
            if speaker.known and speaker.name not in self._table.sides.values():
                return speaker
        return None


def _named(text: str, surnames: frozenset[str]) -> Iterator[tuple[int, list[str], re.Match[str]]]:
    """Where a surname stands behind other names: the start of the first of them, they, and the surname's match."""
    for surname in _CAPITALISED_WORD.finditer(text):
        word = surname.group()
        plain = word.casefold()
        if plain not in surnames and (plain.isascii() and "'" not in plain or fold(word) not in surnames):
            continue
        # A label names nobody whom it does not name by itself.
        if text[surname.end() : surname.end() + 1] != ":":
            names = _names_before(text, surname)
            if names and not _is_label(text, names[0].start(), surname):
                yield names[0].start(), [one.group() for one in names], surname


def _names_before(text: str, surname: re.Match[str]) -> list[re.Match[str]]:
    """The words directly before a surname that may be first names of its bearer."""
    recent: list[re.Match[str]] = []
    for token in [*_TOKEN.finditer(text, max(0, surname.start() - _BEFORE), surname.start()), surname]:
        if recent:
            initial = recent[-1].end() - recent[-1].start() == 1
            between = _BEHIND_INITIAL if initial else _WITHIN_NAME
            if not between.fullmatch(text, recent[-1].end(), token.start()):
                recent.clear()
        word = token.group()
        if token is surname:
            return recent
        begins = word[0].isupper() or word in _PARTICLES
        if not begins or _NO_NAME.search(word):
            recent.clear()
        else:
            recent = [*recent, token][-_LONGEST:]
    return recent


def _is_label(text: str, start: int, token: re.Match[str]) -> bool:
    """Whether a name over a line break is a heading and the label below it."""
    return "\n" in text[start : token.start()] and _LABEL_FOLLOWS.match(text, token.end()) is not None
