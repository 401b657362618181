"""Plain text to a transcript: paragraphs, labelled turns, narration, sentences."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from stancecraft import sentences
from stancecraft.readers import furniture, narration, turns
from stancecraft.records import Statement, Transcript
from stancecraft.speakers import Speaker, Speakers

Span = tuple[int, int]

# What stands in brackets and is not speech. "(inaudible)" is: it replaces words.
_STAGE = (
    r"[(\[](?:(?:via|through) (?:an )?(?:interpreter|interpretation|translator)|in progress|off[- ]mic|laughter"
    r"|applause|as (?:interpreted|translated|delivered|prepared)|cross-?talk|pause[sd]?|no audible|break in audio"
    r"|(?:speaking )?in (?:arabic|armenian|azerbaijani|chinese|french|german|persian|russian|spanish|turkish)"
    r")\b[^()\[\]]{0,60}[)\]]"
)
_LEADING_STAGE = re.compile(rf"\s*{_STAGE}[\s.:;,–—-]*(?:…|\.\.\.)?", re.IGNORECASE)
_NOT_SPEECH = re.compile(rf"(?:{_STAGE}|[(\[]inaudible[^()\[\]]*[)\]]|[\W_])*", re.IGNORECASE)


_NARROWEST = 30  # columns of wrapped text


@dataclass(frozen=True, slots=True)
class Passage:
    """Consecutive words of one speaker, as a span of the document."""

    span: Span
    turn: int
    speaker: Speaker
    reported: bool = False


def read(
    text: str, doc: str, speakers: Speakers, *, date: str = "", notes: tuple[str, ...] = (), lines: bool = False
) -> Transcript:
    """Split a text into statements by speaker.

    Args:
        text: The decoded document.
        doc: Its name.
        speakers: Resolves the labels.
        date: ISO date, or empty.
        notes: What was already noted about the document.
        lines: Every line is a paragraph, as in text extracted from a page; otherwise lines may be wrapped.

    Returns:
        The transcript. Text before the first label is narration: what it reports somebody as saying is that
        speaker's, marked reported. A text without labels yields statements without a speaker and a note.
    """
    labels = turns.find_labels(text, speakers)
    end = furniture.end_of_text(text, after=labels[-1].end if labels else 0)
    passages = [*_narrated(text, labels[0].start if labels else end, speakers, lines), *_spoken(text, labels, end)]
    statements = [
        Statement(
            text=text[start:stop], id=f"{doc}#{number}", doc=doc, turn=passage.turn, speaker=passage.speaker.name,
            role=passage.speaker.role, side=passage.speaker.side, reported=passage.reported, date=date,
            start=start, end=stop,
        )
        for number, (passage, (start, stop)) in enumerate(_sentences(text, passages, lines))
    ]  # fmt: skip
    return Transcript(doc, text, tuple(statements), notes + _notes(doc, labels, statements))


def _narrated(text: str, end: int, speakers: Speakers, lines: bool) -> Iterator[Passage]:
    """Passages of the text before the first label; a run of one speaker's reported words is one turn."""
    turn, previous = -1, None
    spans = list(_paragraphs(text, 0, end, lines))
    # Above labelled turns short lines without a full stop are a heading whatever else stands there.
    punctuated = end < len(text) or furniture.is_punctuated([text[slice(*span)] for span in spans])
    paragraphs = [span for span in spans if not furniture.is_furniture(text[slice(*span)], punctuated)]
    for span, speaker in narration.attribute(text, paragraphs, speakers):
        turn += speaker != previous or turn < 0
        previous = speaker
        yield Passage(span, turn, speaker or Speaker("", "narrator"), reported=speaker is not None)


def _spoken(text: str, labels: list[turns.Label], end: int) -> Iterator[Passage]:
    """Passages of the labelled turns: each runs to the next label."""
    for number, label in enumerate(labels):
        stop = labels[number + 1].start if number + 1 < len(labels) else end
        yield Passage((label.end, stop), _FIRST_SPOKEN + number, label.speaker)


# Spoken turns are numbered behind narrated ones; _sentences closes the gap.
_FIRST_SPOKEN = 1_000_000


def _sentences(text: str, passages: list[Passage], lines: bool) -> Iterator[tuple[Passage, Span]]:
    """Every sentence of the passages with its turn renumbered from 0; turns without words leave no gap."""
    numbers: dict[int, int] = {}
    for passage in passages:
        for paragraph in _paragraphs(text, *passage.span, lines):
            begin = _behind_stage_directions(text, *paragraph)
            for start, end in sentences.split(text, begin, paragraph[1]):
                start = _behind_stage_directions(text, start, end)
                if not _NOT_SPEECH.fullmatch(text, start, end):
                    number = numbers.setdefault(passage.turn, len(numbers))
                    yield Passage(passage.span, number, passage.speaker, passage.reported), (start, end)


def _behind_stage_directions(text: str, start: int, end: int) -> int:
    while match := _LEADING_STAGE.match(text, start, end):
        start = match.end()
    return start


def _paragraphs(text: str, start: int, end: int, lines: bool) -> Iterator[Span]:
    """Spans of paragraphs: blank lines always part them, single line breaks only where lines are not wrapped.

    With ``lines``, every line is a paragraph.
    """
    for block in re.finditer(r"\S(?:.|\r?\n(?![ \t]*\r?\n)|\r(?!\n))*", text[start:end]):
        first, last = start + block.start(), start + block.end()
        if not lines and _is_wrapped(text[first:last]):
            yield first, last
        else:
            yield from (
                (first + line.start(), first + line.end()) for line in re.finditer(r"[^\r\n]+", text[first:last])
            )


def _is_wrapped(block: str) -> bool:
    """Whether a block's line breaks come from a fixed width: lines of like length, most ending in mid-sentence."""
    lines = [line.strip() for line in block.splitlines() if line.strip()]
    inner = lines[:-1]
    if not inner or max(map(len, lines)) > 120:
        return False
    open_ended = sum(not line.endswith((".", "?", "!", '"', "”", ":", ")", "—")) for line in inner)
    return open_ended * 2 > len(inner) and max(map(len, inner)) > _NARROWEST


def _notes(doc: str, labels: list[turns.Label], statements: list[Statement]) -> tuple[str, ...]:
    notes = []
    if statements and not labels:
        without = sum(not statement.speaker for statement in statements)
        notes.append(f"{doc}: no speaker labels found; {without} of {len(statements)} statements have no speaker")
    unknown = Counter(label.speaker.name for label in labels if not label.speaker.known)
    if unknown:
        names = ", ".join(name for name, _ in unknown.most_common(8)) + (", ..." if len(unknown) > 8 else "")
        notes.append(f"{doc}: not in the speakers table, side left empty: {names} (add them with --speakers FILE)")
    return tuple(notes)
