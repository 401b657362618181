"""`stancecraft evaluate`: the table on standard output, notes on standard error, reports in files, bad input."""

import json

import pytest
from typer.testing import CliRunner

from stancecraft import artifact
from stancecraft.cli import app


def run(*arguments):
    return CliRunner().invoke(app, ["evaluate", *(str(argument) for argument in arguments)])


@pytest.fixture(scope="module")
def rows(root):
    """The first statements of a few probes, each a document of its own."""
    lines = (root / "training" / "data" / "challenge" / "challenge.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines[::12]]


@pytest.fixture
def data(rows, tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def test_the_table_goes_to_stdout_and_notes_to_stderr(data, model):
    done = run(data, "--unlisted", "none")
    assert done.exit_code == 0
    assert f"{model.artifact.model} on rows.jsonl" in done.stdout
    for issue in model.codebook.issues:
        assert issue.title in done.stdout
    assert "irony" in done.stdout
    assert "note" not in done.stdout and "note:" not in done.stderr


def test_reports_tell_the_same_figures(data, rows, tmp_path, model):
    files = {name: tmp_path / f"report.{name}" for name in ("html", "json", "md")}
    done = run(data, "--unlisted", "none", "--html", files["html"], "--json", files["json"], "--markdown", files["md"])
    assert done.exit_code == 0
    told = json.loads(files["json"].read_text("utf-8"))
    assert told["schema"] == "stancecraft-evaluation/1"
    assert told["statements"] == len(rows)
    assert told["overall"]["decisions"] == len(rows) * len(model.codebook.ids)
    assert told["stored"]["test"]["documents"] == 26
    figure = f"{told['overall']['both']['f1']:.2f} ("
    for content in (done.stdout, files["html"].read_text("utf-8"), files["md"].read_text("utf-8")):
        assert figure in content


def test_the_answers_are_those_of_predict(data, rows, tmp_path, model):
    run(data, "--unlisted", "none", "--json", tmp_path / "r.json")
    told = json.loads((tmp_path / "r.json").read_text("utf-8"))
    import stancecraft

    wrong = sum(
        position.stance != row["labels"].get(issue, "none")
        for row, one in zip(rows, model.predict(stancecraft.read(data)), strict=True)
        for issue, position in one.positions.items()
    )
    assert len(told["errors"]) == wrong


def test_no_text_leaves_words_out_of_every_file(data, rows, tmp_path):
    files = [tmp_path / "r.html", tmp_path / "r.json", tmp_path / "r.md"]
    run(data, "--unlisted", "none", "--no-text", "--html", files[0], "--json", files[1], "--markdown", files[2])
    for path in files:
        content = path.read_text("utf-8")
        assert not [row["text"] for row in rows if row["text"] in content]


def test_a_model_compared_with_itself_does_not_differ(data, tmp_path):
    done = run(data, "--unlisted", "none", "--against", artifact.packaged(), "--json", tmp_path / "r.json")
    assert done.exit_code == 0
    told = json.loads((tmp_path / "r.json").read_text("utf-8"))["against"]
    assert told["overall"]["both"]["difference"] == 0
    assert told["overall"]["both"]["p"] == 1


def test_shortcuts_are_tried_and_told(data, tmp_path):
    done = run(data, "--unlisted", "none", "--shortcuts", "--json", tmp_path / "r.json")
    assert done.exit_code == 0
    told = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert [one["name"] for one in told["shortcuts"]] == [
        "context removed", "context of other statements", "names masked", "names swapped", "issue keywords masked",
    ]  # fmt: skip
    assert any("speaker masked: left out" in note for note in told["notes"])
    assert "What the answers rest on" in done.stdout


def test_one_document_has_no_interval_and_it_says_so(tmp_path):
    path = tmp_path / "one.jsonl"
    row = {"doc": "a", "text": "The truce in Syria has to hold.", "labels": {"syria_ceasefire": "favor"}}
    path.write_text(json.dumps(row) + "\n", "utf-8")
    done = run(path)
    assert done.exit_code == 0
    assert "one document: no intervals" in done.stderr
    assert "no label says none" in done.stderr
    assert "no labels for assad_future" in done.stderr
    assert " to " not in done.stdout


def test_data_that_the_model_was_made_from_is_noted(root):
    done = run(root / "training" / "data" / "authored" / "council.jsonl", "--unlisted", "none")
    assert "council.jsonl: among the files that" in done.stderr


@pytest.mark.parametrize(("rows", "told"), [
    ('{"text":"a","labels":{"syria_truce":"favor","ukraine":"favor"}}', ":1: unknown issue 'syria_truce'"),
    ('{"text":"a","labels":{"ukraine":"none"}}\n{"text":"b","labels":{"ukraine":"pro"}}', ":2: ukraine: expected one"),
    ('{"text":"a","labels":{"x":"favor"}}', "labelled for other issues (x)"),
    ('{"text":"a"}', "no labelled rows"),
    ('{"text":"a"', ":1: not valid JSON"),
])  # fmt: skip
def test_bad_data_is_one_line_and_exit_status_1(tmp_path, rows, told):
    path = tmp_path / "rows.jsonl"
    path.write_text(rows + "\n", "utf-8")
    done = run(path, "--html", tmp_path / "r.html")
    assert done.exit_code == 1
    [line] = done.stderr.splitlines()
    assert line.startswith("error: ") and told in line and str(path) in line
    assert not (tmp_path / "r.html").exists()


def test_a_folder_that_is_no_model_is_one_line(data, tmp_path):
    for option in ("--model", "--against"):
        done = run(data, option, tmp_path)
        assert done.exit_code == 1
        assert "not a model folder" in done.stderr


@pytest.mark.parametrize("extra", [["--unlisted", "maybe"], ["--html", "x", "--json", "x"], ["--seed", "-1"]])
def test_wrong_usage_is_exit_status_2(data, extra):
    assert run(data, *extra).exit_code == 2


def test_the_data_is_never_overwritten(data):
    before = data.read_bytes()
    assert run(data, "--json", data).exit_code == 2
    assert data.read_bytes() == before
