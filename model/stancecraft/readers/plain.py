"""Text to a transcript: labelled turns, narration, speeches; sentences of each."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from stancecraft import sentences
from stancecraft.readers import byline, furniture, heads, joint, narration, paragraphs, quotations, turns
from stancecraft.readers.cast import MOST_NAMES, Cast, Label, too_many
from stancecraft.readers.document import Document, Kind
from stancecraft.readers.source import Source
from stancecraft.records import Statement, Transcript
from stancecraft.speakers import Speaker, Speakers

Span = tuple[int, int]

# What stands in brackets and is not speech. "(inaudible)" is: it replaces words.
_STAGE = (
    r"[(\[](?:(?:via|through) (?:an )?(?:interpreter|interpretation|translator)|in progress|off[- ]mi(?:c|ke)"
    r"|laughter|laughs|applause|as (?:interpreted|translated|delivered|prepared)|cross-?talk|pause[sd]?"
    r"|no (?:audible|translation)|break in audio|coughs|sighs|chuckles|gestures|music|speak(?:s|ing) (?:in )?[a-z]+"
    r"|spoke in [a-z]+|unidentified (?:fe)?male\W*"
    r"|in (?:arabic|armenian|azerbaijani|chinese|english|french|german|persian|russian|spanish|turkish|ukrainian)"
    r")\b[^()\[\]]{0,60}[)\]]"
)
_LEADING_STAGE = re.compile(rf"\s*{_STAGE}[\s.:;,–—-]*(?:…|\.\.\.)?", re.IGNORECASE)
_NOT_SPEECH = re.compile(rf"(?:{_STAGE}|[(\[](?:inaudible|ph\b)[^()\[\]]*[)\]]|[\W_])*", re.IGNORECASE)
_UNTOLD_NAMES = 5
_LOOKALIKES = 10  # times as many beginnings of lines as there may be names look like one
_WIDEST_NAME = 70  # characters


@dataclass(frozen=True, slots=True)
class Passage:
    """Consecutive paragraphs of one speaker.

    Attributes:
        paragraphs: Spans of the document.
        turn: Number of the turn, gaps allowed.
        speaker: Who speaks.
        reported: The words reach us through somebody else's account.
        quotes: Those of the paragraphs that are block quotations.
        spoken: Whether quotations inside are somebody else's words; a narrator's were given to their sources before.
    """

    paragraphs: tuple[Span, ...]
    turn: int
    speaker: Speaker
    reported: bool = False
    quotes: tuple[Span, ...] = ()
    spoken: bool = True


def read(document: Document, source: Source) -> Transcript:
    """Split a document into statements by speaker.

    Text before the first label is narration: what it reports somebody as saying is that speaker's, marked reported. A
    text without labels is the speech of whom its heading names, or narration; a block quotation in narration is that
    of the person named before it.

    Args:
        document: The text, with its paragraphs where the format tells them.
        source: What is known of it; resolves the labels.

    Raises:
        InputError: If it has more speakers than any document.
    """
    text = document.text
    _check_names(text, source.where)
    labels, doubtful = turns.find(text, source.speakers)
    end = furniture.end_of_text(text, after=labels[-1].end if labels else 0)
    opening = labels[0].start if labels else end
    date = source.date or heads.date(heads.lines(text, opening))
    by = byline.find(text, source.speakers, opening, date)
    if by is not None and labels and not narration.is_first_person(text[by.end : opening]):
        by = None
    cast = Cast(text, labels, source, head_end=by.end if by else None)
    layout = _Layout(document, end)
    if by is not None:
        spans, quotes = layout.voiced(by.end, opening)
        opened = [Passage(spans, 0, by.speaker, quotes=quotes)]
    else:
        opened = list(_narrated(layout, opening, source.speakers))
    passages = [*opened, *_spoken(layout, labels, end, cast)]
    statements = list(_statements(text, passages, source, cast))
    return Transcript(
        source.doc,
        text,
        tuple(statements),
        source.notes + cast.notes + _notes(labels, doubtful, statements, source.doc),
    )


def _check_names(text: str, where: str) -> None:
    """Refuse a text in which far too many lines begin with a name before it is looked at in earnest."""
    most = _LOOKALIKES * MOST_NAMES
    if text.count(":") > most:
        names = {line[:at] for line in text.split("\n") if (at := line.find(":", 0, _WIDEST_NAME)) > 0}
        if len(names) > most:
            raise too_many(where, len(names))


class _Layout:
    """The paragraphs of a document, page furniture left out."""

    def __init__(self, document: Document, end: int) -> None:
        self._document = document
        self._starts = [one.start for one in document.paragraphs or ()]
        self._running = furniture.running_lines(document.text)
        self.text = document.text
        self.end = end

    def paragraphs(self, start: int, end: int) -> Iterator[tuple[Span, Kind]]:
        """Spans between two offsets with their kinds."""
        if self._document.paragraphs is None:
            for span in paragraphs.split(self.text, start, end):
                yield span, "prose"
            return
        first = max(0, bisect_right(self._starts, start) - 1)
        for one in islice(self._document.paragraphs, first, bisect_left(self._starts, end)):
            if start < one.end:
                yield (max(one.start, start), min(one.end, end)), one.kind

    def spoken(self, start: int, end: int) -> Iterator[tuple[Span, Kind]]:
        """Spans of speech with their kinds: all but headings, page numbers, running heads and marks of the end."""
        for (first, last), kind in self.paragraphs(start, end):
            if kind != "heading" or first == start:  # what stands behind a label in its heading is speech
                for span in furniture.without_marks(self.text, first, last, self._running):
                    yield span, kind

    def voiced(self, start: int, end: int) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
        """Spans of a turn, and those of them that are block quotations; a turn whose label is quoted has none."""
        parts = list(self.spoken(start, end))
        whole = bool(parts) and parts[0][1] == "quote" and self._kind_before(start) == "quote"
        return tuple(span for span, _ in parts), tuple(span for span, kind in parts if kind == "quote" and not whole)

    def _kind_before(self, at: int) -> Kind:
        return next((kind for _, kind in self.paragraphs(max(0, at - 1), at)), "prose")


def _narrated(layout: _Layout, end: int, speakers: Speakers) -> Iterator[Passage]:
    """Passages of the text before the first label; a run of one speaker's reported or own words is one turn."""
    text = layout.text
    found = list(layout.spoken(0, end))
    # Above labelled turns short lines without a full stop are a heading whatever else stands there.
    punctuated = end < layout.end or furniture.is_punctuated([text[slice(*span)] for span, _ in found])
    kept = [
        (span, kind)
        for span, kind in found
        if kind != "heading" and not furniture.is_furniture(text[slice(*span)], punctuated and kind == "prose")
    ]
    turn, previous = -1, None
    for span, speaker, reported in narration.attribute(text, kept, speakers):
        turn += previous != (speaker, reported)
        previous = (speaker, reported)
        yield Passage((span,), turn, speaker or Speaker("", "narrator"), reported, spoken=False)


def _spoken(layout: _Layout, labels: list[Label], end: int, cast: Cast) -> Iterator[Passage]:
    """Passages of the labelled turns: each runs to the next label."""
    for number, label in enumerate(labels):
        stop = labels[number + 1].start if number + 1 < len(labels) else end
        speaker = cast.speaker(label.printed, label.aside)
        spans, quotes = layout.voiced(label.end, stop)
        yield Passage(spans, _FIRST_SPOKEN + number, speaker, quotes=quotes)


# Spoken turns are numbered behind narrated ones; _statements closes the gap.
_FIRST_SPOKEN = 1_000_000


def _statements(text: str, passages: Iterable[Passage], source: Source, cast: Cast) -> Iterator[Statement]:
    """Every sentence of the passages with its turn renumbered from 0; turns without words leave no gap."""
    numbers: dict[int, int] = {}
    count = 0
    for passage in passages:
        for (start, end), speaker, reported in _sentences(text, passage, source.speakers):
            words = text[start:end]
            yield Statement(
                text=words, id=f"{source.doc}#{count}", doc=source.doc,
                turn=numbers.setdefault(passage.turn, len(numbers)), speaker=speaker.name, role=speaker.role,
                side=speaker.side, reported=reported,
                joint=speaker.role == "official" and joint.is_joint(words, speaker.side, cast.side_of),
                date=cast.date, start=start, end=end,
            )  # fmt: skip
            count += 1


def _sentences(text: str, passage: Passage, speakers: Speakers) -> Iterator[tuple[Span, Speaker, bool]]:
    """Sentences of a passage with whose words they are, and whether they are only reported."""
    author = narration.signer(text, passage.quotes, speakers) if passage.quotes else None
    for start, end in passage.paragraphs:
        begin = _behind_stage_directions(text, start, end)
        spans = [(_behind_stage_directions(text, *span), span[1]) for span in sentences.split(text, begin, end)]
        spans = [span for span in spans if not _NOT_SPEECH.fullmatch(text, *span)]
        quotes = quotations.quoted(text, start, end, spans) if passage.spoken else [None] * len(spans)
        for span, quote in zip(spans, quotes, strict=True):
            if (start, end) in passage.quotes:
                yield span, author or passage.speaker, True
            elif quote is None:
                yield span, passage.speaker, passage.reported
            else:
                yield span, _quoted(text, (start, quote[0]), passage.speaker, speakers), True


def _quoted(text: str, before: Span, speaker: Speaker, speakers: Speakers) -> Speaker:
    """Whom a speaker quotes: the person that the words before the quotation name, else the speaker."""
    source = narration.source(text[slice(*before)], speakers)
    return source if source is not None and source.known else speaker


def _behind_stage_directions(text: str, start: int, end: int) -> int:
    while match := _LEADING_STAGE.match(text, start, end):
        start = match.end()
    return start


def _notes(labels: list[Label], names: list[str], statements: list[Statement], doc: str) -> tuple[str, ...]:
    notes = []
    if statements and not labels and (without := sum(not one.speaker for one in statements)):
        notes.append(f"{doc}: no speaker labels found; {without} of {len(statements)} statements have no speaker")
    if names:
        told = ", ".join(names[:_UNTOLD_NAMES]) + (", ..." if len(names) > _UNTOLD_NAMES else "")
        notes.append(f"{doc}: before a colon but not taken for speakers: {told}")
    return tuple(notes)
