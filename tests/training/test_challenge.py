"""Figures per probe."""

import json

import pytest

pytest.importorskip("torch")

from stancecraft.errors import DataError
from stancecraft_training import challenge

PROBES = [
    {"doc": "a", "text": "Good morning, all of you.", "labels": {}, "probe": ""},
    {"doc": "a", "text": "The annexation of Crimea was illegal.", "labels": {"ukraine": "favor"}, "probe": "plain"},
    {"doc": "b", "text": "The soup was good.", "labels": {}, "probe": "look-alike"},
    {"doc": "c", "text": "The gas price was settled.", "labels": {}, "probe": "look-alike"},
]


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def cells(page):
    return [[cell.strip() for cell in line.strip("|\n").split("|")] for line in page.splitlines()]


def test_rows_with_a_probe_are_counted_and_context_is_not(tmp_path):
    head, _, *rows = cells(challenge.table(write(tmp_path / "c.jsonl", PROBES), None))
    assert head == ["probe", "statements", "all issues right", "F1 about", "F1 issue and stance"]
    assert [row[:2] for row in rows] == [["all", "3"], ["plain", "1"], ["look-alike", "2"]]
    assert rows[2][3:] == ["-", "-"], "where nothing is about an issue there is nothing to find"
    assert all(0 <= float(row[2]) <= 1 for row in rows)


def test_a_statement_is_read_after_its_context(tmp_path):
    found = challenge.run(write(tmp_path / "c.jsonl", PROBES), None)
    alone = challenge.run(write(tmp_path / "c.jsonl", PROBES[1:]), None)
    assert found[0].statement.text == alone[0].statement.text
    assert found[0].positions != alone[0].positions
    assert found[1].positions == alone[1].positions


def test_a_file_without_probes_or_with_illegal_labels_is_told(tmp_path):
    with pytest.raises(DataError, match="no row has a probe"):
        challenge.run(write(tmp_path / "c.jsonl", PROBES[:1]), None)
    with pytest.raises(DataError, match="expected labels out of none, favor"):
        challenge.run(write(tmp_path / "c.jsonl", [PROBES[1] | {"labels": {"ukraine": "pro"}}]), None)


def test_labels_that_would_be_read_as_none_are_refused(tmp_path):
    with pytest.raises(DataError, match="does not know the issue 'soup'"):
        challenge.run(write(tmp_path / "c.jsonl", [PROBES[1] | {"labels": {"soup": "favor"}}]), None)
    with pytest.raises(DataError, match="expected a column labels"):
        challenge.run(write(tmp_path / "c.jsonl", [{"text": "A.", "probe": "plain", "ukraine": "favor"}]), None)
