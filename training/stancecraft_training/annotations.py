"""Annotations of real texts: stand-off files, and their join with texts that the user has.

A line is one statement: document, SHA-256 of the file, start and end in code points of its decoded or extracted text,
labels, and a hash of the statement's words, by which it is found again in a text whose checksum differs. A statement
without labels was read and is about none of the issues.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from stancecraft import readers, writers
from stancecraft.errors import DataError
from stancecraft.records import VALUES, Statement, Transcript

_KEYS = frozenset({"doc", "sha256", "text_sha256", "start", "end", "hash", "labels", "pass", "annotator"})
_REQUIRED = _KEYS - {"text_sha256"}
_TEXTS = ("doc", "sha256", "hash")
_MOST_PROBLEMS = 20
_WORD = re.compile(r"\w+")
_HASH_LENGTH = 16
_TABLES = frozenset({".csv", ".jsonl", ".parquet", ".xlsx"})


@dataclass(frozen=True, slots=True)
class Annotation:
    """The labels of one statement of a real text.

    Attributes:
        doc: Name of the document.
        sha256: Of the file.
        start: Offset of its first character.
        end: Offset behind its last.
        hash: Of its words, see :func:`words_hash`.
        labels: Issue to value; an issue that is not listed was judged ``none``.
    """

    doc: str
    sha256: str
    start: int
    end: int
    hash: str
    labels: Mapping[str, str]


@dataclass(slots=True)
class Joined:
    """What came of joining annotations with texts.

    Attributes:
        rows: Labelled statements, in the order of the documents.
        missing: Documents that have no text in the folder.
        moved: Statements of each document with another checksum that were found again by their words.
        lost: Statements of such documents that were not found again.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    moved: dict[str, int] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)


def words_hash(text: str) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of a statement's words, lower case, one blank between them."""
    return hashlib.sha256(" ".join(_WORD.findall(text.casefold())).encode()).hexdigest()[:_HASH_LENGTH]


def find_text(doc: str, folder: Path, sha256: str = "") -> Path | None:
    """The file in a folder, or in folders of it, that is called as a document; of several, that with the checksum.

    Tables are passed over: a sheet to label is called as its document, too.
    """
    named = [
        path
        for path in sorted(folder.rglob("*"))
        if path.stem == doc and path.suffix.lower() in readers.SUFFIXES - _TABLES and path.is_file()
    ]
    same = [path for path in named if hashlib.sha256(path.read_bytes()).hexdigest() == sha256] if sha256 else []
    return next(iter([*same, *named]), None)


def is_annotations(file: Path) -> bool:
    """Whether a JSONL file holds stand-off annotations, by its first line."""
    with file.open("rb") as stream:
        return _parsed(stream.readline().decode("utf-8", "replace"))[0] is not None


def folders(above: Path) -> list[Path]:
    """The folders that hold annotations: itself, and those inside."""
    return sorted({file.parent for file in above.rglob("*.jsonl")})


def load(folder: Path) -> dict[str, list[Annotation]]:
    """Read stand-off annotations, by document.

    Args:
        folder: Where the JSONL files are.

    Raises:
        DataError: With one line per violation, of all files at once.
    """
    found: dict[str, list[Annotation]] = defaultdict(list)
    problems: list[str] = []
    for path in sorted(folder.glob("*.jsonl")):
        behind: dict[str, int] = {}
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            problems.append(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}")
            continue
        for number, line in enumerate(text.removesuffix("\n").split("\n"), 1):
            annotation, wrong = _parsed(line)
            if annotation is not None and annotation.start < behind.get(annotation.doc, 0):
                wrong = [f"begins at {annotation.start}, before the statement above ends"]
            problems += [f"{path}:{number}: {one}" for one in wrong]
            if annotation is not None and not wrong:
                behind[annotation.doc] = annotation.end
                found[annotation.doc].append(annotation)
    if problems:
        more = len(problems) - _MOST_PROBLEMS
        raise DataError(*problems[:_MOST_PROBLEMS], *([f"and {more} more problems"] if more > 0 else []))
    if not found:
        raise DataError(f"{folder}: expected annotations (*.jsonl), found none")
    return dict(found)


def _parsed(line: str) -> tuple[Annotation | None, list[str]]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        return None, [f"not valid JSON: {error}"]
    if not isinstance(row, dict) or not row.keys() >= _REQUIRED:
        return None, [f"expected an object with {', '.join(sorted(_REQUIRED))}"]
    wrong = [f"unknown key {key!r}" for key in row if key not in _KEYS]
    wrong += [f"{key}: expected a text, got {row[key]!r}" for key in _TEXTS if not isinstance(row[key], str)]
    labels = row["labels"]
    if not isinstance(labels, dict) or not all(value in VALUES for value in labels.values()):
        wrong.append(f"labels: expected values out of {', '.join(VALUES)}, got {labels!r}")
    if not (isinstance(row["start"], int) and isinstance(row["end"], int) and 0 <= row["start"] < row["end"]):
        wrong.append(f"expected 0 <= start < end, got {row['start']!r} and {row['end']!r}")
    if wrong:
        return None, wrong
    return Annotation(*(row[key] for key in ("doc", "sha256", "start", "end", "hash", "labels"))), []


def join(annotations: Mapping[str, Sequence[Annotation]], folder: Path) -> Joined:
    """Put the words back: labelled statements of every annotated document whose text is in a folder.

    A text with the annotated checksum gives every statement at its offsets; in another one statements are found again
    by their words, in order, and what is not found is lost.

    Args:
        annotations: By document, as :func:`load` gives them.
        folder: Texts, each called as its document, also in folders of it.
    """
    joined = Joined()
    for doc, marks in annotations.items():
        path = find_text(doc, folder, marks[0].sha256)
        if path is None:
            joined.missing.append(doc)
            continue
        transcript = readers.read(path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        found = pairs(marks, transcript, digest)
        if not _same(marks, transcript, digest):
            joined.moved[doc], joined.lost[doc] = len(found), len(marks) - len(found)
        joined.rows += [_row(statement, mark) for mark, statement in found]
    return joined


def pairs(marks: Sequence[Annotation], transcript: Transcript, digest: str) -> list[tuple[Annotation, Statement]]:
    """Annotations of a document with their statements: at their offsets, or, in another text, those of the same words.

    Args:
        marks: In order.
        transcript: The text.
        digest: SHA-256 of its file.
    """
    return list(_in_place(marks, transcript) if _same(marks, transcript, digest) else _found_again(marks, transcript))


def _same(marks: Sequence[Annotation], transcript: Transcript, digest: str) -> bool:
    return digest == marks[0].sha256 and all(_holds(mark, transcript.text) for mark in marks)


def _holds(mark: Annotation, text: str) -> bool:
    return words_hash(text[mark.start : mark.end]) == mark.hash


def _in_place(marks: Iterable[Annotation], transcript: Transcript) -> Iterator[tuple[Annotation, Statement]]:
    """Annotations with the statements at their offsets; where the reader now cuts otherwise, with the words alone."""
    at = {(one.start, one.end): one for one in transcript.statements}
    for mark in marks:
        alone = Statement(transcript.text[mark.start : mark.end], doc=transcript.doc, start=mark.start, end=mark.end)
        yield mark, at.get((mark.start, mark.end)) or _with_speaker(alone, transcript)


def _with_speaker(statement: Statement, transcript: Transcript) -> Statement:
    start = statement.start or 0
    around = next((one for one in transcript.statements if (one.start or 0) <= start < (one.end or 0)), None)
    if around is None:
        return statement
    return replace(around, text=statement.text, start=statement.start, end=statement.end)


def _found_again(marks: Iterable[Annotation], transcript: Transcript) -> Iterator[tuple[Annotation, Statement]]:
    """Annotations with the statements of the same words, each statement once, in order."""
    marks = list(marks)
    hashes = [words_hash(one.text) for one in transcript.statements]
    blocks = SequenceMatcher(None, [mark.hash for mark in marks], hashes, autojunk=False).get_matching_blocks()
    for block in blocks:
        for step in range(block.size):
            yield marks[block.a + step], transcript.statements[block.b + step]


def _row(statement: Statement, mark: Annotation) -> dict[str, Any]:
    known = ("turn", "speaker", "side", "role", "date", "reported", "joint")
    return {
        "text": statement.text,
        "id": f"{mark.doc}:{mark.start}",
        "doc": mark.doc,
        **{name: getattr(statement, name) for name in known},
        "labels": dict(mark.labels),
    }


def report(joined: Joined, out: Path, sources: Path) -> list[str]:
    """Write the joined statements as JSONL, whole or not at all, and say what is missing and where it is published.

    Args:
        joined: What :func:`join` gave.
        out: The file to write.
        sources: CSV table of the public sources.

    Raises:
        DataError: If no text was found for any annotation.
        OutputError: If the file cannot be written.
    """
    table = csv.DictReader(sources.read_text("utf-8").splitlines()) if sources.is_file() else ()
    published = {row["doc"]: row["source"] for row in table}
    lines = [f"{doc}: no text; published as {published.get(doc, 'told nowhere')}" for doc in joined.missing]
    lines += [
        f"{doc}: another checksum: {joined.moved[doc]} statements found again, {joined.lost[doc]} lost"
        for doc in joined.moved
    ]
    if not joined.rows:
        raise DataError(*lines[:_MOST_PROBLEMS], "no text of any annotated document was found")
    with writers.atomic(out) as stream:
        for row in joined.rows:
            stream.write((json.dumps(row, ensure_ascii=False) + "\n").encode())
    docs = len({row["doc"] for row in joined.rows})
    return [*lines, f"{len(joined.rows)} labelled statements of {docs} documents in {out}"]
