"""Learning from what another network thinks."""

import json

import pytest

pytest.importorskip("torch")

import torch

from stancecraft.errors import ConfigError, DataError
from stancecraft.records import VALUES
from stancecraft_training import config, labelled, network, run, teach


def one_hot(labels):
    return torch.nn.functional.one_hot(labels, len(VALUES)).float()


def test_a_sure_teacher_is_a_label():
    torch.manual_seed(1)
    logits, labels = torch.randn(5, 2, 4), torch.randint(0, 4, (5, 2))
    told = network.taught_loss(logits, one_hot(labels))
    assert told.item() == pytest.approx(network.loss(logits, labels, torch.ones(4)).item(), abs=1e-6)


def test_where_nothing_is_told_nothing_is_learnt():
    logits = torch.randn(3, 2, 4, requires_grad=True)
    network.taught_loss(logits, torch.full((3, 2, 4), float("nan"))).backward()
    assert logits.grad.abs().sum() == 0


def test_what_is_told_of_some_moves_only_those():
    logits = torch.randn(3, 2, 4, requires_grad=True)
    taught = torch.full((3, 2, 4), float("nan"))
    taught[1, 0] = torch.tensor([0.7, 0.1, 0.1, 0.1])
    network.taught_loss(logits, taught).backward()
    moved = logits.grad.abs().sum(dim=-1) > 0
    assert moved.tolist() == [[False, False], [True, False], [False, False]]


def test_the_loss_is_least_where_student_and_teacher_agree():
    taught = torch.softmax(torch.randn(4, 2, 4), dim=-1)
    best = network.taught_loss(taught.log(), taught)
    for _ in range(5):
        assert network.taught_loss(taught.log() + torch.randn(4, 2, 4), taught) >= best


def write(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return [config.Source(path=path)]


def told(**probabilities):
    return {"harbour_toll": {"probabilities": probabilities}}


def test_saved_probabilities_are_read(tmp_path, book):
    sure = told(none=0.1, favor=0.6, against=0.2, neutral=0.1)
    [first, second] = labelled.read(
        write(
            tmp_path / "rows.jsonl",
            {"text": "a", "issues": sure},
            {"text": "b", "labels": {"harbour_toll": "favor"}, "issues": {}},
        ),
        book,
    )
    assert first.taught == {"harbour_toll": (0.1, 0.6, 0.2, 0.1)}
    assert first.labels == {}
    assert second.taught == {}


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        (told(none=0.5, favor=0.6, against=0.2, neutral=0.1), "expected a sum of 1, got 1.400"),
        (told(none=0.5, favor=0.5), "expected numbers for none, favor, against, neutral"),
        (told(none="much", favor=0.5, against=0.2, neutral=0.1), "expected numbers for"),
    ],
)
def test_probabilities_that_are_none_are_told(tmp_path, book, given, fault):
    with pytest.raises(DataError, match=fault):
        labelled.read(write(tmp_path / "rows.jsonl", {"text": "a", "issues": given}), book)


@pytest.fixture(scope="module")
def taught_run(make_recipe, tmp_path_factory):
    """A finished run that exports nothing."""
    recipe = make_recipe(tmp_path_factory.mktemp("teacher"), "training.epochs=1", "export.enabled=false")
    run.train(recipe, resume=False, tell=lambda line: None)
    return recipe


def test_a_run_that_exports_nothing_leaves_its_network(taught_run):
    assert (taught_run.output / run.BEST / "config.json").is_file()
    assert not (taught_run.output / run.MODEL).exists()


def test_a_teacher_writes_every_statement_in_order_with_labels_and_probabilities(taught_run, toy_rows, tmp_path):
    given, out = taught_run.data.sources[0].path, tmp_path / "taught.jsonl"
    teach.write([taught_run.output], [given], out, tell=lambda line: None)
    found = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [row["text"] for row in found] == [row["text"] for row in toy_rows]
    assert [row["labels"] for row in found] == [row["labels"] for row in toy_rows]
    for row in found:
        for issue in ("harbour_toll", "night_train"):
            assert sum(row["issues"][issue]["probabilities"].values()) == pytest.approx(1, abs=1e-3)


def test_several_teachers_are_averaged_and_one_twice_is_itself(taught_run, tmp_path):
    given = taught_run.data.sources[0].path
    once, twice = tmp_path / "once.jsonl", tmp_path / "twice.jsonl"
    teach.write([taught_run.output], [given], once, tell=lambda line: None)
    teach.write([taught_run.output] * 2, [given], twice, tell=lambda line: None)
    assert once.read_text("utf-8") == twice.read_text("utf-8")


def test_what_a_teacher_wrote_can_be_learnt_from(taught_run, make_recipe, tmp_path):
    out = tmp_path / "taught.jsonl"
    teach.write([taught_run.output], [taught_run.data.sources[0].path], out, tell=lambda line: None)
    recipe = make_recipe(tmp_path / "student", "training.epochs=1", "training.taught_weight=1.0")
    (tmp_path / "student" / "statements.jsonl").write_bytes(out.read_bytes())
    assert run.train(recipe, resume=False, tell=lambda line: None).is_dir()


def test_a_folder_that_is_no_run_does_not_teach(tmp_path):
    with pytest.raises(ConfigError, match="not a finished training run"):
        teach.write([tmp_path], [tmp_path], tmp_path / "out.jsonl", tell=lambda line: None)
    assert not (tmp_path / "out.jsonl").exists()


def test_labels_in_columns_are_carried_along_and_documents_of_one_name_stay_apart(taught_run, tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "talk.txt").write_text("MR. FENN: We reject the toll. I like the soup here.", "utf-8")
    (tmp_path / "rows.csv").write_text("text,harbour_toll,night_train\nWe support the toll.,favor,\n", "utf-8")
    out = tmp_path / "out" / "taught.jsonl"
    out.parent.mkdir()
    teach.write([taught_run.output], [tmp_path], out, tell=lambda line: None)
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [row["labels"] for row in rows if "labels" in row] == [{"harbour_toll": "favor"}]
    assert len({row["doc"] for row in rows if row.get("doc")}) == 2
    read = labelled.read([config.Source(path=out, unlisted="none")], run.read(taught_run)[0])
    assert [dict(row.labels) for row in read if row.labels] == [{"harbour_toll": "favor", "night_train": "none"}]
