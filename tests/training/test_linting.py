"""What spoils labelled data is found, all of it, and sound data is left in peace."""

import json
from dataclasses import replace

import pytest

pytest.importorskip("sklearn")

from stancecraft.records import Statement
from stancecraft_training import linting
from stancecraft_training.labelled import Labelled
from stancecraft_training.split import Splits

LONG = "the harbour of Velm should ask every ship for a toll before it lands"
OTHER = "nobody in the valley of Orsk has asked for a train that runs at night"


def row(text, doc="a", **labels):
    return Labelled(Statement(text, doc=doc, meta={"document": doc}), labels or {"harbour_toll": "none"})


def kinds(found):
    return [finding.kind for finding in found]


def test_the_same_words_in_two_splits_are_a_duplicate():
    splits = Splits(train=[row(LONG, "a"), row(OTHER, "a")], test=[row(LONG.upper(), "b")])
    [found] = linting.copies(splits)
    assert found.kind == "duplicate"
    assert "a turn 0 (train) and b turn 0 (test)" in found.told


def test_one_other_word_makes_a_near_duplicate_and_many_make_none():
    near = f"{LONG} at all times of the day"
    assert kinds(linting.copies(Splits(train=[row(f"{near} or night")], dev=[row(near)]))) == ["near-duplicate"]
    assert not list(linting.copies(Splits(train=[row(LONG)], dev=[row(OTHER)])))


def test_copies_within_a_split_and_short_statements_are_nobodys_fault():
    splits = Splits(train=[row(LONG, "a"), row(LONG, "b"), row("Thank you all.")], test=[row("Thank you all.")])
    assert not list(linting.copies(splits))


def test_every_pair_of_splits_is_compared():
    found = list(linting.copies(Splits(train=[row(LONG)], dev=[row(LONG)], calibration=[row(LONG)], test=[row(LONG)])))
    assert len(found) == 6


def test_the_same_words_with_other_labels_contradict():
    rows = [row(LONG, "a", harbour_toll="favor"), row(LONG, "b", harbour_toll="against"), row(OTHER, "b")]
    [found] = linting.contradictions(rows)
    assert found.told.startswith("a turn 0 says harbour_toll favor, b turn 0 against")


def test_agreement_and_short_statements_do_not_contradict():
    rows = [row(LONG, "a", harbour_toll="favor"), row(LONG, "b", harbour_toll="favor")]
    rows += [row("Yes.", "a", harbour_toll="favor"), row("Yes.", "b", harbour_toll="against")]
    assert not list(linting.contradictions(rows))


def test_values_with_fewer_than_twenty_rows_are_told(book):
    enough = [row(f"{LONG} {at}", harbour_toll=value) for value in ("none", "favor", "neutral") for at in range(20)]
    few = [row(LONG, harbour_toll="against")] * 19
    told = [finding.told for finding in linting.rare(Splits(train=enough + few), book)]
    assert [line for line in told if line.startswith("harbour_toll")] == [
        "harbour_toll=against has 19 rows in train, expected at least 20"
    ]


def test_long_statements_are_told_from_one_in_a_hundred_on():
    assert not list(linting.truncated([10] * 99 + [300], 256))
    assert kinds(linting.truncated([10] * 98 + [300] * 2, 256)) == ["truncated"]
    assert not list(linting.truncated([], 256))


def annotation(start, **labels):
    return {
        "doc": "velm", "sha256": "0", "start": start, "end": start + 5, "hash": "0", "labels": labels, "pass": 1,
        "annotator": "a person",
    }  # fmt: skip


def annotated(folder, name, lines):
    (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / name / "velm.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")


def test_an_annotator_who_sees_an_issue_far_more_often_drifts(tmp_path):
    annotated(tmp_path, "first", [annotation(10 * at, harbour_toll="favor") for at in range(40)])
    annotated(tmp_path, "second", [annotation(10 * at) for at in range(40)])
    [found] = linting.drift(tmp_path)
    assert found.told == "harbour_toll: of 40 statements 40 are about it only to first, 0 only to second"


def test_annotators_who_differ_both_ways_do_not_drift(tmp_path):
    for name, odd in (("first", 1), ("second", 0)):
        lines = [annotation(10 * at, **({"harbour_toll": "favor"} if at % 2 == odd else {})) for at in range(40)]
        annotated(tmp_path, name, lines)
    assert not list(linting.drift(tmp_path))


def test_annotations_that_are_not_valid_are_told_as_faults_of_form(tmp_path):
    annotated(tmp_path, "first", [annotation(0, harbour_toll="pro")])
    assert kinds(linting.stand_off(tmp_path, None)) == ["form"]


def test_a_recipes_data_is_checked_as_a_whole(make_recipe, book, tmp_path):
    recipe = make_recipe(tmp_path)
    found = kinds(linting.recipe(recipe, book))
    assert set(found) == {"rare"}, "the toy data has few rows of everything"
    path = tmp_path / "statements.jsonl"
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([*lines, json.dumps({"text": "Soup.", "labels": {"soup": "favor"}})]) + "\n", "utf-8")
    assert kinds(linting.recipe(recipe, book)) == ["form"]


def test_findings_read_as_lines():
    assert str(linting.Finding("rare", "x has 1 row")) == "rare: x has 1 row"


def test_a_pair_is_as_alike_either_way():
    first, second = row(LONG), row(f"{LONG} at noon")
    there, back = list(linting.pairs([first], [second])), list(linting.pairs([second], [first]))
    assert there[0][2] == back[0][2]
    assert list(linting.pairs([first], [replace(first, labels={})]))[0][2] == 1.0
    assert not list(linting.pairs([], [first]))
