"""How well documents are read: gold turns against the reader's, per document and overall.

A gold file holds spans of a document by character offset, each with turn, speaker, role, side and whether the words are
reported; a turn has several spans where page furniture or a quotation lies between. What is counted:

* *bounds*: gold turns found exactly, that is, made of the statements of exactly one turn of the reader and of no
  others, out of the gold turns and of the reader's turns that hold no gold;
* *speaker*, *side*, *role*: gold turns with a statement, all of whose statements carry what their gold spans tell, out
  of all gold turns;
* *statements*: statements of the reader with speaker, side, role and "reported" all right, out of all.

Names are compared as the same person: spellings that the speakers table knows, and Mr or Ms, make no difference.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from stancecraft import readers, speakers
from stancecraft.errors import DataError
from stancecraft.records import Statement, Transcript

_SLACK = 2  # characters: a dash or dots at the edge of a statement
_NO_TURN = -1
_HONORIFIC = re.compile(r"^(?:mr|mrs|ms|miss|dr) ")
_FIELDS = ("speaker", "side", "role")


@dataclass(frozen=True, slots=True)
class Span:
    """Consecutive characters of one speaker in the gold."""

    turn: int
    start: int
    end: int
    speaker: str
    role: str
    side: str
    reported: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """What was right, and of how many."""

    turns: int = 0
    extra: int = 0
    bounds: int = 0
    speaker: int = 0
    side: int = 0
    role: int = 0
    statements: int = 0
    right: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Counts)))


def table(gold: Path, folder: Path, tell: Callable[[str], None]) -> str:
    """Measure every gold document whose text is in a folder, as a Markdown table.

    Args:
        gold: A file of gold turns, or a folder of them.
        folder: Where the texts are, searched by document name.
        tell: Takes what could not be measured, one line each.

    Raises:
        DataError: If there is no gold, or no text for any of it, or a text is not the one annotated.
    """
    rows, total = [], Counts()
    for path in [gold] if gold.is_file() else sorted(gold.glob("*.json")):
        name = json.loads(path.read_text("utf-8"))["doc"]
        text = next((one for one in sorted(folder.glob(f"{name}.*")) if one.suffix in {".txt", ".md"}), None)
        if text is None:
            tell(f"{name}: no text in {folder}")
            continue
        counts = measure(readers.read(text), text, path)
        rows.append(_row(name, counts))
        total += counts
    if not rows:
        raise DataError(f"{gold}: expected gold turns with their texts in {folder}, found none")
    head = (
        "| document | turns | bounds | speaker | side | role | statements all right |\n|---|---|---|---|---|---|---|\n"
    )
    return head + "".join([*rows, _row(f"**all {len(rows)}**", total)])


def measure(transcript: Transcript, text: Path, gold: Path) -> Counts:
    """Count what the reader got right of one document.

    Raises:
        DataError: If the gold was made on another text.
    """
    spans = load(gold, text, transcript)
    homes = [_homes(statement, spans) for statement in transcript.statements]
    told: dict[int, set[int]] = defaultdict(set)
    read: dict[int, set[int]] = defaultdict(set)
    for statement, home in zip(transcript.statements, homes, strict=True):
        for turn in {span.turn for span in home} or {_NO_TURN}:
            told[turn].add(statement.turn)
            read[statement.turn].add(turn)
    turns = {span.turn for span in spans}
    bounds = sum(len(told[turn]) == 1 and read[next(iter(told[turn]))] == {turn} for turn in turns if turn in told)
    wrong: dict[str, set[int]] = {field: turns - set(told) for field in _FIELDS}
    right = 0
    for statement, home in zip(transcript.statements, homes, strict=True):
        right += bool(home) and not differences(statement, home[0])
        for span in home:
            for field in set(differences(statement, span)) & set(_FIELDS):
                wrong[field].add(span.turn)
    extra = sum(found == {_NO_TURN} for found in read.values())
    speaker, side, role = (len(turns) - len(wrong[field]) for field in _FIELDS)
    return Counts(len(turns), extra, bounds, speaker, side, role, len(homes), right)


def load(gold: Path, text: Path, transcript: Transcript) -> list[Span]:
    """The gold spans of a document.

    Raises:
        DataError: If the text, or what is extracted from it, is not what was annotated.
    """
    data = json.loads(gold.read_text("utf-8"))
    for name, content in (("sha256", text.read_bytes()), ("text_sha256", transcript.text.encode())):
        digest = hashlib.sha256(content).hexdigest()
        if name in data and data[name] != digest:
            raise DataError(f"{gold}: {name} is {data[name][:12]}..., but {text} has {digest[:12]}...")
    return [Span(**span) for span in data["spans"]]


def differences(statement: Statement, span: Span) -> tuple[str, ...]:
    """Fields in which a statement differs from its gold span."""
    same = {
        "speaker": _person(statement.speaker) == _person(span.speaker),
        "side": statement.side == span.side,
        "role": statement.role == span.role,
        "reported": statement.reported == span.reported,
    }
    return tuple(field for field, holds in same.items() if not holds)


def _person(name: str) -> str:
    found = speakers.packaged().resolve(name)
    return _HONORIFIC.sub("", speakers.fold(found.name))


def _homes(statement: Statement, spans: Sequence[Span]) -> list[Span]:
    """The gold spans that a statement lies in, that which it shares most with first; edges do not count."""
    start, end = statement.start or 0, statement.end or 0
    shared = [(min(end, span.end) - max(start, span.start), -at) for at, span in enumerate(spans)]
    least = min(_SLACK, end - start - 1)
    return [spans[-at] for length, at in sorted(shared, reverse=True) if length > least]


def _row(name: str, counts: Counts) -> str:
    cells = [
        _share(counts.bounds, counts.turns + counts.extra),
        *(_share(getattr(counts, field), counts.turns) for field in _FIELDS),
        _share(counts.right, counts.statements),
    ]
    return f"| {name} | {counts.turns} | {' | '.join(cells)} |\n"


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole} {part / whole:.1%}" if whole else "-"
