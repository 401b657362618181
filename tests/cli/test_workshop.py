"""The commands that make data and models: what they print, and their exit status."""

import json

import pytest
from typer.testing import CliRunner

from stancecraft.cli import app

TEXT = """\
MINISTER HOLM: Good morning. The toll must stay, and Velm will keep asking every ship for it.

QUESTION: Will the night train run again?

MINISTER HOLM: It will not.
"""


@pytest.fixture(autouse=True)
def training():
    pytest.importorskip("torch")
    pytest.importorskip("sklearn")


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def texts(tmp_path):
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "velm.txt").write_text(TEXT, "utf-8")
    return tmp_path / "texts"


def test_sheet_merge_agreement_and_lint_go_together(texts, tmp_path):
    sheet = tmp_path / "velm.csv"
    made = run("annotate", "sheet", texts / "velm.txt", "--out", sheet)
    assert made.exit_code == 0
    assert made.stdout == ""
    assert "statements in" in made.stderr
    for who in ("first", "second"):
        out = tmp_path / "labels" / who
        merged = run("annotate", "merge", sheet, "--dir", texts, "--out", out, "--annotator", who)
        assert merged.exit_code == 0, merged.stderr
        assert merged.stderr.startswith("velm: ")
    labels = tmp_path / "labels"
    assert run("annotate", "agreement", labels / "first", labels / "second").exit_code == 0
    checked = run("lint", labels, "--dir", texts)
    assert (checked.exit_code, checked.stdout) == (0, "")
    assert checked.stderr == "nothing found\n"


def test_a_sheet_with_faults_is_told_on_standard_error_and_exits_with_1(texts, tmp_path):
    sheet = tmp_path / "velm.jsonl"
    run("annotate", "sheet", texts / "velm.txt", "--out", sheet)
    sheet.write_text(sheet.read_text("utf-8").replace('"terrorism": ""', '"terrorism": "pro"'), "utf-8")
    merged = run("annotate", "merge", sheet, "--dir", texts, "--out", tmp_path / "labels", "--annotator", "me")
    assert merged.exit_code == 1
    lines = merged.stderr.splitlines()
    assert len(lines) == len(sheet.read_text("utf-8").splitlines()) + 1
    assert all(line.startswith(f"error: {sheet}:") for line in lines[:-1])


def test_lint_prints_findings_and_exits_with_1(tmp_path):
    rows = [
        {"text": "The harbour of Velm asks every single ship for a toll.", "doc": doc, "labels": {"ukraine": value}}
        for doc, value in (("a", "favor"), ("b", "against"))
    ]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    found = run("lint", tmp_path / "rows.jsonl")
    assert found.exit_code == 1
    assert found.stdout.startswith("contradiction: a turn 0 says ukraine favor, b turn 0 against")
    assert found.stderr == "1 finding\n"


def test_fetch_that_gets_nothing_exits_with_1(tmp_path):
    (tmp_path / "sources.csv").write_text("doc,source,url,recipe,sha256\nvelm,a library,,,0\n", "utf-8")
    fetched = run("corpus", "fetch", "--out", tmp_path / "texts", "--data", tmp_path)
    assert fetched.exit_code == 1
    assert fetched.stderr.splitlines()[0] == "velm: no recipe; published as a library"


@pytest.mark.parametrize("given", ["1,x", "1;2"])
def test_seeds_that_are_no_numbers_are_a_usage_error(tmp_path, given):
    assert run("train", tmp_path / "r.yaml", "--seeds", given).exit_code == 2


def test_a_folder_that_is_no_run_cannot_teach(texts, tmp_path):
    taught = run("teach", texts, "--run", tmp_path, "--out", tmp_path / "out.jsonl")
    assert taught.exit_code == 1
    assert "not a finished training run" in taught.stderr


@pytest.mark.parametrize("given", ["0", "1", "-0.1", "1.5"])
def test_an_error_that_is_no_share_is_a_usage_error(texts, given):
    assert run("predict", texts, "--max-error", given).exit_code == 2


def test_a_promise_that_cannot_be_kept_is_refused_before_anything_is_written(texts, tmp_path):
    refused = run("predict", texts, "--max-error", "0.0001", "--out", tmp_path / "out.jsonl")
    assert refused.exit_code == 1
    assert "cannot promise an error of at most 0.0001" in refused.stderr
    assert not (tmp_path / "out.jsonl").exists()
