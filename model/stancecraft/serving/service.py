"""What the service does, apart from how it is asked: label, read, compare, show."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from stancecraft import __version__, comparing, comparison, languages, readers, saved
from stancecraft.classifier import StanceClassifier
from stancecraft.comparing import Gathered
from stancecraft.comparison.result import Comparison
from stancecraft.comparison.tally import Selection
from stancecraft.errors import InputError
from stancecraft.records import Prediction, Transcript
from stancecraft.report import compared as report
from stancecraft.report import rows
from stancecraft.serving import bodies
from stancecraft.serving.batching import Batcher, Options
from stancecraft.serving.bodies import Choice
from stancecraft.serving.desk import Desk
from stancecraft.serving.limits import Limits, invalid, require_size
from stancecraft.serving.metrics import Metrics
from stancecraft.speakers import Speakers

_LARGE_BODY = 64_000  # bytes that are parsed without the desk
_LARGE_ANSWER = 100  # statements that are laid out without the desk


@dataclass(frozen=True, slots=True)
class Upload:
    """A document that somebody sent.

    Attributes:
        content: Its bytes.
        name: What its file is called; names the document, and tells a date and a format if it has them.
        date: ISO date, or empty.
        input_format: Name of its format, or empty to find it from the content.
    """

    content: bytes
    name: str
    date: str = ""
    input_format: str = ""


class Service:
    """A model that was loaded once, with the two threads that work on requests."""

    def __init__(self, classifier: StanceClassifier, speakers: Speakers, limits: Limits, metrics: Metrics) -> None:
        self.artifact = classifier.artifact
        self.issues = classifier.codebook.ids
        self.batcher = Batcher(classifier, limits.waiting, metrics.batch)
        self.desk = Desk(limits.documents)
        self._thresholds = classifier.thresholds
        self._gate = classifier.gate
        self._can_explain = bool(classifier.artifact.bias)
        self._require_explanations = classifier.require_explanations
        self._speakers = speakers
        self._limits = limits
        metrics.gauge("waiting_statements", "Statements that wait for the model.", lambda: self.batcher.waiting)
        metrics.gauge("waiting_documents", "Documents and comparisons in work or waiting.", lambda: self.desk.taken)

    def start(self) -> None:
        """Begin to work."""
        self.batcher.start()
        self.desk.start()

    def close(self) -> None:
        """Finish what was begun."""
        self.batcher.close()
        self.desk.close()

    def about(self) -> dict[str, Any]:
        """What answers, in which shapes."""
        return {
            "model": self.artifact.model, "version": __version__, "schema": rows.SCHEMA,
            "comparison_schema": report.SCHEMA,
        }  # fmt: skip

    def codebook(self) -> bytes:
        """The issues that the model knows."""
        return _json({"model": self.artifact.model, **self.artifact.codebook.to_data()})

    async def predict(self, content: bytes) -> bytes:
        """Answer ``POST /predict``."""
        wanted = await self._understood(bodies.to_predict, content)
        self._require(wanted.options)
        found = await self.batcher.predict(wanted.statements, wanted.options)
        if len(wanted.issues) < len(self.issues):
            found = [replace(one, positions={issue: one.positions[issue] for issue in wanted.issues}) for one in found]
        return await self._laid_out(self._predicted, found)

    async def transcript(self, upload: Upload, options: Options, choice: Choice | None) -> bytes:
        """Answer ``POST /transcript``: predictions, and a comparison if it was asked for."""
        self._require(options)
        transcript = await self._read(upload)
        found = await self.batcher.predict(transcript.statements, options)
        notes = _notes(transcript, found)
        if choice is None:
            return await self._laid_out(self._predicted, found, transcript.doc, notes)
        return await self.desk.run(self._read_and_compared, transcript, found, notes, choice)

    async def compare(self, content: bytes) -> bytes:
        """Answer ``POST /compare``."""
        wanted = await self._understood(bodies.to_compare, content)
        notes: list[str] = []
        if wanted.transcript is not None:
            upload = Upload(wanted.transcript.encode(), f"{wanted.name}.txt", wanted.date, "text")
            transcript = await self._read(upload, wanted.name)
            found = await self.batcher.predict(transcript.statements, Options())
            notes = _notes(transcript, found)
        else:
            found = list(wanted.predictions) or await self.batcher.predict(wanted.statements, Options())
        return await self.desk.run(self._compared, found, notes, wanted.choice)

    async def page(self, upload: Upload, choice: Choice) -> str:
        """A comparison as a page with the statements behind it."""
        transcript = await self._read(upload)
        found = await self.batcher.predict(transcript.statements, Options(explain=self._can_explain))
        return await self.desk.run(self._shown, transcript, found, choice)

    def _require(self, options: Options) -> None:
        """Refuse what this model cannot do before any work is done; raises ModelError."""
        self._thresholds(options.max_error)
        self._gate(options.gate)
        if options.explain:
            self._require_explanations()

    async def _understood(self, parse: Any, content: bytes) -> Any:  # noqa: ANN401 - what parse gives
        if len(content) <= _LARGE_BODY:
            return parse(content, self._limits, self.issues)
        return await self.desk.run(parse, content, self._limits, self.issues)

    async def _laid_out(self, lay_out: Any, found: Sequence[Prediction], *more: Any) -> bytes:  # noqa: ANN401 - as above
        if len(found) <= _LARGE_ANSWER:
            return lay_out(found, *more)  # type: ignore[no-any-return]
        return await self.desk.run(lay_out, found, *more)

    async def _read(self, upload: Upload, doc: str = "") -> Transcript:
        return await self.desk.run(self._parse, upload, doc)

    def _parse(self, upload: Upload, doc: str) -> Transcript:
        if saved.looks_saved(upload.content):
            raise invalid(f"{upload.name}: holds saved predictions; send them to /compare as predictions")
        named = doc or upload.name.rsplit(".", 1)[0] or upload.name
        transcript = readers.parse(
            upload.content, upload.name, named, self._speakers, date=upload.date, input_format=upload.input_format
        )
        statements = transcript.statements
        require_size(self._limits, len(statements), sum(len(one.text) for one in statements), upload.name)
        return transcript

    def _predicted(self, found: Sequence[Prediction], doc: str = "", notes: Sequence[str] = ()) -> bytes:
        return _json(self._answer(found, doc, notes))

    def _answer(self, found: Sequence[Prediction], doc: str, notes: Sequence[str]) -> dict[str, Any]:
        told: dict[str, Any] = {"model": self.artifact.model}
        if doc:
            told |= {"doc": doc, "notes": list(notes)}
        return told | {"predictions": [rows.nested(one) for one in found]}

    def _read_and_compared(
        self, transcript: Transcript, found: Sequence[Prediction], notes: list[str], choice: Choice
    ) -> bytes:
        compared, _, _ = self._compare(found, notes, choice)
        told = self._answer(found, transcript.doc, notes)
        return _json(told | {"comparison": report.to_data(compared)})

    def _compared(self, found: Sequence[Prediction], notes: list[str], choice: Choice) -> bytes:
        compared, _, _ = self._compare(found, notes, choice)
        return _json({"model": self.artifact.model, "notes": notes, "comparison": report.to_data(compared)})

    def _shown(self, transcript: Transcript, found: Sequence[Prediction], choice: Choice) -> str:
        compared, gathered, chosen = self._compare(found, [], choice)
        gathered = replace(gathered, texts={transcript.doc: transcript.text} if transcript.text else {})
        notes = (*_notes(transcript, found), *compared.notes)
        if choice.by == "side" and not compared.groups and any(one.statement.speaker for one in found):
            notes = ("Nobody's side is known here: go back and compare speakers.", *notes)
        return comparing.page(replace(compared, notes=notes), gathered, chosen)

    def _compare(
        self, found: Sequence[Prediction], notes: list[str], choice: Choice
    ) -> tuple[Comparison, Gathered, Selection]:  # fmt: skip
        """Compare; what the model's folder lacks for corrected figures is added to ``notes``."""
        if not found:
            raise InputError("no statements to compare")
        gathered = Gathered(tuple(found), {}, self.artifact)
        chosen = comparing.selection(
            gathered, choice.by, sides=choice.sides, groups=choice.groups, include=choice.include, most=choice.most
        )  # fmt: skip
        confusion = comparing.confusion(gathered, lambda line: notes.append(line.removeprefix("note: ")))
        compared = comparison.compare(
            found, choice.by, selection=chosen, confusion=confusion, margin=choice.margin, seed=choice.seed
        )
        return compared, gathered, chosen


def _notes(transcript: Transcript, found: Sequence[Prediction]) -> list[str]:
    """What a person should know about a document, one line each."""
    notes = list(transcript.notes)
    words = transcript.text or "\n".join(one.text for one in transcript.statements[:100])
    if language := languages.foreign(words):
        notes.append(f"{transcript.doc}: the text looks like {language!r}, not English; do not rely on the labels")
    if not found:
        notes.append(f"{transcript.doc}: no statements found")
    elif not any(position.is_about for one in found for position in one.positions.values()):
        notes.append(f"{transcript.doc}: no statement is about any of the model's issues")
    return notes


def _json(told: dict[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=str).encode(
        "utf-8", "replace"
    )
