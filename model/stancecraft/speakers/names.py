"""Names as a person would write them."""

from __future__ import annotations

import re

from stancecraft.speakers.people import fold
from stancecraft.speakers.table import Speakers

_PARTICLES = frozenset("al de da di del der den van von bin ibn la le du el of the and for to".split())
_HONORIFIC = re.compile(r"^(?:the\s+)?(?:mr|mrs|ms|miss|messrs)\b(?:\.\s*|\s+)(?=\S)", re.IGNORECASE)
_INNER = re.compile(r"(?<=[-’'])[^\W\d_](?=\w{2})")
_ROMAN = re.compile(r"X{0,3}(?:IX|IV|V?I{0,3})")
_INITIALS = re.compile(r"(?:[^\W\d_]\.){2,}")
_MC = re.compile(r"^(Mc|Mac)([A-Z]{2,})")
_ARTICLE = re.compile(r"^(al|el)-(?=\w)", re.IGNORECASE)
_SUFFIXES = frozenset("jr sr ii iii iv v vi vii viii ix x".split())
_ABBREVIATIONS = frozenset(
    {"us", "usa", "uk", "un", "eu", "nato", "osce", "opcw", "uae", "sdf", "nsc", "cia", "fbi", "dod", "dpr", "lpr"}
)


def written(printed: str, table: Speakers) -> str:
    """A printed label in normal case and without Mr and Ms: "MS. HOLT-BERG" is "Holt-Berg".

    Words that are not in capitals stay as they are, and so do initials, Roman numbers and abbreviations (US, NATO).
    """
    bare = _HONORIFIC.sub("", " ".join(printed.split()))
    return " ".join(_word(word, at) for at, word in enumerate(bare.split(" ")))


def _word(word: str, at: int) -> str:
    if article := _ARTICLE.match(word):
        rest = word[article.end() :]
        return f"{article[1].casefold()}-{_word(rest, 0)}" if _is_capitals(rest) else word
    if mc := _MC.match(word):
        return mc[1] + _cased(word[mc.end(1) :])
    if not _is_capitals(word) or _ROMAN.fullmatch(word) or _INITIALS.fullmatch(word) or fold(word) in _ABBREVIATIONS:
        return word
    if at and word.casefold() in _PARTICLES:
        return word.casefold()
    cased = _cased(word)
    return re.sub(r"^Mc([a-z])", lambda match: "Mc" + match[1].upper(), cased)


def _is_capitals(word: str) -> bool:
    letters = [c for c in word if c.isalpha()]
    return len(letters) > 1 and all(map(str.isupper, letters))


def _cased(word: str) -> str:
    lower = word.replace("İ", "i").lower()
    begin = next(at for at, c in enumerate(lower) if c.isalpha())
    first = word[begin]  # its capital as printed
    return _INNER.sub(lambda match: match[0].upper(), lower[:begin] + first + lower[begin + 1 :])


def first_and_last(folded: str) -> list[str]:
    """The words of a folded name without "van der" and the like."""
    return [word for word in folded.split() if word not in _PARTICLES]


def surname(folded: str) -> str:
    """The last word of a folded name; "jr" and numbers behind it are none."""
    words = [word for word in folded.split() if word not in _SUFFIXES]
    return words[-1] if words else ""
