"""Minutes of parliaments in TEI (ParlaMint, Parla-CLARIN) and other TEI of speech: ``<u>`` and ``<sp>``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stancecraft.readers import xml
from stancecraft.readers.source import Source
from stancecraft.readers.utterances import Utterance, transcript
from stancecraft.records import Role, Transcript

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_ROOTS = ("TEI", "teiCorpus", "TEI.2", "teiCorpus.2")
_SPEECH = ("u", "sp")
_BLOCKS = frozenset({"u", "sp", "seg", "p", "ab", "lg", "div"})
_APART = frozenset({"s", "l", "lb", "pb", "cb", "item", "head"})
# Inside speech and not spoken: notes of the stenographer, noises, stage directions, page furniture.
_SILENT = frozenset(
    "note vocal kinesic incident gap writing desc speaker stage fw figure del pause shift media anchor timeline".split()
)
_REPLACED = frozenset({"sic", "orig", "expan"})  # inside a <choice>, whose other half is read
_TOKENS = frozenset({"w", "pc"})
_CLOSING, _OPENING = frozenset(".,;:!?)]}…”’»%"), frozenset("([{“‘«¿¡")


@dataclass(frozen=True, slots=True)
class _Person:
    name: str
    side: str


def is_tei(text: str) -> bool:
    """Whether a text is a TEI document or corpus, told by its root element."""
    namespace, name = xml.root(text)
    return name in _ROOTS and (not namespace or "www.tei-c.org/ns/" in namespace)


def read(text: str, source: Source) -> Transcript:
    """Read the utterances of a TEI document, or of all documents of a corpus in order.

    Raises:
        InputError: If the text is not well-formed XML, or not safe to read.
    """
    root = xml.parse(text, source.where)
    persons = {xml.identifier(one): _person(one) for one in xml.every(root, "person")}
    instead = _instead(any(one.get("join") for one in xml.every(root, *_TOKENS)))
    utterances = [_utterance(one, persons, instead) for one in xml.every(root, *_SPEECH) if not _is_inside(one)]
    said = [one for one in utterances if one.text]
    notes = [] if said else [f"{source.doc}: no utterances (<u> or <sp>) found in the TEI document"]
    days = sorted({day for one in _documents(root) if (day := _date(one))})
    if len(days) > 1 and not source.date:
        notes.append(f"{source.doc}: documents of several days, {days[0]} to {days[-1]}: no date taken")
    date = source.date or (days[0] if len(days) == 1 else "")
    return transcript(said, replace(source, date=date), notes)


def _utterance(element: Element, persons: Mapping[str, _Person], instead: Callable[[Element], str | None]) -> Utterance:
    who = xml.references(element.get("who"))
    sides = {persons[one].side if one in persons else "" for one in who}
    return Utterance(
        text="\n\n".join(xml.paragraphs(element, _BLOCKS, _APART, instead)),
        label=_label(element, who, persons),
        role=_role(xml.references(element.get("ana"))),
        side=sides.pop() if len(sides) == 1 else "",
    )


def _label(element: Element, who: list[str], persons: Mapping[str, _Person]) -> str:
    """The label as printed inside; else the names of the persons; else the note above; else the bare identifiers."""
    inside = [xml.plain(one).rstrip(" .:") for one in xml.every(element, "speaker")]
    names = [persons[one].name if one in persons else xml.readable(one) for one in who]
    are_clear = bool(who) and all(one in persons or " " in name for one, name in zip(who, names, strict=True))
    above = "" if are_clear else _label_above(element)
    return next(filter(None, inside), "") or above or " and ".join(names)


def _label_above(element: Element) -> str:
    for note in element.itersiblings(preceding=True):
        if xml.local(note) != "note":
            return ""
        if note.get("type") == "speaker":
            return xml.plain(note).rstrip(" .:")
    return ""


def _role(analysis: Iterable[str]) -> Role | None:
    kinds = set(analysis)
    return "moderator" if "chair" in kinds else "official" if kinds & {"regular", "guest"} else None


def _instead(joined: bool) -> Callable[[Element], str | None]:
    """What elements inside speech give; ``joined``: the tokens say themselves which follow without a blank."""

    def given(element: Element) -> str | None:
        name = xml.local(element)
        if name in _SILENT or (name in _REPLACED and xml.local(element.getparent()) == "choice"):
            return ""
        if name not in _TOKENS:
            return None
        words = xml.plain(element)
        if joined:
            join = element.get("join", "")
            before, behind = (xml.GLUE if join in (side, "both") else " " for side in ("left", "right"))
            return before + words + behind
        if name == "pc" and words:
            return (xml.GLUE if words[0] in _CLOSING else "") + words + (xml.GLUE if words[-1] in _OPENING else "")
        return words

    return given


def _is_inside(element: Element) -> bool:
    return any(xml.local(above) in _SPEECH for above in element.iterancestors())


def _person(element: Element) -> _Person:
    names = list(xml.every(element, "persName"))
    parts = [xml.plain(one) for one in xml.every(names[0], "forename", "nameLink", "surname")] if names else []
    name = " ".join(filter(None, parts)) or (xml.plain(names[0]) if names else "")
    return _Person(name or xml.readable(xml.identifier(element)), _side(element))


def _side(person: Element) -> str:
    """The state or organisation that an affiliation names in words; a mere reference to one is none."""
    for affiliation in xml.every(person, "affiliation"):
        named = [xml.plain(one) for one in xml.every(affiliation, "country", "orgName")]
        told = next(filter(None, named), "") or ("" if len(affiliation) else xml.plain(affiliation))
        if told:
            return told
    return ""


def _documents(root: Element) -> list[Element]:
    return list(xml.every(root, "TEI", "TEI.2")) or [root]


def _date(document: Element) -> str:
    """The day of the setting; else of the source, else of publication, which may be years later."""
    for place in ("settingDesc", "sourceDesc", "publicationStmt"):
        for holder in xml.every(document, place):
            days = [xml.day(one.get("when") or one.get("from")) for one in xml.every(holder, "date")]
            if found := next(filter(None, days), ""):
                return found
    return ""
