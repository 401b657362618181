"""Statements changed in one respect each, to see what a model's answers rest on: pure functions on statements.

Every function gives as many statements as it takes, in the same order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from stancecraft.codebook import Codebook
from stancecraft.records import Statement
from stancecraft.speakers import Speakers

SIDE, PERSON, WORD = "X", "Y", "it"
"""What stands for a masked country or organisation, person, or keyword."""

_TRIES = 20
_SHORTEST_KEYWORD = 4
_WORDS = re.compile(r"\w+")
_ABBREVIATION = 3  # letters; such a form counts only in capitals: "us" is a pronoun
# Long enough to be taken for keywords, and in every English sentence.
_FUNCTION_WORDS = frozenset(
    "about after against also being between both could does every from have into itself must nothing only other over "
    "should such than that their them then there these they this those through under upon very were what when where "
    "which while will with within without would your".split()
)


def alone(statements: Sequence[Statement]) -> list[Statement]:
    """Every statement as a document of its own."""
    return [replace(one, doc="", turn=0) for one in statements]


def anonymous(statements: Sequence[Statement]) -> list[Statement]:
    """Nobody is named as the speaker, and no side."""
    return [replace(one, speaker="", side="") for one in statements]


def misplaced(statements: Sequence[Statement], seed: int) -> tuple[list[Statement], list[int]]:
    """Statements of all documents dealt out anew, each into a place of another document where that can be.

    Its role comes along; document and turn are those of the place.

    Returns:
        The statements by place, and per place the number of the statement that went there.
    """
    random = np.random.default_rng(seed)
    went = random.permutation(len(statements))
    for _ in range(_TRIES):
        at_home = [at for at, one in enumerate(went) if statements[at].doc == statements[one].doc]
        if not at_home:
            break
        for at in at_home:
            other = int(random.integers(len(went)))
            went[at], went[other] = went[other], went[at]
    placed = [
        replace(statements[one], doc=place.doc, turn=place.turn) for place, one in zip(statements, went, strict=True)
    ]
    return placed, went.tolist()


def keywords(codebook: Codebook) -> list[str]:
    """The words of the issues' titles and propositions, lower case, without short and function words, sorted."""
    words = {
        word.casefold()
        for issue in codebook.issues
        for word in _WORDS.findall(f"{issue.title} {issue.proposition}")
        if len(word) >= _SHORTEST_KEYWORD
    }
    return sorted(words - _FUNCTION_WORDS)


def without_keywords(statements: Sequence[Statement], words: Sequence[str]) -> list[Statement]:
    """Every one of some words, whole and in any case, replaced by "it"."""
    known = frozenset(words)

    def masked(match: re.Match[str]) -> str:
        return WORD if match.group().casefold() in known else match.group()

    return [replace(one, text=_WORDS.sub(masked, one.text)) for one in statements]


@dataclass(frozen=True)
class Names:
    """Countries, organisations and people that texts name.

    Attributes:
        sides: Name or alias in small letters to the side.
        people: Name, or the part of a name that only one person bears, to the whole name.
    """

    sides: Mapping[str, str]
    people: Mapping[str, str]

    @classmethod
    def of(cls, table: Speakers) -> Names:
        """Those of a table of speakers."""
        return cls(table.sides, {form: speaker.name for form, speaker in table.mentioned.items()})

    def found(self, statements: Iterable[Statement]) -> tuple[list[str], list[str]]:
        """The sides and the people that some statements name, sorted."""
        sides: set[str] = set()
        people: set[str] = set()
        for one in statements:
            for _, _, form in self._mentions(one.text):
                if form in self.sides:
                    sides.add(self.sides[form])
                else:
                    people.add(self.people[form])
        return sorted(sides), sorted(people)

    def masked(self, statements: Sequence[Statement]) -> list[Statement]:
        """Sides become X, people Y."""
        return [replace(one, text=self._with(one.text, lambda form: SIDE if form in self.sides else PERSON))
                for one in statements]  # fmt: skip

    def swapped(self, statements: Sequence[Statement]) -> list[Statement]:
        """Every side and person of the statements takes the name of the next one, in alphabetical order."""
        sides, people = self.found(statements)
        next_side = dict(zip(sides, sides[1:] + sides[:1], strict=True))
        next_person = dict(zip(people, people[1:] + people[:1], strict=True))

        def other(form: str) -> str:
            if form not in self.sides:
                name = next_person[self.people[form]]
                return name if form == self.people[form] else name.rsplit(" ", 1)[-1]
            side = self.sides[form]
            return next_side[side] if form == side.casefold() else self._adjective(next_side[side])

        return [replace(one, text=self._with(one.text, other)) for one in statements]

    def _adjective(self, side: str) -> str:
        """The first alias of a side, which for countries is "Armenian" and the like; its name if it has none."""
        alias = next((form for form, name in self.sides.items() if name == side and form != side.casefold()), "")
        return (alias.upper() if len(alias) <= _ABBREVIATION else alias.title()) or side

    def _with(self, text: str, other: Callable[[str], str]) -> str:
        parts, end = [], 0
        for start, stop, form in self._mentions(text):
            parts += [text[end:start], other(form)]
            end = stop
        return "".join([*parts, text[end:]])

    def _mentions(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Start, end and known form of every name, the longest where several fit; names begin with a capital."""
        end = 0
        for word in _WORDS.finditer(text):
            if word.start() < end:
                continue
            for written, form in self._by_first_word.get(word.group().casefold(), ()):
                stop = word.start() + len(written)
                given = text[word.start() : stop]
                capitals = given.isupper() if len(form) <= _ABBREVIATION else self._capital(given, form)
                if given.casefold() == written and capitals and not text[stop : stop + 1].isalnum():
                    yield word.start(), stop, form
                    end = stop
                    break

    def _capital(self, given: str, form: str) -> bool:
        """Whether a name is written as one: sides with a capital, people as the table writes them ("al-Assad")."""
        return given[0].isupper() or (form not in self.sides and form[0].islower())

    @cached_property
    def _by_first_word(self) -> Mapping[str, list[tuple[str, str]]]:
        """First word to how names that begin with it are written, the longest first, with their known forms."""
        index: dict[str, list[tuple[str, str]]] = {}
        for form in [*self.sides, *(form for form in self.people if form not in self.sides)]:
            small = form.casefold()
            dotted = [".".join(small) + "."] if len(form) <= _ABBREVIATION and form in self.sides else []
            for written in [small, *dotted]:
                if first := _WORDS.match(written):
                    index.setdefault(first.group(), []).append((written, form))
        for forms in index.values():
            forms.sort(key=lambda pair: -len(pair[0]))
        return index
