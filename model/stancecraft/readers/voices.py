"""Who speaks in a cue: voice tags, ``>>``, dashes, and names printed before the words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from stancecraft.readers.cues import Cue
from stancecraft.speakers import Speakers, fold

# Where somebody else may begin to speak: ">>" anywhere, a dash or a label at the beginning of a line.
_PLACE = re.compile(r"(?P<arrows>>{2,})\s*(?:[-–][ \t]+)?|^[ \t]*(?P<dash>[-–—](?![-–—>\d]))?[ \t]*", re.MULTILINE)
_ASIDE = r"(?:[ \t]*[(\[][^()\[\]\n]{0,40}[)\]])?[ \t]*"
_LABEL = re.compile(rf"\[?(?P<name>[^\W\d_][^:\n()\[\]<>]{{0,60}}?)\]?{_ASIDE}:(?![\d/:])")
_WRAPPED_LABEL = re.compile(rf"\[?(?P<name>[^\W\d_][^:()\[\]<>]{{0,60}}?)\]?{_ASIDE}:(?![\d/:])")
_BRACKETED_LABEL = re.compile(r"\[(?P<name>[^\W\d_][^:\n()\[\]<>]{0,60})\]:?(?=[ \t]*\S)")
_MARKERS = " \t\n>-–—"
_SMALL = frozenset("of the and for de da di del der den van von al el bin ibn la le du to at in on from y".split())
_PARTICLES = frozenset("de da di del der den van von la le du".split())
_ARTICLE = re.compile(r"[a-z]{1,3}[-’'][A-Z]")
_ABBREVIATED = re.compile(r"(?:[A-Z]\.)+|(?:Mr|Mrs|Ms|Dr|Amb|Gen|Sen|Rep|Gov|Prof|Col|Lt|Adm|Sec|St|Min|Jr|Sr)\.", re.I)
_FEW = 3  # cues that begin with a name
_LONGEST_NAME = 8  # words
# Words of sentences, not of names, and words before a colon that name nobody.
_NO_NAME = frozenset(
    "is are was were be been we you i he she they it this that these those have has had do does did will would can "
    "could should must not but if when what why how here my your our their because say says said look listen remember "
    "note so yes no well now also finally first second third example again ok okay".split()
)


class Change(NamedTuple):
    """A place in a cue where somebody may begin to speak.

    Attributes:
        start: Offset of its first character.
        end: Offset of the words behind it.
        label: Who speaks from there; ``None`` for somebody else whose name is not told.
        printed: Whether it is part of the text, not a tag.
        idle: Only a noise follows, which is nobody's turn.
    """

    start: int
    end: int
    label: str | None
    printed: bool = True
    idle: bool = False


class Names:
    """Tells which beginnings of lines are labels, knowing all of the captions."""

    def __init__(self, cues: Sequence[Cue], speakers: Speakers) -> None:
        self._speakers = speakers
        self._heads: Counter[str] = Counter()
        cases = Counter(cue.text.isupper() for cue in cues if cue.text.upper() != cue.text.lower())
        self._shouted = cases[True] > cases[False]
        for cue in cues:
            if ":" in cue.text:
                places = (_LABEL.match(cue.text, place.end()) for place in _PLACE.finditer(cue.text))
                self._heads.update(fold(match["name"]) for match in places if match and _is_name(match["name"]))
        headed = self._heads.total()
        self._styled = headed > _FEW and headed * 2 >= len(cues)  # every other cue begins with a name

    def changes(self, text: str, unsilenced: str) -> list[Change]:
        """Where somebody else begins to speak in a cue."""
        found: list[Change] = []
        matches = list(_PLACE.finditer(text))
        dashes = sum(match["dash"] is not None for match in matches)
        for match in matches:
            if found and match.start() < found[-1].end:
                continue  # the second line of a label
            dashed = match["dash"] is not None and _opens_speech(match, text, dashes)
            label = self._label(text, match.end(), bool(match["arrows"]), dashed)
            if label or match["arrows"] or dashed:
                name = " ".join(label["name"].split()) if label else None
                found.append(Change(match.start(), label.end() if label else match.end(), name))
        ends = [one.start for one in found[1:]] + [len(text)]
        return [
            one._replace(
                idle=not (one.label or text[one.end : end].strip())
                and bool(unsilenced[one.start : end].strip(_MARKERS))
            )
            for one, end in zip(found, ends, strict=False)
        ]

    def _label(self, text: str, at: int, arrows: bool, dashed: bool) -> re.Match[str] | None:
        match = (_WRAPPED_LABEL if arrows else _LABEL).match(text, at)
        if match and _is_name(match["name"]) and (arrows or self._is_label(match["name"].strip())):
            return match
        match = _BRACKETED_LABEL.match(text, at) if arrows or dashed else None
        return match if match and _is_name(match["name"]) else None

    def _is_label(self, name: str) -> bool:
        folded = fold(name)
        if self._heads[folded] > 1 or (not self._shouted and (_is_capitals(name) or name in ("Q", "A"))):
            return True
        if self._styled and " " in name:
            return True
        known = self._speakers.has_title(name) or self._speakers.resolve(name).known
        return known and folded.removeprefix("the ") not in self._speakers.sides


def _opens_speech(match: re.Match[str], text: str, dashes: int) -> bool:
    """Whether a dash at the beginning of a line stands for somebody else's words, not for an interruption."""
    behind = text[match.end("dash") : match.end("dash") + 1]
    return dashes > 1 or (match["dash"] != "—" and (behind.isspace() or behind.isupper() or behind in "\"“‘'[(¿¡"))


def _is_name(label: str) -> bool:
    words = label.replace(",", " ").split()
    if not 0 < len(words) <= _LONGEST_NAME or not _NO_NAME.isdisjoint(map(str.casefold, words)):
        return False
    if any(word[-1] in '.!?;…"”' and not _ABBREVIATED.fullmatch(word) for word in words):
        return False
    begins = words[0][0].isupper() or words[0] in _PARTICLES
    return begins and all(
        word[0].isupper() or word[0] in "#&0123456789" or word in _SMALL or _ARTICLE.match(word) for word in words
    )


def _is_capitals(name: str) -> bool:
    """Whether a name is in capitals, the small letters of McFAUL and DE and al-SAID allowed."""
    letters = [one for one in re.sub(r"\b(?:Mc|Mac|[Dd]e|[Vv][ao]n|al)(?=[A-Z -])", "", name) if one.isalpha()]
    return len(letters) > 1 and all(map(str.isupper, letters))
