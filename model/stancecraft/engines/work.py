"""What a worker does: label one task into parts, and write down what is finished.

A part is finished when its record says so, the file has the size that the record tells, and the statements that would
go into it are those that did. Anything else is labelled again and replaces it, so that nothing is lost or doubled
whatever a killed worker left.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from stancecraft import __version__, artifact, writers
from stancecraft.classifier import StanceClassifier
from stancecraft.engines import folder
from stancecraft.engines.planning import Task
from stancecraft.errors import InputError, OutputError
from stancecraft.prediction import Notes, Reading, counts_of, speakers_table
from stancecraft.readers import RECORDS, streamed
from stancecraft.records import Transcript

PART = 10_000
"""Statements that fill a part, unless the user says otherwise."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is done with every input of a run.

    Attributes:
        out: Folder of the parts.
        format: ``jsonl``, ``csv`` or ``parquet``; of the latter two always with rows for every issue.
        model: Model folder; the packaged one if ``None``.
        reading: How inputs are read.
        max_error: Share of wrong stances to keep to, in (0, 1), or ``None``.
        explain: Whether to say which words carried each decision; in JSONL only.
        part: Statements that fill a part; one ends with the document that fills it.
        threads: Processor threads of each worker; all that there are if ``None``.
        gpu: Whether each worker has a GPU.
        gate: Whether windows that are surely about no issue are left out; as the model folder says if ``None``.
    """

    out: Path
    format: writers.Format
    model: Path | None = None
    reading: Reading = Reading()
    max_error: float | None = None
    explain: bool = False
    part: int = PART
    threads: int | None = None
    gpu: bool = False
    gate: bool | None = None

    def options(self) -> dict[str, Any]:
        """What the content of the parts depends on besides the inputs; a run is gone on with under the same only."""
        model = artifact.load(self.model or artifact.packaged())
        table = self.reading.speakers
        return {
            "version": __version__,
            "model": model.model,
            "weights": str(model.manifest["files"][artifact.LAYOUT.graph]["sha256"]),
            "format": self.format,
            "part size": self.part,
            "max error": self.max_error,
            "explain": self.explain,
            "gate": model.gate is not None and (model.gate.default if self.gate is None else self.gate),
            "date": self.reading.date,
            "input format": self.reading.input_format,
            "speakers": hashlib.sha256(table.read_bytes()).hexdigest() if table else "",
        }

    def classifier(self) -> StanceClassifier:
        """The model, loaded.

        Raises:
            ModelError: If its folder is not sound.
        """
        return StanceClassifier(artifact.load(self.model or artifact.packaged()), threads=self.threads, gpu=self.gpu)

    def check(self) -> StanceClassifier:
        """Make sure, before anything is read, that the model can do what is asked.

        Returns:
            The model, loaded.

        Raises:
            InputError: If the speakers file is at fault.
            ModelError: If the model cannot.
        """
        model = self.classifier()
        model.thresholds(self.max_error)
        model.gate(self.gate)
        if self.explain:
            model.require_explanations()
        speakers_table(self.reading.speakers)
        return model


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a task.

    Attributes:
        task: The task.
        errors: One line per input, row or part that failed.
        notes: What a person should know, per input of the batch.
        again: Whether something is left that a resumed run should try: an input that could not be read, a part that
            could not be written.
    """

    task: Task
    errors: tuple[str, ...]
    notes: tuple[Notes, ...]
    again: bool = False

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Report:
        """From plain values, as :func:`dataclasses.asdict` gives them.

        Raises:
            KeyError, TypeError: If they are not a report's.
        """
        task = Task.from_record(record["task"])
        notes = tuple(Notes(**one) for one in record["notes"])
        return cls(task, tuple(record["errors"]), notes, record["again"])


def given_up(task: Task) -> Report:
    """The report of a task whose workers were killed again and again."""
    lines = tuple(f"{one.path}: every process that labelled it was killed; is there too little memory?"
                  for one in task.batch.inputs)  # fmt: skip
    return Report(task, lines, tuple(Notes(one.doc) for one in task.batch.inputs), again=True)


class Labeller:
    """Labels tasks; loads the model once, if it is not given."""

    def __init__(self, job: Job, classifier: StanceClassifier | None = None) -> None:
        self._job = job
        self._records = job.out / RECORDS
        self._classifier = classifier or job.classifier()
        self._speakers = speakers_table(job.reading.speakers)

    def __call__(self, task: Task) -> Report:
        """Label a task, or give the report of it if it is finished already."""
        record = self._records / f"batch-{task.batch.number:05d}-{task.slice}-of-{task.of}.json"
        if (known := self._finished(record, task)) is not None:
            return known
        states = [folder.state(one.path) for one in task.batch.inputs]
        share = _Share(task)
        parts: dict[str, int] = {}
        try:
            last = -1
            for last, pieces in enumerate(self._filled(share)):
                if last % task.of == task.slice:
                    self._part(share, last, pieces, parts)
            self._drop_beyond(task, last)
            report = share.report()
            if not report.again:
                folder.write_record(record, {"report": asdict(report), "states": states, "parts": parts})
        except OutputError as error:
            share.fail(error.lines)
            report = share.report()
        return report

    def _finished(self, record: Path, task: Task) -> Report | None:
        """The report of a task, if its inputs and its parts are still those of then."""
        found = folder.read_record(record)
        if found is None or found.get("states") != [list(folder.state(one.path)) for one in task.batch.inputs]:
            return None
        try:
            if any(folder.state(str(self._job.out / name))[0] != size for name, size in found["parts"].items()):
                return None
            return replace(Report.from_record(found["report"]), task=task)
        except (AttributeError, KeyError, TypeError):
            return None

    def _filled(self, share: _Share) -> Iterator[list[tuple[int, Transcript]]]:
        """The pieces of each part, with the numbers of their inputs in the batch."""
        pieces: list[tuple[int, Transcript]] = []
        held = 0
        for at, piece in self._pieces(share):
            pieces.append((at, piece))
            held += len(piece.statements)
            if held >= self._job.part:
                yield pieces
                pieces, held = [], 0
        if held:
            yield pieces

    def _pieces(self, share: _Share) -> Iterator[tuple[int, Transcript]]:
        reading = self._job.reading
        for at, one in enumerate(share.task.batch.inputs):
            try:
                for piece in streamed.pieces(
                    Path(one.path), fault=share.errors.append, speakers=self._speakers, doc=one.doc,
                    date=reading.date, input_format=reading.input_format, size=self._job.part,
                ):  # fmt: skip
                    share.notes[at].see(piece)
                    yield at, piece
            except InputError as error:
                share.fail(error.lines)
            except (OutputError, GeneratorExit):
                raise
            except Exception as error:  # one file must not end a run of thousands
                share.fail([f"{one.path}: cannot be read: {type(error).__name__}: {str(error).split(chr(10))[0]}"])

    def _part(self, share: _Share, at: int, pieces: Sequence[tuple[int, Transcript]], parts: dict[str, int]) -> None:
        name = f"part-{share.task.batch.number:05d}-{at:05d}"
        file, record = self._job.out / f"{name}.{self._job.format}", self._records / f"{name}.json"
        digest = _digest(pieces)
        kept = folder.read_record(record)
        if kept is None or kept.get("digest") != digest or kept.get("size") != folder.state(str(file))[0]:
            found = [
                self._classifier.predict(
                    piece, max_error=self._job.max_error, explain=self._job.explain, gate=self._job.gate
                )
                for _, piece in pieces
            ]
            try:
                everything = chain.from_iterable(found)
                writers.write(everything, self._job.format, self._classifier.codebook, out=file, every_issue=True)
                kept = {"digest": digest, "size": file.stat().st_size, "counts": [counts_of(one) for one in found]}
                folder.write_record(record, kept)
            except OutputError as error:
                share.fail([f"{line} ({_range(pieces)})" for line in error.lines])
                return
        parts[file.name] = kept["size"]
        for (number, _), counts in zip(pieces, kept["counts"], strict=True):
            share.notes[number].count(*counts)

    def _drop_beyond(self, task: Task, last: int) -> None:
        """Remove parts of an input that has become shorter since an earlier run, also one not yet written down."""
        name = f"part-{task.batch.number:05d}-*"
        for found in (*self._job.out.glob(f"{name}.{self._job.format}"), *self._records.glob(f"{name}.json")):
            if int(found.stem.rpartition("-")[2]) > last:
                found.unlink(missing_ok=True)


class _Share:
    """What gathers while a task is worked on."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.errors: list[str] = []
        self.notes = [Notes(one.doc) for one in task.batch.inputs]
        self._again = False

    def fail(self, lines: Sequence[str]) -> None:
        self.errors += lines
        self._again = True

    def report(self) -> Report:
        return Report(self.task, tuple(self.errors), tuple(self.notes), self._again)


def _digest(pieces: Sequence[tuple[int, Transcript]]) -> str:
    """What goes into a part, in short."""
    made = hashlib.blake2b(digest_size=16)
    for _, piece in pieces:
        for statement in piece.statements:
            made.update(repr(statement).encode("utf-8", "surrogatepass"))
    return made.hexdigest()


def _range(pieces: Sequence[tuple[int, Transcript]]) -> str:
    """Where the statements of a part come from, for messages."""
    (_, first), (_, last) = pieces[0], pieces[-1]
    begins = first.places[0] if first.places else first.doc
    ends = last.places[-1] if last.places else last.doc
    return begins if begins == ends else f"{begins} to {ends}"
