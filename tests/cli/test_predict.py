"""`stancecraft predict`: data on standard output, talk on standard error, exit status, bad input."""

import csv
import io
import json
import os
import pty
import subprocess
import sys

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from stancecraft.cli import app

KEYS = [
    "schema", "id", "doc", "date", "turn", "speaker", "role", "side", "reported", "joint", "start", "end", "text",
    "issues", "model",
]  # fmt: skip


def run(*arguments, stdin=None):
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def test_data_goes_to_stdout_and_talk_to_stderr(example):
    result = run("predict", example, "--format", "jsonl")
    assert result.exit_code == 0
    rows = lines(result.stdout)
    assert rows
    assert "about an issue" in result.stderr
    assert "about an issue" not in result.stdout


def test_jsonl_has_the_published_keys_in_order(example):
    for row in lines(run("predict", example, "--format", "jsonl").stdout):
        assert list(row) == KEYS
        for position in row["issues"].values():
            assert list(position) == ["stance", "about", "probabilities", "reason"]
            assert sum(position["probabilities"].values()) == pytest.approx(1, abs=1e-4)
            assert position["about"] == pytest.approx(1 - position["probabilities"]["none"], abs=1e-5)


def test_offsets_point_at_the_statement(example):
    text = example.read_bytes().decode()
    for row in lines(run("predict", example, "--format", "jsonl").stdout):
        assert text[row["start"] : row["end"]] == row["text"]


def test_standard_input_gives_the_same_as_the_file(example):
    from_file = lines(run("predict", example, "--format", "jsonl").stdout)
    from_stdin = lines(run("predict", "-", "--format", "jsonl", stdin=example.read_bytes()).stdout)
    assert [row["issues"] for row in from_stdin] == [row["issues"] for row in from_file]
    assert {row["doc"] for row in from_stdin} == {"stdin"}


def test_every_format_tells_the_same_decisions(example, tmp_path):
    out = {name: tmp_path / f"out.{name}" for name in ("jsonl", "csv", "parquet")}
    for name, path in out.items():
        assert run("predict", example, "--format", name, "--out", path, "--all").exit_code == 0
    nested = {
        (row["id"], issue): position["stance"]
        for row in lines(out["jsonl"].read_text("utf-8"))
        for issue, position in row["issues"].items()
    }
    flat = {
        (row["id"], row["issue"]): row["stance"] for row in csv.DictReader(io.StringIO(out["csv"].read_text("utf-8")))
    }
    columns = {(row["id"], row["issue"]): row["stance"] for row in pq.read_table(out["parquet"]).to_pylist()}
    assert nested == flat == columns


def test_without_all_only_issues_that_a_statement_is_about(example):
    rows = list(csv.DictReader(io.StringIO(run("predict", example, "--format", "csv").stdout)))
    assert rows
    assert all(row["stance"] != "none" for row in rows)


def test_the_table_names_speaker_side_issue_and_stance(example, example_speakers):
    result = run("predict", example, "--speakers", example_speakers)
    for word in (
        "speaker",
        "side",
        "statement",
        "issue",
        "stance",
        "Ingrid Halvorsen",
        "Norway",
        "Syria ceasefire",
        "favor",
    ):
        assert word in result.stdout


def test_several_inputs_and_folders_keep_their_order(example, tmp_path):
    for name in ("b.txt", "a.txt"):
        (tmp_path / name).write_bytes(example.read_bytes())
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    docs = [row["doc"] for row in lines(run("predict", tmp_path, example, "--format", "jsonl").stdout)]
    assert list(dict.fromkeys(docs)) == ["a", "b", "example"]


def test_inputs_of_one_name_stay_apart(example, tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "talk.txt").write_bytes(example.read_bytes())
    rows = lines(run("predict", tmp_path, "--format", "jsonl").stdout)
    assert len({row["doc"] for row in rows}) == 2
    assert len({row["id"] for row in rows}) == len(rows)


def test_predicting_a_table_with_meta_carries_it_through(tmp_path):
    table = tmp_path / "rows.csv"
    table.write_text("id,text,colour\nx1,The truce must hold.,red\n", "utf-8")
    [row] = lines(run("predict", table, "--format", "jsonl").stdout)
    assert row["id"] == "x1"
    assert row["meta"] == {"colour": "red"}
    assert row["start"] is None


def test_unknown_speakers_keep_their_name_and_are_told(example):
    result = run("predict", example, "--format", "jsonl")
    assert "Minister Halvorsen" in result.stderr
    assert {row["speaker"]: row["side"] for row in lines(result.stdout)}["Minister Halvorsen"] == ""


def test_a_text_without_labels_is_a_note_not_a_failure(tmp_path):
    (tmp_path / "speech.txt").write_text("The harbour opens at dawn. We shall sail.\n", "utf-8")
    result = run("predict", tmp_path / "speech.txt", "--format", "jsonl")
    assert result.exit_code == 0
    assert "no speaker labels" in result.stderr
    assert [row["speaker"] for row in lines(result.stdout)] == ["", ""]


def test_a_text_about_nothing_is_told(tmp_path):
    (tmp_path / "cake.txt").write_text("ANNA: The cake needs more sugar. Please pass the butter.\n", "utf-8")
    result = run("predict", tmp_path / "cake.txt")
    assert result.exit_code == 0
    assert result.stdout == ""
    assert "no statement is about any" in result.stderr


def test_a_text_that_is_not_english_is_told(tmp_path):
    french = "MINISTRE: Nous avons parlé longuement de la trêve, et nous souhaitons qu'elle soit respectée par tous.\n"
    (tmp_path / "fr.txt").write_text(french, "utf-8")
    assert "not English" in run("predict", tmp_path / "fr.txt").stderr


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("missing.txt", None, "no such file"),
        ("empty.txt", b"", "the file is empty"),
        ("blank.txt", b" \n\n ", "the file is empty"),
        ("binary.txt", b"MINISTER: one\x00\x01\x02two", "binary"),
        ("scan.pdf", b"%PDF-1.7 ...", "not a readable PDF"),
        ("bad.jsonl", b'{"text": "fine"}\n{"text": \n', "bad.jsonl:2: not valid JSON"),
        ("roles.csv", b"text,role\nHello there.,king\n", "roles.csv:2: column 'role'"),
    ],
)
def test_bad_input_is_one_line_and_status_one(tmp_path, name, content, told):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    result = run("predict", tmp_path / name)
    assert result.exit_code == 1
    [line] = [line for line in result.stderr.splitlines() if line.startswith("error:")]
    assert told in line
    assert name in line
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_another_encoding_is_read_and_told(tmp_path):
    text = "MINISTER: Señor Muñoz said the façade of the café in Málaga was déjà vu. We agreed to meet again.\n"
    (tmp_path / "latin.txt").write_bytes(text.encode("cp1252"))
    result = run("predict", tmp_path / "latin.txt", "--format", "jsonl")
    assert result.exit_code == 0
    assert "not UTF-8" in result.stderr


def test_a_bad_input_does_not_stop_the_others(example, tmp_path):
    result = run("predict", tmp_path / "missing.txt", example, "--format", "jsonl")
    assert result.exit_code == 1
    assert lines(result.stdout)
    assert "no such file" in result.stderr


def test_an_unknown_format_is_a_usage_error(example):
    result = run("predict", example, "--format", "xml")
    assert result.exit_code == 2
    assert "table, jsonl, csv, parquet" in result.stderr


def test_a_folder_that_is_no_model_is_told(example, tmp_path):
    result = run("predict", example, "--model", tmp_path)
    assert result.exit_code == 1
    assert "not a model folder" in result.stderr


def test_an_output_that_cannot_be_written_is_told(example, tmp_path):
    result = run("predict", example, "--format", "jsonl", "--out", tmp_path / "no" / "such" / "folder.jsonl")
    assert result.exit_code == 1
    assert "cannot write" in result.stderr


def test_a_bad_speakers_file_tells_all_its_mistakes(example, tmp_path):
    (tmp_path / "s.yaml").write_text("people:\n  - {side: Norway}\n  - {name: A B, role: king}\ncolour: red\n", "utf-8")
    result = run("predict", example, "--speakers", tmp_path / "s.yaml")
    assert result.exit_code == 1
    assert len([line for line in result.stderr.splitlines() if line.startswith("error:")]) == 3


def test_issues_prints_the_codebook_of_the_model(model):
    result = run("issues")
    assert result.exit_code == 0
    for issue in model.codebook.issues:
        assert issue.id in result.stdout
        assert issue.proposition in result.stdout


@pytest.mark.parametrize(("copies", "length"), [(1, 20), (2, 20), (25, 1)])
def test_a_bar_appears_on_a_terminal_when_the_work_is_long(example, tmp_path, copies, length):
    for number in range(copies):
        (tmp_path / f"{number}.txt").write_text(example.read_text("utf-8") * length, "utf-8")
    leader, follower = pty.openpty()
    command = [
        sys.executable,
        "-c",
        "from stancecraft.cli import app; app()",
        "predict",
        *map(str, tmp_path.glob("*.txt")),
    ]
    command += ["--format", "jsonl"]
    done = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=follower, env={**os.environ, "TERM": "xterm"})
    os.close(follower)
    data, _ = done.communicate(timeout=60)
    shown = os.read(leader, 1_000_000).decode(errors="replace")
    os.close(leader)
    assert done.returncode == 0
    assert "%" in shown
    assert all(json.loads(line) for line in data.decode().splitlines())


def test_a_reader_that_leaves_early_is_no_error(example, tmp_path):
    long = tmp_path / "long.txt"
    long.write_text(example.read_text("utf-8") * 60, "utf-8")
    command = f"{sys.executable} -c 'from stancecraft.cli import app; app()' predict {long} --format jsonl | head -n 1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr
    assert len(done.stdout.splitlines()) == 1


def test_ids_are_unique_over_inputs_of_one_name_given_apart(example, tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "talk.txt").write_bytes(example.read_bytes())
    inputs = [tmp_path / "one" / "talk.txt", tmp_path / "two" / "talk.txt", tmp_path / "one" / "talk.txt"]
    rows = lines(run("predict", *inputs, "--format", "jsonl").stdout)
    assert len({row["id"] for row in rows}) == len(rows)
    assert len({row["doc"] for row in rows}) == 3


def test_an_older_result_survives_a_run_that_reads_nothing(tmp_path):
    out = tmp_path / "out.jsonl"
    out.write_text("older\n", "utf-8")
    assert run("predict", tmp_path / "missing.txt", "--out", out).exit_code == 1
    assert out.read_text("utf-8") == "older\n"


def test_the_ending_of_the_output_names_the_format(example, tmp_path):
    assert run("predict", example, "--out", tmp_path / "out.jsonl").exit_code == 0
    assert lines((tmp_path / "out.jsonl").read_text("utf-8"))


def test_an_input_is_not_overwritten(example, tmp_path):
    talk = tmp_path / "talk.txt"
    talk.write_bytes(example.read_bytes())
    result = run("predict", talk, "--out", talk)
    assert result.exit_code == 2
    assert talk.read_bytes() == example.read_bytes()


def test_a_full_device_is_one_line(example):
    command = (
        f"{sys.executable} -c 'from stancecraft.cli import app; app()' predict {example} --format jsonl > /dev/full"
    )
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "standard output: cannot write" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_terminal_is_told_nothing_by_the_text(tmp_path):
    (tmp_path / "t.txt").write_text(
        "ANNA: The cease\x07fire \x1b]0;x\x07 in Syria must be upheld by all sides.\n", "utf-8"
    )
    result = run("predict", tmp_path / "t.txt")
    assert "upheld" in result.stdout
    assert not set("\x07\x1b") & set(result.stdout)


def test_a_text_without_full_stops_is_read():
    result = run("predict", "-", "--format", "jsonl", stdin="The annexation of Crimea was illegal\n")
    assert [row["text"] for row in lines(result.stdout)] == ["The annexation of Crimea was illegal"]


def test_a_csv_without_a_text_column_names_its_columns(tmp_path):
    (tmp_path / "t.csv").write_text("sentence,speaker\nWe sail.,Anna\n", "utf-8")
    result = run("predict", tmp_path / "t.csv")
    assert result.exit_code == 1
    assert "sentence, speaker" in result.stderr


def test_an_array_of_rows_is_a_table(tmp_path):
    (tmp_path / "t.json").write_text('[{"text": "We sail."}, {"text": "We stay."}]', "utf-8")
    assert [row["text"] for row in lines(run("predict", tmp_path / "t.json", "--format", "jsonl").stdout)] == [
        "We sail.",
        "We stay.",
    ]


def test_a_bare_question_is_answered_by_somebody_else(tmp_path):
    (tmp_path / "t.txt").write_text("Q  Will you sail?\n\nA  We will.\n\nA long way off, that is.\n", "utf-8")
    rows = lines(run("predict", tmp_path / "t.txt", "--format", "jsonl").stdout)
    assert [row["role"] for row in rows] == ["questioner", "official", "official"]


def test_explain_adds_words_that_stand_in_the_statement(example):
    plain = lines(run("predict", example, "--format", "jsonl").stdout)
    for bare, row in zip(plain, lines(run("predict", example, "--format", "jsonl", "--explain").stdout), strict=True):
        for issue, position in row["issues"].items():
            told = position.pop("decision")
            shares = [share for _, _, share in position["words"]]
            assert told["bias"] + sum(shares) == pytest.approx(told["margin"], abs=1e-3)
            assert all(row["text"][start:end].strip() for start, end, _ in position.pop("words"))
            assert position == bare["issues"][issue]


def test_explain_names_words_in_the_table(example):
    assert "words" not in run("predict", example).stdout
    assert "words" in run("predict", example, "--explain").stdout.splitlines()[0]


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_explain_does_not_go_with_flat_rows(example, tmp_path, format):
    result = run("predict", example, "--explain", "--out", tmp_path / f"out.{format}")
    assert result.exit_code == 2
    assert "goes with table and jsonl" in result.stderr
