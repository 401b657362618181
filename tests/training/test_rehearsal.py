"""A rehearsal tells what a run would be and writes nothing; several seeds tell what is luck."""

import json
import re
from collections import Counter
from statistics import mean, stdev

import pytest

pytest.importorskip("torch")

from stancecraft.errors import ConfigError
from stancecraft_training import baselines, dataset, network, rehearsal, run, seeds


@pytest.fixture(scope="module")
def rehearsed(make_recipe, tmp_path_factory):
    recipe = make_recipe(tmp_path_factory.mktemp("rehearsal"), "training.epochs=5")
    lines = []
    rehearsal.rehearse(recipe, lines.append)
    return recipe, lines


def test_a_rehearsal_writes_nothing(rehearsed):
    recipe, _ = rehearsed
    assert not recipe.output.exists()


def test_a_rehearsal_counts_what_training_would_count(rehearsed):
    recipe, lines = rehearsed
    book, splits = run.read(recipe)
    for name in ("train", "dev", "test"):
        rows = getattr(splits, name)
        [line] = [one for one in lines if one.startswith(f"{name}: ")]
        assert f"{len(rows)} statements in {len({row.statement.doc for row in rows})} documents" in line
    windows = len(dataset.Packings(splits.train, network.encoder(recipe), book.ids, 1))
    steps = -(-windows // recipe.training.batch_windows)
    assert any(f"{windows} windows, {steps} steps an epoch, at most 5 epochs" in line for line in lines)


def test_a_rehearsal_counts_the_values_of_every_issue_on_train(rehearsed):
    recipe, lines = rehearsed
    _, splits = run.read(recipe)
    for issue in ("harbour_toll", "night_train"):
        values = Counter(row.labels[issue] for row in splits.train)
        told = ", ".join(f"{values[value]} {value}" for value in ("none", "favor", "against", "neutral"))
        assert f"train, {issue}: {told}" in lines


def test_a_rehearsal_and_a_run_note_a_value_that_no_training_row_has(make_recipe, toy_rows, tmp_path):
    recipe = make_recipe(tmp_path)
    rows = [{**row, "labels": {k: v for k, v in row["labels"].items() if v != "neutral"}} for row in toy_rows]
    recipe.data.sources[0].path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    lines = []
    rehearsal.rehearse(recipe, lines.append)

    def until_epoch(line):
        lines.append(line)
        if line.startswith("epoch 1/"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run.train(recipe, resume=False, tell=until_epoch)
    for issue in ("harbour_toll", "night_train"):
        assert lines.count(f"note: {issue}=neutral has no training rows") == 2


def test_a_rehearsal_tells_a_time(rehearsed):
    assert re.fullmatch(
        r"\d+\.\d\d s a step on .+: about \d+ (s|min) an epoch, \d+ (s|min) in all; nothing was written",
        rehearsed[1][-1],
    )


def test_a_rehearsal_refuses_what_training_would_refuse(make_recipe, tmp_path):
    with pytest.raises(ConfigError, match="data.split.dev"):
        rehearsal.rehearse(make_recipe(tmp_path, "data.split.dev=0"), lambda line: None)


@pytest.fixture(scope="module")
def several(make_recipe, tmp_path_factory):
    recipe = make_recipe(tmp_path_factory.mktemp("seeds"), "training.epochs=1")
    lines = []
    return recipe, seeds.train(recipe, [3, 4], resume=False, tell=lines.append), lines


def test_every_seed_is_the_run_it_would_be_alone(several, make_recipe, tmp_path):
    recipe, _, _ = several
    alone = make_recipe(tmp_path, "training.epochs=1", "training.seed=4")
    run.train(alone, resume=False, tell=lambda line: None)
    one, two = (
        json.loads((folder / run.MODEL / "evaluation.json").read_text("utf-8"))
        for folder in (recipe.output / "seed-4", alone.output)
    )
    assert one == two


def test_mean_and_deviation_are_those_of_the_seeds(several):
    recipe, told, lines = several
    for figures in told.values():
        for one in figures.values():
            values = list(one["by_seed"].values())
            assert len(values) == 2
            assert (one["mean"], one["sd"]) == (pytest.approx(mean(values)), pytest.approx(stdev(values)))
    assert json.loads((recipe.output / seeds.FIGURES).read_text("utf-8")).keys() == told.keys()
    assert lines[-1].startswith("test, 2 seeds: about ")


def test_a_seed_that_is_there_is_not_trained_again(several):
    recipe, told, _ = several
    lines = []
    again = seeds.train(recipe, [3, 4], resume=True, tell=lines.append)
    assert again == told
    assert not any(line.startswith("epoch") for line in lines)


def test_a_seed_comes_once(toy_recipe):
    with pytest.raises(ConfigError, match="every seed once, got 3, 3"):
        seeds.train(toy_recipe, [3, 3], resume=False, tell=lambda line: None)


@pytest.fixture(scope="module")
def simpler(toy_recipe):
    pytest.importorskip("sklearn")
    return baselines.measure(toy_recipe, lambda line: None)


def test_every_baseline_is_measured_on_the_same_rows_as_a_model(simpler, toy_recipe):
    _, splits = run.read(toy_recipe)
    assert list(simpler) == ["majority", "tfidf_svm", "frozen_lr"]
    for told in simpler.values():
        assert {name: told[name]["statements"] for name in ("dev", "test")} == {
            "dev": len(splits.dev), "test": len(splits.test)
        }  # fmt: skip
        assert told["seconds"] >= 0


def test_majority_knows_one_stance_per_issue(simpler):
    figures = simpler["majority"]["test"]["issues"]
    for one in figures.values():
        assert sum(stance["predicted"] > 0 for stance in one["stance"].values()) <= 1


def test_words_beat_majority_where_words_decide(simpler):
    """The toy statements carry their stance in a word."""
    both = {name: told["dev"]["overall"]["both"]["f1"] for name, told in simpler.items()}
    assert both["tfidf_svm"] > both["majority"]


def test_the_same_data_gives_the_same_baselines(simpler, toy_recipe):
    again = baselines.measure(toy_recipe, lambda line: None)
    for name, told in simpler.items():
        assert {**told, "seconds": 0} == {**again[name], "seconds": 0}


def test_seeds_of_a_recipe_that_exports_nothing_or_of_one_seed_are_refused(make_recipe, tmp_path):
    with pytest.raises(ConfigError, match="export.enabled"):
        seeds.train(make_recipe(tmp_path, "export.enabled=false"), [1, 2], resume=False, tell=lambda line: None)
    with pytest.raises(ConfigError, match="at least two seeds"):
        seeds.train(make_recipe(tmp_path), [1], resume=False, tell=lambda line: None)


def test_a_seed_that_another_recipe_trained_is_refused(several):
    recipe, _, _ = several
    other = recipe.model_copy(update={"training": recipe.training.model_copy(update={"epochs": 2})})
    with pytest.raises(ConfigError, match="training.epochs was 1, now 2"):
        seeds.train(other, [3, 4], resume=True, tell=lambda line: None)


def test_baselines_without_test_documents_and_of_statements_that_stand_alone(make_recipe, toy_rows, tmp_path):
    recipe = make_recipe(tmp_path, "data.split.test=0", "data.split.dev=0.4")
    path = recipe.data.sources[0].path
    path.write_text("".join(json.dumps({**row, "doc": ""}) + "\n" for row in toy_rows), "utf-8")
    told = baselines.measure(recipe, lambda line: None)
    assert all("dev" in one and "test" not in one for one in told.values())
