"""Speaker labels at the beginnings of lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from stancecraft.speakers import Speaker, Speakers, fold

_COLON_LABEL = re.compile(
    r"(?:^|(?<=\r))[ \t>*_#]*+(?P<label>[^\s:(][^\n\r:(]{0,70}?)[ \t]*"
    r"(?:[(\[][^()\[\]\n\r]{0,60}[)\]][ \t]*){0,2}[*_]*[ \t]*:(?!\d)[*_]*",
    re.M,
)
_BARE_Q = re.compile(r"(?:^|(?<=\r))[ \t]*(?P<label>Q)(?:[ \t]+(?=[\w\"'“‘(\[-])|\.[ \t]+(?=[A-Z]))", re.M)
# An answer after bare questions; "A" before one space is an article.
_BARE_A = re.compile(r"(?:^|(?<=\r))[ \t]*(?P<label>A)(?:[ \t]{2,}|\t|\.[ \t]+)(?=[A-Z\"“'‘(\[-])", re.M)
_FINISHED = re.compile(r"[.!?:;)\]\"”’'*_—-]$")
_PARTICLES = frozenset("de da di del der den van von al el bin ibn la le du".split())
_ARTICLE = re.compile(r"(?:al|el|ad|an|ar|as|at|az|d|bin|ibn)[-’'](?=[A-Z])")
_SMALL = frozenset("of the and for de da di del der den van von al el bin ibn la le du to at in on y".split())
# Capitals before a colon that head a line and do not speak.
_NOT_A_SPEAKER = frozenset(
    "note update correction subject date time place venue re from to cc fact topic topics location watch read "
    "transcript source photo image caption editors breaking "
    # Datelines.
    "washington dc moscow geneva new york london paris berlin brussels vienna kyiv kiev minsk ankara istanbul damascus "
    "beirut baghdad tehran riyadh yerevan baku stepanakert tbilisi astana sochi beijing stockholm".split()
)


@dataclass(frozen=True, slots=True)
class Label:
    """A label and where it stands: ``start`` of its line's text, ``end`` behind its colon."""

    start: int
    end: int
    speaker: Speaker


def find_labels(text: str, speakers: Speakers) -> list[Label]:
    """The labels of a transcript in order.

    Capitals before a colon are a label. A name in mixed case is one if the speakers table knows it, if it
    carries a title, or if it heads at least two lines; "Moscow:" before a news item is none of these.
    """
    candidates = [match for match in _candidates(text) if _looks_like_a_name(match["label"])]
    heads = Counter(fold(match["label"]) for match in candidates)
    labels = []
    for match in candidates:
        printed = match["label"].strip(" \t*_#>")
        speaker = speakers.resolve(printed)
        named = speaker.known or speakers.has_title(printed) or heads[fold(printed)] > 1
        if _is_capitals(printed) or printed in ("Q", "A") or (named and _begins_a_paragraph(text, match.start())):
            labels.append(Label(match.start(), match.end(), speaker))
    return labels


def _candidates(text: str) -> Iterator[re.Match[str]]:
    questions = list(_BARE_Q.finditer(text))
    found = [*_COLON_LABEL.finditer(text), *questions, *(_BARE_A.finditer(text) if questions else ())]
    return iter(sorted(found, key=lambda match: match.start()))


def _looks_like_a_name(label: str) -> bool:
    words = label.strip(" \t*_#>").replace(",", " ").split()
    if not words or len(words) > 9 or set(fold(label).split()) <= _NOT_A_SPEAKER:
        return False
    if re.search(
        r"[.!?;\"“”]\s+\S",
        re.sub(r"(?i)\b(?:[a-z]|mr|mrs|ms|dr|amb|gen|sen|rep|gov|prof|col|lt|adm|sec|st)\.", "", label),
    ):
        return False
    begins = words[0][0].isupper() or words[0] in _PARTICLES or _ARTICLE.match(words[0]) is not None
    return begins and all(
        word[0].isupper() or word[0].isdigit() or word in _SMALL or _ARTICLE.match(word) for word in words
    )


def _begins_a_paragraph(text: str, at: int) -> bool:
    """Whether what stands above a line is finished: in wrapped text a name may come to a line's beginning by chance."""
    above = text[max(0, at - 200) : at].rstrip(" \t")
    return above.endswith(("\n\n", "\n\r\n")) or _FINISHED.search(above.rstrip()) is not None or not above.strip()


def _is_capitals(label: str) -> bool:
    """Whether a label is in capitals, the small c of McFAUL allowed."""
    letters = [c for c in re.sub(r"\b(?:Mc|Mac|[Dd]e|[Vv]an|[Vv]on|al)(?=[A-Z -])", "", label) if c.isalpha()]
    return len(letters) > 1 and all(map(str.isupper, letters))
