"""Looking a label up: parts of an event, persons by name and title, holders of an office by date, sides."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from stancecraft.speakers.people import Person, Speaker, fold

_HONORIFICS = frozenset({"mr", "mrs", "ms", "miss", "dr", "sir", "the", "his", "her", "excellency", "he", "hon"})
_ABBREVIATED = {
    "sen": "senator", "gov": "governor", "amb": "ambassador", "gen": "general", "rep": "representative",
    "adm": "admiral", "sec": "secretary", "min": "minister", "prof": "professor", "col": "colonel",
    "pres": "president", "fm": "foreign minister", "pm": "prime minister",
}  # fmt: skip
_PREFIXES = frozenset({"acting", "former", "then"})
_LONGEST = 7  # words of a title
_SHORTEST_SURNAME = 3  # letters by which prose may name a person
_INITIAL = re.compile(r"(?:(?<=\s)|^)(?:\w )+(?=\w{2})")
_NUMBERED = re.compile(r"[\s#]*(?:number |no )?(\d+|one|two|three|four|five|six|seven|eight|nine|ten|(?<=\s)[a-h])$")
_STATE = re.compile(
    r"^(?:[a-z]+ )?(?:republic|kingdom|state|federation|government|principality|sultanate|delegation) of (?:the )?"
)
_DOTTED = re.compile(r"^(\w) (\w) (?=\w{2})")


@dataclass(frozen=True, slots=True)
class Reading:
    """A folded label taken apart.

    Attributes:
        title: Title words, honorifics and sides included.
        office: The title alone, without honorifics, sides, "acting" and "former".
        side: The side that the label names, or empty.
        name: What is left.
    """

    title: str
    office: str
    side: str
    name: str


@dataclass(frozen=True)
class Speakers:
    """The table of speakers: labels of parts (QUESTION), people, sides, titles, offices and hosts.

    Attributes:
        people: All known people; later rows win over earlier ones with the same name.
        labels: Folded label of a part to its speaker.
        sides: Folded name or alias of a side to its name.
        titles: Folded words and phrases that stand before a name.
        offices: Folded title to the folded offices it may stand for.
        hosts: Folded phrase at the head of a document (a building, an office) to the side that publishes it.
    """

    people: tuple[Person, ...] = ()
    labels: Mapping[str, Speaker] = field(default_factory=dict)
    sides: Mapping[str, str] = field(default_factory=dict)
    titles: frozenset[str] = frozenset()
    offices: Mapping[str, frozenset[str]] = field(default_factory=dict)
    hosts: Mapping[str, str] = field(default_factory=dict)

    def resolve(self, label: str, *, date: str = "", host: str = "") -> Speaker:
        """The speaker that a label names.

        A surname resolves when exactly one person of the table bears it and no title in the label contradicts the
        person's own; with a date and a host, one of several is told by who was in office, and whom the host sends.
        A title without a name resolves to who held the office on the date, for the side that the label or the host
        names. Whatever does not resolve keeps its printed name and no side.

        Args:
            label: As printed.
            date: ISO date of the document, or empty.
            host: Side that publishes the document, or empty.
        """
        printed = " ".join(label.split())
        folded = fold(printed)
        if part := self.part(folded):
            return self._on(part, date)
        whole = self._narrowed(self._by_name[0].get(folded, []), host, date)
        if len(whole) == 1:
            return whole[0].on(date)
        reading = self.read(folded)
        if reading.name:
            found = self._narrowed(self._named(reading), reading.side or host, date)
            if len(found) == 1:
                return found[0].on(date)
            bare = reading.name.partition(" of ")[0]  # "Mr. SHUSTER of Pennsylvania"
            if not found and bare != reading.name:
                found = self._narrowed(self._named(replace(reading, name=bare)), reading.side or host, date)
                if len(found) == 1:
                    return found[0].on(date)
        elif reading.office and "former" not in reading.title.split():
            if holder := self.holder(reading.office, reading.side or host, date):
                return holder.on(date)
        if side := self.sides.get(folded.removeprefix("the ")):
            return Speaker(side, "official", side)
        return Speaker(printed, known=False)

    def _on(self, part: Speaker, date: str) -> Speaker:
        """A part on a date: a label of a known person speaks for whom the person did then."""
        person = next((one for one in self._by_name[0].get(fold(part.name), []) if one.speaker == part), None)
        return person.on(date) if person else part

    def part(self, folded: str) -> Speaker | None:
        """The part of an event that a folded label names, a number behind it allowed (QUESTION TWO)."""
        if whole := self.labels.get(folded) or self.labels.get(folded.removeprefix("the ")):
            return whole
        match = _NUMBERED.search(folded)
        base = folded[: match.start()].removeprefix("the ") if match else ""
        part = self.labels.get(base)
        if part is None or match is None:
            return None
        if part.role != "official":  # two questions are asked by whomever
            return part if len(match[1]) > 1 or match[1].isdigit() else None
        # Two anonymous officials are two people; a number behind a person's label is somebody else's.
        return replace(part, name=f"{part.name} {match[1].title()}") if fold(part.name) == base else None

    def holder(self, title: str, side: str, date: str) -> Person | None:
        """Who held the office that a folded title names, for a side on an ISO date; ``None`` unless exactly one did."""
        if not (side and date):
            return None
        offices = self.offices_of(title)
        found = [one for one in self.people if one.held(offices, side, date)]
        return found[0] if len(found) == 1 else None

    def offices_of(self, title: str) -> frozenset[str]:
        """The folded offices that a folded title may stand for, itself among them."""
        return self.offices.get(title, frozenset()) | {title}

    def side_named(self, phrase: str) -> str:
        """The side that a printed phrase names, "Republic of" and the like left off; empty if none."""
        return self._side(fold(phrase).removeprefix("the "))

    def _side(self, folded: str) -> str:
        found = self.sides.get(folded, "")
        return found if found or " of " not in folded else self.sides.get(_STATE.sub("", folded), "")

    def read(self, folded: str) -> Reading:
        """Take a folded label apart; every word is in the title or in the name."""
        # "u s" of U.S. and "h e" of H.E. are one word each, if they are known as such.
        joined = _DOTTED.sub(r"\1\2 ", folded)
        first = joined.split(" ", 1)[0]
        words = (joined if first in _HONORIFICS or first in self.sides else folded).split()
        at, office, side = 0, [], ""
        while at < len(words):
            step, phrase = self._title_step(words, at)
            if not step:
                break
            named = self._side(phrase)
            side = side or named
            if not named and phrase not in _HONORIFICS and phrase not in _PREFIXES:
                office.append(phrase)
            at += step
        return Reading(" ".join(words[:at]), " ".join(office), side, " ".join(words[at:]))

    def _title_step(self, words: list[str], at: int) -> tuple[int, str]:
        """How many words from ``at`` are a title, honorific or side, and the phrase; "of Russia" behind a title is."""
        skip = 0
        if at and words[at] in {"of", "for"}:
            skip = 2 if words[at + 1 : at + 2] == ["the"] else 1
        for length in range(min(_LONGEST, len(words) - at - skip), 0, -1):
            phrase = " ".join(words[at + skip : at + skip + length])
            phrase = _ABBREVIATED.get(phrase, phrase)
            if self._side(phrase) or (not skip and (phrase in self.titles or phrase in _HONORIFICS | _PREFIXES)):
                return skip + length, phrase
        return 0, ""

    def split_title(self, folded: str) -> tuple[str, str]:
        """A folded label as (title words, name words), either possibly empty."""
        reading = self.read(folded)
        return reading.title, reading.name

    def is_title_word(self, folded: str) -> bool:
        """Whether a folded word is an honorific, a side, or part of a title."""
        return folded in _HONORIFICS or folded in self.sides or folded in _ABBREVIATED or folded in self.title_words

    def bears(self, surname: str) -> bool:
        """Whether some known person bears a folded surname."""
        return surname in self._by_name[2]

    @cached_property
    def title_words(self) -> frozenset[str]:
        """The folded words of all titles."""
        return frozenset(word for title in self.titles for word in title.split())

    def has_title(self, label: str) -> bool:
        """Whether a label begins with a title or honorific and goes on with a name."""
        title, name = self.split_title(fold(label))
        return bool(title and name)

    @cached_property
    def _by_name(self) -> tuple[Mapping[str, list[Person]], Mapping[str, list[Person]], Mapping[str, list[Person]]]:
        """People by whole spelling, by what follows the first word of it, and by its last word."""
        whole: dict[str, list[Person]] = {}
        rest: dict[str, list[Person]] = {}
        last: dict[str, list[Person]] = {}
        for person in self.people:
            for index, keys in (
                (whole, set(person.folded)),
                (rest, {one.split(" ", 1)[-1] for one in person.folded}),
                (last, {one.rsplit(" ", 1)[-1] for one in person.folded}),
            ):
                for key in keys:
                    index.setdefault(key, []).append(person)
        return whole, rest, last

    @cached_property
    def mentioned(self) -> Mapping[str, Speaker]:
        """How prose names people: whole names, and names without the first word that only one person bears."""
        found: dict[str, Speaker] = {}
        shared: set[str] = set()
        for person in self.people:
            for spelling in person.spellings:
                for form in {spelling, spelling.split(" ", 1)[-1], spelling.rsplit(" ", 1)[-1]}:
                    if form != spelling and len(form) < _SHORTEST_SURNAME:
                        continue  # "In" of Moon Jae In
                    if found.setdefault(form, person.speaker) != person.speaker:
                        shared.add(form)
        return {form: speaker for form, speaker in found.items() if form not in shared}

    @cached_property
    def mentioned_by_first_word(self) -> Mapping[str, tuple[str, ...]]:
        """First word to the names of :attr:`mentioned` that begin with it, the longest first."""
        found: dict[str, list[str]] = {}
        for form in sorted(self.mentioned, key=len, reverse=True):
            found.setdefault(form.split(" ", 1)[0], []).append(form)
        return {word: tuple(forms) for word, forms in found.items()}

    def _named(self, reading: Reading) -> list[Person]:
        """The people that a name and a title may mean."""
        name = _INITIAL.sub("", reading.name)
        whole, rest, last = self._by_name
        if exact := whole.get(reading.name) or whole.get(name):
            return exact
        bearing = rest.get(name) or last.get(name) or []
        if reading.title:
            # Who runs debates is called by the bare name.
            bearing = [one for one in bearing if one.speaker.role != "moderator"]
        if reading.side:
            bearing = [one for one in bearing if one.speaks_for(reading.side)]
        return [one for one in bearing if not reading.office or not one.titles or one.has_title(reading.office)]

    def _narrowed(self, found: list[Person], side: str, date: str) -> list[Person]:
        """Those of several people of one name who were in office on a date, or who speak for a side."""
        for fits in (
            lambda one: bool(date) and any(term.covers(date) for term in one.terms),
            lambda one: bool(date) and one.served_by(date),
            lambda one: one.speaker.side == side,
        ):
            if len(found) > 1:
                found = [one for one in found if fits(one)] or found
        return found

    def extended(self, other: Speakers) -> Speakers:
        """This table with another's rows added; where both know something, the other's word counts."""
        replaced = {person.speaker.name for person in other.people}
        taken = {spelling for person in other.people for spelling in person.folded}
        kept = (
            replace(person, spellings=tuple(one for one in person.spellings if fold(one) not in taken))
            for person in self.people
            if person.speaker.name not in replaced
        )
        return Speakers(
            (*kept, *other.people),
            {**self.labels, **other.labels},
            {**self.sides, **other.sides},
            self.titles | other.titles,
            _merged(self.offices, other.offices),
            {**self.hosts, **other.hosts},
        )


def _merged(first: Mapping[str, Iterable[str]], second: Mapping[str, Iterable[str]]) -> dict[str, frozenset[str]]:
    return {key: frozenset(first.get(key, ())) | frozenset(second.get(key, ())) for key in {**first, **second}}
