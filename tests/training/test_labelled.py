"""Labelled statements: an absent label is not ``none``, and every violation is told with its file and row."""

import json

import pytest

pytest.importorskip("pydantic")

from stancecraft.errors import DataError
from stancecraft_training import labelled
from stancecraft_training.config import Source


@pytest.fixture
def source(tmp_path):
    """Write rows as JSONL and give the source that reads them."""

    def write(rows, name="rows.jsonl", unlisted="unlabelled"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        return Source(path=path, unlisted=unlisted)

    return write


@pytest.fixture
def table(tmp_path):
    """Write bytes as a file and give the source that reads it."""

    def write(content, name="rows.csv", unlisted="unlabelled"):
        (tmp_path / name).write_bytes(content)
        return Source(path=tmp_path / name, unlisted=unlisted)

    return write


def labels_of(rows):
    return [dict(row.labels) for row in rows]


def lines_of(sources, book):
    with pytest.raises(DataError) as caught:
        labelled.read(sources, book)
    return caught.value.lines


def test_an_absent_label_is_absent_and_not_none(source, book):
    rows = labelled.read([source([{"text": "We want the toll.", "labels": {"harbour_toll": "favor"}}])], book)
    assert labels_of(rows) == [{"harbour_toll": "favor"}]


def test_an_absent_label_is_none_where_the_source_says_so(source, book):
    given = [{"text": "We want the toll.", "labels": {"harbour_toll": "favor"}}, {"text": "The soup is hot."}]
    rows = labelled.read([source(given, unlisted="none")], book)
    assert labels_of(rows) == [
        {"harbour_toll": "favor", "night_train": "none"}, {"harbour_toll": "none", "night_train": "none"}
    ]  # fmt: skip


def test_what_unlisted_means_is_said_per_source(source, book):
    one = source([{"text": "One toll.", "labels": {"harbour_toll": "favor"}}], "one.jsonl", "none")
    two = source([{"text": "Two tolls.", "labels": {"harbour_toll": "against"}}], "two.jsonl")
    assert labels_of(labelled.read([one, two], book)) == [
        {"harbour_toll": "favor", "night_train": "none"}, {"harbour_toll": "against"}
    ]  # fmt: skip


def test_a_stated_none_is_a_label_and_null_is_not(source, book):
    given = [{"text": "The soup is hot.", "labels": {"harbour_toll": "none", "night_train": None}}]
    assert labels_of(labelled.read([source(given)], book)) == [{"harbour_toll": "none"}]


def test_a_labels_object_and_columns_per_issue_give_the_same(source, table, book):
    as_object = [
        {"text": "One.", "labels": {"harbour_toll": "favor", "night_train": "none"}},
        {"text": "Two.", "labels": {"night_train": "neutral"}},
        {"text": "Three.", "labels": {}},
    ]
    as_columns = [
        {"text": "One.", "harbour_toll": "favor", "night_train": "none"},
        {"text": "Two.", "harbour_toll": None, "night_train": "neutral"},
        {"text": "Three.", "harbour_toll": ""},
    ]
    csv_columns = b"text,harbour_toll,night_train\nOne.,favor,none\nTwo.,,neutral\nThree.,,\n"
    csv_object = (
        b'text,labels\nOne.,"{""harbour_toll"": ""favor"", ""night_train"": ""none""}"\n'
        b'Two.,"{""night_train"": ""neutral""}"\nThree.,\n'
    )
    expected = [{"harbour_toll": "favor", "night_train": "none"}, {"night_train": "neutral"}, {}]
    for given in (
        source(as_object, "a.jsonl"), source(as_columns, "b.jsonl"), table(csv_columns, "c.csv"),
        table(csv_object, "d.csv"),
    ):  # fmt: skip
        assert labels_of(labelled.read([given], book)) == expected


def test_a_csv_with_byte_order_mark_and_semicolons_is_read(table, book):
    content = '\ufefftext;doc;speaker;harbour_toll\r\n"Tolls; at last.";d1;Møller;favor\r\nNo.;d1;Ana;against\r\n'
    rows = labelled.read([table(content.encode("utf-8"))], book)
    assert [row.statement.text for row in rows] == ["Tolls; at last.", "No."]
    assert rows[0].statement.speaker == "Møller"
    assert labels_of(rows) == [{"harbour_toll": "favor"}, {"harbour_toll": "against"}]


def test_an_unknown_issue_is_one_line_with_file_and_row(source, book):
    given = source([{"text": "A.", "id": "row-7", "labels": {"harbor_toll": "favor"}}])
    (line,) = lines_of([given], book)
    assert line.startswith(f"{given.path}:1: ")
    assert "'harbor_toll'" in line
    assert "harbour_toll, night_train" in line


@pytest.mark.parametrize("value", ["favour", "Favor", "", 1, True, ["favor"]])
def test_an_illegal_value_is_one_line_with_file_and_row(source, book, value):
    given = source([
        {"text": "A.", "id": "row-1", "labels": {"harbour_toll": "favor"}},
        {"text": "B.", "id": "row-2", "labels": {"harbour_toll": value}},
    ])  # fmt: skip
    (line,) = lines_of([given], book)
    assert line.startswith(f"{given.path}:2: harbour_toll: ")
    assert "none, favor, against, neutral" in line
    assert line.endswith(f"got {value!r}")


@pytest.mark.parametrize("value", ["pro", 3])
def test_an_illegal_value_in_a_column_is_one_line_with_file_and_row(source, book, value):
    given = source([{"text": "A.", "id": "row-1", "night_train": value}])
    (line,) = lines_of([given], book)
    assert line.startswith(f"{given.path}:1: night_train: ")


@pytest.mark.parametrize("labels", ["favor", ["favor"], 7, "[1]"])
def test_labels_that_are_no_object_are_one_line_with_file_and_row(source, book, labels):
    given = source([{"text": "A.", "id": "row-1", "labels": labels}])
    (line,) = lines_of([given], book)
    assert line.startswith(f"{given.path}:1: ")
    assert "labels" in line


def test_every_violation_of_every_file_is_told_at_once(source, book):
    one = source([{"text": "A.", "id": "a", "labels": {"x": "favor", "night_train": "maybe"}}], "one.jsonl")
    two = source([{"text": "B.", "id": "b", "labels": {"y": "favor"}}], "two.jsonl")
    three = source([{"labels": {}}], "three.jsonl")
    found = lines_of([one, two, three], book)
    assert len(found) == 4
    assert ["one.jsonl" in line for line in found] == [True, True, False, False]
    assert "two.jsonl:1: " in found[2]
    assert "three.jsonl" in found[3]


def test_a_missing_file_does_not_hide_the_violations_of_others(source, book, tmp_path):
    bad = source([{"text": "A.", "id": "a", "labels": {"x": "favor"}}])
    found = lines_of([bad, Source(path=tmp_path / "nowhere"), Source(path=tmp_path / "nothing")], book)
    assert len(found) == 3
    assert ":1: unknown issue" in found[0]
    assert str(tmp_path / "nowhere") in found[1]
    assert str(tmp_path / "nothing") in found[2]


def test_a_folder_without_tables_is_refused_as_data(book, tmp_path):
    (tmp_path / "empty").mkdir()
    (line,) = lines_of([Source(path=tmp_path / "empty")], book)
    assert str(tmp_path / "empty") in line


def test_very_many_violations_are_cut_off_and_counted(source, book):
    given = source([{"text": "A.", "id": f"{at}", "labels": {"x": "favor"}} for at in range(50)])
    found = lines_of([given], book)
    assert len(found) < 50
    assert found[-1] == f"and {50 - (len(found) - 1)} more problems"


def test_a_document_in_two_files_is_refused(source, book):
    row = {"text": "A.", "doc": "council-9", "labels": {"harbour_toll": "favor"}}
    (line,) = lines_of([source([row, row], "one.jsonl"), source([row], "two.jsonl")], book)
    assert "'council-9'" in line
    assert "one.jsonl" in line
    assert "two.jsonl" in line


def test_a_document_in_two_files_of_the_same_name_is_refused(source, book):
    row = {"text": "A.", "doc": "council-9", "labels": {"harbour_toll": "favor"}}
    (line,) = lines_of([source([row], "spring/rows.jsonl"), source([row], "autumn/rows.jsonl")], book)
    assert "'council-9'" in line


def test_a_document_of_many_rows_in_one_file_is_fine(source, book):
    row = {"text": "A.", "doc": "council-9", "labels": {"harbour_toll": "favor"}}
    assert len(labelled.read([source([row] * 5)], book)) == 5


def test_rows_without_a_document_stand_alone_and_never_run_together(source, book):
    one = source([{"text": "A.", "labels": {"harbour_toll": "favor"}}] * 2, "one.jsonl")
    two = source([{"text": "A.", "labels": {"harbour_toll": "favor"}}] * 2, "two.jsonl")
    rows = labelled.read([one, two], book)
    assert [row.statement.doc for row in rows] == [""] * 4
    assert len({row.statement.meta["document"] for row in rows}) == 4


def test_a_folder_gives_its_tables_in_sorted_order(source, book, tmp_path):
    for name in ("b", "a", "c"):
        source([{"text": name, "doc": name, "labels": {"harbour_toll": "none"}}], f"folder/{name}.jsonl")
    rows = labelled.read([Source(path=tmp_path / "folder")], book)
    assert [row.statement.text for row in rows] == ["a", "b", "c"]


def test_rows_keep_their_order_and_their_context(source, book, toy_rows):
    rows = labelled.read([source(toy_rows)], book)
    assert [row.statement.id for row in rows] == [row["id"] for row in toy_rows]
    assert [row.statement.turn for row in rows] == [row["turn"] for row in toy_rows]
    assert [row.statement.role for row in rows] == [row["role"] for row in toy_rows]


def test_a_text_is_not_a_table(table, book):
    given = table(b"MIRA TAN: We support the toll.\n\nODO FENN: We reject it.\n", "talk.txt")
    (line,) = lines_of([given], book)
    assert str(given.path) in line


def test_data_without_any_label_is_refused(source, book):
    given = source([{"text": "A."}, {"text": "B.", "labels": {}}])
    (line,) = lines_of([given], book)
    assert str(given.path) in line


def test_counts_leave_absent_labels_out(source, book):
    given = source([
        {"text": "A.", "labels": {"harbour_toll": "favor"}},
        {"text": "B.", "labels": {"harbour_toll": "favor", "night_train": "none"}},
    ])  # fmt: skip
    assert labelled.counts(labelled.read([given], book), book) == {
        "harbour_toll": {"none": 0, "favor": 2, "against": 0, "neutral": 0},
        "night_train": {"none": 1, "favor": 0, "against": 0, "neutral": 0},
    }


def test_every_file_has_a_checksum_that_changes_with_it(source):
    one, two = source([{"text": "A."}], "one.jsonl"), source([{"text": "B."}], "two.jsonl")
    before = labelled.checksums([one, two])
    source([{"text": "C."}], "two.jsonl")
    after = labelled.checksums([one, two])
    assert len(before) == len(after) == 2
    assert len(set(before.values()) & set(after.values())) == 1


def test_files_of_the_same_name_have_a_checksum_each(source):
    one, two = source([{"text": "A."}], "spring/rows.jsonl"), source([{"text": "B."}], "autumn/rows.jsonl")
    assert len(labelled.checksums([one, two])) == 2
