"""News prose: which sentences report somebody's words, and whose.

Three marks are used, nothing else: a person (or "he" and "she") before a verb of saying, such a verb and its person
behind a quotation, and a paragraph that a colon introduces. What follows in the first person carries the words on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stancecraft import sentences
from stancecraft.speakers import Speaker, Speakers

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
_CAPITALISED = r"[A-Z][\w’'-]+"
_UNKNOWN = re.compile(rf"\b({_CAPITALISED}(?:\s+(?:al-|de |van |von )?{_CAPITALISED}){{1,5}})\s*$")


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
        for person in speakers.people:
            for spelling in person.spellings:
                for form in (spelling, spelling.split(" ", 1)[-1], spelling.rsplit(" ", 1)[-1]):
                    if form and form not in _ALSO_WORDS:
                        self._by_name.setdefault(form, person.speaker)
        self._met: dict[str, Speaker] = {}
        ordered = sorted(self._by_name, key=len, reverse=True)
        names = "|".join(map(re.escape, ordered)) or "(?!)"  # an empty table knows nobody
        self._pattern = re.compile(rf"\b(?:{names})\b(?![’']s)")

    def source(self, sentence: str) -> Speaker | None:
        """The person whose words a sentence reports, or ``None``."""
        for match in self._pattern.finditer(sentence):
            speaker = self._by_name[match.group()]
            self._met[speaker.name.split()[0]] = speaker
        outer = _ASIDE.sub(" ", sentence)
        if behind := _SAID_BEHIND.search(outer):
            return self._first(behind["who"])
        for verb in _VERB.finditer(outer):
            before = outer[: verb.start()]
            if _AND.search(before):
                # "A met B and said": the verb is that of the sentence's subject.
                before = before[: first.end()] if (first := self._pattern.search(before)) else before
            if (found := self._last(before)) is not None:
                return found
        return None

    def _first(self, words: str) -> Speaker | None:
        """The person that some words begin with, behind a title at most."""
        known = self._pattern.search(words)
        printed = re.match(rf"{_CAPITALISED}(?:\s+(?:al-|de |van |von )?{_CAPITALISED})*", words)
        if known and (printed is None or known.start() <= printed.end()):
            return self._by_name[known.group()]
        return self._printed(printed.group()) if printed else None

    def _last(self, words: str) -> Speaker | None:
        """The last person named in some words, if nothing but a few plain words follows the name."""
        known = [(match.end(), self._by_name[match.group()]) for match in self._pattern.finditer(words)]
        known += [
            (match.end(), speaker)
            for first, speaker in self._met.items()
            for match in re.finditer(rf"\b{re.escape(first)}\b(?![’']s)", words)
        ]
        if not known:
            return self._printed(words)
        end, speaker = max(known, key=lambda one: one[0])
        return speaker if len(words[end:].split()) <= 4 and not re.search(r"[;:“\"]", words[end:]) else None

    def _printed(self, words: str) -> Speaker | None:
        """A capitalised name directly before the verb; kept as printed if the table does not know it."""
        match = _UNKNOWN.search(words)
        name = match.group(1).split() if match else []
        while name and name[0].casefold() in _OPENERS:
            del name[0]
        return self._speakers.resolve(" ".join(name)) if len(name) > 1 else None
