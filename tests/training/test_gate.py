"""The gate of a model folder: fitted to its network's answers, and put in use only if it keeps what was asked."""

import json
import shutil

import pytest

pytest.importorskip("sklearn")
pytest.importorskip("scipy")

import numpy as np
from typer.testing import CliRunner

import stancecraft
from stancecraft import artifact, windows
from stancecraft.cli import app
from stancecraft.errors import ConfigError, DataError
from stancecraft.records import Statement
from stancecraft_training import gate as gates

ON = ["We want the ceasefire in Syria to hold.", "Assad must go, as we have said.", "Ukraine defends its land.",
      "Terrorists of ISIL must be defeated."]  # fmt: skip
OFF = ["The band will play at noon.", "We painted the fence green.", "Our train was late again.", "I like this soup."]


def write(path, seed, documents=6):
    rng = np.random.default_rng(seed)
    with path.open("w", encoding="utf-8") as stream:
        for number in range(documents):
            lines = ON if number % 3 == 0 else OFF
            for line in rng.choice(lines, 40):
                stream.write(json.dumps({"text": str(line), "doc": f"{path.stem}-{number}", "turn": 0}) + "\n")
    return path


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gate")
    return {name: write(folder / f"{name}.jsonl", seed) for seed, name in enumerate(("texts", "held", "test"))}


@pytest.fixture(scope="module")
def fitted(model, data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("fitted") / "model"
    shutil.copytree(model.artifact.path, folder)
    told = gates.fit(
        folder, [data["texts"]], [data["held"]], [data["test"]], most=0.01, tell=lambda _: None
    )  # fmt: skip
    return folder, told


def test_documents_about_nothing_are_left_out_and_no_decision_changes(fitted, data):
    folder, told = fitted
    assert told["default"]
    assert told["test"]["left_out"] > 0.3
    model = stancecraft.load(folder)
    statements = stancecraft.read(data["test"]).statements
    with_gate, without = model.predict(statements), model.predict(statements, gate=False)
    stances = [[[p.stance for p in one.positions.values()] for one in found] for found in (with_gate, without)]
    decided = sum(stance != "none" for row in stances[1] for stance in row)
    changed = sum(a != b for one, other in zip(*stances, strict=True) for a, b in zip(one, other, strict=True))
    assert told["test"]["changed"] == pytest.approx(changed / decided, abs=1e-4)
    left_out = sum({p.reason for p in one.positions.values()} == {"gated"} for one in with_gate)
    assert told["test"]["left_out"] == pytest.approx(left_out / len(statements), abs=1e-3)


def test_features_are_those_that_inference_weighs(fitted):
    gate = artifact.load(fitted[0]).gate
    encoder = stancecraft.load(fitted[0])._scorer.encoder
    statements = [Statement(line, doc=doc) for doc in ("a", "b") for line in [*ON, *OFF, ""]]
    features = gates._features(encoder, statements, gate.vocabulary)
    learnt = 1 / (1 + np.exp(-(features @ gate.weights + gate.bias)))
    tokens = [encoder.tokens([statements[at].text for at in group]) for group in windows.documents(statements)]
    told = np.concatenate([gate.probabilities(one) for one in tokens])
    assert told == pytest.approx(learnt, abs=1e-4)


def test_the_folder_stays_sound_and_its_manifest_tells_what_was_measured(fitted):
    folder, told = fitted
    found = artifact.load(folder)
    assert found.gate.least == told["least"]
    assert found.manifest["gate"] == told
    assert artifact.GATE in found.manifest["files"]


def test_texts_about_nothing_teach_nothing(model, data, tmp_path):
    (tmp_path / "off.jsonl").write_text('{"text": "I like this soup."}\n', "utf-8")
    with pytest.raises(DataError, match=r"off\.jsonl: the network finds no statement"):
        gates.fit(model.artifact.path, [tmp_path / "off.jsonl"], [data["held"]], [data["test"]], most=0.01, tell=print)


def test_a_share_that_is_none_is_refused(model, data):
    with pytest.raises(ConfigError, match="between 0 and 1, got 1.5"):
        gates.fit(model.artifact.path, [data["texts"]], [data["held"]], [data["test"]], most=1.5, tell=print)


def test_the_command_tells_what_changes(model, data, tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(model.artifact.path, folder)
    told = CliRunner().invoke(
        app,
        ["gate", str(folder), "--texts", str(data["texts"]), "--held-out", str(data["held"]), "--test",
         str(data["test"])],
    )  # fmt: skip
    assert told.exit_code == 0, told.stderr
    assert told.stdout == ""
    assert "in use by default" in told.stderr.splitlines()[-1]
