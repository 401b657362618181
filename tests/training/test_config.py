"""Recipes: strict, all violations at once, paths relative to the file, and the same again after a round trip."""

from pathlib import Path

import pytest

pytest.importorskip("pydantic")

from stancecraft.errors import ConfigError
from stancecraft_training import config

CONFIGS = Path(__file__).parents[2] / "configs"

MINIMAL = """\
name: toy
issues: issues.yaml
data: {sources: [{path: rows.jsonl}]}
output: run
"""


@pytest.fixture
def recipe_of(tmp_path):
    """Load a recipe given as text."""

    def load(text, *settings):
        path = tmp_path / "train.yaml"
        path.write_text(text, "utf-8")
        return config.load(path, settings)

    return load


def lines_of(load, *arguments):
    with pytest.raises(ConfigError) as caught:
        load(*arguments)
    return caught.value.lines


def test_a_minimal_recipe_takes_every_default(recipe_of):
    recipe = recipe_of(MINIMAL)
    assert recipe.training == config.Training()
    assert recipe.window == config.Window()
    assert recipe.data.split == config.Split()
    assert recipe.data.sources[0].unlisted == "unlabelled"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (MINIMAL + "epochs: 3\n", "epochs"),
        (MINIMAL + "training: {epoch: 3}\n", "training.epoch"),
        (MINIMAL + "training: {class_weights: {favour: 2.0}}\n", "training.class_weights.favour"),
        (MINIMAL.replace("rows.jsonl", "rows.jsonl, unlistd: none"), "data.sources.0.unlistd"),
    ],
)
def test_an_unknown_key_is_refused_by_its_dotted_name(recipe_of, tmp_path, text, key):
    assert lines_of(recipe_of, text) == (f"{tmp_path / 'train.yaml'}: {key}: unknown key",)


def test_three_mistakes_give_three_lines_with_dotted_keys(recipe_of, tmp_path):
    text = MINIMAL.replace("output: run\n", "") + "window: {tokens: 16}\ntraining: {epochs: many}\n"
    found = lines_of(recipe_of, text)
    assert len(found) == 3
    where = f"{tmp_path / 'train.yaml'}: "
    assert all(line.startswith(where) for line in found)
    assert {line.removeprefix(where).split(":")[0] for line in found} == {"output", "window.tokens", "training.epochs"}


def test_a_wrong_value_is_told_with_what_was_expected_and_what_came(recipe_of):
    (line,) = lines_of(recipe_of, MINIMAL + "training: {precision: fp8}\n")
    assert "training.precision" in line
    assert "fp32" in line
    assert "bf16" in line
    assert "'fp8'" in line


def test_dev_and_test_must_leave_documents_to_train_on(recipe_of):
    (line,) = lines_of(recipe_of, MINIMAL, "data.split.dev=0.6", "data.split.test=0.4")
    assert "data.split: " in line
    assert "0.6" in line
    assert "0.4" in line


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("training.epochs=2", 2),
        ("training.class_weights.none=0.5", 0.5),
        ("training.learning_rate=1e-3", 0.001),
        ("data.split.seed=9", 9),
        ("name=other", "other"),
        ("export.weights=true", True),
    ],
)
def test_set_overrides_a_nested_key_and_leaves_the_others(recipe_of, setting, value):
    before, after = recipe_of(MINIMAL).model_dump(), recipe_of(MINIMAL, setting).model_dump()
    *sections, last = setting.partition("=")[0].split(".")
    inner = before
    for section in sections:
        inner = inner[section]
    assert inner[last] != value
    inner[last] = value
    assert after == before


def test_the_last_of_two_settings_of_one_key_holds(recipe_of):
    assert recipe_of(MINIMAL, "training.seed=1", "training.seed=2").training.seed == 2


def test_the_value_of_a_setting_may_hold_an_equals_sign(recipe_of):
    assert recipe_of(MINIMAL, "base=folder=with=signs").base == "folder=with=signs"


@pytest.mark.parametrize(
    "setting", ["training.epochs", "=3", "training..epochs=3", ".epochs=3", "name.first=x", "training.epochs=[1"]
)
def test_a_setting_that_cannot_be_read_is_one_line_that_repeats_it(recipe_of, setting):
    (line,) = lines_of(recipe_of, MINIMAL, setting)
    assert f"--set {setting}" in line


def test_all_settings_that_cannot_be_read_are_told_at_once(recipe_of):
    found = lines_of(recipe_of, MINIMAL, "training.epochs", "name.first=x")
    assert len(found) == 2
    assert "training.epochs" in found[0]
    assert "name.first" in found[1]


def test_an_unknown_key_in_a_setting_is_refused_by_its_dotted_name(recipe_of):
    (line,) = lines_of(recipe_of, MINIMAL, "training.epoch=3")
    assert line.endswith("training.epoch: unknown key")


def test_paths_are_relative_to_the_recipes_file_and_not_to_where_one_stands(tmp_path, monkeypatch):
    (tmp_path / "recipes" / "encoder").mkdir(parents=True)
    (tmp_path / "some" / "where" / "else").mkdir(parents=True)
    (tmp_path / "recipes" / "train.yaml").write_text(
        MINIMAL.replace("output: run", "output: ../runs/one") + "base: encoder\n", "utf-8"
    )
    monkeypatch.chdir(tmp_path / "some" / "where" / "else")
    recipe = config.load(Path("../../../recipes/train.yaml"))
    assert recipe.issues == tmp_path / "recipes" / "issues.yaml"
    assert recipe.data.sources[0].path == tmp_path / "recipes" / "rows.jsonl"
    assert recipe.output == tmp_path / "runs" / "one"
    assert Path(recipe.base) == tmp_path / "recipes" / "encoder"


@pytest.mark.parametrize("base", ["package:some/where", "organisation/model"])
def test_a_base_that_is_no_folder_stays_as_it_is(recipe_of, base):
    assert recipe_of(MINIMAL, f"base={base}").base == base


def test_what_is_dumped_loads_as_the_same_recipe_from_anywhere(recipe_of, tmp_path):
    recipe = recipe_of(
        MINIMAL, "training.class_weights.favor=3.5", "training.learning_rate=2.5e-05", "data.split.dev=0",
        "export.max_flips=1", "data.sources=[{path: ä b.csv, unlisted: none}, {path: ../c}]",
    )  # fmt: skip
    (tmp_path / "deep" / "er").mkdir(parents=True)
    copy = tmp_path / "deep" / "er" / "recipe.yaml"
    copy.write_text(config.dump(recipe), "utf-8")
    assert config.load(copy) == recipe


def test_what_is_dumped_states_every_default(recipe_of):
    dumped = config.dump(recipe_of(MINIMAL))
    for key in ("epochs:", "overlap:", "penalty:", "max_flips:", "unlisted:", "class_weights:"):
        assert key in dumped


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"name: [\n", "not valid YAML"),
        (b"- a\n- b\n", "expected a mapping of sections, got list"),
        (b"", "expected a mapping of sections, got NoneType"),
        (b"name: \xff\n", "cannot read the recipe"),
    ],
)
def test_a_file_that_is_no_recipe_is_one_line_that_names_it(tmp_path, content, part):
    path = tmp_path / "train.yaml"
    path.write_bytes(content)
    (line,) = lines_of(config.load, path)
    assert line.startswith(f"{path}: ")
    assert part in line
    assert "\n" not in line


def test_a_missing_recipe_is_one_line_that_names_it(tmp_path):
    (line,) = lines_of(config.load, tmp_path / "nowhere.yaml")
    assert str(tmp_path / "nowhere.yaml") in line


@pytest.mark.parametrize("name", sorted(str(path.relative_to(CONFIGS)) for path in CONFIGS.rglob("*.yaml")))
def test_every_recipe_of_the_project_is_valid(name):
    if not name.endswith("issues.yaml"):
        assert config.load(CONFIGS / name).issues.is_file()
