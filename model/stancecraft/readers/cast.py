"""The cast of a document: which person, role and side each of its labels stands for.

The table comes first; then what the document itself says: one person under several labels, a full name with a title
that later labels shorten, a misspelt label beside the right one, the office that publishes it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from stancecraft.errors import InputError
from stancecraft.readers import heads, spelling
from stancecraft.readers.introductions import Introduction, Introductions
from stancecraft.readers.source import Source
from stancecraft.speakers import Speaker, Speakers, fold
from stancecraft.speakers.names import first_and_last, surname, written
from stancecraft.speakers.table import Reading

_NOBODY = Speaker("", "narrator")
# Offices that one person of a side holds: a name there that the table does not know is another country's.
_SINGLE = frozenset(
    {"president", "prime minister", "premier", "chancellor", "king", "queen", "vice president",
     "secretary general", "secretary-general", "foreign minister", "defence minister", "defense minister",
     "foreign secretary", "secretary of state"}
)  # fmt: skip
_ANSWER = frozenset({"a", "answer"})
_CHAIRS = frozenset({"president", "chairman", "chair", "chairperson", "speaker"})
# A label with one of these words names no person.
_ANONYMOUS = frozenset(
    "official officials officer spokesperson participant member voice speaker source diplomat candidates".split()
)
MOST_NAMES = 10_000
"""Different labels of the document with most speakers that is read: a parliament's in ten years have fewer."""

_RIGHT = 500  # names, those printed most often, of which others may be slips
_OFTEN = 3  # times that the right spelling of a name comes for each of the wrong one
_NAMED_IN_NOTE = 8
_WOMAN, _MAN = re.compile(r"^(?:mrs|ms|miss)\b"), re.compile(r"^mr\b")
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Label:
    """A label and where it stands.

    Attributes:
        start: Offset of its first character.
        end: Offset behind it and its colon.
        printed: The label as printed, without what stands in brackets behind it.
        aside: What stands in brackets behind it, such as a country.
    """

    start: int
    end: int
    printed: str
    aside: str = ""


def too_many(where: str, names: int) -> InputError:
    """What a person is told of a document whose speakers are too many to be a document's."""
    return InputError(
        f"{where}: {names:,} different speakers are too many; expected at most {MOST_NAMES:,}: give its parts as files "
        "of their own"
    )


class Cast:
    """Resolves the labels of one document.

    Attributes:
        date: ISO date of the document: the source's, or what its head tells; empty if neither does.
        host: Side that publishes the document, if its head tells; empty if not.
        notes: What a person should know, one line each.
    """

    def __init__(self, text: str, labels: Sequence[Label], source: Source, head_end: int | None = None) -> None:
        first = head_end if head_end is not None else (labels[0].start if labels else len(text))
        head = heads.lines(text, first)
        self.date = source.date or heads.date(head)
        self.host = heads.host(head, source.speakers)
        self._interview = heads.is_interview(head)
        self._table: Speakers = source.speakers
        self._counts = Counter((label.printed, label.aside) for label in labels)
        if len(self._counts) > MOST_NAMES:
            raise too_many(source.where, len(self._counts))
        self._readings = {key: self._table.read(fold(key[0])) for key in self._counts}
        self._speakers = {key: self._from_table(*key) for key in self._counts}
        self._misspelt: set[str] = set()
        self._respell()
        self._introduce(
            Introductions(text, {surname(one.name) for one in self._readings.values()}, self._table, self._misspelt)
        )
        self._join_labels()
        self._answers()
        self._roles(text, labels)
        self._sides_by_host()
        self.notes = self._notes(source.doc)

    def speaker(self, printed: str, aside: str = "") -> Speaker:
        """Who a label stands for; an empty label is nobody."""
        if not printed:
            return _NOBODY
        found = self._speakers.get((printed, aside))
        return found if found is not None else self._from_table(printed, aside)

    def side_of(self, name: str) -> str:
        """The side of whom the document or the table knows by a printed name, also a first name of the cast."""
        words = name.split()
        for speaker in self._speakers.values():
            if speaker.side and words[-1] in speaker.name.split():
                return speaker.side
        return self._table.resolve(name, date=self.date).side

    def _from_table(self, printed: str, aside: str) -> Speaker:
        told = self._table.side_named(aside)
        found = self._table.resolve(printed, date=self.date, host=told or self.host)
        reading = self._table.read(fold(printed))
        if aside and not told and not reading.name:
            # "The Prime Minister (Mr David Cameron)"
            named = self._table.resolve(aside, date=self.date, host=self.host)
            found = named if named.known else found
        part = self._table.part(fold(printed))
        if told and found.side != told and (part is None or part.role == "official"):
            # Another person of that name: this one speaks for the country in brackets.
            return Speaker(written(printed, self._table), side=told, known=False)
        if found.known:
            return found
        side = told or reading.side or self._table.side_named(reading.name.partition(" of ")[2])
        return Speaker(written(printed, self._table), side=side, known=False)

    def _unresolved(self) -> list[Key]:
        return [key for key, speaker in self._speakers.items() if not speaker.known]

    def _respell(self) -> None:
        """Read a misspelt label as the one it is a slip of: another label of the document, or a part's."""
        folded = {key: fold(key[0]) for key in self._speakers}
        before = dict(self._speakers)
        often_printed = [(key, folded[key]) for key, count in self._counts.most_common(_RIGHT) if count >= _OFTEN]
        for key in self._unresolved():
            for titled in spelling.with_right_title(folded[key], self._table):
                found = self._table.resolve(titled, date=self.date, host=self.host)
                self._speakers[key] = found if found.known else self._speakers[key]
                self._readings[key] = self._table.read(titled)
                self._misspelt |= {*folded[key].split()} - {*titled.split()}
            for right in self._table.labels:
                if respelt := spelling.respelt(folded[key], right):
                    found = self._table.resolve(respelt, date=self.date, host=self.host)
                    self._speakers[key] = found if found.known else self._speakers[key]
            for other, right in often_printed:
                often = other != key and self._counts[other] >= _OFTEN * self._counts[key]
                if often and not self._speakers[key].known and spelling.respelt(folded[key], right):
                    self._speakers[key] = before[other]
                    self._readings[key] = self._readings[other]

    def _introduce(self, introduced: Introductions) -> None:
        """Give labels the people whom the text introduces by their full names, and titles their holders."""
        for key, reading in self._readings.items():
            speaker = self._speakers[key]
            if not reading.name:
                if not speaker.known and (found := self._by_office(reading, introduced)):
                    self._speakers[key] = found
            elif not _ANONYMOUS & set(reading.name.split()) and (one := self._introduced(key, introduced)):
                known = self._table.resolve(one.name, date=self.date)
                if known.known and known.name not in self._table.sides.values():
                    self._speakers[key] = known
                elif not speaker.known or (" " not in reading.name and not introduced.of_name(speaker.name)):
                    side = "" if speaker.known else speaker.side
                    self._speakers[key] = Speaker(one.name, side=side or one.side, known=False)

    def _introduced(self, key: Key, introduced: Introductions) -> Introduction | None:
        """The one person of a label's surname whom the text names in full, told from others by the title."""
        reading, speaker = self._readings[key], self._speakers[key]
        found = introduced.of(surname(reading.name))
        if " " in reading.name:
            found = [one for one in found if _same_name(reading.name, fold(one.name))]
        if len(found) > 1 and reading.office:
            found = [one for one in found if one.title == reading.office]
        if len(found) != 1 or (speaker.known and _same_name(fold(speaker.name), fold(found[0].name))):
            return None
        return found[0]

    def _by_office(self, reading: Reading, introduced: Introductions) -> Speaker | None:
        """Who a title without a name stands for, by the other labels, by the text, or by who was in office then."""
        if not reading.office or "former" in reading.title.split():
            return None
        side = reading.side or self.host
        named = {key for key, other in self._readings.items() if other.office == reading.office and other.name}
        people = {self._speakers[key] for key in named if not side or self._speakers[key].side in ("", side)}
        if people:
            return next(iter(people)) if len(people) == 1 else None
        return introduced.holder(reading.office, side) or self._holder_of_the_time(reading.office, side)

    def _holder_of_the_time(self, office: str, side: str) -> Speaker | None:
        """Who held an office while everybody of the side whom the document names was in office too, if only one did."""
        names = {speaker.name for speaker in self._speakers.values() if speaker.known and speaker.side == side}
        cast = [one for one in self._table.people if one.terms and one.speaker.name in names]
        if not (cast and side):
            return None
        offices = self._table.offices_of(office)
        found = [
            person.speaker
            for person in self._table.people
            if person.speaker.side == side
            and any(term.office in offices and all(one.served_during(term) for one in cast) for term in person.terms)
        ]
        return found[0] if len(found) == 1 else None

    def _join_labels(self) -> None:
        """Give the labels of one unknown person one speaker: MINISTER KEEL, MR. KEEL and ANNA KEEL."""
        groups: dict[str, list[Key]] = {}
        for key in self._unresolved():
            if (name := surname(self._readings[key].name)) and not _ANONYMOUS & set(self._readings[key].name.split()):
                groups.setdefault(name, []).append(key)
        for keys in groups.values():
            if len(keys) > 1 and self._are_one(keys):
                fullest = max(keys, key=lambda key: (len(self._readings[key].name), len(self._readings[key].office)))
                side = next((self._speakers[key].side for key in keys if self._speakers[key].side), "")
                one = replace(self._speakers[fullest], side=side)
                self._speakers |= dict.fromkeys(keys, one)

    def _are_one(self, keys: Iterable[Key]) -> bool:
        """Whether nothing in some labels of one surname says that they are several people."""
        readings = [self._readings[key] for key in keys]
        names = sorted({one.name for one in readings}, key=len)
        titles = [one.title for one in readings]
        sides = {self._speakers[key].side for key in keys} - {""}
        both = any(map(_WOMAN.search, titles)) and any(map(_MAN.search, titles))
        offices = {one.office for one in readings} - {""}
        return len(sides) < 2 and len(offices) < 2 and not both and all(_same_name(one, names[-1]) for one in names)

    def _answers(self) -> None:
        """In an interview whose only named official is one person, ANSWER is that person."""
        people = {
            one
            for key, one in self._speakers.items()
            if one.known and self._readings[key].name and not self._is_part(key)
        }
        officials = {one for one in people if one.role == "official"}
        if len(officials) == 1:
            answers = [key for key in self._speakers if fold(key[0]) in _ANSWER]
            self._speakers |= dict.fromkeys(answers, next(iter(officials)))

    def _is_part(self, key: Key) -> bool:
        return self._table.part(fold(key[0])) is not None

    def _roles(self, text: str, labels: Sequence[Label]) -> None:
        """The chair of a sitting of countries moderates; whom nobody knows and who mostly asks is no official."""
        asides = {label.aside for label in labels if self._table.side_named(label.aside)}
        asked: Counter[Key] = Counter()
        for label, behind in zip(labels, [*labels[1:], None], strict=False):
            asked[label.printed, label.aside] += "?" in text[label.end : behind.start if behind else len(text)]
        known = {one.name for one in self._speakers.values() if one.known and one.role == "official"}
        for key in self._unresolved():
            speaker, reading = self._speakers[key], self._readings[key]
            if not reading.name and reading.office in _CHAIRS and len(asides) > 1:
                self._speakers[key] = replace(speaker, role="moderator")
            often = self._counts[key] > 1 and 2 * asked[key] >= self._counts[key]
            if reading.name and not (reading.office or speaker.side) and often and known:
                self._speakers[key] = replace(speaker, role="questioner" if len(known) == 1 else "moderator")

    def _sides_by_host(self) -> None:
        """At a press event an official whom nothing gives another side speaks for the host."""
        host = self.host or self._only_side()
        asked = any(speaker.role == "questioner" and speaker.known for speaker in self._speakers.values())
        for key in self._unresolved() if host and (asked or self.host) and not self._interview else ():
            speaker, reading = self._speakers[key], self._readings[key]
            # Where no institution publishes the text, a title may be another country's.
            titled = reading.title and (reading.office not in _SINGLE if self.host else not reading.office)
            if titled and not speaker.side and speaker.role == "official" and self._may_be_hosts(reading.office, host):
                joined = [other for other, one in self._speakers.items() if one == speaker]
                self._speakers |= dict.fromkeys(joined, replace(speaker, side=host))

    def _only_side(self) -> str:
        sides = {speaker.side for speaker in self._speakers.values() if speaker.known and speaker.role == "official"}
        return sides.pop() if len(sides) == 1 else ""

    def _may_be_hosts(self, office: str, host: str) -> bool:
        bearers = [one for one in self._table.people if office and one.has_title(office)]
        return not bearers or any(one.speaker.side == host for one in bearers)

    def _notes(self, doc: str) -> tuple[str, ...]:
        unknown = dict.fromkeys(
            speaker.name
            for speaker in self._speakers.values()
            if not speaker.known and not speaker.side and speaker.role == "official"
        )
        if not unknown:
            return ()
        names = ", ".join(list(unknown)[:_NAMED_IN_NOTE]) + (", ..." if len(unknown) > _NAMED_IN_NOTE else "")
        return (f"{doc}: not in the speakers table, side left empty: {names} (add them with --speakers FILE)",)


def _same_name(one: str, other: str) -> bool:
    """Whether two folded names may be one person's: the same surname, and first names that are the same or left out."""
    first, second = (first_and_last(name) for name in (one, other))
    if not first or not second or first[-1] != second[-1]:
        return False
    if 1 in (len(first), len(second)) or first[0] == second[0]:
        return True
    return first[0][0] == second[0][0] and 1 in (len(first[0]), len(second[0]))
