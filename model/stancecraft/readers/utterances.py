"""From utterances whose speaker the format tells (captions, diarised speech, XML) to a transcript.

Such formats have no text of their own to count offsets in: the text is the utterances' words, one paragraph each.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stancecraft import sentences
from stancecraft.readers.cast import Cast, Label
from stancecraft.readers.joint import is_joint
from stancecraft.readers.source import Source
from stancecraft.records import Role, Statement, Transcript

_BETWEEN = "\n\n"


@dataclass(frozen=True, slots=True)
class Utterance:
    """What somebody says without a break.

    Attributes:
        text: The words, without a label. White space at its edges is dropped.
        label: Who speaks, as the source prints it; empty when it does not say.
        role: The capacity, where the format tells it; ``None`` to take the speaker's own.
        side: Country or organisation, where the format tells it; empty to take the speaker's own.
        breaks: Offsets into ``text`` where a new sentence begins, for text without punctuation; ``None`` to find
            sentences by their punctuation.
        times: Pairs of an offset into ``text`` and the second at which that word is said, rising; carried to each
            statement as ``meta["time"]``.
        reported: The words are somebody's, told by somebody else.
    """

    text: str
    label: str = ""
    role: Role | None = None
    side: str = ""
    breaks: tuple[int, ...] | None = None
    times: tuple[tuple[int, float], ...] = ()
    reported: bool = False


def transcript(utterances: Iterable[Utterance], source: Source, notes: Sequence[str] = ()) -> Transcript:
    """Lay utterances out as a text and split them into statements; each utterance is a turn of its own.

    Utterances without a word are left out. Labels are resolved as in a plain transcript: by the table, the date, and
    what the document says of its speakers.
    """
    said = [one for one in utterances if one.text.strip()]
    starts, at = [], 0
    for one in said:
        starts.append(at)
        at += len(one.text.strip()) + len(_BETWEEN)
    text = _BETWEEN.join(one.text.strip() for one in said)
    labels = [Label(start, start, one.label) for start, one in zip(starts, said, strict=True) if one.label]
    cast = Cast(text, labels, source)
    statements: list[Statement] = []
    turn = 0
    for start, one in zip(starts, said, strict=True):
        speaker = cast.speaker(one.label)
        found = list(_statements(one, start, text))
        for first, last, meta in found:
            statements.append(
                Statement(
                    text=text[first:last], id=f"{source.doc}#{len(statements)}", doc=source.doc, turn=turn,
                    speaker=speaker.name, role=one.role or speaker.role, side=one.side or speaker.side,
                    reported=one.reported, joint=is_joint(text[first:last], speaker.side, cast.side_of),
                    date=cast.date, start=first, end=last, meta=meta,
                )
            )  # fmt: skip
        turn += bool(found)
    return Transcript(source.doc, text, tuple(statements), (*source.notes, *notes, *cast.notes))


def _statements(one: Utterance, start: int, text: str) -> Iterable[tuple[int, int, dict[str, float]]]:
    """Spans of an utterance's statements in the document's text, with what is known of each."""
    lead = len(one.text) - len(one.text.lstrip())
    end = start + len(one.text.strip())
    marks = [start] + [start + at - lead for at in one.breaks or () if 0 < at - lead < end - start] + [end]
    if one.breaks is None:
        spans = sentences.split(text, start, end)
    else:
        spans = [sentences.trimmed(text, *pair) for pair in zip(marks, marks[1:], strict=False)]
    offsets = [start + at - lead for at, _ in one.times]
    for first, last in spans:
        if sentences.has_word(text, first, last):
            at = bisect_right(offsets, first) - 1
            yield first, last, {"time": one.times[at][1]} if at >= 0 else {}
