"""From a label in a transcript to a person, a role and a side, by a table and never by a guess."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

from stancecraft.errors import InputError
from stancecraft.records import ROLES, Role

_HONORIFICS = frozenset({"mr", "mrs", "ms", "miss", "dr", "sir", "the", "his", "her", "excellency", "he", "hon"})
_ABBREVIATED = {
    "sen": "senator", "gov": "governor", "amb": "ambassador", "gen": "general", "rep": "representative",
    "adm": "admiral", "sec": "secretary", "min": "minister", "prof": "professor", "col": "colonel",
}  # fmt: skip
# Said without what they are of: MINISTER LAVROV is a foreign minister; PRESIDENT is not short for vice president.
_SHORT_TITLES = frozenset({"minister", "secretary", "envoy", "representative"})
_PREFIXES = frozenset({"acting", "former"})
_NAMES = frozenset({"name", "label", "speaker"})
_KEYS = {
    "sides": {"name", "aliases"},
    "labels": {"label", "speaker", "role"},
    "people": {"name", "side", "role", "titles", "aliases"},
}


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


@dataclass(frozen=True)
class Person:
    """A row of the table: a speaker with the spellings and titles that may stand for the person.

    Attributes:
        speaker: Who it is.
        spellings: The name and its other spellings, as printed.
        titles: Folded titles the person bears; empty if any may stand.
    """

    speaker: Speaker
    spellings: tuple[str, ...]
    titles: frozenset[str] = frozenset()

    @cached_property
    def folded(self) -> tuple[str, ...]:
        """The spellings, folded."""
        return tuple(map(fold, self.spellings))

    def has_title(self, title: str) -> bool:
        """Whether the person bears a folded title, or one that a short form of it stands for."""
        short = title in _SHORT_TITLES
        return title in self.titles or any(short and one.endswith(f" {title}") for one in self.titles)


@dataclass(frozen=True)
class Speakers:
    """The table of speakers: labels of parts (QUESTION), people, sides and titles.

    Attributes:
        people: All known people; later rows win over earlier ones with the same name.
        labels: Folded label of a part to its speaker.
        sides: Folded name or alias of a side to its name.
        titles: Folded words and phrases that stand before a name.
    """

    people: tuple[Person, ...] = ()
    labels: Mapping[str, Speaker] = field(default_factory=dict)
    sides: Mapping[str, str] = field(default_factory=dict)
    titles: frozenset[str] = frozenset()

    def resolve(self, label: str) -> Speaker:
        """The speaker that a label names.

        A surname resolves when exactly one person of the table bears it and no title in the label
        contradicts the person's own. Whatever does not resolve keeps its printed name and no side.
        """
        printed = " ".join(label.split())
        folded = fold(printed)
        if part := self.labels.get(re.sub(r"[\s#]*(\d+|one|two|three|four)$", "", folded)) or self.labels.get(folded):
            return part
        title, name = self.split_title(folded)
        name = re.sub(r"(?<=\s)\w (?=\w{2})|^\w (?=\w{2})", "", name)  # initials
        found = self._named(name, title) if name else []
        if len(found) == 1:
            return found[0].speaker
        if side := self.sides.get(folded.removeprefix("the ")):
            return Speaker(side, "official", side)
        return Speaker(printed, known=False)

    def split_title(self, folded: str) -> tuple[str, str]:
        """A folded label as (title words, name words), either possibly empty."""
        # "u s" of U.S. and "h e" of H.E. are one word each, if they are known as such.
        first = re.sub(r"^(\w) (\w) (?=\w{2})", r"\1\2 ", folded)
        known = first.split(" ", 1)[0] in _HONORIFICS or first.split(" ", 1)[0] in self.sides
        words = [_ABBREVIATED.get(word, word) for word in (first if known else folded).split()]
        at = 0
        while at < len(words):
            step = next((n for n in range(5, 0, -1) if " ".join(words[at : at + n]) in self.titles), 0)
            step = step or int(words[at] in _HONORIFICS or words[at] in self.sides)
            if not step:
                break
            at += step
        return " ".join(words[:at]), " ".join(words[at:])

    def is_title_word(self, folded: str) -> bool:
        """Whether a folded word is an honorific, a side, or part of a title."""
        return folded in _HONORIFICS or folded in self.sides or folded in _ABBREVIATED or folded in self._title_words

    @cached_property
    def _title_words(self) -> frozenset[str]:
        return frozenset(word for title in self.titles for word in title.split())

    def has_title(self, label: str) -> bool:
        """Whether a label begins with a title or honorific and goes on with a name."""
        title, name = self.split_title(fold(label))
        return bool(title and name)

    def _named(self, name: str, title: str) -> list[Person]:
        exact = [person for person in self.people if name in person.folded]
        if exact:
            return exact
        bearing = [person for person in self.people if name in {s.split(" ", 1)[-1] for s in person.folded}]
        bearing = bearing or [p for p in self.people if name in {s.rsplit(" ", 1)[-1] for s in p.folded}]
        said = title.split()
        telling = " ".join(w for w in said if w not in _HONORIFICS and w not in _PREFIXES and w not in self.sides)
        return [person for person in bearing if not telling or not person.titles or person.has_title(telling)]

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
        )


def fold(label: str) -> str:
    """A label reduced to what identifies it: no case, accents, dots, parentheses or markup."""
    label = re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", label)
    plain = "".join(c for c in unicodedata.normalize("NFKD", label) if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^\w\s-]|_", " ", plain.replace("’", "").replace("'", "")).casefold().split())


@cache
def packaged() -> Speakers:
    """The table that ships with the package."""
    source = files("stancecraft").joinpath("speakers.yaml")
    return parse(source.read_text("utf-8"), "speakers.yaml")


def load(path: Path) -> Speakers:
    """The packaged table extended by a user's own YAML file.

    Raises:
        InputError: If the file cannot be read or is not valid; one line per violation.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise InputError(f"{path}: cannot read the speakers file: {reason}") from None
    return packaged().extended(parse(text, str(path)))


def parse(text: str, where: str) -> Speakers:
    """Build a table from YAML text, strictly.

    Raises:
        InputError: With one line per violation.
    """
    import yaml

    try:
        data = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, ValueError) as error:
        reason = " ".join(str(error).replace('in "<unicode string>", ', "").split())
        raise InputError(f"{where}: not valid YAML: {reason}") from None
    if not isinstance(data, Mapping):
        raise InputError(f"{where}: expected the keys people, sides, labels or titles, got {type(data).__name__}")
    problems = _problems(data, where)
    if problems:
        raise InputError(*problems)
    return _build(data)


def _build(data: Mapping[str, Any]) -> Speakers:
    people: dict[str, Person] = {}
    for row in data.get("people", ()):
        speaker = Speaker(row["name"], cast(Role, row.get("role", "official")), row.get("side", ""))
        spellings = (row["name"], *row.get("aliases", ()))
        people[row["name"]] = Person(speaker, spellings, frozenset(map(fold, row.get("titles", ()))))
    labels = {fold(row["label"]): Speaker(row["speaker"], row["role"]) for row in data.get("labels", ())}
    sides = {fold(one): row["name"] for row in data.get("sides", ()) for one in (row["name"], *row.get("aliases", ()))}
    titles = set(map(fold, data.get("titles", ()))).union(*(person.titles for person in people.values()))
    return Speakers(tuple(people.values()), labels, sides, frozenset(titles))


def _problems(data: Mapping[str, Any], where: str) -> list[str]:
    found = [f"{where}: {key}: unknown key" for key in data if key not in {*_KEYS, "titles"}]
    if not _texts(data.get("titles", ())):
        found.append(f"{where}: titles: expected a list of texts")
    for section, allowed in _KEYS.items():
        rows = data.get(section, ())
        if not isinstance(rows, list | tuple):
            found.append(f"{where}: {section}: expected a list, got {type(rows).__name__}")
            continue
        for at, row in enumerate(rows):
            found += _row_problems(row, allowed, f"{where}: {section}[{at}]")
    return found


def _row_problems(row: object, allowed: set[str], where: str) -> list[str]:
    if not isinstance(row, Mapping):
        return [f"{where}: expected a mapping, got {row!r}"]
    found = [f"{where}.{key}: unknown key" for key in row if key not in allowed]
    required = ("label", "speaker", "role") if "label" in allowed else ("name",)
    found += [f"{where}.{key}: missing" for key in required if key not in row]
    for key, value in row.items():
        if key in {"aliases", "titles"}:
            if not _texts(value):
                found.append(f"{where}.{key}: expected a list of texts, got {value!r}")
        elif key in allowed and (not isinstance(value, str) or (key in _NAMES and not value.strip())):
            found.append(f"{where}.{key}: expected a text, got {value!r}")
    if "role" in row and row["role"] not in ROLES:
        found.append(f"{where}.role: expected one of {', '.join(ROLES)}, got {row['role']!r}")
    return found


def _texts(value: object) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str) and all(isinstance(one, str) for one in value)
