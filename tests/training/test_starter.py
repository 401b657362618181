"""The starter: files that a person can train from at once."""

import pytest

pytest.importorskip("pydantic")

from stancecraft import codebook
from stancecraft.errors import ConfigError
from stancecraft_training import config, labelled, split, starter


def test_the_written_recipe_loads_and_finds_its_files(tmp_path):
    written = starter.write(tmp_path / "mine")
    assert [path.name for path in written] == list(starter.FILES)
    assert all(path.is_file() for path in written)
    recipe = config.load(tmp_path / "mine" / "train.yaml")
    assert recipe.issues.is_file()
    assert all(source.path.is_file() for source in recipe.data.sources)
    assert recipe.output.is_relative_to(tmp_path / "mine")


def test_the_written_statements_fit_the_written_issues_and_can_be_split(tmp_path):
    import yaml

    starter.write(tmp_path)
    recipe = config.load(tmp_path / "train.yaml")
    book = codebook.parse(yaml.safe_load(recipe.issues.read_text("utf-8")), "issues.yaml")
    rows = labelled.read(recipe.data.sources, book)
    counts = labelled.counts(rows, book)
    assert all(count > 0 for values in counts.values() for count in values.values())
    splits = split.by_document(rows, recipe.data.split)
    assert len(splits.train) > len(splits.dev) > 0
    assert splits.test


def test_the_recipe_says_how_many_statements_there_are(tmp_path):
    starter.write(tmp_path)
    statements = (tmp_path / "statements.csv").read_text("utf-8").strip().count("\n")
    assert f"the {statements} statements" in (tmp_path / "train.yaml").read_text("utf-8")


@pytest.mark.parametrize("taken", starter.FILES)
def test_nothing_is_overwritten_and_nothing_else_is_written(tmp_path, taken):
    (tmp_path / taken).write_text("mine", "utf-8")
    with pytest.raises(ConfigError, match=taken) as caught:
        starter.write(tmp_path)
    assert len(caught.value.lines) == 1
    assert [path.name for path in tmp_path.iterdir()] == [taken]
    assert (tmp_path / taken).read_text("utf-8") == "mine"


def test_every_file_that_is_in_the_way_is_told_at_once(tmp_path):
    starter.write(tmp_path)
    with pytest.raises(ConfigError) as caught:
        starter.write(tmp_path)
    assert len(caught.value.lines) == len(starter.FILES)


def test_a_folder_that_is_a_file_is_refused_with_one_line(tmp_path):
    (tmp_path / "taken").write_text("mine", "utf-8")
    with pytest.raises(ConfigError, match="taken"):
        starter.write(tmp_path / "taken")
