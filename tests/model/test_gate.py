"""The gate: what it leaves out, and that what is read is read as without it."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import stancecraft
from stancecraft import Statement, artifact, gate, windows
from stancecraft.errors import ModelError
from stancecraft.gate import REACH, Gate
from stancecraft.windows import WindowPlan

VOCABULARY, PAIRS = 50, 16
PLAN = WindowPlan(32, 0.25, "t", {})
ids = st.lists(st.integers(0, VOCABULARY - 1), max_size=40).map(lambda found: np.asarray(found, dtype=np.int64))
documents = st.lists(ids, max_size=25)
TALK = ["The ferry sails at noon.", "Lunch is at one.", "We painted the fence.", "The soup was hot."] * 40
TALK[90] = "The ceasefire in Syria must hold, and both sides must keep it."


def some_gate(seed=0):
    weights = np.random.default_rng(seed).normal(size=2 * VOCABULARY + PAIRS).astype(np.float32)
    return Gate(weights, VOCABULARY, PAIRS, bias=-0.5, least=0.4, default=True)


def by_hand(one, tokens):
    """The same, a statement, a token and a neighbour at a time."""
    words, pairs, around = np.split(one.weights.astype(float), [VOCABULARY, VOCABULARY + PAIRS])
    found = []
    for at, own in enumerate(tokens):
        total = one.bias + sum(words[t] for t in own)
        total += sum(pairs[(int(a) * 1_000_003 + int(b)) % PAIRS] for a, b in zip(own, own[1:], strict=False))
        near = [n for n in range(max(0, at - REACH), min(len(tokens), at + REACH + 1)) if n != at]
        total += sum(around[t] for n in near for t in tokens[n])
        found.append(1 / (1 + np.exp(-np.clip(total, -30, 30))))
    return found


@given(documents)
def test_all_at_once_equals_one_by_one(tokens):
    one = some_gate()
    assert one.probabilities(tokens) == pytest.approx(by_hand(one, tokens), abs=1e-5)


@given(documents, st.integers(0, 5), st.floats(0.05, 0.95))
def test_a_statement_is_read_with_all_its_windows_or_not_at_all(tokens, seed, least):
    packed = windows.pack([len(own) for own in tokens], PLAN)
    about = some_gate(seed).probabilities(tokens)
    kept, left = gate.divided(packed, about, least)
    assert [window for window in packed if window in kept] == kept  # in order
    answered = [set(gate.answered(window)) for window in packed]
    for at in range(len(tokens)):
        own = [window for window, statements in zip(packed, answered, strict=True) if at in statements]
        assert all(window not in kept for window in own) if at in left else all(window in kept for window in own)
    assert all(about[at] < least for at in left)


@given(documents)
def test_a_higher_threshold_never_reads_more(tokens):
    packed = windows.pack([len(own) for own in tokens], PLAN)
    about = some_gate().probabilities(tokens)
    left = [set(gate.divided(packed, about, least)[1]) for least in (0.1, 0.4, 0.7, 0.99)]
    assert left == sorted(left, key=len)
    assert all(less <= more for less, more in zip(left, left[1:], strict=False))


@pytest.fixture(scope="module")
def gated(model, tmp_path_factory):
    """The packaged model with a gate that fires at the tokens of "ceasefire" alone, whatever gate it ships with."""
    folder = tmp_path_factory.mktemp("gated") / "model"
    shutil.copytree(model.artifact.path, folder)
    encoder = model._scorer.encoder
    weights = np.zeros(2 * encoder.vocabulary + PAIRS, dtype=np.float16)
    weights[encoder.tokens(["ceasefire"])[0]] = 8
    (folder / artifact.GATE).write_bytes(weights.astype("<f2").tobytes())
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["gate"] = {"vocabulary": encoder.vocabulary, "pairs": PAIRS, "bias": -4.0, "least": 0.5, "default": True}
    manifest["files"] = artifact.describe(folder)
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return folder


def talk():
    return [Statement(line, doc="talk", turn=at // 9) for at, line in enumerate(TALK)]


def test_what_is_read_is_read_as_without_the_gate(gated):
    model = stancecraft.load(gated)
    with_gate, without = model.predict(talk()), model.predict(talk(), gate=False)
    reasons = [{position.reason for position in one.positions.values()} for one in with_gate]
    read = [at for at, found in enumerate(reasons) if found != {"gated"}]
    assert 90 in read
    assert 0 < len(read) < len(TALK) / 2
    assert [with_gate[at] for at in read] == [without[at] for at in read]
    assert all("gated" not in {p.reason for p in one.positions.values()} for one in without)


def test_what_is_left_out_is_none_with_its_reason_and_probabilities(gated):
    [*_, last] = stancecraft.load(gated).predict(talk(), explain=True)
    for position in last.positions.values():
        assert (position.stance, position.reason, position.explanation) == ("none", "gated", None)
        assert sum(position.probabilities.values()) == pytest.approx(1)
        assert position.about < 0.5


def test_a_document_may_be_left_out_as_a_whole(gated):
    found = stancecraft.load(gated).predict(["The soup was hot.", "A truce, a ceasefire, at last."], explain=True)
    assert [one.positions["ukraine"].reason for one in found] == ["gated", "decided"]
    assert found[1].positions["ukraine"].explanation is not None


def test_a_model_without_a_gate_refuses_to_use_one(model):
    bare = stancecraft.load(model.artifact.path)
    bare.artifact = replace(bare.artifact, gate=None)
    assert bare.predict(["Fine."])
    with pytest.raises(ModelError, match="has no gate"):
        bare.predict(["Fine."], gate=True)


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [("pairs", 3, "expected"), ("least", 1.5, "between 0 and 1"), ("bias", "much", "could not convert")],
)
def test_a_gate_that_does_not_fit_is_refused(gated, tmp_path, key, value, told):
    folder = tmp_path / "model"
    shutil.copytree(gated, folder)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["gate"][key] = value
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    with pytest.raises(ModelError, match=told):
        artifact.load(folder)


@settings(deadline=None, max_examples=20)
@given(st.lists(st.integers(1, 12), min_size=1, max_size=30))
def test_short_statements_read_together_come_out_as_alone(model, lengths):
    texts = [" ".join(["the", "truce", "in", "Syria", "holds"][at % 5] for at in range(length)) for length in lengths]
    together = model.predict(texts, gate=False)
    alone = [model.predict([text], gate=False)[0] for text in texts]
    assert [one.positions for one in together] == [one.positions for one in alone]
