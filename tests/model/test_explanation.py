"""Which words carried a decision: exact in sum, on the words' own places."""

import json
from dataclasses import replace

import numpy as np
import pytest

from stancecraft import StanceClassifier, Statement, artifact
from stancecraft.errors import ModelError
from stancecraft.explanation import explain
from stancecraft.policy import Thresholds, decide, probabilities
from stancecraft.report import rows
from stancecraft.windows import WordScores

TALK = [
    "The ceasefire in Syria must hold, and those who break it will answer for it.",
    "“It’s not ours to decide who governs — the Syrians will”, he said.",
    "Сирия: перемирие.",
    "\u200b",
    "Thank you.",
    "Crimea was taken at gunpoint " + "and nobody has forgotten it " * 60 + "and we will not recognise it.",
]


@pytest.fixture(scope="module")
def talk():
    return [Statement(text, doc="talk", turn=at // 2) for at, text in enumerate(TALK)]


@pytest.fixture(scope="module")
def explained(model, talk):
    return model.predict(talk, explain=True)


def test_an_explanation_changes_no_answer(model, talk, explained):
    bare = [
        {issue: replace(position, explanation=None) for issue, position in one.positions.items()} for one in explained
    ]
    assert [one.positions for one in model.predict(talk)] == bare


def test_bias_and_shares_add_up_to_the_margin(explained):
    for one in explained:
        for position in one.positions.values():
            told = position.explanation
            assert told.bias + sum(share for *_, share in told.words) == pytest.approx(told.margin, abs=1e-3)


def test_the_margin_is_the_difference_of_the_logits(explained):
    # Of probabilities, only the differences of logits are known: log p - log q.
    for one in explained:
        for position in one.positions.values():
            told, opinion = position.explanation, position.probabilities
            if min(opinion[told.value], opinion[told.over]) > 1e-4:
                margin = np.log(opinion[told.value]) - np.log(opinion[told.over])
                assert told.margin == pytest.approx(margin, abs=1e-3)


def test_words_stand_where_they_are_said_and_leave_no_letter_out(explained):
    for one in explained:
        text = one.statement.text
        told = next(iter(one.positions.values())).explanation.words
        covered = {at for start, end, _ in told for at in range(start, end)}
        assert all(0 <= start < end <= len(text) for start, end, _ in told)
        assert [start for start, *_ in told] == sorted(start for start, *_ in told)
        assert {at for at, sign in enumerate(text) if sign.isalpha()} <= covered


def test_it_explains_the_decided_value_over_the_likeliest_other(explained):
    for one in explained:
        for position in one.positions.values():
            told = position.explanation
            assert told.value == position.stance
            rest = {value: share for value, share in position.probabilities.items() if value != told.value}
            assert rest[told.over] == max(rest.values())


def test_a_withheld_answer_is_explained_by_what_it_would_have_been():
    logits = np.asarray([[0.0, 1.0, 0.2, 0.1]], dtype=np.float32)
    thresholds = {"war": Thresholds(stance=0.99)}
    positions = decide(probabilities(logits), ["war"], thresholds)
    words = WordScores(((0, 3),), logits[None], np.ones(1, dtype=np.float32))
    told = explain(positions, thresholds, logits, words, [[0.5, 0.5, 0.0, 0.0]])["war"]
    assert told.stance is None
    assert (told.explanation.value, told.explanation.over) == ("favor", "against")
    assert told.explanation.bias == pytest.approx(0.5)
    assert told.explanation.words == ((0, 3, pytest.approx(0.3)),)


def test_a_statement_without_words_is_carried_by_no_word(explained):
    told = explained[3].positions["ukraine"].explanation
    assert told.words == ()
    assert told.bias == told.margin > 0


def test_rows_tell_the_words_only_when_asked(model, talk, explained):
    row = rows.nested(explained[0])["issues"]["syria_ceasefire"]
    assert {(start, end) for start, end, _ in row["words"]} >= {(4, 13)}
    assert row["decision"]["value"] == row["stance"]
    assert "words" not in rows.nested(model.predict(talk[:1])[0])["issues"]["syria_ceasefire"]


def test_a_folder_that_does_not_tell_its_bias_is_refused(tmp_path):
    folder = tmp_path / "model"
    folder.symlink_to(artifact.packaged())
    loaded = artifact.load(folder)
    with pytest.raises(ModelError, match="no bias"):
        StanceClassifier(replace(loaded, bias=())).predict(["Fine."], explain=True)


def test_a_bias_of_another_shape_is_refused(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    for file in artifact.packaged().iterdir():
        (folder / file.name).symlink_to(file)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["bias"]["ukraine"] = [0.0]
    (folder / "manifest.json").unlink()
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    with pytest.raises(ModelError, match="bias: expected 4 numbers per issue"):
        artifact.load(folder)
