"""Saved predictions: what goes out comes back, mended labels count, bad rows are all told."""

import io
import json

import pytest

import stancecraft
from stancecraft import saved
from stancecraft.errors import InputError
from stancecraft.writers import lines


@pytest.fixture(scope="module")
def predictions(model, example):
    return model.predict(stancecraft.read(example), explain=True)


@pytest.fixture
def file(predictions, tmp_path):
    stream = io.BytesIO()
    lines.write(predictions, stream)
    path = tmp_path / "saved.jsonl"
    path.write_bytes(stream.getvalue())
    return path


def edited(file, at, change):
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    change(rows[at])
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return file


def test_what_was_saved_comes_back(file, predictions):
    assert saved.is_saved(file)
    for before, after in zip(predictions, saved.read(file), strict=True):
        assert (after.statement.text, after.statement.start, after.statement.side, after.statement.turn) == (
            before.statement.text, before.statement.start, before.statement.side, before.statement.turn,
        )  # fmt: skip
        for issue, position in before.positions.items():
            again = after.positions[issue]
            assert (again.stance, again.reason) == (position.stance, position.reason)
            assert again.probabilities == pytest.approx(position.probabilities, abs=1e-6)
            assert [word[:2] for word in again.explanation.words] == [word[:2] for word in position.explanation.words]


def test_a_stance_mended_by_hand_counts(file):
    def mend(row):
        row["issues"]["ukraine"]["stance"] = "against"

    assert saved.read(edited(file, 2, mend))[2].positions["ukraine"].stance == "against"


def test_json_without_spaces_is_saved_predictions_too(file):
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    file.write_text("".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows), "utf-8")
    assert saved.is_saved(file)


def test_a_statement_twice_is_refused(file):
    file.write_text(file.read_text("utf-8") * 2, "utf-8")
    with pytest.raises(InputError, match="is already used in line 1"):
        saved.read(file)


def test_words_that_make_no_sense_are_left_out(file):
    def spoil(row):
        row["issues"]["ukraine"]["decision"]["over"] = "other"

    again = saved.read(edited(file, 0, spoil))[0].positions
    assert again["ukraine"].explanation is None
    assert again["terrorism"].explanation is not None


def test_other_files_are_no_saved_predictions(tmp_path, example):
    table = tmp_path / "table.jsonl"
    table.write_text('{"text": "The truce holds.", "id": "1"}\n', "utf-8")
    assert not saved.is_saved(table)
    assert not saved.is_saved(example)
    assert not saved.is_saved(tmp_path / "absent.jsonl")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda row: row["issues"]["ukraine"].update(stance="pro"), "issues.ukraine.stance: expected one of none"),
        (lambda row: row["issues"]["ukraine"].update(probabilities={"none": 1}), "issues.ukraine.probabilities"),
        (lambda row: row["issues"]["ukraine"].update(reason="because"), "issues.ukraine.reason"),
        (lambda row: row["issues"].pop("ukraine"), "expected the issues"),
        (lambda row: row.update(issues=[]), "issues: expected an object"),
        (lambda row: row.update(schema="other/9"), "schema: expected"),
        (lambda row: row.update(role="king"), "role"),
        (lambda row: row.update(side="Rus\ud800ia"), "holds half a character"),
    ],
)
def test_a_bad_row_is_told_with_its_line(file, change, told):
    with pytest.raises(InputError) as caught:
        saved.read(edited(file, 1, change))
    assert any(line.startswith(f"{file}:2: ") and told in line for line in caught.value.lines)


def test_every_bad_row_is_told_at_once(file):
    file.write_text(file.read_text("utf-8") + "{broken\n[]\n", "utf-8")
    with pytest.raises(InputError) as caught:
        saved.read(file)
    assert len(caught.value.lines) == 2


def gold_rows(predictions, turn):
    return [
        {"doc": one.statement.doc, "id": one.statement.id, "turn": turn, "probability": 0.5, "labels": {}}
        for one in predictions if one.statement.turn == turn
    ]  # fmt: skip


def written(tmp_path, rows):
    path = tmp_path / "gold.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def test_a_labelled_sample_is_read(predictions, tmp_path):
    rows = gold_rows(predictions, 1)
    rows[0]["labels"] = {"ukraine": "favor"}
    gold = saved.read_gold(written(tmp_path, rows), predictions, ["ukraine"])
    assert gold.labels[rows[0]["doc"], rows[0]["id"]] == {"ukraine": "favor"}
    assert list(gold.probability.values()) == [0.5]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda rows: rows[0].update(id="nobody"), "no prediction has the id 'nobody'"),
        (lambda rows: rows.append(dict(rows[0])), "is there twice"),
        (lambda rows: rows[0].update(labels=None), "nobody filled this row in"),
        (lambda rows: rows[0].update(labels={"mars": "favor"}), "unknown issue 'mars'"),
        (lambda rows: rows[0].update(labels={"ukraine": "pro"}), "got 'pro'"),
        (lambda rows: rows[0].update(probability=0), "expected a number above 0"),
        (lambda rows: rows[1].update(probability=0.9), "as in the rest of the turn"),
        (lambda rows: rows.pop(), "is missing, but its turn was drawn"),
    ],
)
def test_a_sample_that_does_not_fit_is_refused(predictions, tmp_path, change, told):
    long = max({one.statement.turn for one in predictions}, key=lambda turn: len(gold_rows(predictions, turn)))
    rows = gold_rows(predictions, long)
    change(rows)
    with pytest.raises(InputError, match="."):
        saved.read_gold(written(tmp_path, rows), predictions, ["ukraine"])
    try:
        saved.read_gold(written(tmp_path, rows), predictions, ["ukraine"])
    except InputError as error:
        assert any(told in line for line in error.lines)
