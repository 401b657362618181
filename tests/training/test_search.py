"""A search tries values on dev alone, is strict about its keys, and goes on after a kill as if there had been none."""

import csv
import json
import shutil

import pytest

pytest.importorskip("torch")
pytest.importorskip("optuna")

import yaml

from stancecraft.errors import ConfigError, DataError
from stancecraft_training import config, dataset, loop, measuring, network, run, search

SPACE = (
    "search={trials: 3, seed: 2, startup: 1, prune_after: 1, space: {training.learning_rate: "
    "{low: 1.0e-5, high: 1.0e-2, log: true}, training.batch_windows: {choices: [4, 8]}}}"
)
QUICK = ("training.epochs=2", SPACE)


def quiet(_):
    pass


def rows_of(recipe):
    with (recipe.output / search.FOLDER / search.TABLE).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def untimed(recipe):
    return [{name: value for name, value in row.items() if name != "seconds"} for row in rows_of(recipe)]


@pytest.fixture(scope="module")
def searched(make_recipe, tmp_path_factory):
    """A finished search, and what it told."""
    recipe = make_recipe(tmp_path_factory.mktemp("searched"), *QUICK)
    lines = []
    search.search(recipe, resume=False, tell=lines.append)
    return recipe, lines


def test_every_trial_is_a_row_with_its_values(searched):
    recipe, _ = searched
    rows = rows_of(recipe)
    assert [row["trial"] for row in rows] == ["0", "1", "2"]
    assert all(1e-5 <= float(row["training.learning_rate"]) <= 1e-2 for row in rows)
    assert {row["training.batch_windows"] for row in rows} <= {"4", "8"}
    assert len({row["training.learning_rate"] for row in rows}) == 3
    assert rows[0]["state"] == "complete"


def test_the_figure_of_a_trial_is_that_of_a_run_with_its_values(searched, make_recipe, tmp_path):
    recipe, _ = searched
    row = rows_of(recipe)[0]
    settings = [f"{key}={row[key]}" for key in ("training.learning_rate", "training.batch_windows")]
    alone = make_recipe(tmp_path, "training.epochs=2", "export.enabled=false", *settings)
    run.train(alone, resume=False, tell=quiet)
    log = json.loads((alone.output / run.LOG).read_text("utf-8"))["epochs"]
    assert float(row[loop.BEST]) == pytest.approx(max(entry[f"eval_{loop.BEST}"] for entry in log), abs=1e-4)


def test_the_best_recipe_is_the_searched_one_with_the_best_trials_values(searched):
    recipe, lines = searched
    best = config.load(recipe.output / search.FOLDER / search.BEST)
    rows = [row for row in rows_of(recipe) if row["state"] == "complete"]
    first = max(rows, key=lambda row: float(row[loop.BEST]))
    assert best.training.learning_rate == pytest.approx(float(first["training.learning_rate"]))
    assert best.search is None
    expected = recipe.training.model_copy(
        update={name: getattr(best.training, name) for name in ("learning_rate", "batch_windows")}
    )
    assert best.training == expected
    assert best.data == recipe.data
    assert best.output == recipe.output / search.FOLDER / "best"
    assert lines[-1].startswith(f"best: trial {first['trial']}, dev both_f1 ")


def test_a_search_keeps_no_checkpoints(searched):
    recipe, _ = searched
    kept = sorted(path.name for path in (recipe.output / search.FOLDER / search.TRIALS / "000").iterdir())
    assert kept == ["log.json", "recipe.yaml"]


def test_nothing_looks_at_test(make_recipe, tmp_path, monkeypatch):
    recipe = make_recipe(tmp_path, *QUICK, "search.trials=1")
    _, splits = run.read(recipe)
    hidden = {row.statement.text for row in splits.test}
    seen, real_encode, real_cut = set(), dataset.encode, dataset.Packings

    def encode(rows, *rest):
        seen.update(row.statement.text for row in rows)
        return real_encode(rows, *rest)

    def cut(rows, *rest):
        seen.update(row.statement.text for row in rows)
        return real_cut(rows, *rest)

    monkeypatch.setattr(dataset, "encode", encode)
    monkeypatch.setattr(dataset, "Packings", cut)
    monkeypatch.setattr(measuring, "evaluate", None)
    search.search(recipe, resume=False, tell=quiet)
    assert {row.statement.text for row in splits.dev + splits.train} == seen
    assert hidden
    assert not hidden & seen


def test_a_search_that_was_killed_goes_on_as_if_it_had_not_been(searched, make_recipe, tmp_path):
    unbroken, _ = searched
    recipe = make_recipe(tmp_path, *QUICK)
    lines = []

    def tell(line):
        lines.append(line)
        if len([one for one in lines if one.startswith("epoch 2/2")]) == 1 and line.startswith("epoch 1/2"):
            raise KeyboardInterrupt  # in the second trial

    with pytest.raises(KeyboardInterrupt):
        search.search(recipe, resume=False, tell=tell)
    assert len(rows_of(recipe)) == 1
    search.search(recipe, resume=True, tell=quiet)
    assert untimed(recipe) == untimed(unbroken)


def test_a_broken_trial_goes_on_from_its_checkpoint(make_recipe, tmp_path):
    recipe = make_recipe(tmp_path, *QUICK, "training.epochs=3", "search.trials=1")

    def tell(line):
        if line.startswith("epoch 2/3"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        search.search(recipe, resume=False, tell=tell)
    lines = []
    search.search(recipe, resume=True, tell=lines.append)
    assert [line.partition(":")[0] for line in lines if line.startswith("epoch")] == ["epoch 2/3", "epoch 3/3"]
    (row,) = rows_of(recipe)
    assert row["epochs"] == "3"


def test_more_trials_are_added_to_a_search_and_none_is_repeated(make_recipe, tmp_path):
    recipe = make_recipe(tmp_path, *QUICK, "training.epochs=1", "search.trials=1")
    search.search(recipe, resume=False, tell=quiet)
    before = rows_of(recipe)
    more = make_recipe(tmp_path, *QUICK, "training.epochs=1", "search.trials=2")
    search.search(more, resume=True, tell=quiet)
    assert rows_of(more)[:1] == before
    assert len(rows_of(more)) == 2


def test_another_search_in_the_same_folder_is_refused_naming_the_key(searched, make_recipe):
    recipe, _ = searched
    with pytest.raises(ConfigError, match="already holds a search; use --resume"):
        search.search(recipe, resume=False, tell=quiet)
    changed = make_recipe(recipe.output.parent, *QUICK, "training.dropout=0.3", "search.seed=9")
    with pytest.raises(ConfigError) as caught:
        search.search(changed, resume=True, tell=quiet)
    assert len(caught.value.lines) == 2
    assert "training.dropout was 0.1, now 0.3" in str(caught.value)
    assert "search.seed was 2, now 9" in str(caught.value)


def test_nothing_to_resume_is_refused(make_recipe, tmp_path):
    with pytest.raises(ConfigError, match="no search to resume"):
        search.search(make_recipe(tmp_path, *QUICK), resume=True, tell=quiet)


def test_a_base_among_the_choices_is_found_beside_the_recipe_or_told_before_anything_is_written(
    make_recipe, toy_base, tmp_path
):
    shutil.copytree(toy_base, tmp_path / "other")
    recipe = make_recipe(tmp_path, f"search={{space: {{base: {{choices: [{toy_base}, other]}}}}}}")
    assert recipe.search.space["base"].choices == [str(toy_base), str(tmp_path / "other")]
    shutil.rmtree(tmp_path / "other")
    with pytest.raises(ConfigError, match=r"^search\.space\.base: "):
        search.search(recipe, resume=False, tell=quiet)
    assert not recipe.output.exists()


def test_a_recipe_without_a_search_block_is_refused(toy_recipe):
    with pytest.raises(ConfigError, match=r"^search: missing"):
        search.search(toy_recipe, resume=False, tell=quiet)


def figures(monkeypatch, told):
    """Dev figures that depend on the trial alone, the network being left as it is."""
    calls = iter(told)
    monkeypatch.setattr(loop, "dev_figures", lambda *_: {loop.BEST: next(calls)})


def test_a_trial_below_the_median_at_its_epoch_is_pruned_and_not_before(make_recipe, tmp_path, monkeypatch):
    recipe = make_recipe(tmp_path, *QUICK, "training.epochs=3", "search.prune_after=2", "training.patience=9")
    # Trial 0 ends; trial 1 is below it from the first epoch on; trial 2 above.
    figures(monkeypatch, [0.4, 0.5, 0.6, 0.1, 0.2, 0.7, 0.8, 0.9])
    search.search(recipe, resume=False, tell=quiet)
    assert [(row["state"], row["epochs"]) for row in rows_of(recipe)] == [
        ("complete", "3"), ("pruned", "2"), ("complete", "3")
    ]  # fmt: skip


def test_nothing_is_pruned_where_the_recipe_says_so(make_recipe, tmp_path, monkeypatch):
    recipe = make_recipe(tmp_path, *QUICK, "search.prune_after=null", "search.trials=2")
    figures(monkeypatch, [0.5, 0.6, 0.1, 0.2])
    search.search(recipe, resume=False, tell=quiet)
    assert [row["state"] for row in rows_of(recipe)] == ["complete", "complete"]


def test_a_trial_whose_loss_is_no_number_is_a_row_and_the_search_goes_on(make_recipe, tmp_path, monkeypatch):
    recipe = make_recipe(tmp_path, *QUICK, "search.trials=2", "training.epochs=1")
    real, calls = network.loss, []

    def loss(*given):
        calls.append(given)
        return real(*given) * (float("nan") if len(calls) == 1 else 1)

    monkeypatch.setattr(network, "loss", loss)
    search.search(recipe, resume=False, tell=quiet)
    first, second = rows_of(recipe)
    assert (first["state"], second["state"]) == ("failed", "complete")
    assert first["fault"].startswith("the loss is nan at step 1")


def test_a_search_in_which_no_trial_comes_to_its_end_is_one_line(make_recipe, tmp_path, monkeypatch):
    recipe = make_recipe(tmp_path, *QUICK, "search.trials=1")
    monkeypatch.setattr(network, "loss", lambda logits, *_: logits.sum() * float("nan"))
    with pytest.raises(DataError, match="no trial came to its end") as caught:
        search.search(recipe, resume=False, tell=quiet)
    assert len(caught.value.lines) == 1


@pytest.mark.parametrize(
    ("space", "told"),
    [
        ("{training.learnin_rate: {low: 1, high: 2}}", "search.space.training.learnin_rate: unknown key"),
        ("{training.dropout: {low: 0.1, high: 1.5}}", "search.space.training.dropout: "),
        ("{training.epochs: {low: 0.5, high: 2.5}}", "search.space.training.epochs: "),
        ("{training.precision: {choices: [bf16, fp8]}}", "search.space.training.precision: "),
        ("{training.seed: {low: 1, high: 5}}", "search.space.training.seed: cannot be searched over"),
        ("{data.split.seed: {low: 1, high: 5}}", "search.space.data.split.seed: cannot be searched over"),
        ("{data.sources.7.repeat: {low: 1, high: 5}}", "search.space.data.sources.7.repeat: '7' is not one of 1"),
        ("{training.dropout: {low: 0.5, high: 0.1}}", "search.space.training.dropout: expected low below high"),
        ("{training.dropout: {low: 0, high: 0.1, log: true}}", "search.space.training.dropout: expected low below"),
        ("{training.dropout: {low: 0.1}}", "search.space.training.dropout: expected low and high, or choices"),
        ("{training.dropout: {low: true, high: 2}}", "search.space.training.dropout.low"),
        ("{training.dropout: {choices: []}}", "search.space.training.dropout.choices: "),
        ("{training.dropout: {choices: [0.1], low: 0.1}}", "search.space.training.dropout: expected either choices or"),
        ("{training.dropout: {lowest: 0.1}}", "search.space.training.dropout.lowest: unknown key"),
        ("{}", "search.space: "),
    ],
)  # fmt: skip
def test_a_space_that_cannot_be_searched_is_refused_by_its_dotted_key(write_recipe, tmp_path, space, told):
    path = write_recipe(tmp_path)
    with pytest.raises(ConfigError) as caught:
        config.load(path, [f"search={{space: {space}}}"])
    assert any(line.startswith(f"{path}: {told}") for line in caught.value.lines), caught.value.lines


@pytest.mark.parametrize(
    "space",
    [
        {"training.learning_rate": {"low": 1e-5, "high": 1e-3, "log": True}, "window.tokens": {"choices": [64, 128]}},
        {"data.sources.0.repeat": {"low": 1, "high": 3}, "base": {"choices": ["package:a/b", "package:c/d"]}},
        {"training.class_weights.favor": {"low": 1, "high": 3}},
    ],
)
def test_a_recipe_with_a_search_block_comes_back_from_its_dump(write_recipe, tmp_path, space):
    path = write_recipe(tmp_path)
    data = yaml.safe_load(path.read_text("utf-8")) | {"search": {"space": space}}
    path.write_text(yaml.safe_dump(data), "utf-8")
    recipe = config.load(path)
    (tmp_path / "copy.yaml").write_text(config.dump(recipe), "utf-8")
    assert config.load(tmp_path / "copy.yaml") == recipe


def test_whole_numbers_are_searched_as_whole_numbers(make_recipe, tmp_path):
    recipe = make_recipe(
        tmp_path, "training.epochs=1", "search={trials: 2, space: {data.sources.0.repeat: {low: 1, high: 3}}}"
    )
    search.search(recipe, resume=False, tell=quiet)
    assert {row["data.sources.0.repeat"] for row in rows_of(recipe)} <= {"1", "2", "3"}
