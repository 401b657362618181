"""Statements in the name of several sides at once."""

from __future__ import annotations

import re
from collections.abc import Callable

_TITLED = r"(?:[Mm]y|[Oo]ur)\s+(?:[a-z]+\s+)?(?:colleague|counterpart|host|friend)(?:\s+[A-Z][\w’'-]+){0,3}"
_NAMED = r"(?P<name>(?:[A-Z][\w’'-]*\.?\s+(?:of\s+)?){0,4}[A-Z][\w’'-]+)"
_HOLDS = (
    r"(?:agree|believe|share|reaffirm|condemn|support|welcome|decide|want|hope|remain|stand|express|stress|confirm|underline|"
    r"urge|discuss|intend|think|expect)(?:s|d|ed)?|called|call|underscored?|are\s+(?:united|agreed|convinced|committed|in\s+agreement)|"
    r"will\s+(?:continue|work|consult|remain)|have\s+(?:agreed|decided|discussed|reaffirmed|called)"
)
_ADVERB = r"(?:both|also|just|all|fully|certainly|have|strongly|jointly|today)\s+"
_WE_BOTH = re.compile(
    r"\b[Ww]e(?:[’'](?:ve|re))?\s+(?:have\s+|are\s+|were\s+|had\s+|do\s+)?both\b(?!\s+(?:an?|the)\b)"
    r"|\b[Bb]oth\s+of\s+us\b|\b[Tt]he\s+two\s+of\s+us\b"
    r"|\b(?:[Ww]e|[Oo]ur)\s+(?:have\s+|are\s+|will\s+)?(?:jointly|joint\s+(?:statement|position|declaration|view|call|communiqu[eé]))\b"
    rf"|\b(?:[Oo]ur\s+two|[Bb]oth\s+our)\s+(?:countries|nations|governments|presidents|peoples|sides)\s+(?:{_ADVERB}){{0,2}}(?:{_HOLDS})\b"
)
_AND_I = re.compile(rf"\b(?:{_TITLED}|{_NAMED}),?\s+and\s+I\s+(?:{_ADVERB}){{0,2}}(?:{_HOLDS})\b")
_HINTS = ("both", "Both", " and I ", "two of us", "our two", "Our two", "joint")


def is_joint(words: str, side: str, side_of: Callable[[str], str]) -> bool:
    """Whether a statement speaks for its speaker and another side together: "we both", "Minister Holt and I agree".

    Args:
        words: The statement.
        side: The speaker's side.
        side_of: From a printed name to the side of who bears it, empty if nobody is known by it. A name counts if its
            bearer speaks for another side: "Hillary and I" of one ticket is one side.
    """
    # Most statements hold none of these, and looking for them is quick.
    if not any(map(words.__contains__, _HINTS)):
        return False
    if _WE_BOTH.search(words):
        return True
    for match in _AND_I.finditer(words):
        other = side_of(match["name"]) if match["name"] else ""
        if not match["name"] or (other and other != side):
            return True
    return False
