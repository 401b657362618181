"""Diarised speech: what speech-to-text programs write as JSON, segments with times and, if they tell, speakers.

An array of segments (pyannote) or an object with ``segments`` (Whisper, WhisperX). The object may name its speakers:
``"speakers": {"SPEAKER_00": "Anna Holt"}``, or with more, ``{"SPEAKER_00": {"name": ..., "role": ..., "side": ...}}``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from stancecraft.errors import InputError
from stancecraft.readers import utterances
from stancecraft.readers.source import Source
from stancecraft.readers.unpunctuated import UNTOLD, Speech, silenced
from stancecraft.readers.unpunctuated import utterances as spoken
from stancecraft.records import ROLES, Role, Transcript

_BEGINS = re.compile(r"\ufeff?\s*(?:\{|\[\s*(?=\{))")
_SEGMENTS = re.compile(r'"segments"\s*:\s*\[')
_JSON_LINES = re.compile(r"\}[ \t]*\r?\n\s*\{")
# What rows of a table of statements have and segments have not.
_TABLE = frozenset({"doc", "turn", "role", "side", "reported", "joint"})
_SURROGATE = re.compile("[\ud800-\udfff]")
_WORD = re.compile(r"\S+")
_MOST_PROBLEMS = 20
_LATEST = 1e9  # seconds
_SLACK = 0.001  # seconds
_LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Name:
    """Who a label stands for, as the file itself tells."""

    name: str
    role: Role | None = None
    side: str = ""


def is_diarised(text: str) -> bool:
    """Whether a text is JSON with segments of speech, not a table of statements."""
    begins = _BEGINS.match(text)
    if begins is None:
        return False
    if begins[0].endswith("{"):
        return _SEGMENTS.search(text) is not None and _JSON_LINES.search(text) is None
    try:
        first, _ = json.JSONDecoder().raw_decode(text, begins.end())
    except (ValueError, RecursionError):
        return False
    return isinstance(first, dict) and _is_segment(first)


def read(text: str, source: Source) -> Transcript:
    """Read segments: consecutive ones of a speaker are one utterance, one without speaker is nobody's.

    Labels are those of the file, or the names that the file gives them. Speech without punctuation is cut at its
    longest pauses. Segments that overlap or are not in order of time stay in the order of the file, with a note.

    Raises:
        InputError: If it is not valid JSON, or with one line per fault.
    """
    segments, names, at = _content(text, source.where)
    problems: list[str] = []
    cast_of_file = _names(names, problems)
    for number, segment in enumerate(segments):
        problems += _segment_problems(segment, f"{at}[{number}]")
    if problems:
        more = len(problems) - _MOST_PROBLEMS
        told = [f"{source.where}: {problem}" for problem in problems[:_MOST_PROBLEMS]]
        raise InputError(*told, *([f"{source.where}: and {more} more problems"] if more > 0 else []))
    notes = _notes(segments, f"{source.where}: {at}")
    return utterances.transcript(spoken(list(_speeches(segments, cast_of_file))), source, notes)


def _is_segment(first: Mapping[str, Any]) -> bool:
    if not _TABLE.isdisjoint(first):
        return False
    times = [first[key] for key in ("start", "end") if key in first]
    if "speaker" in first:
        return bool(times)
    return len(times) == 2 and "text" in first and all(time is None or isinstance(time, int | float) for time in times)


def _content(text: str, where: str) -> tuple[Sequence[Any], object, str]:
    """Segments, name map, and what messages call the array."""
    try:
        data = json.loads(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        raise InputError(f"{where}:{error.lineno}: not valid JSON: {error.msg} at column {error.colno}") from None
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error).split(";")[0]
        raise InputError(f"{where}: not valid JSON: {reason}") from None
    if isinstance(data, list):
        return data, None, ""
    if not isinstance(data, dict) or "segments" not in data:
        raise InputError(f"{where}: expected an array of segments or an object with 'segments', got {_shown(data)}")
    if not isinstance(data["segments"], list):
        raise InputError(f"{where}: segments: expected an array, got {_shown(data['segments'])}")
    return data["segments"], data.get("speakers"), "segments"


def _names(given: object, problems: list[str]) -> dict[str, Name]:
    """The names that a file gives to its labels. A bare list of labels names nobody."""
    if given is None or (isinstance(given, list) and all(isinstance(one, str) for one in given)):
        return {}
    if not isinstance(given, dict):
        problems.append(f"speakers: expected an object from labels to names, got {_shown(given)}")
        return {}
    found = {}
    for label, value in given.items():
        row = {"name": value} if isinstance(value, str) else value
        wrong = _name_problems(row, f"speakers.{_shown(label, quoted=False)}")
        problems += wrong
        if not wrong:
            role = cast("Role | None", row.get("role"))
            found[label] = Name(" ".join(row["name"].split()), role, row.get("side") or "")
    return found


def _name_problems(row: object, path: str) -> list[str]:
    if not isinstance(row, dict):
        return [f"{path}: expected a name or an object with 'name', got {_shown(row)}"]
    found = []
    if not _is_text(row.get("name")) or not row["name"].strip():
        found.append(f"{path}.name: expected a name, got {_shown(row.get('name'), 'name' in row)}")
    if row.get("role") is not None and row["role"] not in ROLES:
        found.append(f"{path}.role: expected one of {', '.join(ROLES)}, got {_shown(row['role'])}")
    if row.get("side") is not None and not _is_text(row["side"]):
        found.append(f"{path}.side: expected a text, got {_shown(row['side'])}")
    return found


def _segment_problems(segment: object, path: str) -> Iterator[str]:
    if not isinstance(segment, dict):
        yield f"{path}: expected a segment, got {_shown(segment)}"
        return
    if not _is_text(segment.get("text")):
        yield f"{path}.text: expected a text, got {_shown(segment.get('text'), 'text' in segment)}"
    for key in ("start", "end"):
        if not _is_time(segment.get(key)):
            yield f"{path}.{key}: expected seconds from 0, got {_shown(segment.get(key), key in segment)}"
    speaker = segment.get("speaker")
    if speaker is not None and not _is_text(speaker) and type(speaker) is not int:
        yield f"{path}.speaker: expected a label, got {_shown(speaker)}"
    words = segment.get("words")
    if words is not None and not isinstance(words, list):
        yield f"{path}.words: expected an array, got {_shown(words)}"
    for number, word in enumerate(words if isinstance(words, list) else ()):
        yield from _word_problems(word, f"{path}.words[{number}]")


def _word_problems(word: object, path: str) -> Iterator[str]:
    """A word that could not be aligned has no times; all else is told."""
    if not isinstance(word, dict):
        yield f"{path}: expected a word, got {_shown(word)}"
        return
    if not _is_text(word.get("word", word.get("text"))):
        yield f"{path}.word: expected a text, got {_shown(word.get('word'), 'word' in word)}"
    for key in ("start", "end"):
        if word.get(key) is not None and not _is_time(word[key]):
            yield f"{path}.{key}: expected seconds from 0, got {_shown(word[key])}"


def _is_text(value: object) -> bool:
    # JSON can spell half a character, which no output could write.
    return isinstance(value, str) and _SURROGATE.search(value) is None


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _LATEST


def _shown(value: object, given: bool = True, *, quoted: bool = True) -> str:
    if not given:
        return "nothing"
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "an array"
    if type(value) is int and abs(value) > _LATEST:
        return "a number beyond all measure"
    shown = (repr(value) if quoted else str(value)).encode(errors="replace").decode()
    return shown if len(shown) <= _LONGEST_SHOWN else shown[: _LONGEST_SHOWN - 3] + "..."


def _notes(segments: Sequence[Mapping[str, Any]], place: str) -> list[str]:
    odd, start, end = [], 0.0, 0.0
    for number, segment in enumerate(segments):
        if segment["start"] < max(start, end - _SLACK) or segment["end"] < segment["start"]:
            odd.append(number)
        start, end = segment["start"], segment["end"]
    if not odd:
        return []
    count = f"{len(odd)} segment" + "s" * (len(odd) > 1)
    return [
        f"{place}[{odd[0]}]: times that overlap or run backwards in {count}, of which this is the first; "
        "the words are kept in the order of the file"
    ]


def _speeches(segments: Sequence[Mapping[str, Any]], names: Mapping[str, Name]) -> Iterator[Speech]:
    speech, speaker = Speech(), Name("")
    for segment in segments:
        printed = "" if segment.get("speaker") is None else " ".join(str(segment["speaker"]).split())
        named = names.get(str(segment.get("speaker")), Name(printed))
        if named != speaker:
            yield speech
            speech, speaker = Speech(named.name, named.role, named.side), named
        text = silenced(segment["text"])
        times = _times(segment)
        for number, (match, (start, end)) in enumerate(zip(_WORD.finditer(segment["text"]), times, strict=True)):
            for word in text[match.start() : match.end()].split():
                speech.say(word, start, end, border=number == 0)
    yield speech


def _times(segment: Mapping[str, Any]) -> list[tuple[float, float]]:
    """When each word of a segment begins and ends, as far as its ``words`` are those of its text."""
    text = [match[0] for match in _WORD.finditer(segment["text"])]
    starts, ends = [UNTOLD] * len(text), [UNTOLD] * len(text)
    begins, stops, at = {}, {}, 0
    for number, word in enumerate(text):
        begins[at] = number
        at += len(word)
        stops[at] = number
    joined, at = "".join(text), 0
    for row in segment.get("words") or ():
        word = "".join(cast(str, row.get("word", row.get("text"))).split())
        if not joined.startswith(word, at):
            break
        if at in begins and row.get("start") is not None:
            starts[begins[at]] = float(row["start"])
        at += len(word)
        if at in stops and row.get("end") is not None:
            ends[stops[at]] = float(row["end"])
    if text:
        starts[0] = segment["start"] if starts[0] != starts[0] else starts[0]
        ends[-1] = segment["end"] if ends[-1] != ends[-1] else ends[-1]
    return list(zip(starts, ends, strict=True))
