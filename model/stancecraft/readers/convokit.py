"""ConvoKit corpora: ``utterances.jsonl``, one utterance per line in the order of the file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from stancecraft.errors import InputError
from stancecraft.readers import utterances
from stancecraft.readers.source import Source
from stancecraft.readers.utterances import Utterance
from stancecraft.records import Transcript

_SURROGATE = re.compile("[\ud800-\udfff]")
_MOST_PROBLEMS = 20
_LONGEST_SHOWN = 60


def is_convokit(text: str) -> bool:
    """Whether the first line is an utterance of ConvoKit: with text, speaker and conversation (older: user, root)."""
    begin = len(text) - len(text.lstrip("\ufeff \t\r\n"))
    if not text.startswith("{", begin):
        return False
    end = text.find("\n", begin)
    try:
        row = json.loads(text[begin : end if end >= 0 else len(text)])
    except (ValueError, RecursionError):
        return False
    return "text" in row and ("conversation_id" in row or "root" in row) and ("speaker" in row or "user" in row)


def read(text: str, source: Source) -> Transcript:
    """Read one utterance per line; several conversations follow each other as in the file.

    The speaker's id is the label. What a ``speakers.json`` beside the file tells of it is not read.

    Raises:
        InputError: With one line per fault.
    """
    found: list[Utterance] = []
    problems: list[str] = []
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            problems.append(f"{source.where}:{number}: not valid JSON: {_reason(error)}")
            continue
        wrong = _problems(row)
        problems += [f"{source.where}:{number}: {problem}" for problem in wrong]
        if not wrong:
            found.append(Utterance(row["text"], _label(row)))
    if problems:
        more = len(problems) - _MOST_PROBLEMS
        told = [f"{source.where}: and {more} more problems"] if more > 0 else []
        raise InputError(*problems[:_MOST_PROBLEMS], *told)
    if not found:
        raise InputError(f"{source.where}: expected utterances, one JSON object per line; got none")
    return utterances.transcript(found, source)


def _problems(row: object) -> list[str]:
    if not isinstance(row, dict):
        return [f"expected a JSON object, got {_shown(row)}"]
    found = []
    if not _is_text(row.get("text")):
        found.append(f"text: expected a text, got {_shown(row['text']) if 'text' in row else 'nothing'}")
    key = _speaker_key(row)
    speaker = row.get(key)
    if key not in row:
        found.append("speaker: expected an id, got nothing")
    elif speaker is not None and not _is_text(speaker) and type(speaker) is not int:
        found.append(f"{key}: expected an id, got {_shown(speaker)}")
    return found


def _label(row: Mapping[str, Any]) -> str:
    speaker = row[_speaker_key(row)]
    return "" if speaker is None else " ".join(str(speaker).split())


def _speaker_key(row: Mapping[str, Any]) -> str:
    return "user" if "user" in row and "speaker" not in row else "speaker"


def _is_text(value: object) -> bool:
    # JSON can spell half a character, which no output could write.
    return isinstance(value, str) and _SURROGATE.search(value) is None


def _shown(value: object) -> str:
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "an array"
    shown = repr(value).encode(errors="replace").decode()
    return shown if len(shown) <= _LONGEST_SHOWN else shown[: _LONGEST_SHOWN - 3] + "..."


def _reason(error: ValueError | RecursionError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at column {error.colno}"
    return "nested too deeply" if isinstance(error, RecursionError) else str(error).split(";")[0]
