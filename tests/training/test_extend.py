"""A model is taught one issue more: what it knew is kept, what nobody judged is not learnt, and both are measured."""

import json
import shutil

import numpy as np
import pytest
import yaml

pytest.importorskip("torch")

import torch

import stancecraft
from stancecraft import artifact
from stancecraft.codebook import parse
from stancecraft.errors import ConfigError, DataError, ModelError
from stancecraft.records import Statement
from stancecraft_training import (
    config,
    dataset,
    extend,
    extend_curve,
    extend_data,
    extend_head,
    extend_report,
    merging,
    network,
    run,
    sheets,
)
from stancecraft_training.extend_curve import Point
from stancecraft_training.labelled import Labelled
from stancecraft_training.split import Splits

HORN = {
    "id": "fog_horn",
    "title": "Fog horn",
    "proposition": "The fog horn of Velm should sound at night.",
    "favor": "Wants the horn.",
    "against": "Wants silence.",
    "neutral": "Facts and questions about the horn.",
}
TURNS = [
    ("MIRA TAN", "The horn must sound, and we support the horn.", "favor"),
    ("QUESTION", "Is the horn in the report?", "neutral"),
    ("ODO FENN", "We reject the horn.", "against"),
    ("MIRA TAN", "Let us speak of schools and of lunch.", "none"),
    ("LISE BRANDT", "We welcome the horn on any day.", "favor"),
]


def quiet(_):
    pass


@pytest.fixture(scope="module")
def known(make_recipe, tmp_path_factory):
    """The recipe of a small model that knows two issues, and its folder."""
    recipe = make_recipe(tmp_path_factory.mktemp("known"), "export.weights=true")
    return recipe, run.train(recipe, resume=False, tell=quiet)


@pytest.fixture(scope="module")
def six(known):
    """The two issues, and the new one."""
    data = artifact.load(known[1]).codebook.to_data()
    return parse({"issues": [*data["issues"], HORN]}, "six")


@pytest.fixture(scope="module")
def nights(tmp_path_factory):
    """A folder with invented texts and the new issue's labels of them, made by sheets as people make them."""
    folder, horn = tmp_path_factory.mktemp("nights"), parse({"issues": [HORN]}, "horn")
    (folder / "texts").mkdir()
    values = {words: value for _, words, value in TURNS}
    for number in range(8):
        turns = TURNS[number % 5 :] + TURNS[: number % 5]
        text = "\n\n".join(f"{speaker}: {words}" for speaker, words, _ in turns)
        (folder / "texts" / f"night-{number}.txt").write_text(text + "\n", "utf-8")
        sheet = folder / f"night-{number}.jsonl"
        sheets.write(folder / "texts" / f"night-{number}.txt", sheet, horn)
        rows = [json.loads(line) for line in sheet.read_text("utf-8").splitlines()]
        rows = [row | {"fog_horn": values[row["text"]]} for row in rows]
        sheet.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    merging.merge(
        sorted(folder.glob("night-*.jsonl")), folder / "texts", folder / "labels", horn, annotator="me", reading=1,
    )  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def make_extension(known, six, nights, tmp_path_factory):
    """Write a recipe that extends the small model, with overrides, in a folder of its own."""

    def make(*settings):
        folder = tmp_path_factory.mktemp("extension")
        recipe, model = known
        shutil.copytree(nights, folder, dirs_exist_ok=True)
        places = dict.fromkeys(range(8), "train") | {0: "test", 1: "test", 2: "dev"}
        lines = "".join(f"night-{number},{name}\n" for number, name in places.items())
        (folder / "splits.csv").write_text("doc,split\n" + lines, "utf-8")
        (folder / "issues.yaml").write_text(yaml.safe_dump(six.to_data()), "utf-8")
        data = yaml.safe_load(config.dump(recipe)) | {
            "name": "toy-horn", "issues": "issues.yaml", "base": str(model), "output": "run",
            "extend": {
                "issue": "fog_horn", "annotations": "labels", "texts": "texts", "split": {"file": "splits.csv"},
                "most_lost": 1.0, "context": 2,
            },
        }  # fmt: skip
        data["training"] |= {"epochs": 1, "learning_rate": 1e-4, "taught_weight": 1.0}
        (folder / "extend.yaml").write_text(yaml.safe_dump(data), "utf-8")
        return config.load(folder / "extend.yaml", settings)

    return make


@pytest.fixture(scope="module")
def extended(make_extension):
    """A finished extension, its recipe and what it told."""
    recipe, lines = make_extension("extend.curve=[4, 12, 24, 30, 900]"), []
    assert extend.train(recipe, resume=False, tell=lines.append) == recipe.output / "model"
    return recipe, lines


def test_the_model_knows_the_new_issue_behind_the_old_ones(extended, six):
    model = stancecraft.load(extended[0].output / "model")
    assert model.codebook == six
    assert list(model.predict(["We support the horn."])[0].positions) == list(six.ids)


def test_the_widened_network_has_the_old_ones_weights_to_the_last_bit(known, extended):
    before = extend_head.load(known[1]).state_dict()
    after = extend_head.load(extended[0].output / extend.WIDENED).state_dict()
    assert before.keys() == after.keys()
    for name, tensor in before.items():
        assert torch.equal(after[name][: len(tensor)], tensor), name
    assert len(after["classifier.bias"]) == len(before["classifier.bias"]) + 4


def test_old_outputs_of_the_widened_network_are_those_of_the_old_one(known, extended, toy_documents):
    old = network.score(extend_head.load(known[1]), toy_documents, 4)
    new = network.score(extend_head.load(extended[0].output / extend.WIDENED), toy_documents, 4)
    assert new.shape == (len(old), 3, 4)
    np.testing.assert_allclose(new[:, :2], old, atol=1e-5)


def test_new_outputs_are_the_fitted_head_on_the_frozen_networks_features(known, extended):
    """What the curve computes from features is what the widened network answers."""
    recipe, (_, splits) = known[0], run.read(extended[0])
    seen = extend_head.features(extend_head.load(known[1]), known[1], recipe, splits.train, "fog_horn")
    weight, bias = extend_head.fit(seen.hidden, seen.classes, seen.groups)
    rows = [row for row in splits.train if "fog_horn" in row.labels]
    assert [row.statement.id for row in rows] == seen.ids
    documents = dataset.encode(rows, network.encoder(recipe), ["fog_horn"])
    new = network.score(extend_head.load(extended[0].output / extend.WIDENED), documents, 4)[:, 2]
    np.testing.assert_allclose(new, seen.hidden @ weight.T + bias, atol=1e-3)


def test_what_was_kept_is_measured_with_what_users_run_and_told(extended, known):
    recipe, lines = extended
    report = json.loads((recipe.output / extend.REPORT).read_text("utf-8"))
    again = extend_report.kept(known[1], known[1], run.read(recipe)[1].test, ("harbour_toll", "night_train"), 0.01)
    assert again["before"] == again["after"] == report["before"]
    assert again["lost"] == 0
    assert not again["lost_too_much"]
    assert report["lost"] == pytest.approx(report["before"] - report["after"])
    assert sum(report["new"]["values"].values()) == report["new"]["statements"] == 10
    # Of ten statements two are none, four favor: "favor" everywhere finds 4 of 8 with 10 answers.
    assert report["new"]["constant"] == pytest.approx(2 * 4 / (10 + 8), abs=1e-4)
    assert any(line.startswith("kept: all old issues: F1") for line in lines)


def test_points_of_the_curve_that_there_are_no_labels_for_are_told_and_left_out(extended):
    recipe, lines = extended
    report = json.loads((recipe.output / extend.REPORT).read_text("utf-8"))
    assert [point["labels"] for point in report["curve"]] == [4, 12, 24, 30]
    assert report["curve"][-1]["spread"] == 0  # all there are: every draw is the same
    assert "curve: 900 labels: left out, there are 30" in lines
    assert any(line.startswith("outlook: ") for line in lines)


def test_losing_more_than_allowed_is_an_error_that_keeps_the_folder(make_extension, extended, monkeypatch):
    measured = extend_report.kept

    def worse(*given):
        return measured(*given) | {"after": 0.1, "lost": 0.4, "lost_too_much": True}

    def finished(recipe, **_):  # what a training run leaves behind; one has run already
        return shutil.copytree(extended[0].output / "model", recipe.output / "model")

    monkeypatch.setattr(extend_report, "kept", worse)
    monkeypatch.setattr(extend.run, "train", finished)
    recipe, lines = make_extension(), []
    with pytest.raises(ModelError, match="lost 0.400 of F1 on test, 1.0 is allowed"):
        extend.train(recipe, resume=False, tell=lines.append)
    assert any("MORE THAN ALLOWED" in line for line in lines)
    assert (recipe.output / "model" / artifact.MANIFEST).is_file()
    assert json.loads((recipe.output / extend.REPORT).read_text("utf-8"))["lost_too_much"]


@pytest.mark.parametrize(("most", "too_much"), [(0.0, False), (-0.001, True)])
def test_a_model_loses_nothing_against_itself(known, most, too_much):
    _, splits = run.read(known[0])
    told = extend_report.kept(known[1], known[1], splits.test, ("harbour_toll", "night_train"), most)
    assert (told["lost"], told["lost_too_much"]) == (0, too_much)
    assert told["interval"] == [0, 0]
    assert all(one["before"] == one["after"] for one in told["issues"].values())


def test_labels_that_are_all_alike_give_no_point(make_extension):
    recipe, lines = make_extension("extend.curve=[1, 24]"), []
    plan = recipe.extend.model_copy(update={"model": extend.model_folder(recipe)})
    recipe = recipe.model_copy(update={"extend": plan})
    points = extend._curve(recipe, *run.read(extend._read_as(recipe, recipe.base)), lines.append)
    assert [point.labels for point in points] == [24]
    assert lines[0] == "curve: 1 labels: left out, those to learn from are all alike"


def test_a_row_judged_on_old_issues_says_nothing_on_the_new_one_and_the_other_way_round(extended):
    _, splits = run.read(extended[0])
    for row in (*splits.train, *splits.dev, *splits.test):
        new = str(row.statement.meta["document"]).startswith("night-")
        assert set(row.labels) == ({"fog_horn"} if new else {"harbour_toll", "night_train"})


def test_every_row_to_learn_from_carries_the_old_models_opinion_on_the_old_issues_alone(extended):
    _, splits = run.read(extended[0])
    assert all(set(row.taught) == {"harbour_toll", "night_train"} for row in splits.train)
    assert all(abs(sum(shares) - 1) < 1e-3 for row in splits.train for shares in row.taught.values())
    assert not any(row.taught for row in (*splits.dev, *splits.test))


@pytest.mark.parametrize("share", [0.01, 0.5, 1.0])
def test_less_replay_is_a_part_of_more(make_extension, share):
    def documents(value):
        _, splits = run.read(make_extension(f"extend.replay={value}", "training.taught_weight=0"))
        return {row.statement.meta["document"] for row in splits.train}

    assert documents(share) <= documents(1.0)
    assert {f"night-{number}" for number in range(3, 8)} <= documents(share)


def test_statements_far_from_a_label_are_left_out_and_near_ones_give_context(tmp_path, make_extension):
    recipe = make_extension()
    labels = next(recipe.extend.annotations.glob("night-3.jsonl"))
    labels.write_text(labels.read_text("utf-8").splitlines()[0] + "\n", "utf-8")
    rows = [row for row in extend_data.passages(recipe.extend) if row.statement.doc == "night-3"]
    assert [bool(row.labels) for row in rows] == [True, False, False]  # itself and the two behind it


@pytest.mark.parametrize(
    ("settings", "error", "told"),
    [
        (["base=package:nowhere/model"], ConfigError, "not installed"),
        (["extend.issue=night_train"], ConfigError, "expected the model's issues in its order and then night_train"),
        (["extend.texts=nowhere"], ConfigError, "extend.texts: no text in"),
        (["extend.annotations=texts"], DataError, "expected annotations"),
        (["extend.context=-1"], ConfigError, "extend.context"),
        (["extend.replay=0"], ConfigError, "extend.replay"),
    ],
)
def test_what_cannot_be_extended_is_refused_before_anything_is_written(make_extension, settings, error, told):
    with pytest.raises(error, match=told):
        recipe = make_extension(*settings)
        try:
            extend.train(recipe, resume=False, tell=quiet)
        finally:
            assert not recipe.output.exists()


def test_a_base_that_is_no_model_folder_is_refused(make_extension, toy_base):
    with pytest.raises(ConfigError, match="expected a model folder to extend"):
        extend.train(make_extension(f"base={toy_base}"), resume=False, tell=quiet)


def test_a_rehearsal_says_what_would_be_and_writes_nothing(make_extension):
    recipe, lines = make_extension(), []
    extend.rehearse(recipe, lines.append)
    assert any(line.startswith("train, fog_horn: ") for line in lines)
    assert lines[-1].endswith("nothing was written")
    assert not recipe.output.exists()


def test_a_model_folder_as_the_base_of_other_issues_is_one_line(known, six):
    recipe = known[0].model_copy(update={"base": str(known[1])})
    with pytest.raises(ConfigError, match="has outputs for other issues than the recipe's"):
        network.build(recipe, six.ids)


def test_there_is_nothing_to_resume_before_a_run(make_extension):
    with pytest.raises(ConfigError, match="no checkpoint to resume from"):
        extend.train(make_extension(), resume=True, tell=quiet)


def test_a_run_is_not_written_over(extended):
    before = (extended[0].output / extend.REPORT).read_bytes()
    with pytest.raises(ConfigError, match="already holds a run"):
        extend.train(extended[0], resume=False, tell=quiet)
    assert (extended[0].output / extend.REPORT).read_bytes() == before


def test_a_document_in_two_splits_is_refused():
    def row(document, **labels):
        return Labelled(Statement("x", meta={"document": document}), labels)

    with pytest.raises(DataError, match="extend.split: a is in train, and in test of the old data"):
        extend_data.require_apart(Splits(test=[row("a", toll="favor")]), Splits(train=[row("a", horn="favor")]))


def separable(count, groups=5):
    """Statements of four classes in four corners, in some documents."""
    random = np.random.default_rng(3)
    classes = np.arange(count) % 4
    features = np.eye(4)[classes] * 4 + random.normal(size=(count, 4))
    return features.astype(np.float32), classes, [f"doc-{at % groups}" for at in range(count)]


def test_the_fitted_head_is_what_logistic_regression_decides():
    features, classes, groups = separable(200)
    weight, bias = extend_head.fit(features, classes, groups)
    assert (weight.shape, bias.shape) == ((4, 4), (4,))
    assert ((features @ weight.T + bias).argmax(1) == classes).mean() > 0.9


def test_a_value_without_a_label_is_never_the_answer_on_what_was_learnt_from():
    features, classes, groups = separable(200)
    seen = classes != 2
    weight, bias = extend_head.fit(features[seen], classes[seen], list(np.asarray(groups)[seen]))
    shares = torch.softmax(torch.as_tensor(features[seen] @ weight.T + bias), 1)
    assert np.all(weight[2] == 0)
    assert float(shares[:, 2].max()) < 0.1


def test_two_classes_are_enough_and_one_is_not():
    features, classes, groups = separable(80)
    two = classes < 2
    weight, bias = extend_head.fit(features[two], classes[two], list(np.asarray(groups)[two]))
    assert ((features[two] @ weight.T + bias).argmax(1) == classes[two]).mean() > 0.9
    one = classes == 1
    with pytest.raises(ConfigError, match="all alike: 20 statements"):
        extend_head.fit(features[one], classes[one], ["a"] * 20)


def test_fewer_labels_are_among_more_and_test_keeps_all(extended):
    _, splits = run.read(extended[0])

    def known(rows):
        return {row.statement.id for row in rows if "fog_horn" in row.labels}

    smaller = set()
    for labels in (1, 5, 17, 30):
        thinned, learning = extend_curve.thinned(splits, "fog_horn", labels, seed=7)
        chosen = known(thinned.train) | known(thinned.dev)
        assert (len(chosen), learning) == (labels, len(known(thinned.train)))
        assert smaller <= chosen
        assert known(thinned.test) == known(splits.test)
        assert len(thinned.train) == len(splits.train)
        smaller = chosen


def test_a_point_is_the_mean_of_its_draws_and_tells_how_far_they_lie_apart():
    point = Point.of(50, [(40, 0.5, 0.25), (44, 0.7, 0.75)], 3.0)
    assert (point.learning, point.both, point.draws) == (42, 0.5, 2)
    assert point.spread == pytest.approx(0.25 * 2**0.5)
    assert "issue and stance 0.500, ±0.354 over 2 draws" in str(point)
    assert "draws" not in str(Point.of(50, [(40, 0.5, 0.25)], 3.0))


def test_the_outlook_finds_the_power_that_errors_fall_by():
    points = [Point(labels, labels, 0.0, 1 - labels**-0.25, 1.0) for labels in (50, 100, 200, 400)]
    [line] = extend_curve.outlook(points)
    assert f"800 labels: F1 of issue and stance about {1 - 800**-0.25:.2f}" in line
    assert "power -0.25" in line
    assert "by 0% of the error" in line


def test_no_outlook_from_two_points_and_none_where_labels_buy_nothing():
    flat = [Point(labels, labels, 0.5, both, 1.0) for labels, both in ((50, 0.6), (100, 0.5), (200, 0.4))]
    assert extend_curve.outlook(flat[:2])[0].startswith("outlook: none from 2 points")
    assert "does not fall" in extend_curve.outlook(flat)[0]


def test_context_of_the_new_issue_is_read_with_its_statement(make_extension):
    """The statements of a passage share windows, so that what stands before a statement reaches its features."""
    recipe = make_extension()
    rows = [row for row in extend_data.passages(recipe.extend) if row.statement.doc == "night-4"]
    encoder = network.encoder(recipe)
    [document] = dataset.encode(rows, encoder, ["fog_horn"])
    assert len(document.windows[0].pieces) > 1
