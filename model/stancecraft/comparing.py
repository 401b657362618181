"""A run of ``compare``: transcripts and saved predictions in, one comparison out."""

from __future__ import annotations

import difflib
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from stancecraft import artifact, comparison, policy, prediction, readers, saved, writers
from stancecraft.artifact import LAYOUT, Artifact
from stancecraft.codebook import Codebook
from stancecraft.comparison import change, gold
from stancecraft.comparison.change import Change, Trend
from stancecraft.comparison.correction import Confusion
from stancecraft.comparison.result import By, Comparison
from stancecraft.comparison.tally import Selection, count, group_of
from stancecraft.errors import InputError
from stancecraft.policy import Thresholds
from stancecraft.prediction import Reading
from stancecraft.records import Prediction
from stancecraft.report import rows


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a comparison is made from.

    Attributes:
        predictions: In the order of the inputs.
        texts: Decoded text per document, for those that were read here and have one.
        artifact: The model folder in use.
        failed: Whether an input could not be read.
    """

    predictions: tuple[Prediction, ...]
    texts: dict[str, str]
    artifact: Artifact
    failed: bool = False

    @property
    def codebook(self) -> Codebook:
        """The issues of the model in use."""
        return self.artifact.codebook

    @property
    def issues(self) -> tuple[str, ...]:
        """Issue ids of the predictions."""
        return tuple(self.predictions[0].positions)


@dataclass(frozen=True, slots=True)
class Source:
    """How inputs become predictions.

    Attributes:
        model: Model folder; the packaged one if ``None``.
        reading: How transcripts are read.
        threads: Processor threads; all that there are if ``None``.
        explain: Whether to say which words carried each decision.
    """

    model: Path | None = None
    reading: Reading = Reading()
    threads: int | None = None
    explain: bool = False


def gather(inputs: Sequence[Path], source: Source, tell: Callable[[str], None]) -> Gathered:
    """Read saved predictions as they are and label everything else.

    Raises:
        InputError: If saved predictions are at fault, name other issues than the rest, or nothing could be read.
        ModelError: If the model folder is.
    """
    expanded = [file for given in inputs for file in (readers.files(given) if given != prediction.STDIN else [given])]
    kept = {path: saved.read(path) for path in expanded if path != prediction.STDIN and saved.is_saved(path)}
    stdin = readers.read_stream(sys.stdin.buffer) if prediction.STDIN in expanded else None
    if stdin is not None and saved.looks_saved(stdin):
        kept[prediction.STDIN] = saved.parse(stdin, "standard input")
    fresh = [path for path in expanded if path not in kept]
    found: dict[str, list[Prediction]] = {}
    texts: dict[str, str] = {}
    failed = False
    if fresh:
        run = prediction.Run(
            fresh, model=source.model, reading=source.reading, threads=source.threads, tell=tell,
            explain=source.explain, stdin=stdin,
        )  # fmt: skip
        labelled = []
        for transcript, predictions in run.documents():
            if any({"schema", "issues"} <= one.meta.keys() for one in transcript.statements[:1]):
                raise InputError(f"{transcript.doc}: saved predictions cannot be read from a pipe; give the file, or -")
            labelled += predictions
            if transcript.text:
                texts[transcript.doc] = transcript.text
        failed = run.failed
        found[""] = labelled
    found |= {str(path): predictions for path, predictions in kept.items()}
    _require_same_issues(found)
    _require_other_documents(found)
    every = tuple(one for predictions in found.values() for one in predictions)
    return Gathered(every, texts, artifact.load(source.model or artifact.packaged()), failed)


def together(parts: Sequence[Gathered]) -> Gathered:
    """Everything that was gathered in parts, as one.

    Raises:
        InputError: If parts have other issues than the first.
    """
    _require_same_issues({f"part {at}": list(part.predictions) for at, part in enumerate(parts, 1)})
    every: list[Prediction] = []
    texts: dict[str, str] = {}
    for part in parts:
        taken = {one.statement.doc for one in every}
        # A document of one time is another one than a document of the same name at the other.
        names = {one.statement.doc: one.statement.doc for one in part.predictions}
        names |= {doc: f"{doc} (after)" for doc in names if doc and doc in taken}
        texts |= {names.get(doc, doc): text for doc, text in part.texts.items()}
        every += [replace(one, statement=replace(one.statement, doc=names[one.statement.doc]))
                  for one in part.predictions]  # fmt: skip
    return replace(parts[0], predictions=tuple(every), texts=texts, failed=any(part.failed for part in parts))


def confusion(gathered: Gathered, tell: Callable[[str], None]) -> Confusion | None:
    """How the model in use erred on its test documents; ``None`` if its folder does not tell, or others decided."""
    others = {one.model or "a model without a name" for one in gathered.predictions} - {gathered.artifact.model}
    if others:
        tell(f"note: no corrected figures: {', '.join(sorted(others))} decided, not {gathered.artifact.model}; "
             "give its folder with --model")  # fmt: skip
        return None
    evaluation = json.loads(gathered.artifact.file(LAYOUT.evaluation).read_text("utf-8"))
    tables = evaluation.get("test", {}).get("confusion_by_document")
    if not tables:
        tell(f"note: no corrected figures: the folder of {gathered.artifact.model} does not tell how it erred")
        return None
    if mended := sum(_is_mended(one, gathered.artifact.thresholds) for one in gathered.predictions):
        tell(f"note: no corrected figures: {mended} statements have stances that are not the model's own")
        return None
    return Confusion(np.asarray(list(tables.values()), dtype=np.float64))


def _is_mended(one: Prediction, thresholds: Mapping[str, Thresholds]) -> bool:
    """Whether somebody gave a statement another answer than the model did."""
    return any(
        position.stance is not None and position.stance != policy.leading(position.probabilities, thresholds[issue])
        for issue, position in one.positions.items() if issue in thresholds
    )  # fmt: skip


def selection(
    gathered: Gathered, by: By, *, sides: Sequence[str], groups: Sequence[str], include: Sequence[str], most: int
) -> Selection:
    """Which statements count.

    Args:
        gathered: What there is to choose from.
        by: What groups are.
        sides: Only these sides, in any case; empty for all.
        groups: Only these groups, in any case; empty for all.
        include: Roles beside officials, and ``reported``.
        most: Most groups.

    Raises:
        InputError: If nobody has a side or group of that name, with the nearest names.
    """
    every = {one.statement.side for one in gathered.predictions} - {""}
    named = {group_of(one, by) for one in gathered.predictions} - {""}
    problems: list[str] = []
    chosen_sides = _spelt(sides, every, "side", problems)
    chosen_groups = _spelt(groups, named, by, problems)
    if problems:
        raise InputError(*problems)
    roles = frozenset({"official", *(one for one in include if one != "reported")})
    return Selection(roles, "reported" in include, chosen_sides, chosen_groups, most)  # type: ignore[arg-type]


def estimated(
    compared: Comparison, gathered: Gathered, chosen: Selection, file: Path, tell: Callable[[str], None]
) -> Comparison:  # fmt: skip
    """A comparison with estimates from a labelled sample.

    Raises:
        InputError: If the sample does not fit the predictions.
    """
    sample = saved.read_gold(file, gathered.predictions, gathered.issues)
    counted = count(gathered.predictions, compared.by, chosen)
    if wanting := gold.wanting(counted, sample):
        tell(f"note: {file}: {wanting}")
    return comparison.with_estimates(compared, gold.estimate(compared.cells, counted, sample))


def draw(gathered: Gathered, by: By, chosen: Selection, turns: int, out: Path, seed: int) -> tuple[int, int]:
    """Write a sample of turns for people to label; returns the numbers of turns and of statements.

    Every row is a saved prediction without its answers, so that nobody is led by them, with the probability its turn
    had of being drawn and an empty ``labels``.

    Raises:
        OutputError: If the file cannot be written.
    """
    drawn = gold.draw(count(gathered.predictions, by, chosen), turns, seed)
    statements = 0
    with writers.atomic(out) as stream:
        for one in gathered.predictions:
            if (turn := gold.turn_of(one)) in drawn:
                row = rows.nested(replace(one, positions={}))
                row.pop("issues")
                row |= {"probability": drawn[turn], "labels": None}
                stream.write((json.dumps(row, ensure_ascii=False, default=str) + "\n").encode())
                statements += 1
    return len(drawn), statements


def page(
    found: Comparison, gathered: Gathered, chosen: Selection, *, changes: Sequence[Change] = (),
    trends: Sequence[Trend] = (), with_text: bool = True,
) -> str:  # fmt: skip
    """The comparison as one HTML page."""
    from stancecraft.report import comparison_page

    evaluation = json.loads(gathered.artifact.file(LAYOUT.evaluation).read_text("utf-8"))
    ours = {one.model for one in gathered.predictions} == {gathered.artifact.model}
    return comparison_page.render(
        found, gathered.predictions, gathered.codebook, gathered.texts, selection=chosen, with_text=with_text,
        evaluation=evaluation if ours else None, changes=changes, trends=trends,
    )  # fmt: skip


def require_dates(gathered: Gathered) -> None:
    """Make sure that there are dates enough for a trend.

    Raises:
        InputError: If fewer than three different whole dates are there.
    """
    dates = {one.statement.date for one in gathered.predictions if change.is_dated(one)}
    if len(dates) < change.FEWEST_DATES:
        without = len({one.statement.doc for one in gathered.predictions if not change.is_dated(one)})
        told = f"; {without} documents have none" if without else ""
        raise InputError(
            f"--over-time: expected documents of at least {change.FEWEST_DATES} dates, got {len(dates)}{told}; "
            "a date can stand in a file's name (2016-07-15-talks.txt) or in a column date"
        )


def _spelt(names: Sequence[str], known: set[str], what: str, problems: list[str]) -> frozenset[str]:
    """Names as the data spells them."""
    spelling = {name.casefold(): name for name in sorted(known)}
    found = set()
    if len(names) > 1 and ", ".join(names) in known:
        names = [", ".join(names)]  # one name with a comma
    for name in names:
        if alike := {one for one in known if one == name} or {
            one for one in known if one.casefold() == name.casefold()
        }:
            found |= alike
            continue
        near = [spelling[one] for one in difflib.get_close_matches(name.casefold(), spelling, 3, 0.5)]
        hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(sorted(known)[:12]) or 'none'}"
        problems.append(f"no statement of the {what} {name!r}; {hint}")
    return frozenset(found)


def _require_same_issues(found: dict[str, list[Prediction]]) -> None:
    issues = {name: list(predictions[0].positions) for name, predictions in found.items() if predictions}
    expected = next(iter(issues.values()), [])
    wrong = [
        f"{name or 'the model in use'}: expected the issues {', '.join(expected)}, got {', '.join(given)}"
        for name, given in issues.items() if given != expected
    ]  # fmt: skip
    if wrong:
        raise InputError(*wrong)
    if not any(found.values()):
        raise InputError("no statements to compare")


def _require_other_documents(found: dict[str, list[Prediction]]) -> None:
    """Two inputs with one document would count its statements twice."""
    owner: dict[str, str] = {}
    problems = []
    for name, predictions in found.items():
        for doc in dict.fromkeys(one.statement.doc for one in predictions if one.statement.doc):
            if doc in owner:
                problems.append(f"{name}: document {doc!r} is also in {owner[doc] or 'another input'}")
            owner[doc] = name
    if problems:
        raise InputError(*problems)
