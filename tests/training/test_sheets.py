"""Annotation sheets out and in again: a round trip, and every fault of a filled sheet."""

import csv
import io
import json
from xml.etree import ElementTree

import pytest

pytest.importorskip("pydantic")

from stancecraft.errors import DataError, OutputError
from stancecraft_training import annotations, merging, sheets

TEXT = """\
MINISTER HOLM: Good morning. The toll must stay. Nobody else pays for the piers, you know.

QUESTION: Will the night train run again?

MINISTER HOLM: It will not. "Sleepers", as you call them, wake my valley. The soup was good; thank you.
"""


@pytest.fixture
def texts(tmp_path):
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "velm.txt").write_text(TEXT, "utf-8")
    return folder


def filled(texts, book, suffix=".jsonl", **labels):
    """A sheet of the text whose statements that hold a word are labelled."""
    out = texts.parent / f"sheet{suffix}"
    sheets.write(texts / "velm.txt", out, book)
    marks = {"must stay": ("harbour_toll", "favor"), "run again": ("night_train", "neutral")} | labels
    mark(out, marks)
    return out


def mark(path, marks):
    text = path.read_text("utf-8-sig")
    if path.suffix == ".jsonl":
        rows = [json.loads(line) for line in text.splitlines()]
        for row in rows:
            for words, (issue, value) in marks.items():
                if words in row["text"]:
                    row[issue] = value
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    elif path.suffix == ".csv":
        rows = list(csv.DictReader(io.StringIO(text)))
        for row in rows:
            for words, (issue, value) in marks.items():
                if words in row["text"]:
                    row[issue] = value
        stream = io.StringIO()
        writer = csv.DictWriter(stream, rows[0].keys(), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
        path.write_text(stream.getvalue(), "utf-8-sig")
    else:
        tasks = json.loads(text)
        for task in tasks:
            chosen = [pair for words, pair in marks.items() if words in task["data"]["text"]]
            results = [{"from_name": issue, "value": {"choices": [value]}} for issue, value in chosen]
            task["annotations"] = [{"result": results}]
        path.write_text(json.dumps(tasks), "utf-8")


def merged(texts, book, *paths):
    out = texts.parent / "annotations"
    merging.merge(paths, texts, out, book, annotator="a person", reading=2)
    return [json.loads(line) for line in (out / "velm.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".json"])
def test_every_form_gives_back_the_labels_by_offset(texts, book, suffix):
    lines = merged(texts, book, filled(texts, book, suffix))
    labelled = {TEXT[line["start"] : line["end"]]: line["labels"] for line in lines if line["labels"]}
    assert labelled == {
        "The toll must stay.": {"harbour_toll": "favor"}, "Will the night train run again?": {"night_train": "neutral"}
    }  # fmt: skip
    assert {(line["pass"], line["annotator"]) for line in lines} == {(2, "a person")}


def test_what_was_merged_is_what_annotations_are_loaded_from(texts, book):
    merged(texts, book, filled(texts, book))
    joined = annotations.join(annotations.load(texts.parent / "annotations"), texts)
    assert [row["labels"] for row in joined.rows if row["labels"]] == [
        {"harbour_toll": "favor"}, {"night_train": "neutral"}
    ]  # fmt: skip


def test_a_sheet_holds_every_statement_with_what_stands_before_it(texts, book, tmp_path):
    out = tmp_path / "sheet.jsonl"
    told = sheets.write(texts / "velm.txt", out, book)
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    statements = sheets.source(texts / "velm.txt").statements
    assert [row["text"] for row in rows] == [one.text for one in statements]
    assert rows[0]["context"] == ""
    assert rows[2]["context"] == " ".join(one.text for one in statements[:2])
    assert told == f"{len(rows)} statements in {out}"


def test_sheets_of_parts_are_the_whole(texts, book, tmp_path):
    total = len(sheets.source(texts / "velm.txt").statements)
    parts = []
    for first in range(1, total + 1, 3):
        told = sheets.write(texts / "velm.txt", tmp_path / f"{first}.jsonl", book, first=first, count=3)
        assert ("are left" in told) == (first + 3 <= total)
        parts.append(tmp_path / f"{first}.jsonl")
    assert len(merged(texts, book, *parts)) == total


def test_a_label_studio_sheet_has_its_interface_beside_it(texts, book, tmp_path):
    sheets.write(texts / "velm.txt", tmp_path / "sheet.json", book)
    view = ElementTree.fromstring((tmp_path / "sheet.xml").read_text("utf-8"))
    assert [one.get("name") for one in view.iter("Choices")] == list(book.ids)
    assert {one.get("value") for one in view.iter("Choice")} == {"none", "favor", "against", "neutral"}
    shown = {one.get("value", "").removeprefix("$") for one in view.iter() if one.get("value", "").startswith("$")}
    assert shown <= json.loads((tmp_path / "sheet.json").read_text("utf-8"))[0]["data"].keys()


def test_a_sheet_from_behind_the_end_is_refused(texts, book, tmp_path):
    with pytest.raises(DataError, match="none from number 100 on"):
        sheets.write(texts / "velm.txt", tmp_path / "sheet.csv", book, first=100)


def test_an_unknown_form_is_refused(texts, book, tmp_path):
    with pytest.raises(OutputError, match=r"expected a sheet to end in \.jsonl, \.csv, \.json"):
        sheets.write(texts / "velm.txt", tmp_path / "sheet.xls", book)


def faults(texts, book, *paths):
    with pytest.raises(DataError) as caught:
        merged(texts, book, *paths)
    assert not (texts.parent / "annotations").exists(), "nothing is merged when anything is off"
    assert caught.value.lines[-1] == "nothing was merged"
    return caught.value.lines[:-1]


def changed(path, change):
    """Change the lines of a sheet; returns the sheet."""
    lines = path.read_text("utf-8-sig").splitlines()
    path.write_text("\n".join(change(lines)) + "\n", "utf-8")
    return path


def test_every_fault_is_told_at_once_with_its_line(texts, book):
    def spoil(lines):
        rows = [json.loads(line) for line in lines]
        rows[1]["harbour_toll"] = "pro"
        rows[2]["id"] = "velm:7777"
        rows[3]["text"] = "Will the night bus run again?"
        rows[4]["bridge"] = "favor"
        return [json.dumps(row) for row in rows]

    sheet = changed(filled(texts, book), spoil)
    told = faults(texts, book, sheet)
    assert any(line.startswith(f"{sheet}:2: harbour_toll: expected one of") and "'pro'" in line for line in told)
    assert any(line.startswith(f"{sheet}:3: unknown id 'velm:7777'") for line in told)
    assert any(line.startswith(f"{sheet}:4: ") and "the words are not those of the text" in line for line in told)
    assert any(line.startswith(f"{sheet}:5: unknown issue 'bridge'") for line in told)
    assert any("is missing" in line for line in told), "the row that lost its id is also missing"


def test_a_deleted_row_is_told(texts, book):
    sheet = changed(filled(texts, book), lambda lines: lines[:2] + lines[3:])
    [told] = faults(texts, book, sheet)
    assert told.startswith(f"{sheet}: row velm:")
    assert "is missing" in told


def test_two_labels_for_one_statement_are_told_with_both_places(texts, book):
    first = filled(texts, book)
    second = texts.parent / "other.jsonl"
    second.write_text(first.read_text("utf-8").replace('"favor"', '"against"'), "utf-8")
    [told] = faults(texts, book, first, second)
    assert told.startswith(f"{second}:2: ")
    assert told.endswith(f"is labelled otherwise in {first}:2")


def test_the_same_label_twice_is_no_fault(texts, book):
    sheet = filled(texts, book)
    assert merged(texts, book, sheet, sheet) == merged(texts, book, sheet)


def test_a_spreadsheets_curly_quotes_do_not_change_the_words(texts, book):
    sheet = filled(texts, book, ".csv")
    sheet.write_text(sheet.read_text("utf-8-sig").replace('""Sleepers""', "“Sleepers”"), "utf-8-sig")
    assert merged(texts, book, sheet)


def test_capitals_and_blanks_around_a_label_do_not_matter(texts, book):
    sheet = filled(texts, book, **{"will not": ("night_train", " Against ")})
    assert [line["labels"] for line in merged(texts, book, sheet) if line["labels"]][-1] == {"night_train": "against"}


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.csv", "text,harbour_toll\nx,favor\n", ":1: expected a header with the column id"),
        ("a.csv", "id,harbour_toll\nvelm:0,favor\n", ":1: no column for night_train"),
        ("a.csv", "id,harbour_toll,night_train\nvelm:0,favor\n", ":2: expected 3 fields, got 2"),
        ("a.jsonl", '{"id": "velm:0"}\n{"no": 1}\nnot json\n', ":2: expected an object with id"),
        ("a.json", '{"data": 1}', "expected a Label Studio export"),
        ("a.json", '[{"data": {"id": "velm:0"}}]', "expected a Label Studio export"),
    ],
)
def test_a_sheet_of_another_shape_is_told(texts, book, tmp_path, name, text, told):
    (tmp_path / name).write_text(text, "utf-8")
    assert any(told in line for line in faults(texts, book, tmp_path / name))


def test_a_text_that_is_not_there_is_told(texts, book):
    sheet = filled(texts, book)
    (texts / "velm.txt").unlink()
    assert f"{texts}: no text called 'velm' in this folder" in faults(texts, book, sheet)


def test_sheets_without_rows_are_told(texts, book, tmp_path):
    (tmp_path / "empty.jsonl").write_text("", "utf-8")
    with pytest.raises(DataError, match="no rows in any sheet"):
        merged(texts, book, tmp_path / "empty.jsonl")


def test_a_sheet_never_replaces_a_file(texts, book, tmp_path):
    (tmp_path / "velm.xml").write_text("a transcript", "utf-8")
    for name in ("velm.xml", "velm.json"):
        with pytest.raises(OutputError):
            sheets.write(texts / "velm.txt", tmp_path / name, book)
    assert (tmp_path / "velm.xml").read_text("utf-8") == "a transcript"
    sheets.write(texts / "velm.txt", tmp_path / "velm.csv", book)
    with pytest.raises(OutputError, match="exists already"):
        sheets.write(texts / "velm.txt", tmp_path / "velm.csv", book, first=2)


def test_sheets_merged_one_after_the_other_are_the_whole(texts, book, tmp_path):
    for first in (1, 4):
        sheets.write(texts / "velm.txt", tmp_path / f"{first}.jsonl", book, first=first, count=3 if first == 1 else 350)
    merged(texts, book, tmp_path / "1.jsonl")
    lines = merged(texts, book, tmp_path / "4.jsonl")
    assert len(lines) == len(sheets.source(texts / "velm.txt").statements)
    assert [line["start"] for line in lines] == sorted(line["start"] for line in lines)


def test_labels_of_another_text_of_that_name_are_not_mixed_in(texts, book):
    sheet = filled(texts, book)
    merged(texts, book, sheet)
    path = texts.parent / "annotations" / "velm.jsonl"
    path.write_text(path.read_text("utf-8").replace('"sha256": "', '"sha256": "f'), "utf-8")
    with pytest.raises(DataError, match="holds labels of another text called 'velm'"):
        merged(texts, book, sheet)


def test_the_text_is_found_beside_its_sheet_and_under_an_odd_name(texts, book):
    (texts / "velm.txt").rename(texts / "velm [final].txt")
    sheet = texts / "velm [final].csv"
    sheets.write(texts / "velm [final].txt", sheet, book)
    out = texts.parent / "annotations"
    [told] = merging.merge([sheet], texts, out, book, annotator="me", reading=1)
    assert told.startswith("velm [final]: ")


@pytest.mark.parametrize("name", ["/etc/x:3", ":3", "../x:3"])
def test_an_id_of_no_document_is_told(texts, book, tmp_path, name):
    (tmp_path / "a.jsonl").write_text(json.dumps({"id": name, "labels": {}}) + "\n", "utf-8")
    assert any("no text called" in line for line in faults(texts, book, tmp_path / "a.jsonl"))


@pytest.mark.parametrize("suffix", [".jsonl", ".csv"])
def test_separators_inside_a_sentence_do_not_break_a_sheet(texts, book, suffix):
    odd = "\u2028".join(["The toll", "must stay.\n"])
    (texts / "velm.txt").write_text(f"MINISTER HOLM: Good morning to all of you. {odd}", "utf-8")
    sheet = texts.parent / f"odd{suffix}"
    sheets.write(texts / "velm.txt", sheet, book)
    assert len(merged(texts, book, sheet)) == len(sheets.source(texts / "velm.txt").statements)


def test_a_quotation_mark_that_is_never_closed_is_told(texts, book, tmp_path):
    (tmp_path / "a.csv").write_text('id,harbour_toll,night_train\nvelm:0,"' + "x" * 200_000, "utf-8")
    assert any("quotation mark" in line for line in faults(texts, book, tmp_path / "a.csv"))
