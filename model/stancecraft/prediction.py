"""A run of ``predict``: many inputs in, one stream of predictions out, a bad input or row told and passed over."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from stancecraft import artifact, languages, readers, speakers
from stancecraft.classifier import StanceClassifier
from stancecraft.codebook import Codebook
from stancecraft.errors import InputError, OutputError
from stancecraft.readers import streamed
from stancecraft.records import Prediction, Transcript

STDIN = Path("-")
LEFT_OUT = "what the errors name was left out"
"""Ends a run in which something failed: an error alone does not tell that the rest was labelled."""

_LONG_WORK = 400  # statements
_MANY_FILES = 20


@dataclass(frozen=True, slots=True)
class Reading:
    """How inputs are read.

    Attributes:
        speakers: File that extends the table of speakers, or ``None``.
        date: ISO date of inputs whose names do not tell one, or empty.
        input_format: Name of their format, or empty to find it from the content.
    """

    speakers: Path | None = None
    date: str = ""
    input_format: str = ""


class Run:
    """Labels the statements of several inputs.

    Attributes:
        failed: Whether an input could not be read.
    """

    def __init__(
        self, inputs: list[Path], *, model: Path | None, reading: Reading, threads: int | None,
        tell: Callable[[str], None], max_error: float | None = None, explain: bool = False, stdin: bytes | None = None,
        gpu: bool = False, gate: bool | None = None,
    ) -> None:  # fmt: skip
        self._inputs = inputs
        self._reading = reading
        self._speakers = speakers_table(reading.speakers)
        self._classifier = StanceClassifier(artifact.load(model or artifact.packaged()), threads=threads, gpu=gpu)
        self._tell = tell
        self._max_error = max_error
        self._explain = explain
        self._gate = gate
        self._stdin = stdin  # what standard input held, if somebody read it already
        if explain:
            self._classifier.require_explanations()
        self._classifier.gate(gate)
        self._classifier.thresholds(max_error)  # a promise that cannot be kept is refused before anything is read
        self._counts: Counter[str] = Counter()
        self._counts_files = False
        self.failed = False

    @property
    def codebook(self) -> Codebook:
        """The issues of the model in use."""
        return self._classifier.codebook

    def predictions(self) -> Iterator[Prediction]:
        """Every prediction in the order of the inputs; tables are read, labelled and given piece by piece.

        Raises:
            InputError: If no input at all could be read.
        """
        read = 0
        for file, doc in self._files():
            try:
                for _, found in self._pieces(file, doc):
                    read += 1
                    yield from found
            except InputError as error:
                self._fail(error)
        self._require_some(read)

    def documents(self) -> Iterator[tuple[Transcript, list[Prediction]]]:
        """Every input that could be read whole, with its predictions, in the order of the inputs.

        Raises:
            InputError: If no input at all could be read.
        """
        read = 0
        for file, doc in self._files():
            try:
                transcript = self._read(file, doc)
            except InputError as error:
                self._fail(error)
                continue
            read += 1
            found = self._label(transcript)
            notes = Notes(doc)
            notes.see(transcript)
            notes.count(*counts_of(found))
            self._note(notes)
            yield transcript, found
        self._require_some(read)

    def summarise(self) -> None:
        """Say how many statements were read and how many are about an issue, and whether anything was left out."""
        if self._counts["statements"]:
            abstained = f", {self._counts['abstained']} abstained" if self._max_error is not None else ""
            self._tell(f"{self._counts['statements']} statements, {self._counts['about']} about an issue{abstained}")
            if self.failed:
                self._tell(LEFT_OUT)

    def _files(self) -> Iterator[tuple[Path, str]]:
        files: list[Path] = []
        for path in self._inputs:
            try:
                files += [path] if path == STDIN else readers.files(path)
            except InputError as error:
                self._fail(error)
        self._counts_files = len(files) >= _MANY_FILES
        with progress(len(files) if self._counts_files else 0, "files") as advance:
            for file, doc in zip(files, readers.names(files), strict=True):
                yield file, doc
                if advance is not None:
                    advance(1)

    def _pieces(self, file: Path, doc: str) -> Iterator[tuple[Transcript, list[Prediction]]]:
        """An input in pieces of whole documents, each with its predictions."""
        spooled = _spooled() if file == STDIN else None
        notes = Notes("stdin" if spooled else doc)
        try:
            for transcript in streamed.pieces(
                spooled or file, fault=self._fault, speakers=self._speakers, doc=notes.doc,
                where="standard input" if spooled else "", date=self._reading.date,
                input_format=self._reading.input_format,
            ):  # fmt: skip
                found = self._label(transcript)
                notes.see(transcript)
                notes.count(*counts_of(found))
                yield transcript, found
            self._note(notes)
        finally:
            if spooled is not None:
                with suppress(OSError):
                    spooled.unlink()

    def _label(self, transcript: Transcript) -> list[Prediction]:
        # One bar at a time: over the files when they are many, else over a long document's statements.
        long = len(transcript.statements) >= _LONG_WORK and not self._counts_files
        with progress(len(transcript.statements) if long else 0, transcript.doc) as advance:
            return self._classifier.predict(
                transcript, max_error=self._max_error, explain=self._explain, gate=self._gate, progress=advance
            )

    def _require_some(self, read: int) -> None:
        if not read:
            # Every fault was told; an error without a line of its own keeps an older output file as it is.
            raise InputError(*([] if self.failed else ["no input to read"]))

    def _read(self, file: Path, doc: str) -> Transcript:
        how = {"date": self._reading.date, "input_format": self._reading.input_format}
        if file == STDIN:
            content = readers.read_stream(sys.stdin.buffer) if self._stdin is None else self._stdin
            return readers.parse(content, "standard input", "stdin", self._speakers, **how)
        return readers.read(file, speakers=self._speakers, doc=doc, **how)

    def _fail(self, error: InputError) -> None:
        for line in error.lines:
            self._fault(line)
        self.failed = True

    def _fault(self, line: str) -> None:
        self.failed = True
        self._tell(f"error: {line}")

    def _note(self, notes: Notes) -> None:
        self._counts.update(statements=notes.statements, about=notes.about, abstained=notes.abstained)
        for line in notes.lines():
            self._tell(f"note: {line}")


@dataclass(slots=True)
class Notes:
    """What a person should know about one input, whether it was read whole or in pieces.

    Attributes:
        doc: Name of the input's document.
        statements: How many were labelled.
        about: How many of them are about an issue.
        abstained: Answers withheld, over all issues.
        read: Whether any of it could be read.
        language: ISO 639 code of its language if that is surely not English, else empty.
        reading: Notes of its reader.
    """

    doc: str
    statements: int = 0
    about: int = 0
    abstained: int = 0
    read: bool = False
    language: str = ""
    reading: list[str] = field(default_factory=list)

    @classmethod
    def together(cls, several: Sequence[Notes]) -> Notes:
        """Notes of one input that several workers read and each labelled a share of."""
        first = several[0]
        made = cls(first.doc, read=any(one.read for one in several), language=first.language, reading=first.reading)
        for one in several:
            made.count(one.statements, one.about, one.abstained)
        return made

    def see(self, transcript: Transcript) -> None:
        """Take in a piece that was read; the first one tells the language."""
        if not self.read:
            words = transcript.text or "\n".join(statement.text for statement in transcript.statements[:100])
            self.language = languages.foreign(words)
        self.read = True
        self.reading += transcript.notes

    def count(self, statements: int, about: int, abstained: int) -> None:
        """Take in a piece that was labelled."""
        self.statements += statements
        self.about += about
        self.abstained += abstained

    def lines(self) -> Iterator[str]:
        """One line per note; none of an input that could not be read."""
        yield from self.reading
        if self.language:
            yield f"{self.doc}: the text looks like {self.language!r}, not English; do not rely on the labels"
        if self.read and not self.statements:
            yield f"{self.doc}: no statements found"
        elif self.read and not self.about:
            yield f"{self.doc}: no statement is about any of the model's issues"


def counts_of(found: Sequence[Prediction]) -> tuple[int, int, int]:
    """Statements, those about an issue, and answers withheld over all issues."""
    positions = [list(one.positions.values()) for one in found]
    about = sum(any(position.is_about for position in those) for those in positions)
    return len(found), about, sum(position.stance is None for those in positions for position in those)


def _spooled() -> Path:
    """Standard input as a file, so that a table in it need not be held; the caller removes it.

    Raises:
        OutputError: If there is no room for it.
    """
    spool = tempfile.NamedTemporaryFile(prefix="stancecraft-", delete=False)
    try:
        with spool:
            shutil.copyfileobj(sys.stdin.buffer, spool)
    except OSError as error:
        Path(spool.name).unlink(missing_ok=True)
        raise OutputError(f"standard input: cannot keep it in {spool.name}: {error.strerror or error}") from None
    return Path(spool.name)


def speakers_table(path: Path | None) -> speakers.Speakers:
    """The packaged table, extended by a user's file if there is one."""
    return speakers.load(path) if path else speakers.packaged()


@contextmanager
def progress(total: int, name: str) -> Iterator[Callable[[int], None] | None]:
    """A bar on standard error when it is a terminal and there is something to count; otherwise nothing."""
    if not total or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=total)
        yield lambda done: bar.advance(task, done)
