"""Debates in Akoma Ntoso (LegalDocML), any version: speeches, questions and answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from stancecraft.readers import xml
from stancecraft.readers.source import Source
from stancecraft.readers.utterances import Utterance, transcript
from stancecraft.records import Role, Transcript

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_NAMESPACE = re.compile(r"(?:.*(?:akoma.?ntoso|legaldocml).*)?", re.IGNORECASE)
_SPEECH = ("speech", "question", "answer", "other")
_BLOCKS = frozenset(
    "speech question answer other p li item point tblock block blockContainer blockList listIntroduction listWrapUp "
    "intro wrap div tr ul ol embeddedStructure".split()
)
_APART = frozenset({"eol", "br", "td", "th"})
# Inside speeches and not spoken: the label, the reporter's remarks, headings, notes.
_SILENT = frozenset(
    "from narrative scene summary remark recordedTime authorialNote noteRef heading subheading num img del meta".split()
)
_PRESIDES = re.compile(
    r"(?:(?:the|madam|mister|mr\.?|deputy|acting|vice|temporary)[ -]+)*"
    r"(?:speaker|chair(?:man|woman|person)?|president of the sitting|presiding officer|moderator"
    r"|an (?:leas-?chea|cea)nn comhairle|an (?:leas-?ch|c)athaoirleach)(?: of .*| ?\(.*)?",
    re.IGNORECASE,
)


def is_akoma_ntoso(text: str) -> bool:
    """Whether a text is an Akoma Ntoso document of any version, told by its root element."""
    namespace, name = xml.root(text)
    return name == "akomaNtoso" and _NAMESPACE.fullmatch(namespace) is not None


def read(text: str, source: Source) -> Transcript:
    """Read the speeches of a debate; what the reporter narrates between them is not speech.

    Raises:
        InputError: If the text is not well-formed XML, or not safe to read.
    """
    root = xml.parse(text, source.where)
    names = {xml.identifier(one): _shown(one) for one in xml.every(root, "TLCPerson", "TLCOrganization", "TLCRole")}
    utterances = [_utterance(one, names) for one in xml.every(root, *_SPEECH) if _is_speech(one)]
    said = [one for one in utterances if one.text]
    notes = () if said else (f"{source.doc}: no speeches found in the Akoma Ntoso document",)
    return transcript(said, replace(source, date=source.date or _date(root)), notes)


def _utterance(element: Element, names: Mapping[str, str]) -> Utterance:
    labels = (" ".join(xml.paragraphs(one, frozenset(), _APART, _instead)) for one in xml.every(element, "from"))
    printed = next(filter(None, (label.rstrip(" .:—–-") for label in labels)), "")
    roles = [names.get(one) or xml.readable(one) for one in xml.references(_attribute(element, "as"))]
    return Utterance(
        text="\n\n".join(xml.paragraphs(element, _BLOCKS, _APART, _instead)).lstrip(" :—–-"),
        label=_label(printed, xml.references(_attribute(element, "by")), names),
        role=_role(xml.local(element), roles, printed),
    )


def _label(printed: str, persons: list[str], names: Mapping[str, str]) -> str:
    """The full name that the references give, else the label as printed, else the identifier as a name."""
    shown = " and ".join(filter(None, (names.get(one, "") for one in persons)))
    return shown if " " in shown or not printed and shown else printed or " and ".join(map(xml.readable, persons))


def _role(element: str, roles: list[str], printed: str) -> Role | None:
    if element == "question":
        return "questioner"
    if any(_PRESIDES.fullmatch(one.strip()) for one in [*roles, printed]):
        return "moderator"
    # A speech without a role may be anybody's: the label tells.
    return "official" if roles or element == "answer" else None


def _is_speech(element: Element) -> bool:
    """Whether an element is not part of a speech already, and somebody says it: a list of papers has no speaker."""
    if any(xml.local(above) in _SPEECH for above in element.iterancestors()):
        return False
    return (
        xml.local(element) != "other"
        or bool(_attribute(element, "by"))
        or next(xml.every(element, "from"), None) is not None
    )


def _attribute(element: Element, name: str) -> str:
    """An attribute of a speech, or of the group of speeches that it stands in."""
    groups = [above for above in element.iterancestors() if xml.local(above) == "speechGroup"]
    return next((value for one in (element, *groups) if (value := one.get(name))), "")


def _shown(reference: Element) -> str:
    return " ".join((reference.get("showAs") or "").split())


def _instead(element: Element) -> str | None:
    return "" if xml.local(element) in _SILENT else None


def _date(root: Element) -> str:
    """The day of the debate: of the work, else of this expression of it."""
    for level in ("FRBRWork", "FRBRExpression"):
        for holder in xml.every(root, level):
            days = [xml.day(one.get("date")) for one in xml.every(holder, "FRBRdate")]
            if found := next(filter(None, days), ""):
                return found
    return ""
