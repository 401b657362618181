"""A run of ``predict``: many inputs in, one stream of predictions out, a bad input told and passed over."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stancecraft import languages, readers, speakers
from stancecraft.classifier import StanceClassifier, load
from stancecraft.codebook import Codebook
from stancecraft.errors import InputError
from stancecraft.records import Prediction, Transcript

STDIN = Path("-")
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
    ) -> None:  # fmt: skip
        self._inputs = inputs
        self._reading = reading
        self._speakers = speakers_table(reading.speakers)
        self._classifier: StanceClassifier = load(model, threads=threads)
        self._tell = tell
        self._max_error = max_error
        self._explain = explain
        self._stdin = stdin  # what standard input held, if somebody read it already
        if explain:
            self._classifier.require_explanations()
        self._classifier.thresholds(max_error)  # a promise that cannot be kept is refused before anything is read
        self._counts: Counter[str] = Counter()
        self._counts_files = False
        self.failed = False

    @property
    def codebook(self) -> Codebook:
        """The issues of the model in use."""
        return self._classifier.codebook

    def predictions(self) -> Iterator[Prediction]:
        """Every prediction in the order of the inputs.

        Raises:
            InputError: If no input at all could be read.
        """
        for _, found in self.documents():
            yield from found

    def documents(self) -> Iterator[tuple[Transcript, list[Prediction]]]:
        """Every document that could be read, with its predictions, in the order of the inputs.

        Raises:
            InputError: If no input at all could be read.
        """
        read = 0
        for transcript in self._transcripts():
            read += 1
            # One bar at a time: over the files when they are many, else over a long document's statements.
            long = len(transcript.statements) >= _LONG_WORK and not self._counts_files
            with progress(len(transcript.statements) if long else 0, transcript.doc) as advance:
                found = self._classifier.predict(
                    transcript, max_error=self._max_error, explain=self._explain, progress=advance
                )
            self._note(transcript, found)
            yield transcript, found
        if not read:
            # Every fault was told; an error without a line of its own keeps an older output file as it is.
            raise InputError(*([] if self.failed else ["no input to read"]))

    def summarise(self) -> None:
        """Say how many statements were read and how many are about an issue."""
        if self._counts["statements"]:
            abstained = f", {self._counts['abstained']} abstained" if self._max_error is not None else ""
            self._tell(f"{self._counts['statements']} statements, {self._counts['about']} about an issue{abstained}")

    def _transcripts(self) -> Iterator[Transcript]:
        files: list[Path] = []
        for path in self._inputs:
            try:
                files += [path] if path == STDIN else readers.files(path)
            except InputError as error:
                self._fail(error)
        self._counts_files = len(files) >= _MANY_FILES
        with progress(len(files) if self._counts_files else 0, "files") as advance:
            for file, doc in zip(files, readers.names(files), strict=True):
                try:
                    yield self._read(file, doc)
                except InputError as error:
                    self._fail(error)
                if advance is not None:
                    advance(1)

    def _read(self, file: Path, doc: str) -> Transcript:
        how = {"date": self._reading.date, "input_format": self._reading.input_format}
        if file == STDIN:
            content = readers.read_stream(sys.stdin.buffer) if self._stdin is None else self._stdin
            return readers.parse(content, "standard input", "stdin", self._speakers, **how)
        return readers.read(file, speakers=self._speakers, doc=doc, **how)

    def _fail(self, error: InputError) -> None:
        self.failed = True
        for line in error.lines:
            self._tell(f"error: {line}")

    def _note(self, transcript: Transcript, found: list[Prediction]) -> None:
        about = sum(any(position.is_about for position in one.positions.values()) for one in found)
        silent = sum(position.stance is None for one in found for position in one.positions.values())
        self._counts.update(statements=len(found), about=about, abstained=silent)
        for note in transcript.notes:
            self._tell(f"note: {note}")
        words = transcript.text or "\n".join(statement.text for statement in transcript.statements[:100])
        if language := languages.foreign(words):
            self._tell(
                f"note: {transcript.doc}: the text looks like {language!r}, not English; do not rely on the labels"
            )
        if not found:
            self._tell(f"note: {transcript.doc}: no statements found")
        elif not about:
            self._tell(f"note: {transcript.doc}: no statement is about any of the model's issues")


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
