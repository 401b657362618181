"""One run from a recipe to a measured model folder, and what happens when it is broken off, repeated or moved."""

import hashlib
import json
import shutil

import pytest

pytest.importorskip("torch")

import yaml

import stancecraft
from stancecraft import metrics
from stancecraft.errors import ConfigError, ModelError, StancecraftError
from stancecraft_training import config, export, labelled, measuring, run, split
from stancecraft_training.export import Parity


def quiet(_):
    pass


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def until_epoch(number):
    """Take progress and kill the run when that epoch's line comes."""

    def tell(line):
        if line.startswith(f"epoch {number}/"):
            raise KeyboardInterrupt

    return tell


@pytest.fixture(scope="module")
def finished(make_recipe, tmp_path_factory):
    """A finished run, its recipe and what it told; tests that change it take a copy."""
    recipe = make_recipe(tmp_path_factory.mktemp("finished"))
    lines = []
    assert run.train(recipe, resume=False, tell=lines.append) == recipe.output / "model"
    return recipe, lines


@pytest.fixture
def copied(finished, make_recipe, tmp_path):
    """A finished run of the test's own: the same files under a recipe that points to them."""
    recipe = make_recipe(tmp_path)
    shutil.copytree(finished[0].output, recipe.output)
    (recipe.output / "recipe.yaml").write_text(config.dump(recipe), "utf-8")
    return recipe


def test_a_run_leaves_all_that_it_takes_to_repeat_it(finished):
    recipe, _ = finished
    assert {path.name for path in recipe.output.iterdir()} == {
        "recipe.yaml", "data.json", "run.json", "log.json", "checkpoints", "best", "model"
    }  # fmt: skip
    assert config.load(recipe.output / "recipe.yaml") == recipe
    assert (recipe.output / "best" / "model.safetensors").is_file()
    assert {path.name.partition("-")[0] for path in (recipe.output / "checkpoints").iterdir()} == {"checkpoint"}


def test_the_data_is_told_with_checksums_and_labels_per_split(finished, toy_rows):
    recipe, _ = finished
    described = json.loads((recipe.output / "data.json").read_text("utf-8"))
    files = [recipe.data.sources[0].path, recipe.issues]
    digests = [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]
    assert list(described["sha256"].values()) == digests
    together = [sum(part["harbour_toll"].values()) for part in described["labels"].values()]
    assert list(described["labels"]) == list(split.NAMES)
    assert sum(together) == len(toy_rows)


def test_the_log_has_the_figures_of_every_epoch(finished):
    recipe, _ = finished
    log = json.loads((recipe.output / "log.json").read_text("utf-8"))
    assert [entry["epoch"] for entry in log["epochs"]] == [1, 2, 3]
    assert all(0 <= entry["eval_both_f1"] <= 1 for entry in log["epochs"])
    assert log["seconds"] >= 0


def test_progress_tells_splits_epochs_parity_and_where_the_model_is(finished):
    recipe, lines = finished
    beginnings = [
        "train: ",
        "dev: ",
        "test: ",
        "epoch 1/3",
        "epoch 2/3",
        "epoch 3/3",
        "export: ",
        "dev: ",
        "test: ",
        "model: ",
    ]
    assert [line[: len(beginning)] for line, beginning in zip(lines, beginnings, strict=True)] == beginnings
    assert lines[-1] == f"model: {recipe.output / 'model'}"


def test_the_model_knows_the_recipes_issues_name_and_version(finished, book):
    model = stancecraft.load(finished[0].output / "model")
    assert model.codebook == book
    (prediction,) = model.predict(["We support the toll."])
    assert prediction.model == "toy 0.2.0"
    assert list(prediction.positions) == list(book.ids)


def test_the_evaluation_is_what_the_exported_model_does(finished, book):
    recipe, _ = finished
    splits = split.by_document(labelled.read(recipe.data.sources, book), recipe.data.split)
    measured = json.loads((recipe.output / "model" / "evaluation.json").read_text("utf-8"))
    model = stancecraft.load(recipe.output / "model")
    for name in ("dev", "test"):
        rows = getattr(splits, name)
        positions = [one.positions for one in model.predict([row.statement for row in rows])]
        documents = [row.statement.doc for row in rows]
        expected = metrics.report([row.labels for row in rows], positions, book.ids, documents)
        errors = measured[name].pop("confusion_by_document", None)
        assert (errors is not None) == (name == "test")  # which `compare` corrects by
        if errors is not None:
            assert set(errors) == set(documents)
            assert sum(sum(map(sum, table)) for table in errors.values()) == sum(len(row.labels) for row in rows)
        assert measured[name] == json.loads(json.dumps(expected)) | {"documents": len(set(documents))}
    assert measured["train"]["statements"] == len(splits.train)
    assert measured["parity"].keys() == {"decisions", "flips", "largest_difference", "share"}


def test_nothing_is_written_to_standard_output(make_recipe, tmp_path, capfd):
    with pytest.raises(KeyboardInterrupt):
        run.train(make_recipe(tmp_path), resume=False, tell=until_epoch(2))
    assert capfd.readouterr().out == ""


def test_a_second_run_in_the_same_folder_is_refused_with_one_line(finished):
    recipe, _ = finished
    before = contents(recipe.output)
    with pytest.raises(ConfigError, match="already holds a run") as caught:
        run.train(recipe, resume=False, tell=quiet)
    (line,) = caught.value.lines
    assert str(recipe.output) in line
    assert "--resume" in line
    assert contents(recipe.output) == before


@pytest.mark.parametrize(
    ("setting", "key", "was", "now"),
    [
        ("training.epochs=9", "training.epochs", "3", "9"),
        ("data.split.seed=5", "data.split.seed", "3", "5"),
        ("name=other", "name", "'toy'", "'other'"),
    ],
)
def test_resuming_with_another_recipe_is_refused_naming_the_key(copied, make_recipe, setting, key, was, now):
    before = contents(copied.output)
    changed = make_recipe(copied.output.parent, setting)
    with pytest.raises(ConfigError) as caught:
        run.train(changed, resume=True, tell=quiet)
    (line,) = caught.value.lines
    assert f"{key} was {was}, now {now}" in line
    assert contents(copied.output) == before


def test_every_key_that_changed_is_told_at_once(copied, make_recipe):
    changed = make_recipe(copied.output.parent, "training.epochs=9", "window.tokens=64")
    with pytest.raises(ConfigError) as caught:
        run.train(changed, resume=True, tell=quiet)
    assert len(caught.value.lines) == 2


def test_resuming_with_other_data_is_refused_naming_the_file(copied):
    statements = copied.data.sources[0].path
    lines = statements.read_text("utf-8").splitlines()
    statements.write_text("\n".join(lines[: len(lines) // 2 * 2 - 2]) + "\n", "utf-8")
    with pytest.raises(StancecraftError, match=statements.name):
        run.train(copied, resume=True, tell=until_epoch(3))


def test_a_killed_run_that_is_resumed_gives_the_model_of_the_unbroken_one(finished, make_recipe, tmp_path):
    recipe = make_recipe(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        run.train(recipe, resume=False, tell=until_epoch(2))
    assert not (recipe.output / "best").exists()
    run.train(recipe, resume=True, tell=quiet)
    unbroken = finished[0].output
    for name in ("best/model.safetensors", "model/onnx/model_quantized.onnx", "model/evaluation.json"):
        assert (recipe.output / name).read_bytes() == (unbroken / name).read_bytes(), name
    logs = [json.loads((folder / "log.json").read_text("utf-8"))["epochs"] for folder in (recipe.output, unbroken)]
    assert logs[0] == logs[1]


def test_resuming_where_nothing_is_does_not_claim_the_folder(make_recipe, tmp_path):
    recipe = make_recipe(tmp_path)
    with pytest.raises(ConfigError, match="no checkpoint"):
        run.train(recipe, resume=True, tell=quiet)
    with pytest.raises(KeyboardInterrupt):
        run.train(recipe, resume=False, tell=until_epoch(1))


def test_a_run_that_failed_before_it_learnt_anything_can_be_started_again(make_recipe, tmp_path):
    with pytest.raises(ConfigError, match=r"^base: "):
        run.train(make_recipe(tmp_path, "base=package:no_such_package_at_all/x"), resume=False, tell=quiet)
    with pytest.raises(KeyboardInterrupt):
        run.train(make_recipe(tmp_path), resume=False, tell=until_epoch(1))


def test_a_run_that_was_killed_in_its_first_epoch_can_be_started_again(make_recipe, tmp_path):
    recipe = make_recipe(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        run.train(recipe, resume=False, tell=until_epoch(1))
    with pytest.raises(KeyboardInterrupt):
        run.train(recipe, resume=False, tell=until_epoch(2))


def test_a_run_that_was_killed_while_it_saved_its_first_checkpoint_can_be_started_again(make_recipe, tmp_path):
    recipe = make_recipe(tmp_path)
    half = recipe.output / "checkpoints" / "checkpoint-5"
    half.mkdir(parents=True)
    (half / "model.safetensors").write_bytes(b"half")
    with pytest.raises(ConfigError, match="no checkpoint to resume from"):
        run.train(recipe, resume=True, tell=quiet)
    with pytest.raises(KeyboardInterrupt):
        run.train(recipe, resume=False, tell=until_epoch(1))
    assert not half.exists()


def test_data_that_is_not_valid_leaves_no_folder(make_recipe, tmp_path):
    recipe = make_recipe(tmp_path)
    recipe.data.sources[0].path.write_text('{"text": "A.", "labels": {"x": "favor"}}\n', "utf-8")
    with pytest.raises(StancecraftError, match="unknown issue 'x'"):
        run.train(recipe, resume=False, tell=quiet)
    assert not recipe.output.exists()


def test_a_recipe_without_a_share_for_dev_is_refused_with_one_line(make_recipe, tmp_path):
    recipe = make_recipe(tmp_path, "data.split.dev=0")
    with pytest.raises(StancecraftError, match="dev"):
        run.train(recipe, resume=False, tell=quiet)


def test_a_run_without_a_share_for_test_is_measured_on_dev_alone(copied, book):
    rows = labelled.read(copied.data.sources, book)
    splits = split.by_document(rows, config.Split(dev=0.3, test=0.0, seed=3))
    measured = measuring.evaluate(copied.output / "model", splits, book)
    assert measured.keys() == {"dev", "train"}


def test_exporting_again_gives_the_same_model(copied, finished):
    shutil.rmtree(copied.output / "model")
    assert run.again(copied.output, tell=quiet) == copied.output / "model"
    for name in ("onnx/model_quantized.onnx", "issues.json", "evaluation.json", "config.json"):
        assert (copied.output / "model" / name).read_bytes() == (finished[0].output / "model" / name).read_bytes()


def test_exporting_again_writes_into_the_run_that_was_named_also_when_it_was_moved(finished, tmp_path):
    original = finished[0].output
    before = contents(original)
    shutil.copytree(original, tmp_path / "moved")
    shutil.rmtree(tmp_path / "moved" / "model")
    found = run.again(tmp_path / "moved", tell=quiet)
    assert found == tmp_path / "moved" / "model"
    stancecraft.load(tmp_path / "moved" / "model")
    assert contents(original) == before


def test_an_export_that_decides_differently_leaves_the_older_model_untouched(copied, monkeypatch):
    before = contents(copied.output / "model")
    strict = copied.model_copy(update={"export": copied.export.model_copy(update={"max_flips": 0.01})})
    (copied.output / "recipe.yaml").write_text(config.dump(strict), "utf-8")
    monkeypatch.setattr(export, "parity", lambda *_: Parity(decisions=50, flips=7, largest_difference=0.4))
    with pytest.raises(ModelError, match="7 of 50"):
        run.again(copied.output, tell=quiet)
    assert contents(copied.output / "model") == before


@pytest.mark.parametrize("missing", ["recipe.yaml", "best"])
def test_a_folder_that_is_no_finished_run_is_refused_with_one_line(copied, missing):
    path = copied.output / missing
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    with pytest.raises(ConfigError, match="not a finished training run") as caught:
        run.again(copied.output, tell=quiet)
    assert len(caught.value.lines) == 1
    assert str(copied.output) in str(caught.value)


@pytest.mark.parametrize(
    ("content", "part"),
    [(b"issues: []\n", "non-empty list"), (b"issues: [\n", "cannot read"), (b"\xff\xfe\xff", "cannot read")],
)
def test_issues_that_cannot_be_read_are_one_line_that_names_the_file(tmp_path, content, part):
    path = tmp_path / "issues.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=part) as caught:
        config.read_codebook(path)
    assert len(caught.value.lines) == 1
    assert str(path) in str(caught.value)
    path.unlink()
    with pytest.raises(ConfigError, match="cannot read"):
        config.read_codebook(path)


def test_the_codebook_of_a_file_is_the_one_it_holds(make_recipe, tmp_path, book):
    recipe = make_recipe(tmp_path)
    assert config.read_codebook(recipe.issues) == book
    assert yaml.safe_load(recipe.issues.read_text("utf-8")) == book.to_data()


def test_another_run_can_go_on_from_the_best_network(make_recipe, tmp_path):
    first = make_recipe(tmp_path / "first", "training.epochs=1", "export.enabled=false")
    run.train(first, resume=False, tell=lambda line: None)
    second = make_recipe(tmp_path / "second", f"base={first.output / run.BEST}", "training.epochs=1")
    assert run.train(second, resume=False, tell=lambda line: None).is_dir()
