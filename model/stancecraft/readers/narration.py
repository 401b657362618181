"""News prose: which sentences report somebody's words, and whose.

Three marks are used, nothing else: a person (or "he" and "she") before a verb of saying, such a verb and its person
behind a quotation, and a paragraph that a colon introduces. What follows in the first person carries the words on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stancecraft import sentences
from stancecraft.readers.document import Kind
from stancecraft.speakers import Speaker, Speakers, fold

Span = tuple[int, int]

_SAYING = (
    r"(?:said|says|saying|told|tells|added|adds|noted|notes|stressed|stresses|stated|states|declared|declares|"
    r"argued|argues|warned|warns|announced|announces|insisted|insists|emphasi[sz]ed|emphasi[sz]es|"
    r"underlined|underlines|underscored|underscores|explained|explains|reiterated|reiterates|"
    r"(?:spoke|speaks) (?:about|of|on)|claimed|claims|acknowledged|admitted|pledged|promised|vowed|conveyed|conveys|"
    r"reaffirmed|reaffirms|urged|urges|demanded|condemned|condemns|rejected|rejects|denied|denies|confirmed|proposed|"
    r"accused|highlighted|asserted|pointed out|hailed|called (?:for|on|it)|replied|responded|recalled|suggested|"
    r"expressed|expresses|described|remarked|went on|continued|concluded|welcomed|welcomes)"
)
# "Noting that ..., he said": without another subject the words are still those of whoever spoke before.
_PARTICIPLE = (
    r"(?:Noting|Stating|Saying|Recalling|Stressing|Adding|Underlin?ing|Underscoring|Emphasi[sz]ing|Highlighting|"
    r"Pointing out|Expressing|Reiterating|Thanking|Explaining|Arguing|Warning|Describing|Referring|Wholeheartedly|"
    r"Declaring|Calling|Touching)\b"
)
_FURTHER = r"(?:(?:In addition|Finally|Moreover|Further|Furthermore|Meanwhile|Also|Later|Lastly|Separately),?\s+)?"
_CARRIES_ON = re.compile(rf"{_FURTHER}(?:[Hh]e|[Ss]he)\s+(?:also\s+|then\s+)?{_SAYING}\b|{_PARTICIPLE}")
_OPENING = ("“", '"', "‘")
_VERB = re.compile(rf"\b{_SAYING}\b")
_SAID_BEHIND = re.compile(rf"[,?!.…][\"”’']\s*(?P<verb>{_SAYING})\s+(?P<who>[^,.;]{{2,60}})")
_ASIDE = re.compile(
    r",\s+(?:while|who|whose|speaking|standing|during|after|before|in|at|on|as|alongside|together|flanked)\b[^,]*"
    r"(?:,[^,]*?)??,(?=\s*(?:" + _SAYING + r"|[a-z]+ed)\b)"
)
_ACCORDING = re.compile(r"\b[Aa]ccording to\s+(?P<who>[^,.;]{2,80})")
_AND = re.compile(r"\band\s+(?:also\s+|then\s+)?$")
_FIRST_PERSON = re.compile(r"\b(?:I|we|us|our|ours|my|me|myself|ourselves|I[’']\w+|[Ww]e[’']\w+|We|Our|My)\b")
# Surnames that are also words which open a sentence or name a month.
_ALSO_WORDS = frozenset(
    "May Power Price Rice Miller Moon Young Long King White Brown Green Black Hill Gates Stone Page Mark Grant Case "
    "Day Field Wood Law Bell Rose Cash Cross Ford Major Marshall Park Parks Pope Reed Banks Ball Love Noble Burns Bass "
    "Fox Wolf Bishop Abbott Cook Carter Earnest Hammond Hunt Fallon Lew Hood Sung Song Ban Han Son Sun Sen Jan".split()
)
# Words that open a sentence before a name and are no part of it.
_OPENERS = frozenset(
    "on in at by for but and so then when while yesterday today earlier later meanwhile however still the a an "
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
    "september october november december".split()
)
_NEAR = 4
_BEFORE = 200  # characters before a name that hold the word before it
_ANNOUNCED = re.compile(
    r"\b(?:following|below) (?:is|are) the (?:full )?texts?\b|\bfull text\b.{0,60}:\s*$", re.IGNORECASE
)
_SIGNATURE = 3  # last paragraphs of a letter that may hold its signature
_LONGEST_SIGNATURE = 8  # words
_CAPITALISED = r"[A-Z][\w’'-]+"
_WORD = re.compile(r"[^\W\d_](?:[\w-]|[’'](?!s\b))*")
_NAME_INSIDE = re.compile(r"[\w-]|[’']s")
_NAME_GOES_ON = re.compile(rf"\s+(?:al-|de |van |von )?{_CAPITALISED}")
_UNKNOWN = re.compile(rf"\b({_CAPITALISED}(?:\s+(?:al-|de |van |von )?{_CAPITALISED}){{1,5}})\s*$")


@dataclass(frozen=True, slots=True)
class _Mention:
    """A known person's name and where it stands in some words."""

    start: int
    end: int
    speaker: Speaker


def attribute(
    text: str, paragraphs: Sequence[tuple[Span, Kind]], speakers: Speakers
) -> Iterator[tuple[Span, Speaker | None, bool]]:
    """Give each sentence of some narration to the person whose words it reports.

    Args:
        text: The document.
        paragraphs: Spans of the narration's paragraphs, in order, with their kinds; a block quotation as a whole is
            that of who signs it, or of the person whom the narration named before it.
        speakers: Who may be quoted.

    Yields:
        Sentence spans in order, each with its speaker (``None`` is the narrator) and whether the words are reported.
    """
    persons = _Persons(speakers)
    quoted: Speaker | None = None
    author: Speaker | None = None
    introduced = False
    for at, (paragraph, kind) in enumerate(paragraphs):
        if kind == "quote":
            begins = at == 0 or paragraphs[at - 1][1] != "quote" or _announces(text, paragraphs[at - 1][0])
            if begins:
                author = _signed(text, paragraphs, at, persons) or persons.named
            for span in sentences.split(text, *paragraph):
                yield span, author, True
            continue
        # A quotation without marks: all of its paragraph is the speaker's.
        words = text[slice(*paragraph)]
        goes_on = quoted is not None and (words.startswith(_OPENING) or _FIRST_PERSON.search(words) is not None)
        quotation = introduced or goes_on
        voice, introduced = quoted if quotation else None, False
        spans = sentences.split(text, *paragraph)
        inside = _inside_quotations(text, paragraph[0], spans)
        sources = [persons.source(text[slice(*span)]) for span in spans]
        for number, span in enumerate(spans):
            sentence = text[slice(*span)]
            # Of a quotation of several sentences the last or the first tells whose it is.
            source = sources[number] or next((one for one in map(sources.__getitem__, inside[number]) if one), None)
            source = source or (quoted if _CARRIES_ON.match(sentence) else None)
            if source is not None and sentence.rstrip().endswith(":"):
                quoted, introduced = source, True
                yield span, None, False
                continue
            goes_on = quotation or bool(inside[number]) or _FIRST_PERSON.search(sentence) is not None
            voice = source or (voice if goes_on else None)
            quoted = voice or quoted
            yield span, voice, voice is not None
        if not introduced:
            quoted = voice


def _inside_quotations(text: str, start: int, spans: Sequence[Span]) -> list[range]:
    """For each sentence of a paragraph those that share a quotation of several sentences with it, itself among them."""
    found = [range(0)] * len(spans)
    opened, depth, behind = -1, 0, start
    for number, span in enumerate(spans):
        depth += text.count("“", behind, span[1]) - text.count("”", behind, span[1])
        behind = span[1]
        if depth > 0 and opened < 0:
            opened = number
        elif depth <= 0 and opened >= 0:
            found[opened : number + 1] = [range(opened, number + 1)] * (number + 1 - opened)
            opened = -1
    return found


def _announces(text: str, paragraph: Span) -> bool:
    """Whether a paragraph says that another text follows."""
    return _ANNOUNCED.search(text, *paragraph) is not None


def _signed(text: str, paragraphs: Sequence[tuple[Span, Kind]], at: int, persons: _Persons) -> Speaker | None:
    """Who signs the block quotation that begins at a paragraph: the person named in one of its last, short lines."""
    ends = (n for n in range(at, len(paragraphs)) if paragraphs[n][1] != "quote" or _announces(text, paragraphs[n][0]))
    end = next(ends, len(paragraphs))
    for span, _ in reversed(paragraphs[max(at, end - _SIGNATURE) : end]):
        words = text[slice(*span)]
        if len(words.split()) <= _LONGEST_SIGNATURE and (signer := persons.first_named(words)):
            return signer
    return None


def signer(text: str, spans: Sequence[Span], speakers: Speakers) -> Speaker | None:
    """Who signs a block quotation of some paragraphs: the known person whom one of its last, short lines names."""
    return _signed(text, [(span, "quote") for span in spans], 0, _Persons(speakers))


def is_first_person(words: str) -> bool:
    """Whether some words are spoken in the first person."""
    return _FIRST_PERSON.search(words) is not None


def source(words: str, speakers: Speakers) -> Speaker | None:
    """The person whose words some words introduce or report, or ``None``."""
    return _Persons(speakers).source(words)


class _Persons:
    """Finds the source of a sentence among known people; first names count once the person was named in full.

    Attributes:
        named: The last person named in full, by a name or a title and a name.
    """

    def __init__(self, speakers: Speakers) -> None:
        self._speakers = speakers
        self._by_name = speakers.mentioned
        self._met: dict[str, Speaker] = {}
        self.named: Speaker | None = None

    def source(self, sentence: str) -> Speaker | None:
        """The person whose words a sentence reports, or ``None``."""
        for mention in self._mentions(sentence):
            name = mention.speaker.name.split()
            self._met[name[0]] = self._met[name[-1]] = mention.speaker
            self.named = mention.speaker
        outer = _ASIDE.sub(" ", sentence)
        if (told := _ACCORDING.search(outer)) and (named := self._mentions(told["who"])):
            return named[0].speaker
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

    def first_named(self, words: str) -> Speaker | None:
        """The first known person that some words name."""
        mentions = self._mentions(words)
        return mentions[0].speaker if mentions else None

    def _mentions(self, words: str) -> list[_Mention]:
        """Known people named in some words, in order; a surname behind another first name is somebody else's."""
        found = []
        for start, end in self._known_names(words):
            name = words[start:end]
            if (" " in name or self._may_precede(words[max(0, start - _BEFORE) : start])) and not _NAME_GOES_ON.match(
                words, end
            ):
                found.append(_Mention(start, end, self._by_name[name]))
        for first, speaker in self._met.items():
            for match in re.finditer(rf"\b{re.escape(first)}\b(?![’']s)", words):
                before = words[max(0, match.start() - _BEFORE) : match.start()]
                if not _NAME_GOES_ON.match(words, match.end()) and self._may_precede(before):
                    found.append(_Mention(match.start(), match.end(), speaker))
        return sorted(found, key=lambda mention: (mention.end, mention.start))

    def _known_names(self, words: str) -> Iterator[Span]:
        """Spans of the table's names in some words, the longest that begins at a word; possessives are none."""
        behind = 0
        for match in _WORD.finditer(words):
            if match.start() < behind:
                continue
            for form in self._speakers.mentioned_by_first_word.get(match.group(), ()):
                end = match.start() + len(form)
                if (
                    form not in _ALSO_WORDS
                    and words.startswith(form, match.start())
                    and not _NAME_INSIDE.match(words, end)
                ):
                    yield match.start(), end
                    behind = end
                    break

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
