"""The task "stance-detection" of transformers: the weights' own scores, near the graph's, in any batch."""

import json
import logging
import shutil

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

import torch
from transformers import AutoModelForTokenClassification, AutoTokenizer, pipeline

import stancecraft
from stancecraft import Statement, Transcript, artifact
from stancecraft.errors import InputError, ModelError
from stancecraft.integrations.transformers import StancePipeline, stance_detection
from stancecraft.records import VALUES
from stancecraft.scorer import TextEncoder

# Said in docs/pipelines.md of the example; processors differ in how they add.
LARGEST_DIFFERENCE, MEAN_DIFFERENCE, SLACK = 0.074, 0.0011, 1.5
ROUNDED = 1e-6  # labels have six digits

LONG = [
    Statement(
        f"The truce in Syria must hold, part {at}, and whoever breaks it must answer for it.", doc="long", turn=at
    )
    for at in range(30)
] + [Statement("We spoke of the harbour and of Ukraine, " * 60, doc="long", turn=30), Statement("Alone.")]


@pytest.fixture(scope="module")
def pipe():
    return stance_detection()


@pytest.fixture(scope="module")
def long(pipe):
    return Transcript("long", "", tuple(LONG))


def shares(labels):
    return np.asarray([[list(one["probabilities"].values()) for one in label["issues"].values()] for label in labels])


def graph(model, statements):
    return np.asarray(
        [
            [list(one.probabilities.values()) for one in found.positions.values()]
            for found in model.predict(statements, gate=False)
        ]
    )


def test_the_pipeline_gives_what_the_training_package_gives_for_the_weights(pipe, long):
    dataset = pytest.importorskip("stancecraft_training.dataset")
    from stancecraft import policy
    from stancecraft_training import network
    from stancecraft_training.labelled import Labelled

    loaded = artifact.load(artifact.packaged())
    encoder = TextEncoder.from_file(loaded.file("tokenizer.json"), loaded.window)
    documents = dataset.encode([Labelled(one, {}) for one in LONG], encoder, loaded.codebook.ids)
    weights = AutoModelForTokenClassification.from_pretrained(
        artifact.packaged(), attn_implementation="eager", dtype=torch.float32
    )
    expected = policy.probabilities(network.score(weights, documents, 1))
    np.testing.assert_allclose(shares(pipe(long)), expected, atol=1e-5)


def test_int8_is_as_far_from_the_weights_as_the_page_says(pipe, model, example):
    read = stancecraft.read(example)
    labels, found = pipe(read), model.predict(read)
    differences = np.abs(shares(labels) - graph(model, read))
    assert differences.max() < LARGEST_DIFFERENCE * SLACK
    assert differences.mean() < MEAN_DIFFERENCE * SLACK
    for label, one in zip(labels, found, strict=True):
        assert label["text"] == one.statement.text
        for issue, position in one.positions.items():
            near = abs(position.about - model.artifact.thresholds[issue].about) < LARGEST_DIFFERENCE * SLACK
            assert label["issues"][issue]["stance"] == position.stance or near


@pytest.mark.parametrize("size", [2, 5])
def test_the_size_of_a_batch_changes_nothing(pipe, long, size):
    assert np.abs(shares(pipe(long, batch_size=size)) - shares(pipe(long))).max() < 1e-5


def test_results_are_those_of_the_inputs_in_order_whatever_their_kind(pipe, long):
    inputs = ["The truce must hold.", long, {"statements": []}, {"statements": ["One.", "Two."]}, "\u200b"]
    found = pipe(inputs, batch_size=3)
    assert [len(one) if isinstance(one, list) else one["text"] for one in found] == [
        "The truce must hold.", len(LONG), 0, 2, "\u200b",
    ]  # fmt: skip
    for together, one in zip(found, inputs, strict=True):
        alone = pipe(one)
        left, right = ([labels] if isinstance(labels, dict) else labels for labels in (together, alone))
        assert len(left) == len(right)
        assert not left or np.abs(shares(left) - shares(right)).max() < 1e-5
    assert pipe([]) == []
    assert [one["text"] for one in pipe(text for text in ("One.", "Two."))] == ["One.", "Two."]


def test_a_statement_without_words_is_about_nothing(pipe):
    assert {one["stance"] for one in pipe("\u200b")["issues"].values()} == {"none"}
    assert shares([pipe("\u200b")])[0, :, 0].tolist() == [1.0] * 5


def test_rows_of_a_document_give_each_other_context_and_keep_what_is_said_of_them(pipe):
    rows = ["The ceasefire in Syria began at midnight.", {"text": "Was it broken?", "role": "questioner", "page": 3}]
    together = pipe({"statements": rows})
    alone = pipe("Was it broken?")
    assert together[1]["issues"]["syria_ceasefire"]["about"] > alone["issues"]["syria_ceasefire"]["about"] + 0.1
    assert (together[1]["role"], together[1]["turn"], together[1]["meta"]) == ("questioner", 1, {"page": 3})


def test_labels_have_the_published_shape(pipe, long):
    jsonschema = pytest.importorskip("jsonschema")
    from stancecraft import schema

    validator = jsonschema.Draft202012Validator(schema.load())
    for label in [pipe("The truce must hold."), *pipe(long)]:
        validator.validate(json.loads(json.dumps(label)))


def test_the_task_is_registered_and_takes_a_model_and_tokenizer_of_the_folder(pipe, caplog):
    with caplog.at_level(logging.ERROR):
        by_task = pipeline("stance-detection", model=str(artifact.packaged()))
    assert isinstance(by_task, StancePipeline)
    folder = artifact.packaged()
    by_hand = StancePipeline(
        model=AutoModelForTokenClassification.from_pretrained(folder), tokenizer=AutoTokenizer.from_pretrained(folder)
    )
    text = "Nusra is a terrorist group."
    assert by_task(text) == by_hand(text) == pipe(text)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (3, "expected a text, a Transcript or {'statements': [...]}, got int"),
        ({"text": "a"}, "expected a text, a Transcript or {'statements': [...]}, got an object with 'text'"),
        ({"statements": "a"}, "statements: expected a list, got str"),
        ({"statements": ["a", 3]}, "statements[1]: expected a text or a row, got int"),
        ({"statements": [{"text": "a", "role": "king"}]}, "statements[0]: column 'role': expected one of official,"),
        ({"statements": [{"said": "a"}]}, "statements[0]: no column 'text'"),
        ({"statements": [""]}, "statements[0]: column 'text': expected a sentence, got ''"),
    ],
)
def test_inputs_of_another_shape_are_refused_in_one_line(pipe, given, told):
    for inputs in (given, [given]):
        with pytest.raises(InputError) as caught:
            pipe(inputs)
        [line] = caught.value.lines
        assert line.startswith(f"stance-detection: {told}")


def test_unknown_arguments_are_refused(pipe):
    with pytest.raises(InputError, match="^stance-detection: unknown arguments: top_k$"):
        pipe("The truce.", top_k=2)


def test_folders_that_are_no_model_of_ours_are_refused_in_one_line(tmp_path):
    with pytest.raises(ModelError, match="not a model folder: no manifest.json in it$"):
        stance_detection(tmp_path)
    folder = tmp_path / "model"
    shutil.copytree(artifact.packaged(), folder)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    (folder / "manifest.json").write_text(json.dumps(manifest | {"format": 7}), "utf-8")
    with pytest.raises(ModelError, match="reads model format 1, got the newer 7; install a newer stancecraft$"):
        stance_detection(folder)
    with pytest.raises(ModelError, match="reads model format 1, got the newer 7; install a newer stancecraft$"):
        pipeline("stance-detection", model=str(folder))
    (folder / "model.safetensors").unlink()
    del manifest["files"]["model.safetensors"]
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    with pytest.raises(ModelError, match=r"no model.safetensors in it: export the model with export.weights: true$"):
        stance_detection(folder)


def test_labels_of_the_configuration_must_be_those_of_the_codebook(tmp_path):
    weights = AutoModelForTokenClassification.from_pretrained(artifact.packaged())
    weights.config.id2label = dict(enumerate(reversed(weights.config.id2label.values())))
    with pytest.raises(ModelError, match="expected the labels syria_ceasefire=none, syria_ceasefire=favor, ..., got"):
        StancePipeline(model=weights, tokenizer=AutoTokenizer.from_pretrained(artifact.packaged()))


def test_six_digits_are_kept(pipe, long):
    found = shares(pipe(long))
    assert np.abs(found.sum(-1) - 1).max() <= len(VALUES) * ROUNDED
