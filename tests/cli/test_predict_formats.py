"""`stancecraft predict` on every format, with the options that say how inputs are read."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from stancecraft.cli import app
from stancecraft.readers import formats


def run(*arguments, stdin=None):
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def spoken(result):
    assert result.exit_code == 0, result.stderr
    return [(row["turn"], row["speaker"], row["role"], row["side"], row["text"]) for row in lines(result.stdout)]


TALKS = [
    "talk.md",
    "talk.html",
    "talk.tei.xml",
    "talk.akn.xml",
    "talk.srt",
    "talk.vtt",
    "talk.json",
    "talk.utterances.jsonl",
]


@pytest.fixture(scope="module")
def folder(root):
    return root / "tests" / "data" / "formats"


@pytest.fixture(scope="module")
def plain(folder, example_speakers):
    return spoken(run("predict", folder / "talk.txt", "--speakers", example_speakers, "--format", "jsonl"))


@pytest.mark.parametrize("name", TALKS)
def test_the_same_talk_gives_the_same_statements_in_every_format(folder, example_speakers, plain, name):
    assert spoken(run("predict", folder / name, "--speakers", example_speakers, "--format", "jsonl")) == plain


@pytest.mark.parametrize("name", TALKS)
def test_standard_input_is_told_apart_like_a_file(folder, example_speakers, plain, name):
    content = (folder / name).read_bytes()
    result = run("predict", "-", "--speakers", example_speakers, "--format", "jsonl", stdin=content)
    if name == "talk.md":
        result = run(
            "predict",
            "-",
            "--speakers",
            example_speakers,
            "--input-format",
            "markdown",
            "--format",
            "jsonl",
            stdin=content,
        )
    assert spoken(result) == plain


def test_a_statement_both_sides_make_is_marked(folder, example_speakers):
    result = run("predict", folder / "talk.txt", "--speakers", example_speakers, "--format", "jsonl")
    assert [row["text"] for row in lines(result.stdout) if row["joint"]] == ["We both hope it will hold."]


def test_the_input_format_overrides_what_the_content_shows(tmp_path):
    (tmp_path / "talk.txt").write_text("text,speaker\nWe sail at dawn.,Anna Holt\n", "utf-8")
    as_table = run("predict", tmp_path / "talk.txt", "--format", "jsonl")
    as_text = run("predict", tmp_path / "talk.txt", "--input-format", "text", "--format", "jsonl")
    assert [row["speaker"] for row in lines(as_table.stdout)] == ["Anna Holt"]
    assert [row["speaker"] for row in lines(as_text.stdout)] != ["Anna Holt"]


def test_an_unknown_input_format_is_a_usage_error_that_names_the_known_ones(example):
    result = run("predict", example, "--input-format", "word")
    assert result.exit_code == 2
    for name in formats.NAMES:
        assert name in result.stderr


@pytest.mark.parametrize(
    ("date", "president"),
    [("2016-07-15", "Barack Obama"), ("2018-07-15", "Donald Trump"), ("2022-07-15", "Joe Biden")],
)
def test_the_date_tells_who_the_president_was(tmp_path, date, president):
    (tmp_path / "talk.txt").write_text("The White House\n\nTHE PRESIDENT: We sail at dawn.\n\nQ  When?\n", "utf-8")
    result = run("predict", tmp_path / "talk.txt", "--date", date, "--format", "jsonl")
    assert [row["speaker"] for row in lines(result.stdout)] == [president, "Question"]
    assert {row["date"] for row in lines(result.stdout)} == {date}


def test_without_a_date_the_title_stays_and_is_told(tmp_path):
    (tmp_path / "talk.txt").write_text("The White House\n\nTHE PRESIDENT: We sail at dawn.\n\nQ  When?\n", "utf-8")
    result = run("predict", tmp_path / "talk.txt", "--format", "jsonl")
    assert lines(result.stdout)[0]["speaker"] == "The President"


def test_the_date_of_a_files_name_goes_before_the_given_one(tmp_path):
    (tmp_path / "2016-07-15-talk.txt").write_text("ANNA: We sail at dawn.\n", "utf-8")
    result = run("predict", tmp_path / "2016-07-15-talk.txt", "--date", "2020-01-01", "--format", "jsonl")
    assert lines(result.stdout)[0]["date"] == "2016-07-15"


def test_a_date_that_is_none_is_told(example):
    result = run("predict", example, "--date", "July 2016")
    assert result.exit_code == 2
    assert "ISO date" in result.stderr


def test_a_document_beyond_the_limit_is_refused_in_one_line(tmp_path):
    with Path(tmp_path / "huge.txt").open("wb") as file:
        for _ in range(10):
            file.write(b"MINISTER HALVORSEN: We sail at dawn, all of us, and we shall be back at noon.\n" * 90_000)
    result = run("predict", tmp_path / "huge.txt")
    assert result.exit_code == 1
    [line] = [line for line in result.stderr.splitlines() if line.startswith("error:")]
    assert "huge.txt: 70 MB" in line
    assert "64 MB" in line
