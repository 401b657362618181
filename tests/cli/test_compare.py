"""`stancecraft compare`: data on standard output, formats, saved predictions, samples, times, bad input."""

import csv
import io
import json
import time

import pytest
from typer.testing import CliRunner

from stancecraft.cli import app
from stancecraft.comparison.result import VERDICTS


def run(*arguments, stdin=None):
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)


@pytest.fixture(scope="module")
def saved(tmp_path_factory, example, example_speakers):
    path = tmp_path_factory.mktemp("saved") / "labels.jsonl"
    result = run("predict", example, "--speakers", example_speakers, "--out", path)
    assert result.exit_code == 0
    return path


def data(*arguments):
    result = run("compare", *arguments, "--format", "json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_the_table_names_sides_issues_and_verdicts(example, example_speakers):
    result = run("compare", example, "--speakers", example_speakers)
    assert result.exit_code == 0
    for words in ("Norway", "Uzbekistan", "Syria ceasefire", "too little evidence", "26 statements read"):
        assert words in result.stdout
    assert "26 statements read" not in result.stderr


def test_saved_predictions_compare_like_the_text(saved, example, example_speakers):
    fresh, kept = data(example, "--speakers", example_speakers), data(saved)
    assert fresh == kept


def test_mended_labels_change_the_comparison(saved, tmp_path):
    rows = [json.loads(line) for line in saved.read_text("utf-8").splitlines()]
    for row in rows:
        if row["side"] == "Norway" and row["issues"]["syria_ceasefire"]["stance"] == "favor":
            row["issues"]["syria_ceasefire"]["stance"] = "against"
    mended = tmp_path / "mended.jsonl"
    mended.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    [cell] = [one for one in data(mended)["cells"] if (one["group"], one["issue"]) == ("Norway", "syria_ceasefire")]
    assert cell["favor"] == 0
    assert cell["against"] > 0


def test_saved_predictions_come_through_standard_input_too(saved):
    result = run("compare", "-", "--format", "json", stdin=saved.read_bytes())
    assert json.loads(result.stdout) == data(saved)


def test_a_sample_is_never_written_over(saved, tmp_path):
    sheet = tmp_path / "sample.json"
    assert run("compare", saved, "--draw-sample", 4, "--out", sheet).exit_code == 0
    before = sheet.read_bytes()
    assert run("compare", saved, "--gold", sheet, "--out", sheet).exit_code == 2
    assert sheet.read_bytes() == before


def test_csv_has_a_row_per_cell_and_pair(saved):
    found = data(saved)
    rows = list(csv.DictReader(io.StringIO(run("compare", saved, "--format", "csv").stdout)))
    assert [row["what"] for row in rows] == ["group"] * len(found["cells"]) + ["pair"] * len(found["pairs"])
    assert {row["verdict"] for row in rows if row["what"] == "pair"} <= set(VERDICTS)


def test_speakers_and_documents_are_groups_too(saved):
    assert "Ingrid Halvorsen" in data(saved, "--by", "speaker")["groups"]
    assert data(saved, "--by", "document")["groups"] == ["example"]


def test_questioners_count_on_request(saved):
    without, more = data(saved)["counts"], data(saved, "--include", "questioner,moderator", "--by", "speaker")["counts"]
    assert more["counted"] > without["counted"]
    assert "left out: questioners" in without
    assert "left out: questioners" not in more


def test_only_the_sides_that_are_named(saved):
    assert data(saved, "--sides", "norway")["groups"] == ["Norway"]


def test_an_unknown_side_gets_the_nearest_names(saved):
    result = run("compare", saved, "--sides", "Norwegia")
    assert result.exit_code == 1
    assert result.stderr.strip() == "error: no statement of the side 'Norwegia'; did you mean Norway?"
    assert result.stdout == ""


def test_times_are_compared_and_the_statements_that_moved_them_shown(saved, example, example_speakers):
    found = data("--before", saved, "--after", example, "--speakers", example_speakers)
    assert [one["doc"] for one in found["documents"]] == ["example", "example (after)"]
    assert {one["group"] for one in found["changes"]} == {"Norway", "Uzbekistan"}
    assert all(one["difference"] in (0, None) for one in found["changes"])


def test_before_needs_after_and_no_other_input(saved):
    assert run("compare", "--before", saved).exit_code == 2
    assert run("compare", saved, "--before", saved, "--after", saved).exit_code == 2
    assert run("compare").exit_code == 2


def test_a_trend_needs_dates(saved, tmp_path):
    result = run("compare", saved, "--over-time")
    assert result.exit_code == 1
    assert "expected documents of at least 3 dates" in result.stderr


def test_a_trend_over_dated_texts(example, example_speakers, tmp_path):
    for day in ("2016-01-01", "2016-02-01", "2016-03-01"):
        (tmp_path / f"{day}-talks.txt").write_bytes(example.read_bytes())
    trends = data(tmp_path, "--speakers", example_speakers, "--over-time")["trends"]
    assert trends
    assert {one["dates"][0] for one in trends} == {"2016-01-01"}


def test_a_sample_is_drawn_labelled_and_used(saved, tmp_path):
    sheet = tmp_path / "sample.jsonl"
    result = run("compare", saved, "--draw-sample", 4, "--out", sheet)
    assert result.exit_code == 0
    rows = [json.loads(line) for line in sheet.read_text("utf-8").splitlines()]
    assert all(row["labels"] is None and 0 < row["probability"] <= 1 and "issues" not in row for row in rows)
    refused = run("compare", saved, "--gold", sheet)
    assert refused.exit_code == 1
    assert "nobody filled this row in" in refused.stderr
    sheet.write_text("".join(json.dumps(row | {"labels": {}}) + "\n" for row in rows), "utf-8")
    cells = data(saved, "--gold", sheet)["cells"]
    assert sum(cell["estimated"]["sampled"] for cell in cells if cell["issue"] == "ukraine") == 4


def test_one_document_twice_is_refused(saved, example, example_speakers):
    result = run("compare", saved, example, "--speakers", example_speakers)
    assert result.exit_code == 1
    assert "document 'example' is also in" in result.stderr


def test_words_are_left_out_on_request(saved, example, example_speakers):
    args = ("--before", saved, "--after", example, "--speakers", example_speakers, "--format", "json")
    assert "text" not in json.dumps(
        [one["moved"] for one in json.loads(run("compare", *args, "--no-text").stdout)["changes"]]
    )


def test_a_file_appears_whole_or_not_at_all(saved, tmp_path):
    out = tmp_path / "found.json"
    assert run("compare", saved, "--out", out).exit_code == 0
    assert json.loads(out.read_text("utf-8"))["schema"] == "stancecraft-comparison/1"
    assert run("compare", saved, "--out", tmp_path / "no" / "found.json").exit_code == 1
    assert run("compare", saved, "--out", saved).exit_code == 2


def test_the_page_shows_the_statements_their_words_and_their_place(example, example_speakers, tmp_path):
    page = tmp_path / "page.html"
    result = run("compare", example, "--speakers", example_speakers, "--html", page)
    assert result.exit_code == 0
    told = page.read_text("utf-8")
    for words in ("Norway", "too little evidence", "He will have to go.", "carried"):
        assert words in told
    bare = tmp_path / "bare.html"
    assert run("compare", example, "--speakers", example_speakers, "--html", bare, "--no-text").exit_code == 0
    assert "He will have to go." not in bare.read_text("utf-8")


def test_the_page_has_changes_and_trends_where_they_were_asked_for(example, example_speakers, tmp_path):
    for day in ("2016-01-01", "2016-02-01", "2016-03-01"):
        (tmp_path / f"{day}-talks.txt").write_bytes(example.read_bytes())
    page = tmp_path / "page.html"
    dated = [*sorted(tmp_path.glob("2016-*")), "--speakers", example_speakers, "--html", page]
    assert run("compare", *dated, "--over-time").exit_code == 0
    assert '<h2 id="trends-title">' in page.read_text("utf-8")
    assert '<h2 id="changes-title">' not in page.read_text("utf-8")
    times = ["--before", dated[0], "--after", dated[1], *dated[3:]]
    assert run("compare", *times).exit_code == 0
    assert '<h2 id="changes-title">' in page.read_text("utf-8")


@pytest.mark.parametrize(
    "arguments",
    [("--by", "party"), ("--format", "xml"), ("--include", "ghosts"), ("--margin", "0"), ("--draw-sample", "3")],
)
def test_usage_errors(saved, arguments):
    assert run("compare", saved, *arguments).exit_code == 2


@pytest.mark.slow
def test_ten_thousand_saved_predictions_take_less_than_five_seconds(saved, tmp_path):
    rows = [json.loads(line) for line in saved.read_text("utf-8").splitlines()]
    many = tmp_path / "many.jsonl"
    with many.open("w", encoding="utf-8") as stream:
        for copy in range(10_000 // len(rows) + 1):
            for row in rows:
                stream.write(json.dumps(row | {"doc": f"d{copy}", "id": f"{copy}-{row['id']}"}) + "\n")
    began = time.process_time()
    assert run("compare", many).exit_code == 0
    assert time.process_time() - began < 5
