"""The statements behind the cells of a comparison, as the compact data that the page's script reads.

What is large is kept once: a document's words as *pieces*, the statements and what stands between them, so that the
words around a statement are its neighbours in that list; numbers are rounded, and words that carried nothing left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from stancecraft.records import REASONS, VALUES, Explanation, Position, Prediction

AROUND = 240
"""How much of a document is shown on either side of a statement, in characters."""

LEAST_SHARE = 0.03
"""A word with a smaller share than this part of the largest is not marked."""

_NEIGHBOURS = 2
_PARAGRAPH = re.compile(r"\s*\n\s*\n\s*")
Kept: TypeAlias = Sequence[tuple[int, Prediction]]
Pieces: TypeAlias = list[str | None]


def data(
    kept: Kept, every: Sequence[Prediction], issues: Sequence[str], groups: int, texts: Mapping[str, str],
    with_text: bool,
) -> dict[str, Any]:  # fmt: skip
    """Everything that the script needs.

    Args:
        kept: The statements that count, with the number of the group of each, in order.
        every: All statements that were read, for the neighbours of those that no text has.
        issues: Ids, in the order of the comparison.
        groups: How many there are.
        texts: Decoded texts by name of document.
        with_text: Whether words may be told.

    Returns:
        ``docs`` (name, date, pieces), ``speakers``, ``sides``, ``statements`` (document, piece, speaker, side, turn,
        place, remarks) and ``cells``, one list of positions (statement, stance, probabilities in thousandths, reason,
        words) per group and issue.
    """
    about = [(group, one) for group, one in kept if any(at.is_about for at in one.positions.values())]
    speakers = _numbers(one.statement.speaker for _, one in about)
    sides = _numbers(one.statement.side for _, one in about)
    docs, where = _documents([one for _, one in about], every, texts if with_text else None)
    cells: list[list[Any]] = [[] for _ in range(groups * len(issues))]
    statements = []
    for number, ((group, one), place) in enumerate(zip(about, where, strict=True)):
        said = one.statement
        offsets = said.id if said.start is None else [said.start, said.end]
        statements.append([*place, speakers[said.speaker], sides[said.side], said.turn, offsets, _remarks(one)])
        for at, issue in enumerate(issues):
            if one.positions[issue].is_about:
                told = _position(one.positions[issue], said.text, with_text)
                cells[group * len(issues) + at].append([number, *told])
    return {"docs": docs, "speakers": list(speakers), "sides": list(sides), "statements": statements, "cells": cells,
            "values": list(VALUES), "reasons": list(REASONS), "around": AROUND}  # fmt: skip


def _numbers(names: Iterable[str]) -> dict[str, int]:
    return {name: at for at, name in enumerate(dict.fromkeys(names))}


def _remarks(prediction: Prediction) -> str:
    said = prediction.statement
    told = (said.role if said.role != "official" else "", "reported by others" if said.reported else "",
            "in the name of several sides" if said.joint else "")  # fmt: skip
    return ", ".join(filter(None, told))


def _position(position: Position, text: str, with_text: bool) -> list[Any]:
    stance = VALUES.index(position.stance or "none")
    thousandths = [round(1000 * position.probabilities[value]) for value in VALUES]
    told: list[Any] = [stance, thousandths, REASONS.index(position.reason)]
    if with_text and position.explanation is not None:
        told.append(_carried(position.explanation, text))
    return told


def _carried(explanation: Explanation, text: str) -> list[Any]:
    """Runner-up, margin and bias in hundredths of a logit, then per word: gap before it, its length, its share."""
    largest = max((abs(share) for *_, share in explanation.words), default=0.0)
    flat, cursor = [], 0
    for start, end, share in explanation.words:
        hundredths = round(100 * share)
        if not hundredths or abs(share) < LEAST_SHARE * largest:
            continue
        flat += [_units(text[cursor:start]), _units(text[start:end]), hundredths]
        cursor = end
    return [VALUES.index(explanation.over), round(100 * explanation.margin), round(100 * explanation.bias), flat]


def _units(words: str) -> int:
    """Length as a browser counts it: characters beyond the first plane are two."""
    return len(words) + sum(character > "\uffff" for character in words)


def _documents(
    about: Sequence[Prediction], every: Sequence[Prediction], texts: Mapping[str, str] | None
) -> tuple[list[dict[str, Any]], list[tuple[int, int]]]:
    """The documents, and which document and piece each statement is."""
    docs: list[dict[str, Any]] = []
    numbers: dict[str, int] = {}
    where: dict[int, tuple[int, int]] = {}
    inside: dict[str, list[Prediction]] = {}
    for one in about:
        # Statements without a document stand alone, so they share an empty one.
        inside.setdefault(one.statement.doc, []).append(one)
    rows: dict[str, list[Prediction]] = {}
    for one in every if texts is not None else ():
        rows.setdefault(one.statement.doc, []).append(one)
    for doc, members in inside.items():
        pieces: Pieces = []
        numbers[doc] = len(docs)
        if texts is None:
            places = [-1] * len(members)
        elif doc in texts:
            places = _cut(members, texts[doc], pieces)
        else:
            places = _beside(members, rows[doc] if doc else members, pieces, alone=not doc)
        docs.append({"name": doc, "date": members[0].statement.date, "pieces": pieces})
        where |= {id(one): (numbers[doc], place) for one, place in zip(members, places, strict=True)}
    return docs, [where[id(one)] for one in about]


def _cut(members: Sequence[Prediction], text: str, pieces: Pieces) -> list[int]:
    """Cut a text into statements and what stands between them; ``None`` is a gap in it."""
    places, cursor = [], 0
    for one in members:
        said = one.statement
        start, end = said.start, said.end
        if start is None or end is None or start < cursor or text[start:end] != said.text:
            # Its words are not where they were, or were shown already: it stands alone.
            places.append(_alone(said.text, pieces))
            continue
        pieces += _gap(text[cursor:start])
        places.append(len(pieces))
        pieces.append(said.text)
        cursor = end
    pieces += _gap(text[cursor : cursor + AROUND + 1])
    return places


def _gap(words: str) -> Pieces:
    if len(words) <= 2 * AROUND:
        return [_folded(words)]
    return [_folded(words[: AROUND + 1]), None, _folded(words[-AROUND - 1 :])]


def _folded(words: str) -> str:
    """Lines joined, paragraphs kept."""
    parts = _PARAGRAPH.split(words)
    return "\n".join(re.sub(r"\s+", " ", part) for part in parts)


def _alone(words: str, pieces: Pieces) -> int:
    pieces += [None, words, None]
    return len(pieces) - 2


def _beside(members: Sequence[Prediction], rows: Sequence[Prediction], pieces: Pieces, *, alone: bool) -> list[int]:
    """The rows of a table as pieces, as far as they are neighbours of a statement that is shown."""
    if alone:
        return [_alone(one.statement.text, pieces) for one in members]
    shown = {id(one) for one in members}
    at = [number for number, one in enumerate(rows) if id(one) in shown]
    near = {number + step for number in at for step in range(-_NEIGHBOURS, _NEIGHBOURS + 1)}
    found: dict[int, int] = {}
    before = None
    for number, one in enumerate(rows):
        if number not in near:
            pieces += [None] if pieces and pieces[-1] is not None else []
            before = None
            continue
        said = one.statement
        changed = before is not None and (before.statement.turn, before.statement.speaker) != (said.turn, said.speaker)
        pieces.append(f"\n{said.speaker}: " if changed and said.speaker else "\n" if changed else " ")
        found[id(one)] = len(pieces)
        pieces.append(said.text if id(one) in shown else _folded(said.text))
        before = one
    return [found[id(one)] for one in members]
