"""What is fuzzed: for every reader and loader, a function from bytes that raises nothing but the package's own errors.

The fuzzer in ``.ci/slow/fuzz`` and the replay of what it found share this file. Libraries that read foreign files in a
process of their own run in this one here, so that the fuzzer sees their branches; PDFium is C++ that a fuzzer of Python
cannot see into, and its place is taken by lines made of the bytes.
"""

import json
import runpy
import tempfile
from io import BytesIO
from pathlib import Path

from stancecraft import artifact, codebook, readers, saved
from stancecraft.errors import InputError, StancecraftError
from stancecraft.readers import formats, isolated
from stancecraft.records import ROLES
from stancecraft.speakers import loading, packaged

LONGEST = 20_000
"""Bytes of the longest input that a fuzzer makes; what is huge is in :mod:`cases`."""

OWN = formats.NAMES
TEXTS = ("found", *(name for name in OWN if name not in ("parquet", "pdf", "xlsx", "docx")))
OFFICE = ("docx", "xlsx")
LOADERS = ("pdf-lines", "saved", "speakers", "codebook", "manifest", "config", "sheet-csv", "sheet-jsonl", "sheet-json")
ALL = (*TEXTS, "parquet", *OFFICE, *LOADERS)
"""All targets: every format by its name, ``found`` for the one that the content shows, and the loaders."""

_PROGRAMS = Path(isolated.__file__).parent


def in_process(program, content, where, *limits, what, library, **_bounds):
    """Stands in for :func:`stancecraft.readers.isolated.told`; what would break the process is told as it would be."""
    told = _PROGRAM.get(program) or _PROGRAM.setdefault(program, runpy.run_path(_PROGRAMS / f"{program}.py")["told"])
    try:
        return iter(json.loads(json.dumps(list(told(content, *limits)))))
    except Exception:
        raise InputError(f"{where}: not a readable {what}: it breaks {library}") from None


_PROGRAM = {}


def _lines_of(content):
    """Pages of lines at odd places, as PDFium might tell them."""
    pages, at = [[]], 0
    while at + 6 <= len(content):
        kind, left, right, height, size, length = content[at : at + 6]
        words = content[at + 6 : at + 6 + length % 64].decode("utf-8", "replace")
        at += 6 + length % 64
        if kind % 16 == 0:
            pages.append([] if kind else None)
        elif pages[-1] is not None:
            pages[-1].append([words, left * 3.0, right * 3.0, (height - 20) * 4.0, size / 4])
    return pages


def run(name, content):
    """Give some bytes to a target; any error that the package did not raise on purpose goes through."""
    try:
        _TARGETS[name](content)
    except StancecraftError as error:
        for line in error.lines:
            line.encode()


def _reader(name):
    suffix = next((one.suffixes[0] for one in formats.FORMATS if one.name == name), "")

    def read(content):
        given = isolated.told
        isolated.told = in_process
        try:
            _sound(readers.parse(content, f"given{suffix}", "given", packaged(), input_format=name))
        finally:
            isolated.told = given

    return read


def _sound(transcript):
    """What holds for every transcript: offsets lead to the words, and the words can be written."""
    for one in transcript.statements:
        if transcript.text:
            assert transcript.text[one.start : one.end] == one.text
        for words in (one.text, one.speaker, one.side, one.id, one.doc, one.date):
            words.encode()
    for note in transcript.notes:
        note.encode()


def _pdf_lines(content):
    given = isolated.told
    isolated.told = lambda *_, **__: iter(_lines_of(content))
    try:
        _sound(readers.parse(b"%PDF-1.7", "given.pdf", "given", packaged(), input_format="pdf"))
    finally:
        isolated.told = given


def _text(content):
    return content.decode("utf-8", "replace")


def _codebook(content):
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        return
    codebook.parse(data, "issues.json")


def _manifest(content):
    folder = _folder()
    (folder / artifact.MANIFEST).write_bytes(content)
    artifact.load(folder)


def _sheet(suffix):
    def read(content):
        from stancecraft_training import merging

        path = _folder() / f"sheet{suffix}"
        path.write_bytes(content)
        book = codebook.parse({"issues": [dict.fromkeys(codebook._FIELDS, "truce")]}, "issues")
        for row in merging._rows(path, book):
            merging._cleaned(row, book)

    return read


def _config(content):
    from stancecraft_training import config

    path = _folder() / "recipe.yaml"
    path.write_bytes(content)
    try:
        config.load(path)
    finally:
        config.read_codebook(path)


_FOLDER = []


def _folder():
    """A folder for the loaders that take paths, one per process; it holds the files of a toy model."""
    if not _FOLDER:
        made = tempfile.TemporaryDirectory()
        _FOLDER.append(made)
        folder = Path(made.name)
        book = {"issues": [dict.fromkeys(codebook._FIELDS, "truce")]}
        for name in (artifact.LAYOUT.config, artifact.LAYOUT.tokenizer, artifact.LAYOUT.evaluation):
            (folder / name).write_text("{}")
        (folder / artifact.LAYOUT.issues).write_text(json.dumps(book))
        (folder / artifact.LAYOUT.graph).parent.mkdir()
        (folder / artifact.LAYOUT.graph).write_bytes(b"graph")
    return Path(_FOLDER[0].name)


_TARGETS = {name: _reader(name) for name in OWN if name != "pdf"} | {
    "found": _reader(""),
    "pdf-lines": _pdf_lines,
    "saved": lambda content: saved.parse(content, "saved.jsonl"),
    "speakers": lambda content: packaged().extended(loading.parse(_text(content), "speakers.yaml", packaged())),
    "codebook": _codebook,
    "manifest": _manifest,
    "config": _config,
    "sheet-csv": _sheet(".csv"),
    "sheet-jsonl": _sheet(".jsonl"),
    "sheet-json": _sheet(".json"),
}


def seeds(name, root):
    """Sound inputs of a target to start from, a few."""
    data = root / "tests" / "data"
    if name in ("docx", "xlsx", "parquet"):
        return [_made(name)]
    if name == "manifest":
        return [json.dumps(_MANIFEST | {"files": artifact.describe(_folder())}).encode()]
    if name in LOADERS:
        return [one.encode() if isinstance(one, str) else one for one in _LOADED.get(name, ())]
    suffixes = {"tei": ".tei.xml", "akoma-ntoso": ".akn.xml", "diarised": ".json", "convokit": ".utterances.jsonl"}
    found = sorted((data / "formats").iterdir())
    if name == "found":
        return [path.read_bytes() for path in found if path.stat().st_size < LONGEST]
    wanted = suffixes.get(name) or next(one.suffixes for one in formats.FORMATS if one.name == name)
    chosen = [path.read_bytes() for path in found if path.name.endswith(wanted) and path.stat().st_size < LONGEST]
    return chosen + [one.encode() for one in _TABLES.get(name, ())]


def _made(name):
    stream = BytesIO()
    if name == "docx":
        import docx

        document = docx.Document()
        document.add_heading("A talk", 1)
        document.add_paragraph("MR HOLT: We want the truce to hold.")
        document.add_table(2, 2).cell(0, 0).text = "MS BRANDT"
        document.save(stream)
    elif name == "xlsx":
        import openpyxl

        book = openpyxl.Workbook()
        book.active.append(["text", "speaker", "turn"])
        book.active.append(["We want the truce to hold.", "Holt", 1])
        book.save(stream)
    else:
        import pyarrow as pa
        import pyarrow.parquet as pq

        pq.write_table(pa.table({"text": ["We want it.", "We do not."], "turn": [1, 2]}), stream)
    return stream.getvalue()


# ruff: noqa: E501 - from here on a line is an input
_POSITION = {"stance": "favor", "about": 0.9, "reason": "decided",
             "probabilities": {"none": 0.1, "favor": 0.7, "against": 0.1, "neutral": 0.1}}  # fmt: skip
_ROW = {"text": "We want it.", "id": "a", "doc": "talk", "turn": 1, "speaker": "Holt", "role": "official"}
_MANIFEST = {
    "format": 1, "name": "toy", "version": "1.0.0", "issues": ["truce"], "values": ["none", "favor", "against", "neutral"],
    "thresholds": {"truce": {"about": 0.5}}, "bias": {"truce": [0, 0.5, 0, 0]},
    "window": {"tokens": 64, "overlap": 0.25, "turn_token": "x", "role_tokens": dict.fromkeys(ROLES, "y")},
    "abstention": {"steps": []},
}  # fmt: skip
_TABLES = {
    "jsonl": [json.dumps(_ROW) + '\n{"text": "No.", "reported": true}\n'],
    "json": [json.dumps([_ROW, {"text": "No.", "joint": "yes"}])],
    "csv": ['text;speaker;turn\nWe want it.;Holt;1\n"No; never.";;2\n', "text\tdate\nYes.\t2016-07-15\n"],
}
_LOADED = {
    "saved": [json.dumps({"schema": "stancecraft/1", **_ROW, "issues": {"truce": _POSITION}})],
    "speakers": ["people:\n- name: Anna Holt\n  side: Norland\n  role: official\n  titles: [MINISTER]\n"
                 "  terms:\n  - {office: Minister, from: 2010, to: 2012-05, source: x}\nlabels:\n"
                 "- {label: Q, speaker: Reporter, role: questioner}\nsides:\n- {name: Norland, aliases: [Nor]}\n"],
    "codebook": [json.dumps({"issues": [dict.fromkeys(("id", "title", "proposition", "favor", "against", "neutral"),
                                                      "truce")]})],
    "config": ["name: toy\nissues: issues.yaml\noutput: run\ndata:\n  sources:\n  - path: a.jsonl\n  split: {dev: 0.2}\n"
               "training: {epochs: 2, class_weights: {none: 1.0}}\nsearch:\n  trials: 3\n  space:\n"
               "    training.epochs: {choices: [1, 2]}\n",
               "issues:\n- id: truce\n  title: Truce\n  proposition: It holds.\n  favor: x\n  against: y\n  neutral: z\n"],
    "sheet-csv": ["id,speaker,text,truce\ntalk:0,Holt,We want it.,favor\ntalk:12,,\"No, never.\",\n"],
    "sheet-jsonl": ['{"id": "talk:0", "text": "We want it.", "truce": "favor"}\n{"id": "b", "labels": {"truce": ""}}\n'],
    "sheet-json": [json.dumps([{"data": {"id": "talk:0", "text": "We want it."}, "annotations": [
        {"result": [{"from_name": "truce", "value": {"choices": ["favor"]}}]}]}])],
    "pdf-lines": [b"\x01\x18\x90\xc8\x2c\x0cMR HOLT: We \x01\x18\x70\xc4\x2c\x0cwant a tru- \x01\x18\x40\xc0\x2c\x05ce. 7"],
}  # fmt: skip
