"""Labelled rows as an analyst's install reads them: labels, documents, and faults with file and line."""

import json

import pytest

from stancecraft import labelled
from stancecraft.codebook import Codebook, Issue
from stancecraft.errors import DataError

BOOK = Codebook(tuple(Issue(name, name, "p", "f", "a", "n") for name in ("harbour_toll", "night_train")))
CSV = b"text,harbour_toll,night_train,probe\nOne.,favor,none,irony\nTwo.,,neutral,\n"


@pytest.fixture
def write(tmp_path):
    def written(rows, name="rows.jsonl"):
        content = rows if isinstance(rows, bytes) else "".join(json.dumps(row) + "\n" for row in rows).encode()
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    return written


def faults(*paths):
    with pytest.raises(DataError) as caught:
        labelled.read(paths, BOOK)
    return caught.value.lines


def test_a_row_keeps_its_other_columns_and_its_place(write):
    path = write(CSV, "rows.csv")
    one, two = labelled.read([path], BOOK)
    assert (dict(one.labels), dict(two.labels)) == ({"harbour_toll": "favor", "night_train": "none"},
                                                    {"night_train": "neutral"})  # fmt: skip
    assert one.statement.meta["probe"] == "irony"
    assert (one.place, two.place) == (f"{path}:2", f"{path}:3")


def test_every_format_of_a_table_gives_the_same_labels(write, tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq
    import xlsxwriter

    rows = [
        {"text": "One.", "harbour_toll": "favor", "night_train": "none"},
        {"text": "Two.", "night_train": "neutral"},
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "rows.parquet")
    with xlsxwriter.Workbook(tmp_path / "rows.xlsx") as book:
        sheet = book.add_worksheet()
        for at, row in enumerate([{name: name for name in rows[0]}, *rows]):
            sheet.write_row(at, 0, [row.get(name, "") for name in rows[0]])
    paths = [write(rows), write(CSV, "rows.csv"), tmp_path / "rows.parquet", tmp_path / "rows.xlsx"]
    first, *others = [[dict(row.labels) for row in labelled.read([path], BOOK)] for path in paths]
    assert all(other == first for other in others)


def test_unlisted_means_what_the_caller_says(write):
    path = write([{"text": "One.", "labels": {"harbour_toll": "favor"}}, {"text": "Two.", "labels": {}}])
    told = [dict(row.labels) for row in labelled.read([path], BOOK, "none")]
    assert told == [{"harbour_toll": "favor", "night_train": "none"}, {"harbour_toll": "none", "night_train": "none"}]


def test_faults_name_file_and_line(write):
    path = write([
        {"text": "One.", "labels": {"harbour_toll": "favor"}}, {"text": "Two.", "labels": {"harbor": "favor"}},
        {"text": "Three.", "labels": {"night_train": "maybe"}},
    ])  # fmt: skip
    unknown, illegal = faults(path)
    assert unknown.startswith(f"{path}:2: unknown issue 'harbor'")
    assert illegal.startswith(f"{path}:3: night_train: expected one of none, favor")


def test_data_for_other_issues_altogether_is_one_line(write):
    path = write([{"text": "One.", "labels": {"peace": "favor"}}, {"text": "Two.", "labels": {"war": "favor"}}])
    [line] = faults(path)
    assert line.startswith(f"{path}:1: ") and "peace, war" in line and "harbour_toll, night_train" in line


def test_rows_without_a_label_are_refused_with_what_was_expected(write):
    [line] = faults(write([{"text": "One."}]))
    assert "no labelled rows" in line and "harbour_toll, night_train" in line


def test_a_file_that_is_not_there_and_a_text_are_refused(write, tmp_path):
    missing, text = faults(tmp_path / "nothing.jsonl", write(b"A talk.\n\nIt has words.\n", "talk.txt"))
    assert "no such file" in missing
    assert "expected a table of labelled statements" in text


def test_a_document_in_two_files_is_refused(write):
    row = {"text": "One.", "doc": "d", "labels": {"harbour_toll": "favor"}}
    [line] = faults(write([row], "a.jsonl"), write([row], "b.jsonl"))
    assert "'d'" in line
