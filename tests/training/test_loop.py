"""The training loop: learns, repeats itself exactly, goes on where it was killed."""

import json
import re
from dataclasses import replace

import pytest

pytest.importorskip("torch")

import numpy as np
import torch
from transformers import set_seed

from stancecraft.errors import ConfigError, DataError
from stancecraft_training import dataset, loop, network


@pytest.fixture(scope="module")
def train_rows(toy_labelled):
    first = list(dict.fromkeys(row.statement.doc for row in toy_labelled))[:9]
    return [row for row in toy_labelled if row.statement.doc in first]


@pytest.fixture(scope="module")
def dev_set(toy_documents):
    return toy_documents[9:]


@pytest.fixture
def fit(make_recipe, train_rows, toy_encoder, dev_set, book, tmp_path):
    """Train in a folder of the given name and return weights, log and lines of progress."""

    def run(folder, *settings, resume=False, kill_after=None):
        lines = []

        def tell(line):
            lines.append(line)
            if len(lines) == kill_after:
                raise KeyboardInterrupt

        recipe = make_recipe(tmp_path / folder, *settings)
        train_set = dataset.Packings(train_rows, toy_encoder, book.ids, recipe.training.packings)
        try:
            model, log = loop.fit(
                recipe, book.ids, train_set, dev_set, checkpoints=tmp_path / folder / "checkpoints", resume=resume,
                tell=tell,
            )  # fmt: skip
        except KeyboardInterrupt:
            assert kill_after, "nobody interrupted this"
            return None, None, lines
        return model, log, lines

    return run


def same(one, two):
    before, after = one.state_dict(), two.state_dict()
    assert before.keys() == after.keys()
    return all(torch.equal(before[name], after[name]) for name in before)


def last_weights(checkpoints):
    from safetensors.torch import load_file

    last = max(checkpoints.glob("checkpoint-*"), key=lambda path: int(path.name.rpartition("-")[2]))
    return load_file(last / "model.safetensors")


def test_it_overfits_eight_examples(make_recipe, toy_labelled, toy_encoder, book, tmp_path):
    few = [row for row in toy_labelled if row.statement.doc in ("debate-1", "debate-2")]
    documents = dataset.encode(few, toy_encoder, book.ids)
    assert len(few) == 8
    recipe = make_recipe(
        tmp_path, "training.epochs=40", "training.patience=40", "training.learning_rate=0.005", "training.dropout=0",
        "training.batch_windows=1",
    )  # fmt: skip
    train_set = dataset.Packings(few, toy_encoder, book.ids, 1)
    model, _ = loop.fit(
        recipe, book.ids, train_set, documents, checkpoints=tmp_path / "c", resume=False, tell=lambda _: None
    )
    assert set(loop.dev_figures(network.score(model, documents, 8), documents, book.ids).values()) == {1.0}


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(fit):
    one, first_log, _ = fit("one")
    torch.manual_seed(987)  # what happened before in the process must not matter
    np.random.seed(987)
    two, second_log, _ = fit("two")
    other, _, _ = fit("other", "training.seed=8")
    assert same(one, two)
    assert first_log == second_log
    assert not same(one, other)


@pytest.mark.parametrize(("epoch", "packings"), [(2, 1), (4, 1), (2, 3), (4, 3)])
def test_killed_and_resumed_gives_exactly_the_weights_of_the_unbroken_run(fit, tmp_path, epoch, packings):
    settings = ("training.epochs=5", "training.patience=5", f"training.packings={packings}")
    unbroken, log, _ = fit("unbroken", *settings)
    killed, _, lines = fit("killed", *settings, kill_after=epoch)
    assert killed is None
    assert len(lines) == epoch
    resumed, resumed_log, lines = fit("killed", *settings, resume=True)
    assert lines[0].startswith(f"epoch {epoch}/5:")
    assert same(unbroken, resumed)
    assert log == resumed_log
    # The best epoch may lie before the kill; the last one never does.
    last, other = (last_weights(tmp_path / name / "checkpoints") for name in ("unbroken", "killed"))
    assert all(torch.equal(last[name], other[name]) for name in last)


def test_a_resumed_run_loses_patience_in_the_same_epoch_as_the_unbroken_one(fit):
    # So small a step changes no decision: no epoch is better than the first.
    settings = ("training.epochs=8", "training.patience=2", "training.learning_rate=1e-12")
    _, log, _ = fit("unbroken", *settings)
    assert len(log) == 3
    fit("killed", *settings, kill_after=3)
    _, resumed_log, _ = fit("killed", *settings, resume=True)
    assert resumed_log == log


@pytest.mark.parametrize(
    "settings", [(), ("training.epochs=8", "training.patience=1", "training.learning_rate=1e-12")],
    ids=["to the last epoch", "out of patience"],
)  # fmt: skip
def test_a_finished_run_that_is_resumed_stays_as_it_is(fit, settings):
    one, log, _ = fit("run", *settings)
    two, again, lines = fit("run", *settings, resume=True)
    assert same(one, two)
    assert again == log
    assert lines == []


def test_nothing_is_written_to_standard_output(fit, capfd):
    fit("run")
    assert capfd.readouterr().out == ""


def test_every_epoch_is_one_line_of_progress_and_one_entry_of_the_log(fit):
    _, log, lines = fit("run")
    assert [re.match(r"epoch (\d+)/3: loss \d", line).group(1) for line in lines] == ["1", "2", "3"]
    assert [entry["epoch"] for entry in log] == [1, 2, 3]
    for entry, line in zip(log, lines, strict=True):
        assert f"both_f1 {entry['eval_both_f1']:.3f}" in line
    assert json.loads(json.dumps(log)) == log


def test_the_epoch_that_is_best_on_dev_is_kept(fit, dev_set, book):
    model, log, _ = fit("run", "training.epochs=8", "training.patience=8", "training.learning_rate=0.01")
    figures = [entry["eval_both_f1"] for entry in log]
    assert len(set(figures)) > 1, "epochs that are all alike would prove nothing"
    found = loop.dev_figures(network.score(model, dev_set, 4), dev_set, book.ids)
    assert found["both_f1"] == pytest.approx(max(figures), abs=1e-9)


def test_training_stops_when_patience_is_lost(fit):
    _, log, _ = fit("run", "training.epochs=8", "training.patience=1", "training.learning_rate=1e-12")
    assert len(log) == 2


def test_the_model_comes_back_in_evaluation_mode_on_the_processor(fit):
    model, _, _ = fit("run", "training.epochs=1")
    assert not model.training
    assert model.device.type == "cpu"
    assert {tensor.dtype for tensor in model.parameters()} == {torch.float32}


def test_bf16_training_gives_a_network_in_fp32(fit):
    model, _, _ = fit("run", "training.epochs=1", "training.precision=bf16")
    assert {tensor.dtype for tensor in model.parameters()} == {torch.float32}
    ids = torch.ones(1, 4, dtype=torch.long)
    assert model(input_ids=ids, attention_mask=ids).logits.dtype == torch.float32


def test_at_most_the_best_and_the_last_checkpoint_are_kept(fit, tmp_path):
    fit("run", "training.epochs=4", "training.patience=4")
    assert 1 <= len(list((tmp_path / "run" / "checkpoints").glob("checkpoint-*"))) <= 2


def test_a_loss_that_is_no_number_stops_with_one_line(fit):
    with pytest.raises(DataError, match=r"^the loss is (nan|inf) at step \d+: lower the learning rate") as caught:
        fit("run", "training.learning_rate=1e30", "training.warmup=0")
    assert len(caught.value.lines) == 1
    assert "there was no checkpoint yet" in str(caught.value)


def test_a_loss_that_is_no_number_names_the_batch_and_leaves_the_last_good_checkpoint(fit, tmp_path, monkeypatch):
    batches, calls, real_batch, real_loss = [], [], dataset.collate, network.loss

    def collate(batch):
        batches.extend([[one["source"] for one in batch]] if "source" in batch[0] else [])
        return real_batch(batch)

    def loss(logits, labels, weights):
        calls.append(labels)
        return real_loss(logits, labels, weights) * (float("nan") if len(calls) == 7 else 1)

    monkeypatch.setattr(dataset, "collate", collate)
    with monkeypatch.context() as patched:
        patched.setattr(network, "loss", loss)
        with pytest.raises(DataError) as caught:
            fit("run")
    (line,) = caught.value.lines
    step = int(re.search(r"at step (\d+)", line).group(1))
    assert step == 7
    for first, last, document in batches[step - 1]:
        assert f"{document} ({first})" in line or f"{document} ({first} to {last})" in line
    (kept,) = (tmp_path / "run" / "checkpoints").iterdir()
    assert f"{kept.name} is kept, --resume goes on from it" in line
    resumed, _, lines = fit("run", resume=True)
    unbroken, _, _ = fit("unbroken")
    assert lines[0].startswith("epoch 2/3")
    assert same(resumed, unbroken)


def test_scores_that_are_no_numbers_are_not_saved_over_the_last_good_checkpoint(fit, tmp_path, monkeypatch):
    real, calls = network.score, []

    def score(*given):
        calls.append(given)
        return real(*given) * (np.nan if len(calls) == 2 else 1)

    monkeypatch.setattr(network, "score", score)
    with pytest.raises(DataError, match=r"^the network's scores on dev are not numbers after step \d+") as caught:
        fit("run")
    (kept,) = (tmp_path / "run" / "checkpoints").iterdir()
    assert f"{kept.name} is kept" in str(caught.value)


def test_nothing_to_resume_is_refused_with_one_line(fit, tmp_path):
    with pytest.raises(ConfigError, match="no checkpoint to resume from") as caught:
        fit("run", resume=True)
    assert str(tmp_path / "run" / "checkpoints") in str(caught.value)


def test_class_weights_reach_the_loss(fit):
    plain, _, _ = fit("plain", "training.epochs=1")
    weighted, _, _ = fit("weighted", "training.epochs=1", "training.class_weights.favor=20")
    assert not same(plain, weighted)


def test_an_issue_that_nobody_labelled_is_not_learnt(make_recipe, train_rows, toy_encoder, dev_set, book, tmp_path):
    first = book.ids[0]
    blind = [replace(row, labels={first: row.labels[first]}) for row in train_rows]
    recipe = make_recipe(tmp_path, "training.weight_decay=0", "training.epochs=1")
    train_set = dataset.Packings(blind, toy_encoder, book.ids, 1)
    model, _ = loop.fit(
        recipe, book.ids, train_set, dev_set, checkpoints=tmp_path / "c", resume=False, tell=lambda _: None
    )
    set_seed(recipe.training.seed)
    fresh = network.build(recipe, book.ids)
    before, after = (one.classifier.weight.view(2, 4, -1) for one in (fresh, model))
    assert torch.equal(before[1], after[1])
    assert not torch.equal(before[0], after[0])


def test_dev_figures_leave_absent_labels_out(dev_set, book):
    count = sum(len(document.labels) for document in dev_set)
    logits = np.zeros((count, 2, 4), dtype=np.float32)
    for at, labels in enumerate(np.concatenate([document.labels for document in dev_set])):
        logits[at, range(2), labels] = 9
    perfect = {"about_f1": 1.0, "both_f1": 1.0, "stance_macro_f1": 1.0}
    assert loop.dev_figures(logits, dev_set, book.ids) == perfect
    logits[:, 1] = [0, 0, 9, 0]  # wrong nearly everywhere, where nobody looked
    first = [replace(one, labels=np.where([True, False], one.labels, dataset.IGNORED)) for one in dev_set]
    assert loop.dev_figures(logits, first, book.ids) == perfect
    assert loop.dev_figures(logits, dev_set, book.ids) != perfect


def test_frozen_embeddings_stay_those_of_the_base(fit, make_recipe, book, tmp_path):
    frozen, _, _ = fit("frozen", "training.freeze_embeddings=true")
    free, _, _ = fit("free")
    before = network.build(make_recipe(tmp_path / "base"), book.ids).get_input_embeddings().weight
    assert torch.equal(frozen.get_input_embeddings().weight, before)
    assert not torch.equal(free.get_input_embeddings().weight, before)


def test_other_cuts_teach_otherwise(fit):
    one, _, _ = fit("one")
    two, _, _ = fit("two", "training.packings=2")
    assert not same(one, two)
