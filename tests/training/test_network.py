"""The network: pooling, loss and scores of statements."""

import copy
import json
import shutil

import pytest

pytest.importorskip("torch")

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from stancecraft import windows
from stancecraft.errors import ConfigError
from stancecraft.records import VALUES, Statement
from stancecraft.windows import Window
from stancecraft_training import dataset, network
from stancecraft_training.dataset import IGNORED
from stancecraft_training.labelled import Labelled

EVEN = torch.ones(4)


def batch_logits(model, batch):
    """Pooled logits of a batch. *Shape:* ``(pieces, issues, 4)``."""
    outputs = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits
    return network.pool(outputs, batch["owner"], len(batch["labels"]))


def test_pooling_in_torch_equals_pooling_in_numpy(toy_documents):
    generator = np.random.default_rng(1)
    examples = dataset.examples(toy_documents)
    scores = [generator.normal(size=(len(example["input_ids"]), 8)).astype(np.float32) for example in examples]
    batch = dataset.collate(examples)
    padded = torch.full((*batch["input_ids"].shape, 8), 1e6)
    for at, score in enumerate(scores):
        padded[at, : len(score)] = torch.as_tensor(score)
    found = network.pool(padded, batch["owner"], len(batch["labels"])).flatten(1).numpy()
    expected = []
    for example, score in zip(examples, scores, strict=True):
        # Each window as a document of its own, in which every piece is a statement that counts.
        owner, count = example["owner"], len(example["labels"])
        pieces = tuple(windows.Piece(at, 0, int((owner == at).sum())) for at in range(count))
        expected.append(windows.pool([Window(pieces, (True,) * count)], [owner], [score], count))
    np.testing.assert_allclose(found, np.concatenate(expected), atol=1e-6)


def test_pooling_is_the_mean_over_a_statements_own_tokens():
    logits = torch.tensor([[[9.0] * 4, [1.0] * 4, [3.0] * 4, [9.0] * 4, [5.0] * 4]])
    owner = torch.tensor([[-1, 0, 0, -1, 1]])
    assert network.pool(logits, owner, 2)[:, 0, 0].tolist() == [2.0, 5.0]


def test_a_piece_without_tokens_is_zero():
    pooled = network.pool(torch.ones(1, 2, 8), torch.tensor([[-1, 1]]), 3)
    assert pooled.shape == (3, 2, 4)
    assert pooled[0].eq(0).all()
    assert pooled[1].eq(1).all()
    assert pooled[2].eq(0).all()


def test_padding_changes_no_statements_logits(toy_model, toy_documents):
    examples = sorted(dataset.examples(toy_documents), key=lambda example: len(example["input_ids"]))
    chosen = [examples[0], examples[-1], examples[1], examples[len(examples) // 2]]
    with torch.no_grad():
        together = batch_logits(toy_model, dataset.collate(chosen))
        alone = torch.cat([batch_logits(toy_model, dataset.collate([example])) for example in chosen])
    assert torch.allclose(together, alone, atol=1e-5, rtol=0)
    assert together.std() > 1e-2, "logits that are all alike would prove nothing"


def test_the_loss_is_the_plain_cross_entropy_of_the_labels_that_are_there():
    generator = torch.Generator().manual_seed(2)
    logits = torch.randn(6, 3, 4, generator=generator)
    labels = torch.tensor([[0, 1, 2], [3, IGNORED, 0], [IGNORED] * 3, [1, 1, IGNORED], [2, 0, 3], [IGNORED, 3, 3]])
    each = [-logits[at, issue].log_softmax(-1)[value] for at, row in enumerate(labels.tolist())
            for issue, value in enumerate(row) if value != IGNORED]  # fmt: skip
    assert network.loss(logits, labels, EVEN) == pytest.approx(float(torch.stack(each).mean()), rel=1e-6)


def test_a_values_weight_multiplies_its_part_of_the_loss():
    logits, labels = torch.randn(4, 1, 4, generator=torch.Generator().manual_seed(3)), torch.arange(4)[:, None]
    plain = [float(network.loss(logits[at : at + 1], labels[at : at + 1], EVEN)) for at in range(4)]
    weighted = network.loss(logits, labels, torch.tensor([1.0, 2.0, 3.0, 0.5]))
    assert weighted == pytest.approx((plain[0] + 2 * plain[1] + 3 * plain[2] + 0.5 * plain[3]) / 4, rel=1e-6)


def test_absent_labels_give_no_gradient_to_their_outputs():
    logits = torch.randn(3, 2, 4, requires_grad=True)
    labels = torch.tensor([[1, IGNORED], [IGNORED, 2], [IGNORED, IGNORED]])
    network.loss(logits, labels, EVEN).backward()
    zero = logits.grad.eq(0).all(-1)
    assert zero.tolist() == [[False, True], [True, False], [True, True]]


def test_an_issue_that_nobody_labelled_leaves_its_part_of_the_head_alone(toy_model, toy_documents):
    model = copy.deepcopy(toy_model)
    batch = dataset.collate(dataset.examples(toy_documents)[:4])
    labels = batch["labels"].clone()
    labels[:, 1] = IGNORED
    network.loss(batch_logits(model, batch), labels, EVEN).backward()
    gradient = model.classifier.weight.grad.view(2, len(VALUES), -1)
    assert gradient[0].abs().max() > 0
    assert gradient[1].eq(0).all()
    assert model.classifier.bias.grad.view(2, len(VALUES))[1].eq(0).all()


def test_a_batch_without_any_label_has_no_loss_and_no_gradient():
    logits = torch.randn(2, 2, 4, requires_grad=True)
    value = network.loss(logits, torch.full((2, 2), IGNORED), EVEN)
    value.backward()
    assert value == 0
    assert logits.grad.eq(0).all()


def test_scores_keep_the_order_of_documents_and_statements(toy_model, toy_documents):
    scores = network.score(toy_model, toy_documents, 4)
    assert scores.shape == (sum(len(document.labels) for document in toy_documents), 2, 4)
    assert scores.dtype == np.float32
    alone = [network.score(toy_model, [document], 4) for document in toy_documents]
    np.testing.assert_allclose(scores, np.concatenate(alone), atol=1e-5)
    np.testing.assert_allclose(network.score(toy_model, toy_documents[::-1], 4), np.concatenate(alone[::-1]), atol=1e-5)


@pytest.mark.parametrize("size", [1, 3, 100])
def test_the_batch_size_does_not_matter_to_scores(toy_model, toy_documents, size):
    np.testing.assert_allclose(
        network.score(toy_model, toy_documents, size), network.score(toy_model, toy_documents, 4), atol=1e-5
    )


def test_a_score_is_the_mean_over_the_tokens_that_count(toy_model, toy_documents):
    document = max(toy_documents, key=lambda document: len(document.windows))
    tokens = []
    for encoded in document.encoded:
        ids = torch.as_tensor(encoded.input_ids)[None]
        with torch.no_grad():
            tokens.append(toy_model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits[0].numpy())
    owners = [encoded.owner for encoded in document.encoded]
    expected = windows.pool(document.windows, owners, tokens, len(document.labels))
    np.testing.assert_allclose(network.score(toy_model, [document], 2).reshape(expected.shape), expected, atol=1e-5)


def test_a_statement_longer_than_a_window_is_scored_once(toy_model, toy_encoder, book):
    long = Statement("the toll and the train " * 30, doc="d", meta={"document": "d", "file": "f"})
    short = Statement("Soup.", doc="d", meta={"document": "d", "file": "f"})
    documents = dataset.encode([Labelled(short, {}), Labelled(long, {}), Labelled(short, {})], toy_encoder, book.ids)
    assert len(documents[0].windows) > 2
    scores = network.score(toy_model, documents, 2)
    assert scores.shape == (3, 2, 4)
    assert np.isfinite(scores).all()


def test_scoring_leaves_the_model_in_the_mode_it_was_in(toy_model, toy_documents):
    model = copy.deepcopy(toy_model)
    for training in (True, False):
        model.train(training)
        network.score(model, toy_documents[:1], 1)
        assert model.training is training


def test_scoring_has_no_dropout(toy_model, toy_documents):
    model = copy.deepcopy(toy_model).train()
    assert np.array_equal(network.score(model, toy_documents, 4), network.score(toy_model, toy_documents, 4))


def test_outputs_are_named_by_issue_and_value(toy_model):
    names = [f"{issue}={value}" for issue in ("harbour_toll", "night_train") for value in VALUES]
    assert [toy_model.config.id2label[at] for at in range(8)] == names
    assert toy_model.config.label2id == {name: at for at, name in enumerate(names)}
    assert toy_model.classifier.out_features == 8


def test_the_recipes_dropout_reaches_the_network(make_recipe, tmp_path, book):
    model = network.build(make_recipe(tmp_path, "training.dropout=0.37"), book.ids)
    assert model.dropout.p == 0.37
    assert model.bert.embeddings.dropout.p == 0.37


def test_the_encoder_starts_from_the_bases_weights(toy_model, toy_base):
    from safetensors.torch import load_file

    base = load_file(toy_base / "model.safetensors")
    built = toy_model.bert.state_dict()
    shared = [name for name in base if name in built]
    assert len(shared) > 20
    assert all(torch.equal(base[name], built[name]) for name in shared)


def test_windows_longer_than_the_bases_positions_are_refused(make_recipe, tmp_path, book):
    with pytest.raises(ConfigError, match=r"^window\.tokens: .*128.*got 256$"):
        network.build(make_recipe(tmp_path, "window.tokens=256"), book.ids)


@pytest.mark.parametrize(
    "base",
    [
        "package:no_such_package_at_all/model",
        "package:no_such.package/model",
        "package:",
        "package:stancecraft/nowhere",
    ],
)
def test_a_base_that_is_not_there_is_one_line_that_names_it(base):
    with pytest.raises(ConfigError, match=r"^base: ") as caught:
        network.base_folder(base)
    assert len(caught.value.lines) == 1
    assert "\n" not in str(caught.value)


def test_a_hub_name_without_a_hub_is_one_line_that_names_it():
    with pytest.raises(ConfigError, match=r"^base: 'somebody/no-such-encoder'"):
        network.base_folder("somebody/no-such-encoder")


@pytest.mark.parametrize("missing", ["config.json", "tokenizer.json"])
def test_a_folder_that_lacks_a_file_is_no_base(toy_base, tmp_path, missing):
    folder = tmp_path / "base"
    shutil.copytree(toy_base, folder)
    (folder / missing).unlink()
    with pytest.raises(ConfigError, match=rf"^base: {folder} .*{missing}"):
        network.base_folder(str(folder))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("config.json", json.dumps({"model_type": "no-such-type"})),
        ("config.json", "{"),
        ("model.safetensors", "not tensors"),
        ("model.safetensors", None),
    ],
)
def test_a_base_that_cannot_be_loaded_is_one_line_that_names_it(make_recipe, toy_base, tmp_path, book, name, content):
    folder = tmp_path / "base"
    shutil.copytree(toy_base, folder)
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_text(content, "utf-8")
    with pytest.raises(ConfigError, match=r"^base: ") as caught:
        network.build(make_recipe(tmp_path, f"base={folder}"), book.ids)
    assert "\n" not in str(caught.value)
    assert str(folder) in str(caught.value)


def test_a_base_in_half_precision_is_trained_in_full(make_recipe, toy_base, tmp_path):
    half = shutil.copytree(toy_base, tmp_path / "half")
    weights = {name: tensor.half() for name, tensor in load_file(toy_base / "model.safetensors").items()}
    save_file(weights, half / "model.safetensors", metadata={"format": "pt"})
    recipe = make_recipe(tmp_path / "run", f"base={half}")
    model = network.build(recipe, ["harbour_toll"])
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}


def test_the_mean_of_networks_is_the_mean_of_their_weights(toy_model, tmp_path):
    first, second = copy.deepcopy(toy_model), copy.deepcopy(toy_model)
    for weights in second.parameters():
        weights.data += 1
    second.save_pretrained(tmp_path / "second")
    before = {name: weights.clone() for name, weights in first.state_dict().items()}
    network.average(first, [tmp_path / "second"])
    for name, weights in first.named_parameters():
        assert torch.allclose(weights, before[name] + 0.5, atol=1e-6), name
    network.average(first, [])
    for name, weights in first.named_parameters():
        assert torch.allclose(weights, before[name] + 0.5, atol=1e-6), name


def test_only_networks_of_the_same_shape_can_be_averaged(toy_model, tmp_path):
    with pytest.raises(ConfigError, match=r"export\.average: .*nothing: not the folder of a network"):
        network.average(copy.deepcopy(toy_model), [tmp_path / "nothing"])
    other = type(toy_model)(type(toy_model.config)(**(toy_model.config.to_dict() | {"intermediate_size": 8})))
    other.save_pretrained(tmp_path / "other")
    with pytest.raises(ConfigError, match="a network of another shape"):
        network.average(copy.deepcopy(toy_model), [tmp_path / "other"])
