"""Who gives a speech or an opening statement: the heading's "Address by H.E. ..." or "Minister Holt's remarks"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from stancecraft.speakers import Speaker, Speakers, fold
from stancecraft.speakers.names import written

_WHERE = 3000  # characters looked at
_PARAGRAPHS = 6  # that may stand above a by-line
_LONGEST = 400  # characters of a heading
_LONGEST_LINE = 14  # words of a line that still belongs to a heading
_KIND = (
    r"(?:statements?|address|remarks|speech|intervention|keynote|lecture|letters?|presented|delivered|press elements|"
    r"message|declaration|explanation of vote|comments|interview|answers)"
)
_BY = re.compile(
    rf"^[ \t#*_>]*(?-i:(?=[A-Z]))(?:[\w’',.-]+[ \t]+){{0,5}}?{_KIND}\b"
    rf"(?P<between>[^.!?\n]{{0,60}}?(?:\b|\n(?=by[ \t]*\r?\n)))by\s+(?P<who>(?-i:(?:the\s+)?[^\W\d_a-z]))",
    re.IGNORECASE | re.MULTILINE,
)
_OWN = re.compile(rf"\A\s*(?P<who>[^\W\d_a-z][^\n.!?]{{3,100}}?)[’']s?\s+(?:[a-z]+\s+){{0,3}}{_KIND}\b")
# A heading says what the speech is; a sentence says what happened to it.
_SENTENCE = re.compile(r"\b(?:was|were|is|are|has|had|have|will|would|did|does)\b")
_STYLE = re.compile(
    r"^(?:(?:the|his|her|excellency|h\.? ?e\.|mr|mrs|ms|miss|dr|sir)(?![\w’'-])\.?,?\s*)+", re.IGNORECASE
)
_WORD = r"[^\W\d_a-z][\w’'-]*\.?"
_PARTICLE = r"(?:al|el|de|van|von|der|den|bin|ibn|la|le)[\s-]"
_NAME = re.compile(rf"(?:{_PARTICLE})?{_WORD}(?:\s+(?:{_PARTICLE}){{0,2}}{_WORD}){{0,5}}")
# What may follow the name in a heading; anything else makes it a sentence.
_AFTER_NAME = re.compile(
    r"\s*(?:$|[,;:()–—-]|\d|[^\W\d_a-z]|(?:at|on|in|to|of|before|during|following|after|for|from|as|and|with|under"
    r"|delivered|made|given|held|the)\b)"
)
# Where the lines of the name and the office end: below stand the place and the date.
_BREAK = re.compile(r"(?<![,\n])[ \t]*\r?\n\s*(?!(?:of|for|and|the|in|on|H\. ?E\.|Mr|Mrs|Ms|Dr)\b)")
_ON = re.compile(r"(?:at|on|in|to|of|for|before|during|following|after|under|as|the|delivered|made|and)\b")
_EXCELLENCY = re.compile(r"\bH\. ?E\.\s+")
_BRACKETS = re.compile(r"\(([^)\n]{2,40})\)")
_CUT = re.compile(r"\s+(?:at|on|in|to|before|during|following|after|for|delivered|made)\s", re.IGNORECASE)
_SALUTATION = re.compile(
    r"(?:your|mr\.?|mrs\.?|madam|ms\.?|dear|excellenc\w+|ladies|distinguished|honou?rable|members|thank"
    r"|good (?:morning|afternoon|evening))\b(?!\s+[^\W\d_a-z][\w’'-]*\s+[^\W\d_a-z])"
    r"(?![^\n]*\b(?:minister|representative|ambassador|secretary)\b[^\n]*\bof\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Byline:
    """The speaker that a heading names, and where the heading ends."""

    speaker: Speaker
    end: int


def find(text: str, speakers: Speakers, end: int | None = None, date: str = "") -> Byline | None:
    """The by-line at the head of a text, before an offset; ``None`` if there is none that names a speaker.

    Args:
        text: The document.
        speakers: Resolves the name.
        end: Offset of the first label, if there is one.
        date: ISO date of the document, or empty; "the President of ..." is who was it then.
    """
    within = _WHERE if end is None else min(end, _WHERE)
    match = _BY.search(text, 0, within) or _OWN.search(text, 0, within)
    if match is None or len(re.findall(r"\n[ \t]*\r?\n", text[: match.start()])) > _PARAGRAPHS:
        return None
    if _is_sentence(text, match):
        return None
    heading = _heading(text, match.start(), match.end())
    # Of "Anna Holt's remarks" only the name, of "by Anna Holt, Minister ..." the whole rest.
    who = text[match.start("who") : match.end("who") if match.re is _OWN else heading]
    speaker = _speaker(who, speakers, date)
    # A country makes statements, but is not who something was met by.
    spoken = speaker is not None and (speaker.name != speaker.side or not match.groupdict().get("between", "").strip())
    return Byline(speaker, heading) if speaker is not None and spoken else None


def _is_sentence(text: str, match: re.Match[str]) -> bool:
    """Whether the line of a supposed by-line tells what happened to a speech instead of heading it."""
    rest = text[match.end() : match.end() + _LONGEST].partition("\n")[0]
    line = (match.group() + rest).rstrip()
    return _SENTENCE.search(line if line.endswith((".", "?", "!")) else match.group()) is not None


def _heading(text: str, start: int, named: int) -> int:
    """Offset behind a heading: the lines up to the name's, and the office, place and date that stand below."""
    end, closed, parted = start, False, False
    for line in re.finditer(r"[^\n]*\n?", text[start : start + 4 * _LONGEST]):
        words = line.group().strip()
        if not line.group() or line.end() > _LONGEST:
            break
        below = start + line.start() > named
        aside = words.startswith("(") and words.endswith(")")
        if words and below and not aside and (closed or _is_speech(words, parted)):
            break
        end = start + line.end()
        parted = below and (parted or not words)
        closed = closed or (words.endswith((".", "?", "!")) and len(words.split()) > 5)
    return end


def _is_speech(line: str, parted: bool) -> bool:
    """Whether a line below the name is no more of the heading; behind a blank line it has to look like one."""
    words = line.split()
    if len(words) > _LONGEST_LINE or line.endswith((".", "?", "!")) or _SALUTATION.match(line):
        return True
    small = sum(word[0].islower() for word in words)
    headed = _ON.match(line) is not None or (2 * small < len(words) and not line.endswith((",", ":")))
    return parted and not (headed or any(map(str.isdigit, line)))


def _speaker(who: str, speakers: Speakers, date: str) -> Speaker | None:
    """The person, or the holder of the office, that the words behind "by" name."""
    bare = _STYLE.sub("", " ".join(who.split()))
    named = _NAME.match(bare)
    if named is None:
        return None
    name = _parted(named.group().rstrip(".").split(), speakers)
    if len(name) > 1 and _AFTER_NAME.match(bare[named.end() :]):
        if found := _person(name, _side(bare, speakers), speakers, date):
            return found
    return _official(_STYLE.sub("", " ".join(_BREAK.split(who.strip(), maxsplit=1)[0].split())), speakers, date)


def _person(name: list[str], side: str, speakers: Speakers, date: str) -> Speaker | None:
    """The known person of some words or of the first of them, or an unknown one of a side."""
    for length in range(len(name), 1, -1):
        found = speakers.resolve(" ".join(name[:length]), date=date)
        if found.known and found.name not in speakers.sides.values():
            return found
    return Speaker(written(" ".join(name), speakers), side=side, known=False) if side else None


def _official(words: str, speakers: Speakers, date: str) -> Speaker | None:
    """Who is named behind an office ("the Minister of Trade of Velm, Anna Holt") or by it alone; or a part."""
    office = _CUT.split(words, maxsplit=1)[0]
    if (part := speakers.part(fold(office))) is not None:
        return part if part.role != "questioner" else None
    printed = _EXCELLENCY.sub("", words).split()
    reading = speakers.read(fold(" ".join(printed)))
    if not reading.office:
        return speakers.resolve(office) if speakers.side_named(office) else None
    behind = next((printed[at:] for at in range(len(printed)) if fold(" ".join(printed[at:])) == reading.name), [])
    named = _NAME.match(" ".join(behind))
    name = _parted(named.group().rstrip(".").split(), speakers) if named else []
    if len(name) > 1 and (found := _person(name, reading.side or _side(words, speakers), speakers, date)):
        return found
    office = office.split(",")[0]
    found, alone = speakers.resolve(office, date=date), speakers.read(fold(office))
    if found.known or alone.name or not alone.side:
        return found if found.known else None
    return Speaker(written(office, speakers), side=alone.side, known=False)


def _parted(words: list[str], speakers: Speakers) -> list[str]:
    """The name in a run of capitalised words: behind the titles that it begins with, up to the next title."""
    at = 0
    while at < len(words) and speakers.is_title_word(fold(words[at])):
        at += 1
    behind = next((n for n in range(at + 2, len(words)) if speakers.is_title_word(fold(words[n]))), len(words))
    return words[at:behind]


def _side(words: str, speakers: Speakers) -> str:
    """The side that some words name behind "of" or "from", or in brackets behind the name."""
    if (brackets := _BRACKETS.search(words)) and (side := speakers.side_named(brackets[1])):
        return side
    for match in re.finditer(
        rf"\b(?:of|OF|from)\s+((?:the\s+)?{_WORD}(?:\s+(?:of\s+|OF\s+)?(?:the\s+)?{_WORD}){{0,5}})", words
    ):
        parts = match[1].split()
        for length in range(len(parts), 0, -1):
            if side := speakers.side_named(" ".join(parts[:length]).rstrip(".,")):
                return side
        for at in range(1, len(parts)):
            if parts[at - 1].casefold() == "of" and (side := speakers.side_named(" ".join(parts[at:]))):
                return side
    return ""
