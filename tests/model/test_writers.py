"""Predictions to files: whole or not at all, and readable by others as they were meant."""

import contextlib
import csv
import datetime
import gc
import io
import json
import os
import stat

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stancecraft import codebook, writers
from stancecraft.errors import InputError, OutputError
from stancecraft.readers import tables
from stancecraft.records import VALUES, Position, Prediction, Statement
from stancecraft.report import rows
from stancecraft.writers import delimited, lines, parquet, terminal

some = settings(
    max_examples=60, deadline=None, database=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)


def book_with(title="Harbour toll"):
    issue = {"title": title, "proposition": "p", "favor": "f", "against": "a", "neutral": "n"}
    return codebook.parse({"issues": [issue | {"id": "toll"}, issue | {"id": "train", "title": "Night train"}]}, "toy")


BOOK = book_with()


def position(stance, none=0.1):
    shares = {value: 0.0 for value in VALUES} | {"none": none, stance or "favor": 1 - none}
    return Position(stance, shares, "decided" if stance else "abstained")


def prediction(text="We want the toll.", toll="favor", train="none", **given):
    positions = {"toll": position(toll, 0.75 if toll == "none" else 0.25), "train": position(train, 0.875)}
    return Prediction(Statement(text, **given), positions, "toy 1.0")


FOUND = [
    prediction("We want the toll.", id="a", doc="d", turn=0, speaker="Mira Tan", side="Velm", start=0, end=17),
    prediction("Nice weather.", "none", "none", id="b", doc="d", turn=1, speaker="Odo Fenn", start=18, end=31),
    prediction('He said "no",\nand; left…', "against", "neutral", id="c", doc="d", turn=2, reported=True),
    prediction("Hm.", None, "none", id="e", doc="", turn=0),
]


def written(found, format, *, every_issue=False, book=BOOK):
    stream = io.BytesIO()
    match format:
        case "jsonl":
            lines.write(found, stream)
        case "csv":
            delimited.write(found, stream, every_issue)
        case "parquet":
            parquet.write(found, stream, every_issue)
        case "table":
            terminal.write(found, stream, book, to_terminal=False)
    return stream.getvalue()


def read_csv(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""), strict=True))


def long_rows(found, every_issue):
    return [row for one in found for row in rows.long(one, every_issue)]


# A file appears whole or not at all.


@pytest.mark.parametrize("format", writers.FORMATS)
def test_a_file_is_written_and_nothing_else(tmp_path, format):
    writers.write(iter(FOUND), format, BOOK, out=tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert (tmp_path / "out").read_bytes() == written(FOUND, format)


@pytest.mark.parametrize("format", writers.FORMATS)
@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_failure_in_the_middle_leaves_the_old_file_and_no_temporary_one(tmp_path, format, error):
    def failing():
        yield FOUND[0]
        raise error("the model gave up")

    out = tmp_path / "out"
    out.write_text("the old one", "utf-8")
    with pytest.raises(error, match="gave up"):
        writers.write(failing(), format, BOOK, out=out)
    assert out.read_text("utf-8") == "the old one"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_failure_without_an_old_file_leaves_nothing(tmp_path):
    with pytest.raises(RuntimeError), writers.atomic(tmp_path / "out") as stream:
        stream.write(b"half of")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_the_old_file_stands_until_the_new_one_is_complete(tmp_path):
    out = tmp_path / "out"
    out.write_bytes(b"old")
    with writers.atomic(out) as stream:
        stream.write(b"new")
        stream.flush()
        assert out.read_bytes() == b"old"
    assert out.read_bytes() == b"new"


def test_a_new_file_has_the_rights_of_any_new_file(tmp_path):
    (tmp_path / "plain").write_bytes(b"")
    with writers.atomic(tmp_path / "out"):
        pass
    assert (tmp_path / "out").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    out = tmp_path / "no" / "such" / "out.csv"
    with pytest.raises(OutputError) as caught:
        writers.write([], "csv", BOOK, out=out)
    assert str(caught.value).startswith(f"{out}: cannot write: ")


def test_a_folder_in_place_of_a_file_is_told(tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(OutputError, match="cannot write"):
        writers.write([], "jsonl", BOOK, out=tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_pipe_or_device_is_not_replaced_by_a_file(tmp_path):
    # As root, --out /dev/null would otherwise put a file in the device's place.
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with contextlib.suppress(OutputError):
            writers.write(FOUND, "jsonl", BOOK, out=pipe)
            assert os.read(reader, 1_000_000) == written(FOUND, "jsonl")
        assert stat.S_ISFIFO(pipe.stat().st_mode)
    finally:
        os.close(reader)


def test_a_failure_of_the_source_is_not_told_as_one_of_writing(tmp_path):
    def failing():
        yield FOUND[0]
        raise FileNotFoundError(2, "no such language model")

    with pytest.raises(FileNotFoundError, match="no such language model"):
        writers.write(failing(), "jsonl", BOOK, out=tmp_path / "out")


@pytest.mark.parametrize("format", writers.FORMATS)
def test_a_failure_leaves_the_stream_open_for_its_owner(format):
    # Standard output is written through the same functions, and must not be closed under everybody's feet.
    stream = io.BytesIO()

    def failing():
        yield FOUND[0]
        raise RuntimeError

    def write():
        match format:
            case "jsonl":
                lines.write(failing(), stream)
            case "csv":
                delimited.write(failing(), stream, False)
            case "parquet":
                parquet.write(failing(), stream, False)
            case "table":
                terminal.write(failing(), stream, BOOK, to_terminal=False)

    with contextlib.suppress(RuntimeError):
        write()
    gc.collect()
    assert not stream.closed


@pytest.mark.parametrize("format", writers.FORMATS)
def test_without_a_file_it_goes_to_standard_output(capfdbinary, format):
    writers.write(FOUND, format, BOOK)
    assert capfdbinary.readouterr().out == written(FOUND, format)


# Nothing is legal in every format.


def test_no_predictions_are_a_legal_file_of_every_format():
    assert written([], "jsonl") == b""
    assert written([], "table") == b""
    assert written([], "csv").decode() == ",".join(rows.LONG_COLUMNS) + "\n"
    table = pq.read_table(io.BytesIO(written([], "parquet")))
    assert (table.num_rows, table.column_names) == (0, list(rows.LONG_COLUMNS))


# JSONL.


def test_a_line_is_the_nested_row():
    content = written(FOUND, "jsonl")
    assert content.endswith(b"\n")
    assert [json.loads(line) for line in content.decode("utf-8").split("\n")[:-1]] == [
        rows.nested(one) for one in FOUND
    ]


def test_a_line_has_exactly_the_keys_that_are_fixed_in_order():
    for line in written(FOUND, "jsonl").splitlines():
        assert list(json.loads(line)) == [
            "schema", "id", "doc", "date", "turn", "speaker", "role", "side", "reported", "joint", "start", "end",
            "text", "issues", "model",
        ]  # fmt: skip


def test_letters_are_written_as_themselves():
    assert "Málaga – “да”".encode() in written([prediction("Málaga – “да”")], "jsonl")


def test_values_that_json_lacks_are_written_as_text():
    meta = {"day": datetime.date(2021, 5, 3)}
    assert json.loads(written([prediction(meta=meta)], "jsonl"))["meta"] == {"day": "2021-05-03"}


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_every_line_is_json_as_others_read_it(number):
    # A Parquet table's missing numbers arrive as NaN, which JSON does not have.
    def refuse(word):
        raise AssertionError(f"{word} is not JSON")

    json.loads(written([prediction(meta={"score": number})], "jsonl"), parse_constant=refuse)


@some
@given(st.lists(st.text(min_size=1).filter(str.strip), max_size=5))
def test_jsonl_read_back_gives_the_statements(texts):
    found = [prediction(text, id=f"s{at}", doc="d", turn=at, speaker=text) for at, text in enumerate(texts)]
    if found:
        again = tables.from_jsonl(written(found, "jsonl").decode("utf-8"), "x", "x").statements
        assert [(one.id, one.doc, one.turn, one.speaker, one.text) for one in again] == [
            (one.statement.id, "d", one.statement.turn, one.statement.speaker, one.statement.text) for one in found
        ]


# CSV.


@pytest.mark.parametrize("every_issue", [False, True])
def test_csv_read_back_gives_the_long_rows(every_issue):
    again = read_csv(written(FOUND, "csv", every_issue=every_issue))
    expected = long_rows(FOUND, every_issue)
    assert [list(row) for row in again] == [list(rows.LONG_COLUMNS)] * len(expected)
    for row, one in zip(again, expected, strict=True):
        assert row == {column: "" if value is None else str(value) for column, value in one.items()}


@some
@given(st.lists(st.text(st.characters(exclude_characters="\r", codec="utf-8")), max_size=5))
def test_csv_keeps_any_text(texts):
    found = [prediction(text, speaker=text) for text in texts]
    assert [(row["text"], row["speaker"]) for row in read_csv(written(found, "csv"))] == [(one, one) for one in texts]


@pytest.mark.parametrize("text", ["We sail.\r\nAt dawn.", "We sail.\rAt dawn."])
def test_csv_keeps_line_breaks_of_every_kind(text):
    assert [row["text"] for row in read_csv(written([prediction(text)], "csv"))] == [text]


def test_csv_lines_end_with_a_bare_newline():
    content = written(FOUND[:2], "csv")
    assert b"\r" not in content
    assert content.endswith(b"\n")


# Parquet.


def test_the_parquet_schema_is_fixed():
    table = pq.read_table(io.BytesIO(written(FOUND, "parquet")))
    assert table.schema.equals(parquet.SCHEMA)
    assert table.column_names == list(rows.LONG_COLUMNS)
    types = {
        "turn": pa.int64(), "start": pa.int64(), "end": pa.int64(), "about": pa.float32(), "reported": pa.bool_(),
        "joint": pa.bool_(), **{f"p_{value}": pa.float32() for value in VALUES},
    }  # fmt: skip
    assert {name: table.schema.field(name).type for name in table.column_names} == {
        name: types.get(name, pa.string()) for name in rows.LONG_COLUMNS
    }


@pytest.mark.parametrize("every_issue", [False, True])
def test_parquet_read_back_gives_the_long_rows(every_issue):
    # The probabilities of these toys are sums of powers of two, so single precision holds them exactly.
    again = pq.read_table(io.BytesIO(written(FOUND, "parquet", every_issue=every_issue))).to_pylist()
    assert again == long_rows(FOUND, every_issue)


def test_parquet_and_csv_tell_the_same():
    table = pq.read_table(io.BytesIO(written(FOUND, "parquet"))).to_pylist()
    for row, other in zip(read_csv(written(FOUND, "csv")), table, strict=True):
        assert (row["id"], row["issue"], row["stance"]) == (other["id"], other["issue"], other["stance"] or "")


@pytest.mark.parametrize("count", [1, 3, 4, 7])
def test_many_rows_are_written_in_groups_and_none_is_lost(monkeypatch, count):
    monkeypatch.setattr(parquet, "_ROWS_PER_GROUP", 3)
    found = [prediction(id=str(at)) for at in range(count)]
    file = pq.ParquetFile(io.BytesIO(written(found, "parquet")))
    assert file.num_row_groups == -(-count // 3)
    assert [row["id"] for row in file.read().to_pylist()] == [str(at) for at in range(count)]


@some
@given(st.lists(st.text(), max_size=5))
def test_parquet_keeps_any_text(texts):
    found = [prediction(text) for text in texts]
    assert [row["text"] for row in pq.read_table(io.BytesIO(written(found, "parquet"))).to_pylist()] == texts


def test_any_turn_that_can_be_read_can_be_written():
    try:
        [one] = tables.from_jsonl('{"text": "We sail.", "turn": 3000000000}\n', "x", "x").statements
    except InputError:
        return
    [row] = pq.read_table(io.BytesIO(written([prediction(turn=one.turn)], "parquet"))).to_pylist()
    assert row["turn"] == 3_000_000_000


# The table.


def table(found, book=BOOK):
    return written(found, "table", book=book).decode("utf-8")


def test_the_table_leaves_out_statements_about_nothing():
    shown = table(FOUND)
    assert "We want the toll." in shown
    assert "Nice weather." not in shown
    assert "Odo Fenn" not in shown


def test_a_table_of_statements_about_nothing_is_empty():
    assert table([FOUND[1]]) == ""


def test_the_table_says_who_what_which_and_how_probable():
    header, row = table(FOUND[:1]).splitlines()[:2]
    assert header.split() == ["speaker", "side", "statement", "issue", "stance", "P(stance)"]
    for words in ("Mira Tan", "Velm", "We want the toll.", "Harbour toll", "favor", "0.75"):
        assert words in row


def test_a_statement_about_two_issues_is_printed_once():
    shown = table([FOUND[2]])
    assert shown.count("He said") == 1
    assert [word in shown for word in ("Harbour toll", "against", "Night train", "neutral")] == [True] * 4


def test_an_abstention_is_shown_as_unsure():
    assert "unsure" in table([FOUND[3]])


def test_reported_words_are_marked_and_an_unknown_speaker_is_a_dash():
    assert "- (reported)" in table([FOUND[2]])
    assert table([prediction()]).splitlines()[1].startswith("-")


def test_brackets_are_printed_as_they_stand():
    shown = table([prediction("We want [it] all [/].", speaker="Mira [bold]Tan", side="[red]")])
    for words in ("We want [it] all [/].", "Mira [bold]Tan", "[red]"):
        assert words in shown


@pytest.mark.parametrize("title", ["Harbour toll [phase two]", "Harbour toll [/]"])
def test_brackets_in_a_title_are_printed_as_they_stand(title):
    assert title in table([prediction()], book_with(title))


def test_a_line_break_inside_a_statement_is_a_blank():
    assert "We want the whole toll." in table([prediction("We want\r\n  the whole toll.")])


def test_a_table_in_a_file_has_no_colours(monkeypatch):
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    assert "\x1b" not in table(FOUND)


def test_a_table_in_a_file_has_no_colours_even_where_terminals_are_told_to(monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b" not in table(FOUND)


def test_a_table_on_a_terminal_has_colours(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = io.BytesIO()
    terminal.write(FOUND, stream, BOOK, to_terminal=True)
    assert b"\x1b[" in stream.getvalue()
