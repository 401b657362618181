"""The exported folder: what users load decides as the network does, alone or in company, and without torch."""

import json
import logging
import shutil
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest

pytest.importorskip("torch")

import numpy as np
import torch

import stancecraft
from stancecraft import artifact, codebook, policy
from stancecraft.artifact import LAYOUT, MANIFEST
from stancecraft.errors import ConfigError, ModelError
from stancecraft.policy import Thresholds
from stancecraft.records import VALUES
from stancecraft.scorer import TextEncoder
from stancecraft_training import calibrate, dataset, evaluations, export, loop, network
from stancecraft_training.export import Parity, Trained

WITHOUT_TORCH = """
import json, sys
import stancecraft
found = stancecraft.load(sys.argv[1]).predict(["We support the toll.", "The soup is hot."])
for name in ("torch", "transformers", "datasets", "pydantic", "stancecraft_training"):
    assert name not in sys.modules, name
print(json.dumps([{issue: one.stance for issue, one in p.positions.items()} for p in found]))
"""


def window_ids(documents):
    return [encoded.input_ids for document in documents for encoded in document.encoded]


@pytest.fixture(scope="module")
def trained(make_recipe, toy_labelled, toy_encoder, toy_documents, book, tmp_path_factory):
    """A network that knows the toy statements by heart, calibrated, with all that an export needs."""
    folder = tmp_path_factory.mktemp("trained")
    recipe = make_recipe(folder, "training.epochs=20", "training.learning_rate=0.006", "export.weights=true")
    train_set = dataset.Packings(toy_labelled, toy_encoder, book.ids, 1)
    model, _ = loop.fit(
        recipe, book.ids, train_set, toy_documents, checkpoints=folder / "checkpoints", resume=False,
        tell=lambda _: None,
    )  # fmt: skip
    labels = np.concatenate([document.labels for document in toy_documents])
    calibration = calibrate.fit(network.score(model, toy_documents, 4), labels, recipe.calibration.penalty)
    calibrate.fold(model, calibration)
    thresholds = {issue: Thresholds(about=0.45) for issue in book.ids}
    return Trained(
        recipe, book, model, calibration, thresholds, {"statements.jsonl": "0" * 64}, window_ids(toy_documents)
    )


@pytest.fixture(scope="module")
def folder(trained, tmp_path_factory):
    """The exported folder; tests that change it take a copy."""
    folder = tmp_path_factory.mktemp("exported") / "model"
    export.write(trained, folder)
    return folder


@pytest.fixture(scope="module")
def statements(toy_labelled):
    return [row.statement for row in toy_labelled]


@pytest.fixture(scope="module")
def logits(trained, toy_documents):
    """The network's own logits of all toy statements."""
    return network.score(trained.model, toy_documents, 4)


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def shares(predictions):
    return np.asarray([[[one.probabilities[v] for v in VALUES] for one in p.positions.values()] for p in predictions])


def test_the_folder_holds_its_layout_and_nothing_lies_beside_it(folder):
    expected = {MANIFEST, "model.safetensors", *asdict(LAYOUT).values()}
    assert {path.as_posix() for path in contents(folder)} == expected
    assert list(folder.parent.iterdir()) == [folder]


def test_the_folder_loads_and_predicts_without_torch(folder):
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH, str(folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    here = stancecraft.load(folder).predict(["We support the toll.", "The soup is hot."])
    assert json.loads(done.stdout) == [
        {issue: one.stance for issue, one in prediction.positions.items()} for prediction in here
    ]


def test_a_prediction_does_not_depend_on_which_other_documents_are_predicted(folder, statements):
    model = stancecraft.load(folder)
    together = {one.statement.id: one.positions for one in model.predict(statements)}
    backwards = {}
    documents = list(dict.fromkeys(statement.doc for statement in statements))
    for doc in reversed(documents):
        own = [statement for statement in statements if statement.doc == doc]
        for one in model.predict(own):
            assert one.positions == together[one.statement.id]
        backwards[doc] = own
    for one in model.predict([statement for own in backwards.values() for statement in own]):
        assert one.positions == together[one.statement.id]


def test_the_number_of_threads_does_not_matter(folder, statements):
    one, four = (stancecraft.load(folder, threads=threads).predict(statements) for threads in (1, 4))
    assert one == four


def test_the_exported_graph_is_near_the_network(folder, statements, logits):
    found = export.parity(logits, statements, folder)
    assert found.decisions > 10, "a network that decides nothing would prove nothing"
    assert 0 < found.largest_difference < 0.1


def test_a_decision_flips_only_where_the_network_was_near_a_tie(folder, statements, logits, trained):
    shown = export.parity(logits, statements, folder).largest_difference
    rows, exported = policy.probabilities(logits), stancecraft.load(folder).predict(statements)
    for row, prediction in zip(rows, exported, strict=True):
        decided = policy.decide(row, trained.codebook.ids, trained.thresholds)
        for (issue, position), values in zip(decided.items(), row, strict=True):
            if position.stance != prediction.positions[issue].stance:
                first, second = sorted(values[1:])[:-3:-1]
                from_threshold = abs(position.about - trained.thresholds[issue].about)
                assert min(first - second, from_threshold) <= 2 * shown + 1e-6


def test_parity_counts_decisions_and_flips(folder, statements):
    own = np.log(shares(stancecraft.load(folder).predict(statements))).astype(np.float32)
    same = export.parity(own, statements, folder)
    assert same.flips == 0
    assert same.largest_difference < 1e-6
    other = own.copy()
    other[0, 0] = np.log([0.001, 0.001, 0.001, 0.997])  # the chair's greeting, about the toll
    assert stancecraft.load(folder).predict(statements[:1])[0].positions["harbour_toll"].stance != "neutral"
    flipped = export.parity(other, statements, folder)
    assert flipped.flips == 1
    assert flipped.decisions in (same.decisions, same.decisions + 1)
    assert flipped.largest_difference > 0.5


def test_parity_uses_the_folders_own_thresholds(folder, statements, trained):
    assert artifact.load(folder).thresholds == trained.thresholds
    own = np.log(shares(stancecraft.load(folder).predict(statements))).astype(np.float32)
    decided = [policy.decide(row, trained.codebook.ids, trained.thresholds) for row in policy.probabilities(own)]
    expected = sum(position.is_about for positions in decided for position in positions.values())
    assert export.parity(own, statements, folder).decisions == expected


@pytest.mark.parametrize(
    ("found", "share"), [(Parity(200, 3, 0.1), 0.015), (Parity(0, 0, 0.0), 0.0), (Parity(4, 4, 1.0), 1.0)]
)
def test_the_share_of_flips_is_of_the_decisions(found, share):
    assert found.share == share
    assert found.to_data() == {
        "decisions": found.decisions, "flips": found.flips, "largest_difference": found.largest_difference,
        "share": share,
    }  # fmt: skip


def test_an_export_that_decides_differently_is_refused_with_the_numbers():
    with pytest.raises(ModelError) as caught:
        export.require(Parity(200, 3, 0.1), 0.01)
    (line,) = caught.value.lines
    for part in ("3 of 200", "1.5%", "1.0%", "export.max_flips"):
        assert part in line


def test_as_many_flips_as_are_allowed_are_allowed():
    export.require(Parity(200, 2, 0.1), 0.01)
    export.require(Parity(0, 0, 0.0), 0.0)
    with pytest.raises(ModelError):
        export.require(Parity(200, 1, 0.1), 0.0)


def test_a_failing_export_leaves_the_older_folder_untouched(trained, tmp_path):
    older = tmp_path / "model"
    (older / "onnx").mkdir(parents=True)
    (older / MANIFEST).write_text("{}", "utf-8")
    (older / "onnx" / "graph").write_text("older", "utf-8")
    before = contents(older)
    broken = replace(trained, recipe=trained.recipe.model_copy(update={"base": "package:no_such_package_at_all/x"}))
    with pytest.raises(ConfigError):
        export.write(broken, older)
    assert contents(older) == before
    assert list(tmp_path.iterdir()) == [older]


def test_an_export_that_fails_at_its_end_leaves_the_older_folder_untouched(trained, tmp_path):
    older = tmp_path / "model"
    older.mkdir()
    (older / MANIFEST).write_text("{}", "utf-8")
    unwritable = replace(trained, data={"statements.jsonl": object()})
    with pytest.raises(TypeError):
        export.write(unwritable, older)
    assert contents(older) == {Path(MANIFEST): b"{}"}
    assert list(tmp_path.iterdir()) == [older]


def test_an_export_replaces_the_older_folder_whole_and_leaves_nothing_anywhere(
    trained, folder, tmp_path, capfd, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    older = tmp_path / "deep" / "model"
    older.mkdir(parents=True)
    (older / "left-over.bin").write_text("older", "utf-8")
    disabled = logging.root.manager.disable
    # Weights are left out unless they are asked for.
    changed = {"version": "0.3.0", "export": trained.recipe.export.model_copy(update={"weights": False})}
    export.write(replace(trained, recipe=trained.recipe.model_copy(update=changed)), older)
    assert capfd.readouterr().out == ""
    assert logging.root.manager.disable == disabled
    assert contents(older).keys() == contents(folder).keys() - {Path("model.safetensors")}
    assert [path.relative_to(tmp_path).as_posix() for path in sorted(tmp_path.rglob("*")) if path.is_dir()] == [
        "deep", "deep/model", "deep/model/onnx"
    ]  # fmt: skip
    assert artifact.load(older).model == "toy 0.3.0"


def test_exporting_does_not_change_the_network(trained, folder, toy_documents, logits):
    assert not trained.model.training
    assert np.array_equal(network.score(trained.model, toy_documents, 4), logits)


def test_labels_in_the_configuration_are_named_by_issue_and_value(folder):
    names = [f"{issue}={value}" for issue in ("harbour_toll", "night_train") for value in VALUES]
    given = json.loads((folder / LAYOUT.config).read_text("utf-8"))
    assert given["id2label"] == {str(at): name for at, name in enumerate(names)}
    assert given["label2id"] == {name: at for at, name in enumerate(names)}


def test_plain_transformers_builds_the_network_from_the_configuration(folder, trained):
    from transformers import AutoConfig, AutoModelForTokenClassification

    built = AutoModelForTokenClassification.from_config(AutoConfig.from_pretrained(folder))
    expected = {name: tensor.shape for name, tensor in trained.model.state_dict().items()}
    assert {name: tensor.shape for name, tensor in built.state_dict().items()} == expected
    assert built.config.id2label[1] == "harbour_toll=favor"


def test_plain_transformers_loads_weights_and_tokenizer_and_scores_the_same(folder, trained, toy_encoder):
    from transformers import AutoModelForTokenClassification, AutoTokenizer

    text = "We support the toll, and we refuse the night train."
    model, tokenizer = AutoModelForTokenClassification.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    inputs = tokenizer(text, return_tensors="pt")
    assert inputs["input_ids"][0, 1:-1].tolist() == toy_encoder.tokens([text])[0].tolist()
    with torch.no_grad():
        found = model.float()(**inputs).logits
        expected = trained.model(**inputs).logits
    assert torch.allclose(found, expected, atol=0.05)


def test_the_graph_takes_ids_and_mask_and_gives_logits_per_token(folder):
    import onnxruntime

    session = onnxruntime.InferenceSession(str(folder / LAYOUT.graph), providers=["CPUExecutionProvider"])
    assert [one.name for one in session.get_inputs()] == ["input_ids", "attention_mask"]
    assert [one.name for one in session.get_outputs()] == ["logits"]
    for shape in ((1, 1), (1, 2), (1, 128), (3, 7)):
        ids = np.ones(shape, dtype=np.int64)
        (logits,) = session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        assert logits.shape == (*shape, 8)


def arrays_of(folder):
    import onnx

    return [onnx.numpy_helper.to_array(one) for one in onnx.load(folder / LAYOUT.graph).graph.initializer]


def holds(arrays, matrix):
    wanted = (matrix, matrix.T)
    return any(array.shape == one.shape and np.array_equal(array, one) for array in arrays for one in wanted)


def test_the_head_stays_in_fp32_and_the_encoder_does_not(folder, trained):
    arrays = arrays_of(folder)
    assert holds(arrays, trained.model.classifier.weight.detach().numpy())
    encoder = [layer.weight.detach().numpy() for layer in trained.model.bert.modules()
               if isinstance(layer, torch.nn.Linear)]  # fmt: skip
    assert len(encoder) == 12
    assert not any(holds(arrays, matrix) for matrix in encoder)
    assert sum(one.size for one in arrays if one.dtype == np.int8) >= sum(matrix.size for matrix in encoder)


def test_the_head_stays_in_fp32_however_many_issues_there_are(trained, toy_documents, tmp_path):
    many = codebook.parse(
        {"issues": [dict(asdict(trained.codebook.issues[0]), id=f"issue_{at}") for at in range(20)]}, "many"
    )
    model = network.build(trained.recipe, many.ids).eval()
    calibration = calibrate.Calibration((1.0,) * 20, ((0.0,) * 4,) * 20)
    thresholds = dict.fromkeys(many.ids, Thresholds())
    wide = Trained(trained.recipe, many, model, calibration, thresholds, {}, window_ids(toy_documents[:2]))
    export.write(wide, tmp_path / "model")
    assert holds(arrays_of(tmp_path / "model"), model.classifier.weight.detach().numpy())


def test_neighbours_in_a_batch_do_not_matter_to_the_graph(folder, toy_documents):
    import onnxruntime

    session = onnxruntime.InferenceSession(str(folder / LAYOUT.graph), providers=["CPUExecutionProvider"])
    batch = dataset.collate(dataset.examples(toy_documents)[:6])
    names = ("input_ids", "attention_mask")
    (together,) = session.run(None, {name: batch[name].numpy() for name in names})
    for at, length in enumerate(batch["attention_mask"].sum(1).tolist()):
        (alone,) = session.run(None, {name: batch[name][at : at + 1, :length].numpy() for name in names})
        np.testing.assert_allclose(together[at, :length], alone[0], atol=1e-4)


def test_the_manifest_tells_what_was_trained(folder, trained):
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    assert (manifest["name"], manifest["version"]) == ("toy", "0.2.0")
    assert manifest["stancecraft"] == stancecraft.__version__
    assert manifest["issues"] == list(trained.codebook.ids)
    assert manifest["calibration"]["applied"] is True
    assert manifest["calibration"]["scale"] == list(trained.calibration.scale)
    assert manifest["training"]["data"] == trained.data
    assert manifest["window"]["tokens"] == trained.recipe.window.tokens


def test_the_folder_carries_its_own_codebook_and_windows(folder, trained, book):
    loaded = artifact.load(folder)
    assert loaded.codebook == book
    assert loaded.window == network.plan(trained.recipe)


def test_a_recorded_evaluation_is_in_the_folder_which_still_loads(trained, folder, tmp_path):
    copied = tmp_path / "model"
    shutil.copytree(folder, copied)
    evaluations.record(copied, {"dev": {"f1": 0.5}, "note": "é"})
    assert json.loads((copied / LAYOUT.evaluation).read_text("utf-8")) == {"dev": {"f1": 0.5}, "note": "é"}
    assert artifact.load(copied).codebook == trained.codebook
    before, after = (contents(one) for one in (folder, copied))
    changed = {path.as_posix() for path in before if before[path] != after[path]}
    assert changed == {LAYOUT.evaluation, MANIFEST}


def test_statements_are_packed_as_in_training(folder, toy_labelled, toy_documents, book):
    encoder = TextEncoder.from_file(folder / LAYOUT.tokenizer, artifact.load(folder).window)
    for one, two in zip(dataset.encode(toy_labelled, encoder, book.ids), toy_documents, strict=True):
        assert one.windows == two.windows
        assert all(np.array_equal(a.input_ids, b.input_ids) for a, b in zip(one.encoded, two.encoded, strict=True))
