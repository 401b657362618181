"""Speaker labels: which beginnings of lines name who speaks next."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import replace

from stancecraft.readers.cast import Label
from stancecraft.speakers import Speakers, fold

_BEGIN = r"(?:^|(?<=\r))"
_BLANKS = r"[ \t\u00a0\f]*"
_CLOCK = r"(?:[AP]\.?M\.?[ \t]+(?:[A-Z]{2,4}[ \t]+)?)?"
_TIME = rf"(?:[(\[]?\d{{1,2}}:\d\d(?::\d\d)?(?:[.,]\d{{1,3}})?[)\]]?[ \t]*{_CLOCK}[-–—|]?[ \t]*)"
_ASIDES = r"(?:[ \t]*[(\[](?P<aside>[^()\[\]\n\r]{0,60})[)\]](?:[ \t]*[(\[][^()\[\]\n\r]{0,60}[)\]])?)?"
_MARKS = r"[ \t\u00a0\f>*_#]*+"  # of a quotation, of emphasis, of a heading
_COLON_LABEL = re.compile(
    rf"{_BEGIN}{_MARKS}{_TIME}?[*_]*(?P<label>[^\s:(\[\d][^\n\r:(\[]{{0,70}}?){_ASIDES}[*_]*[ \t]*:(?!\d)[*_]*", re.M
)
_LINE = re.compile(r"[^\r\n]+")
_INDENT = 40  # characters of white space before a bare Q
_NEAR = 131  # characters of a line within which a label's colon stands
_BARE_Q = re.compile(rf"{_BEGIN}{_BLANKS}(?P<label>Q)(?:[ \t\u00a0]+(?=[\w\"'“‘(\[—–-])|\.[ \t]+(?=[A-Z]))", re.M)
# An answer after bare questions; "A" before one space is an article.
_BARE_A = re.compile(rf"{_BEGIN}{_BLANKS}(?P<label>A)(?:[ \t]{{2,}}|\t|\.[ \t]+)(?=[A-Z\"“'‘(\[-])", re.M)
# Records of parliaments: "Mr. SHUSTER.", "Ms. JOHNSON of Texas.", "The PRESIDING OFFICER."
_MEMBER = (
    r"(?:Mr|Mrs|Ms|Miss|Dr)\.?[ \t]+(?:[A-Z][\w.'’-]*[ \t]+){0,3}?(?:Mc|Mac|De|La|Le|O['’])?[A-Z]{2}[A-Z'’-]*"
    r"(?:[ \t]+of[ \t]+[A-Z][a-z]+(?:[ \t]+[A-Z][a-z]+)?)?"
)
_CHAIR = r"The[ \t]+[A-Z]{4}[A-Z]*(?:[ \t]+[A-Z]+){0,3}(?:[ \t]+pro[ \t]+tempore)?"
_FULL_STOP_LABEL = re.compile(
    rf"{_BEGIN}{_BLANKS}(?P<label>(?:{_MEMBER})|{_CHAIR}){_ASIDES}\.[ \t]+(?=[A-Z“\"(])", re.M
)
# Inside a line: what stands behind a finished sentence and before a colon, a name in capitals, a question.
_COLON = re.compile(r":(?!\d)")
_BEFORE_COLON = re.compile(rf"[.?!…\"”)-][ \t]+(?P<label>[^\W\d_a-z][^\r\n:(\[]{{0,60}}?){_ASIDES}[ \t]*\Z")
_LOUD_LABEL = re.compile(r"(?P<label>[A-Z]{2,}\.?(?: [A-Z][A-Z.'’-]+){1,5})[ \t]*:(?!\d)")
_INSIDE = re.compile(r"(?:\S (?<![A-Z'’-] )|[A-Z] (?=(?:MR|MRS|MS|DR)\.))\Z")
_WIDEST = 140  # characters of a label with what stands in brackets behind it
_INNER_Q = re.compile(r"(?<=[.?!…)\]\"”-])[ \t]+(?P<label>Q)[ \t]+(?=[\w\"'“‘(\[—–-])")
_ALONE = re.compile(
    rf"{_BEGIN}{_MARKS}(?P<label>[^\s:(\[\d][^\n\r:(\[]{{0,60}}?){_ASIDES}(?:[ \t]+{_TIME})?"
    r"[*_]*[ \t]*:?[*_]*[ \t]*\r?$",
    re.M,
)
_ARTICLE_THE = re.compile(r"^[Tt]he\s+")
_FINISHED = re.compile(r"[.!?:;)\]\"”’'*_—-]$")
_PARTICLES = frozenset("de da di del der den van von al el bin ibn la le du".split())
_ARTICLE = re.compile(r"(?:al|el|ad|an|ar|as|at|az|d|bin|ibn)[-’'](?=[A-Z])")
_SMALL = frozenset("of the and for de da di del der den van von al el bin ibn la le du to at in on y".split())
_FEW = 3
_LONG_LABEL = 5  # characters of a single word that no sentence has before a colon by chance
_STYLE = 3  # different names in mixed case that make it the transcript's style
_LONGEST_ALONE = 7  # words
_PERSON = re.compile(r"[A-Z][\w’'.-]*(?:\s+[A-Z][\w’'.-]*){1,4}")
_ENDS_A_SENTENCE = re.compile(r"[.!?,;…]$")
# Capitals before a colon that head a line and do not speak.
_NOT_A_SPEAKER = frozenset(
    "note update correction subject date time place venue re from to cc fact topic topics location watch read "
    "transcript source photo image caption editors breaking "
    # Datelines.
    "washington dc moscow geneva new york london paris berlin brussels vienna kyiv kiev minsk ankara istanbul damascus "
    "beirut baghdad tehran riyadh yerevan baku stepanakert tbilisi astana sochi beijing stockholm".split()
)


def find_labels(text: str, speakers: Speakers) -> list[Label]:
    """The labels of a transcript in order.

    Capitals before a colon are a label, and so is a bare ``Q``. A name in mixed case before a colon is one if the
    speakers table knows it, if it carries a title, if it heads at least two lines, or if the transcript is one in which
    several such names head lines; "Moscow:" before a news item is none of these. Where no colon does it, names in
    capitals before a full stop, or names on lines of their own, are labels.
    """
    return find(text, speakers)[0]


def find(text: str, speakers: Speakers) -> tuple[list[Label], list[str]]:
    """The labels as :func:`find_labels` gives them, and the names that were not taken for labels, for a person to see.

    These are names of two words and more before a colon that head a paragraph.
    """
    candidates = _candidates(text)
    found = _before_colons(text, speakers, candidates)
    if not found:
        found = [_label(match) for match in _FULL_STOP_LABEL.finditer(text)]
    if len(found) < _FEW:
        found = max(found, _alone(text, speakers), key=len)
    return found, _doubtful(text, found, candidates) if found else []


def _doubtful(text: str, labels: list[Label], candidates: list[re.Match[str]]) -> list[str]:
    taken = {label.start for label in labels}
    return list(
        dict.fromkeys(
            match["label"].strip()
            for match in candidates
            if match.re is _COLON_LABEL
            and match.start() not in taken
            and _PERSON.fullmatch(match["label"].strip())
            and _looks_like_a_name(match["label"])
            and _begins_a_paragraph(text, match.start())
        )
    )


def _colon_candidates(text: str) -> Iterator[re.Match[str]]:
    for line in _LINE.finditer(text):
        # Most lines have no colon near their beginning, and this is quick to tell.
        if text.find(":", line.start(), min(line.end(), line.start() + _NEAR)) >= 0 and (
            match := _COLON_LABEL.match(text, line.start())
        ):
            yield match


def _label(match: re.Match[str]) -> Label:
    aside = match.groupdict().get("aside") or ""
    aside = "" if aside[:1].isdigit() else aside  # the time
    return Label(match.start(), match.end(), " ".join(match["label"].strip(" \t*_#>").split()), aside.strip())


def _before_colons(text: str, speakers: Speakers, found: list[re.Match[str]]) -> list[Label]:
    candidates = [match for match in found if _looks_like_a_name(match["label"])]
    heads = Counter(fold(match["label"]) for match in candidates)
    sides = {fold(match["label"]) for match in candidates if speakers.sides.get(_bare(match["label"]))}
    sure: list[Label] = []
    names: list[Label] = []
    loose: list[Label] = []
    for match in candidates:
        label = _label(match)
        if _is_capitals(label.printed) or label.printed in ("Q", "A"):
            sure.append(label)
        elif _begins_a_paragraph(text, match.start()):
            known = _is_known(label.printed, speakers, sides)
            (sure if known or heads[fold(match["label"])] > 1 else names).append(label)
        else:
            loose.append(label)
    # A label that is one time and again is one where the words above it were broken off, too.
    often = Counter(label.printed for label in sure)
    sure += [label for label in loose if often[label.printed] >= _FEW]
    aside = [label for label in names if _PERSON.fullmatch(label.printed) and label.aside]
    if len({label.printed for label in [*aside, *sure] if label.aside}) > 1:
        sure += aside  # "Anna Holt (Doncaster North) (Lab): ..."
        names = [label for label in names if label not in aside]
    mixed = {label.printed for label in sure if not _is_capitals(label.printed) and label.printed not in ("Q", "A")}
    if len(mixed) >= _STYLE:
        sure += [label for label in names if _PERSON.fullmatch(label.printed)]
    return sorted([*sure, *_inside_lines(text, sure)], key=lambda label: label.start)


def _inside_lines(text: str, labels: list[Label]) -> Iterator[Label]:
    """Labels inside lines, where breaks were lost.

    They are labels that head lines time and again, behind a finished sentence; names in capitals that return mostly
    inside lines, anywhere; and where there are such, a bare Q behind a finished sentence.
    """
    heads = Counter(label.printed for label in labels)
    loud = [match for match in _LOUD_LABEL.finditer(text) if _is_inside(text, match.start())]
    times = Counter(match["label"] for match in loud)
    often = {name for name, many in heads.items() if many >= _FEW and (" " in name or len(name) >= _LONG_LABEL)}
    lost = {name for name, many in times.items() if many >= max(_FEW, 2 * heads[name]) and _looks_like_a_name(name)}
    taken = {label.start for label in labels}
    for match in (*_before_inner_colons(text, often), *(one for one in loud if one["label"] in lost)):
        if match.start("label") not in taken:
            taken.add(match.start("label"))
            yield replace(_label(match), start=match.start("label"), end=text.index(":", match.end() - 1) + 1)
    if lost:
        for match in _INNER_Q.finditer(text):
            yield Label(match.start("label"), match.end(), "Q")


def _is_inside(text: str, at: int) -> bool:
    """Whether words inside a line may begin a label: no capitals before them, which would be its beginning."""
    return _INSIDE.search(text, max(0, at - 2), at) is not None


def _before_inner_colons(text: str, names: Collection[str]) -> Iterator[re.Match[str]]:
    """Some names behind a finished sentence and before a colon."""
    for colon in _COLON.finditer(text) if names else ():
        match = _BEFORE_COLON.search(text, max(0, colon.start() - _WIDEST), colon.start())
        if match and match["label"] in names:
            yield match


def _bare(label: str) -> str:
    return fold(label).removeprefix("the ")


def _is_known(printed: str, speakers: Speakers, sides: Collection[str]) -> bool:
    """Whether the table knows a mixed-case label; the name of a country is a label only beside another country's."""
    if _bare(printed) in speakers.sides:
        return len(sides) > 1
    return speakers.has_title(_ARTICLE_THE.sub("", printed)) or speakers.resolve(printed).known


def _alone(text: str, speakers: Speakers) -> list[Label]:
    """Labels on lines of their own, if several are and one of them returns or is known."""
    labels = [
        _label(match)
        for match in _ALONE.finditer(text)
        if _looks_like_a_name(match["label"])
        and len(match["label"].split()) <= _LONGEST_ALONE
        and not _ENDS_A_SENTENCE.search(match["label"].strip())
        and _stands_alone(text, match)
    ]
    heads = Counter(fold(label.printed) for label in labels)
    sides = {_bare(label.printed) for label in labels if _bare(label.printed) in speakers.sides}
    known = {fold(label.printed) for label in labels if _is_known(label.printed, speakers, sides)}
    named = {fold(one.printed) for one in labels if _is_capitals(one.printed) or _PERSON.fullmatch(one.printed)}
    again = {label for label, times in heads.items() if times > 1} & named - sides
    kept = [one for one in labels if fold(one.printed) in known | again]
    voices = {fold(one.printed) for one in kept}
    return kept if len(kept) >= _FEW and len(voices) > 1 else []


def _stands_alone(text: str, match: re.Match[str]) -> bool:
    """Whether words follow a line, and the line above is blank or finished."""
    behind = text[match.end() : match.end() + 200].lstrip()
    return bool(behind) and _begins_a_paragraph(text, match.start())


def _candidates(text: str) -> list[re.Match[str]]:
    """Whatever stands before a colon at a line's beginning, and bare Q and A, in order."""
    starts = [line.start() for line in _LINE.finditer(text)]
    begins = [(at, text[at : at + _INDENT].lstrip()[:1]) for at in starts]
    questions = [match for at, first in begins if first == "Q" and (match := _BARE_Q.match(text, at))]
    answers = [match for at, first in begins if questions and first == "A" and (match := _BARE_A.match(text, at))]
    return sorted([*_colon_candidates(text), *questions, *answers], key=lambda match: match.start())


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
    """Whether what stands above a line is finished: in wrapped text a name may come to a line's beginning by chance.

    A page number above it is looked past.
    """
    above = text[max(0, at - 200) : at].rstrip(" \t\u00a0\f")
    line = above.rstrip().rpartition("\n")[2]
    if line.strip(" \t\f-–—").isdigit():
        above = above.rstrip()[: -len(line)]
    return above.endswith(("\n\n", "\n\r\n")) or _FINISHED.search(above.rstrip()) is not None or not above.strip()


def _is_capitals(label: str) -> bool:
    """Whether a label is in capitals, the small c of McFAUL allowed."""
    letters = [c for c in re.sub(r"\b(?:Mc|Mac|[Dd]e|[Vv]an|[Vv]on|al)(?=[A-Z -])", "", label) if c.isalpha()]
    return len(letters) > 1 and all(map(str.isupper, letters))
