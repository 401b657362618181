"""News prose: which sentences report somebody's words, and whose.

Three marks are used, nothing else: a person (or "he" and "she") before a verb of saying, such a verb and its person
behind a quotation, and a paragraph that a colon introduces. What follows in the first person carries the words on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from stancecraft import sentences
from stancecraft.speakers import Speaker, Speakers, fold

Span = tuple[int, int]

_SAYING = (
    r"(?:said|says|saying|told|tells|added|adds|noted|notes|stressed|stresses|stated|states|declared|declares|"
    r"argued|argues|warned|warns|announced|announces|insisted|insists|emphasi[sz]ed|emphasi[sz]es|"
    r"underlined|underlines|underscored|explained|explains|reiterated|reiterates|spoke|speaks|claimed|claims|acknowledged|admitted|pledged|promised|"
    r"called (?:for|on|it)|replied|responded|recalled|suggested|expressed|described|remarked|went on|continued|"
    r"concluded)"
)
_PRONOUN = re.compile(rf"(?:He|She)\s+(?:also\s+|then\s+)?{_SAYING}\b")
_VERB = re.compile(rf"\b{_SAYING}\b")
_SAID_BEHIND = re.compile(rf"[,?!.…][\"”’']\s*(?P<verb>{_SAYING})\s+(?P<who>[^,.;]{{2,60}})")
_ASIDE = re.compile(
    r",\s+(?:while|who|whose|speaking|standing|during|after|before|in|at|on|as|alongside|together|flanked)\b[^,]*"
    r"(?:,[^,]*?)??,(?=\s*(?:" + _SAYING + r"|[a-z]+ed)\b)"
)
_AND = re.compile(r"\band\s+(?:also\s+|then\s+)?$")
_FIRST_PERSON = re.compile(r"\b(?:I|we|us|our|ours|my|me|myself|ourselves|I[’']\w+|[Ww]e[’']\w+|We|Our|My)\b")
# Surnames that are also words which open a sentence or name a month.
_ALSO_WORDS = frozenset({"May", "Power", "Price", "Rice", "Miller"})
# Words that open a sentence before a name and are no part of it.
_OPENERS = frozenset(
    "on in at by for but and so then when while yesterday today earlier later meanwhile however still the a an "
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
    "september october november december".split()
)
_NEAR = 4
_CAPITALISED = r"[A-Z][\w’'-]+"
_NAME_GOES_ON = re.compile(rf"\s+(?:al-|de |van |von )?{_CAPITALISED}")
_UNKNOWN = re.compile(rf"\b({_CAPITALISED}(?:\s+(?:al-|de |van |von )?{_CAPITALISED}){{1,5}})\s*$")


@dataclass(frozen=True, slots=True)
class _Mention:
    """A known person's name and where it stands in some words."""

    start: int
    end: int
    speaker: Speaker


def attribute(text: str, paragraphs: list[Span], speakers: Speakers) -> Iterator[tuple[Span, Speaker | None]]:
    """Give each sentence of some narration to the person whose words it reports.

    Args:
        text: The document.
        paragraphs: Spans of the narration's paragraphs, in order.
        speakers: Who may be quoted.

    Yields:
        Sentence spans in order, each with its speaker; ``None`` is the narrator.
    """
    persons = _Persons(speakers)
    quoted: Speaker | None = None
    introduced = False
    for paragraph in paragraphs:
        # A quotation without marks: all of its paragraph is the speaker's.
        quotation = introduced or (quoted is not None and _FIRST_PERSON.search(text[slice(*paragraph)]) is not None)
        voice, introduced = quoted if quotation else None, False
        for span in sentences.split(text, *paragraph):
            sentence = text[slice(*span)]
            source = persons.source(sentence) or (quoted if _PRONOUN.match(sentence) else None)
            if source is not None and sentence.rstrip().endswith(":"):
                quoted, introduced = source, True
                yield span, None
                continue
            goes_on = quotation or _FIRST_PERSON.search(sentence) is not None
            voice = source or (voice if goes_on else None)
            quoted = voice or quoted
            yield span, voice
        if not introduced:
            quoted = voice


class _Persons:
    """Finds the source of a sentence among known people; first names count once the person was named in full."""

    def __init__(self, speakers: Speakers) -> None:
        self._speakers = speakers
        self._by_name: dict[str, Speaker] = {}
        shared: set[str] = set()
        for person in speakers.people:
            for spelling in person.spellings:
                for form in {spelling, spelling.split(" ", 1)[-1], spelling.rsplit(" ", 1)[-1]} - _ALSO_WORDS - {""}:
                    if self._by_name.setdefault(form, person.speaker) != person.speaker:
                        shared.add(form)
        for form in shared:  # two people's surname names nobody
            del self._by_name[form]
        self._met: dict[str, Speaker] = {}
        ordered = sorted(self._by_name, key=len, reverse=True)
        names = "|".join(map(re.escape, ordered)) or "(?!)"  # an empty table knows nobody
        self._pattern = re.compile(rf"\b(?:{names})\b(?![’']s)")

    def source(self, sentence: str) -> Speaker | None:
        """The person whose words a sentence reports, or ``None``."""
        for mention in self._mentions(sentence):
            self._met[mention.speaker.name.split()[0]] = mention.speaker
        outer = _ASIDE.sub(" ", sentence)
        if behind := _SAID_BEHIND.search(outer):
            return self._first(behind["who"])
        for verb in _VERB.finditer(outer):
            before = outer[: verb.start()]
            if _AND.search(before):
                # "A met B and said": the verb is that of the sentence's subject.
                before = before[: mentions[0].end] if (mentions := self._mentions(before)) else before
            if (found := self._last(before)) is not None:
                return found
        return None

    def _mentions(self, words: str) -> list[_Mention]:
        """Known people named in some words, in order; a surname behind another first name is somebody else's."""
        found = []
        for match in self._pattern.finditer(words):
            speaker = self._by_name[match.group()]
            whole = " " in match.group()
            if (whole or self._may_precede(words[: match.start()])) and not _NAME_GOES_ON.match(words, match.end()):
                found.append(_Mention(match.start(), match.end(), speaker))
        for first, speaker in self._met.items():
            for match in re.finditer(rf"\b{re.escape(first)}\b(?![’']s)", words):
                if not _NAME_GOES_ON.match(words, match.end()):
                    found.append(_Mention(match.start(), match.end(), speaker))
        return sorted(found, key=lambda mention: (mention.end, mention.start))

    def _may_precede(self, words: str) -> bool:
        """Whether a surname may stand behind some words: a title, a country, an opening word, but no first name."""
        match = re.search(rf"({_CAPITALISED})\.?\s+$", words)
        if match is None:
            return True
        word = fold(match.group(1))
        return word in _OPENERS or self._speakers.is_title_word(word)

    def _first(self, words: str) -> Speaker | None:
        """The person that some words begin with, behind a title at most."""
        mentions = self._mentions(words)
        printed = re.match(rf"{_CAPITALISED}(?:\s+(?:al-|de |van |von )?{_CAPITALISED})*", words)
        if mentions and (printed is None or mentions[0].start <= printed.end()):
            return mentions[0].speaker
        return self._printed(printed.group()) if printed else None

    def _last(self, words: str) -> Speaker | None:
        """The last person named in some words, if nothing but a few plain words follows the name."""
        printed = self._printed(words)
        if not (mentions := self._mentions(words)):
            return printed
        last = mentions[-1]
        behind = words[last.end :]
        near = len(behind.split()) <= _NEAR and not re.search(r"[;:“\"]", behind)
        return last.speaker if near and (printed is None or not behind.strip()) else printed

    def _printed(self, words: str) -> Speaker | None:
        """A capitalised name directly before the verb; kept as printed if the table does not know it."""
        match = _UNKNOWN.search(words)
        name = match.group(1).split() if match else []
        while name and name[0].casefold() in _OPENERS:
            del name[0]
        return self._speakers.resolve(" ".join(name)) if len(name) > 1 else None
