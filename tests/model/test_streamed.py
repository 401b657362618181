"""Tables read piece by piece: what is read is what would be read whole, faulty rows are left out, memory is bounded."""

import csv
import io
import json
import os
import sqlite3
import threading
import tracemalloc
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stancecraft import readers, speakers
from stancecraft.errors import InputError, OutputError
from stancecraft.readers import streamed

some = settings(
    max_examples=40, deadline=None, database=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip
FORMATS = ["jsonl", "csv", "parquet"]
WORDS = st.text("abcé \"',\n", min_size=1, max_size=12).map(lambda text: f"We say {text}.")
ROWS = st.lists(
    st.fixed_dictionaries(
        {"text": WORDS, "doc": st.sampled_from(["", "one", "two"]), "speaker": st.sampled_from("AB")}
    ),
    min_size=1, max_size=12,
)  # fmt: skip


def save(rows, path):
    match path.suffix:
        case ".jsonl":
            path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        case ".csv":
            stream = io.StringIO(newline="")
            writer = csv.DictWriter(stream, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
            path.write_text(stream.getvalue(), "utf-8", newline="")
        case ".parquet":
            pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=1000 if len(rows) > 100 else 4)
    return path


def read(path, size=streamed.PIECE, **given):
    faults = []
    table = speakers.Speakers()
    return list(streamed.pieces(path, fault=faults.append, speakers=table, doc="d", size=size, **given)), faults


@pytest.mark.parametrize("format", FORMATS)
@some
@given(rows=ROWS, size=st.integers(1, 6))
def test_the_pieces_together_are_what_is_read_whole(tmp_path, format, rows, size):
    path = save(rows, tmp_path / f"t.{format}")
    pieces, faults = read(path, size)
    whole = readers.read(path, doc="d")
    assert [one for piece in pieces for one in piece.statements] == list(whole.statements)
    assert [one for piece in pieces for one in piece.places] == list(whole.places)
    assert not faults


@pytest.mark.parametrize("format", FORMATS)
@some
@given(rows=ROWS, size=st.integers(1, 6))
def test_a_document_is_never_divided_and_a_piece_ends_with_the_one_that_fills_it(tmp_path, format, rows, size):
    pieces, _ = read(save(rows, tmp_path / f"t.{format}"), size)
    for before, after in zip(pieces, pieces[1:], strict=False):
        assert not after.statements[0].doc or after.statements[0].doc != before.statements[-1].doc
        assert len(before.statements) >= size
        documents = [one.doc or str(at) for at, one in enumerate(before.statements)]
        begins = max(at for at in range(len(documents)) if at == 0 or documents[at] != documents[at - 1])
        assert begins < size


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("text", [None, " ", "x" * 1_000_000])
def test_a_row_without_usable_text_is_named_and_the_rest_is_read(tmp_path, format, text):
    rows = [{"text": one, "id": str(at)} for at, one in enumerate(["We sail.", text, "We stay."])]
    pieces, faults = read(save(rows, tmp_path / f"t.{format}"))
    assert [one.id for piece in pieces for one in piece.statements] == ["0", "2"]
    [line] = faults
    assert (
        f"t.{format}: row 1: " in line if format == "parquet" else f"t.{format}:{3 if format == 'csv' else 2}: " in line
    )
    assert "column 'text'" in line
    assert len(line) < 300


@pytest.mark.parametrize(
    ("name", "content", "told", "kept"),
    [
        ("t.jsonl", b'{"text": "We sail."}\n{"text": \n{"text": "We stay."}\n', ":2: not valid JSON", 2),
        ("t.jsonl", b'{"text": "We sail."}\n[1]\n', ":2: expected a JSON object", 1),
        ("t.csv", b"text,side\nWe sail.,A\nWe stay.,B,C\nWe go.,D\n", ":3: more cells", 2),
        ("t.csv", b'text,side\n"We" sail.,A\nWe stay.,B\n', ":2: not valid CSV", 1),
        ("t.csv", b'text\nWe sail.\n"We stay.\nWe go.\n', "lines 3 to 4: not valid CSV", 1),
        ("t.jsonl", b'{"text": "We sail.", "id": "a"}\n{"text": "We stay.", "id": "a"}\n', ":2: id 'a' is already", 1),
    ],
)
def test_a_faulty_row_is_named_and_the_rest_is_read(tmp_path, name, content, told, kept):
    (tmp_path / name).write_bytes(content)
    pieces, faults = read(tmp_path / name)
    assert sum(len(piece.statements) for piece in pieces) == kept
    [line] = faults
    assert f"{name}{told}" in line or f"{name}: {told}" in line


def test_a_damaged_group_of_rows_is_named_and_the_others_are_read(tmp_path):
    path = tmp_path / "t.parquet"
    rows = [{"text": f"We say {at}."} for at in range(12)]
    pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=4, use_dictionary=False, compression="zstd")
    column = pq.ParquetFile(path).metadata.row_group(1).column(0)
    content = bytearray(path.read_bytes())
    content[column.data_page_offset : column.data_page_offset + column.total_compressed_size] = bytes(
        column.total_compressed_size
    )
    path.write_bytes(content)
    pieces, faults = read(path)
    assert [one.text for piece in pieces for one in piece.statements] == [
        row["text"] for at, row in enumerate(rows) if not 4 <= at < 8
    ]
    [line] = faults
    assert "t.parquet: rows 4 to 7: cannot be read" in line


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("t.parquet", b"PAR1 and nothing else", "not a readable Parquet file"),
        ("t.csv", b"text,side\n", "the table has no rows"),
        ("t.csv", b"sentence,side\nWe sail.,A\n", "expected a column 'text', got the columns sentence, side"),
    ],
)
def test_a_file_that_is_no_table_of_statements_is_refused(tmp_path, name, content, told):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=told):
        read(tmp_path / name, input_format=name.split(".")[1])


def test_a_part_without_the_column_names_those_that_it_has(tmp_path):
    path = save([{"sentence": "We sail.", "side": "A"}], tmp_path / "t.parquet")
    with pytest.raises(InputError, match="expected a column 'text', got the columns sentence, side"):
        read(path)


def test_of_many_faults_the_first_are_told_and_the_rest_counted(tmp_path):
    path = save([{"text": "We sail."}] + [{"text": None}] * 50, tmp_path / "t.jsonl")
    _, faults = read(path)
    assert len(faults) == 21
    assert faults[-1].endswith("and 30 more problems")


def test_a_table_in_another_encoding_is_read_whole_and_noted(tmp_path):
    (tmp_path / "t.csv").write_bytes(
        "text\nThe façade of the café in Málaga was déjà vu to all of us.\n".encode("cp1252")
    )
    [piece], _ = read(tmp_path / "t.csv")
    assert "façade" in piece.statements[0].text
    assert "not UTF-8" in piece.notes[0]


def test_other_formats_are_one_piece(root):
    folder = root / "tests" / "data" / "formats"
    for path in sorted(folder.iterdir()):
        [piece], _ = read(path)
        assert piece == readers.read(path, speakers=speakers.Speakers(), doc="d")


def test_a_group_with_a_value_that_python_does_not_know_is_named(tmp_path):
    path = tmp_path / "t.parquet"
    days = pa.array([0, 2**60], pa.timestamp("us"))
    pq.write_table(pa.table({"text": ["We sail.", "We stay."], "at": days}), path, row_group_size=1)
    [piece], faults = read(path)
    assert [one.text for one in piece.statements] == ["We sail."]
    [line] = faults
    assert "t.parquet: rows 1 to 1: cannot be read" in line


def test_of_a_pipe_nothing_is_lost(tmp_path, root):
    path, content = tmp_path / "pipe", (root / "tests" / "data" / "example.txt").read_bytes()
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(content,))
    writer.start()
    [piece], faults = read(path)
    writer.join()
    assert piece == readers.parse(content, str(path), "d", speakers.Speakers())
    assert not faults


def test_without_room_for_the_ids_the_file_is_named(tmp_path, monkeypatch):
    def small(*given, connect=sqlite3.connect, **options):
        made = connect(*given, **options)
        made.execute("PRAGMA max_page_count=8")
        return made

    monkeypatch.setattr(streamed.sqlite3, "connect", small)
    rows = [{"text": "We sail.", "id": f"{at}" * 100} for at in range(1_000)]
    path = save(rows, tmp_path / "t.jsonl")
    with pytest.raises(OutputError, match=r"t\.jsonl: cannot keep the ids of its rows in .*: database or disk is full"):
        read(path)


@pytest.mark.parametrize("format", FORMATS)
def test_memory_does_not_grow_with_the_number_of_rows(tmp_path, format):
    def peak(count):
        rows = [{"text": f"We say that this is sentence {at}.", "doc": str(at // 5), "id": f"id-{at}"}
                for at in range(count)]  # fmt: skip
        path = save(rows, Path(tmp_path / f"{count}.{format}"))
        del rows
        tracemalloc.start()
        for _ in streamed.pieces(path, fault=print, speakers=speakers.Speakers(), doc="d", size=200):
            pass
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return top

    peak(500)  # what is imported at the first reading
    assert peak(8_000) < 1.5 * peak(2_000) + 1_000_000
