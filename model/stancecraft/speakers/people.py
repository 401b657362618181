"""The nouns of the table: speakers, persons, terms of office."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from stancecraft.records import Role

_MARKS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_SIGNS = re.compile(r"[^\w\s-]|_")
# Said without what they are of: MINISTER LAVROV is a foreign minister; PRESIDENT is not short for vice president.
_SHORT_TITLES = frozenset({"minister", "secretary", "envoy", "representative"})
_LATEST = "9999"


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks.

    Attributes:
        name: As a person would write it; as printed when unknown.
        role: In what capacity.
        side: Country or organisation; empty when unknown.
        known: Whether the table knows the label.
    """

    name: str
    role: Role = "official"
    side: str = ""
    known: bool = True


@dataclass(frozen=True, slots=True)
class Term:
    """A time in office.

    Attributes:
        office: Folded name of the office.
        begin: First day, ISO; a year or a month where no more is known.
        end: Last day, likewise; empty while it lasts.
        source: Public address that tells it, or ``unverified``.
        side: For whom the office was held, where that is not the person's side.
    """

    office: str
    begin: str = ""
    end: str = ""
    source: str = "unverified"
    side: str = ""

    def covers(self, date: str) -> bool:
        """Whether an ISO date may lie in the term: a year stands for any of its days."""
        return self.begin[: len(date)] <= date and date[: len(self.end)] <= (self.end or _LATEST)

    def began_by(self, date: str) -> bool:
        """Whether the term may have begun by an ISO date."""
        return self.begin <= date


@dataclass(frozen=True)
class Person:
    """A row of the table: a speaker with the spellings and titles that may stand for the person.

    Attributes:
        speaker: Who it is.
        spellings: The name and its other spellings, as printed.
        titles: Folded titles the person bears; empty if any may stand.
        terms: Times in office.
    """

    speaker: Speaker
    spellings: tuple[str, ...]
    titles: frozenset[str] = frozenset()
    terms: tuple[Term, ...] = ()

    @cached_property
    def folded(self) -> tuple[str, ...]:
        """The spellings, folded."""
        return tuple(map(fold, self.spellings))

    def has_title(self, title: str) -> bool:
        """Whether the person bears a folded title, or one that a short form of it stands for."""
        short = title in _SHORT_TITLES
        return title in self.titles or any(short and one.endswith(f" {title}") for one in self.titles)

    def held(self, offices: frozenset[str], side: str, date: str) -> bool:
        """Whether the person held one of some folded offices for a side on an ISO date."""
        return any(
            term.office in offices and (term.side or self.speaker.side) == side and term.covers(date)
            for term in self.terms
        )

    def speaks_for(self, side: str) -> bool:
        """Whether the person speaks for a side, or once did."""
        return side == self.speaker.side or any(term.side == side for term in self.terms)

    def on(self, date: str) -> Speaker:
        """The speaker on an ISO date: for another side, if the only office then was held for it."""
        sides = {term.side or self.speaker.side for term in self.terms if date and term.covers(date)}
        return replace(self.speaker, side=sides.pop()) if len(sides) == 1 else self.speaker

    def served_during(self, other: Term) -> bool:
        """Whether one of the person's terms overlaps another term."""
        return any(term.begin <= (other.end or _LATEST) and other.begin <= (term.end or _LATEST) for term in self.terms)

    def served_by(self, date: str) -> bool:
        """Whether the person may be met in some office by an ISO date: a term had begun, or none is told."""
        return not self.terms or any(term.began_by(date) for term in self.terms)


@lru_cache(maxsize=8192)  # a document's labels and names return
def fold(label: str) -> str:
    """A label reduced to what identifies it: no case, accents, dots, parentheses or markup."""
    label = _MARKS.sub(" ", label)
    plain = "".join(c for c in unicodedata.normalize("NFKD", label) if not unicodedata.combining(c))
    return " ".join(_SIGNS.sub(" ", plain.replace("’", "").replace("'", "")).casefold().split())
