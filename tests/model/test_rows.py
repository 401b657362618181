"""The published shapes of the output."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stancecraft.records import REASONS, ROLES, VALUES, Position, Prediction, Statement
from stancecraft.report import rows

some = settings(
    max_examples=60, deadline=None, database=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
# As design.md and docs/predict.md fix them.
KEYS = [
    "schema", "id", "doc", "date", "turn", "speaker", "role", "side", "reported", "joint", "start", "end", "text",
    "issues", "model",
]  # fmt: skip
LONG_KEYS = [
    "schema", "id", "doc", "date", "turn", "speaker", "role", "side", "reported", "joint", "start", "end", "text",
    "issue", "stance", "about", "p_none", "p_favor", "p_against", "p_neutral", "reason", "model",
]  # fmt: skip


def position(stance, none=0.1, reason="decided"):
    rest = (1 - none) / 3
    return Position(stance, dict(zip(VALUES, (none, rest, rest, rest), strict=True)), reason)


def prediction(positions, **given):
    return Prediction(Statement("We want the toll.", **given), positions, "toy 1.0")


FULL = prediction(
    {"toll": position("favor"), "train": position("none", 0.8), "bridge": position(None, 0.4, "abstained")},
    id="d#3", doc="d", turn=2, speaker="Mira Tan", role="official", side="Velm", reported=True, joint=True,
    date="2021-05-03", kind="council", start=10, end=27,
)  # fmt: skip

statements = st.builds(
    Statement, st.text(), id=st.text(), doc=st.text(), turn=st.integers(0, 999), speaker=st.text(), side=st.text(),
    role=st.sampled_from(ROLES), reported=st.booleans(), joint=st.booleans(), start=st.none() | st.integers(0, 99),
)  # fmt: skip
positions = st.builds(position, st.sampled_from([*VALUES, None]), st.floats(0, 1), st.sampled_from(REASONS))
predictions = st.builds(
    Prediction, statements, st.dictionaries(st.sampled_from(["toll", "train", "bridge"]), positions), st.just("toy 1.0")
)


def test_the_nested_row_has_exactly_the_published_keys_in_order():
    row = rows.nested(FULL)
    assert list(row) == KEYS
    for found in row["issues"].values():
        assert list(found) == ["stance", "about", "probabilities", "reason"]
        assert list(found["probabilities"]) == ["none", "favor", "against", "neutral"]


def test_the_nested_row_says_what_the_prediction_says():
    row = rows.nested(FULL)
    issues = row.pop("issues")
    assert row == {
        "schema": "stancecraft/1", "id": "d#3", "doc": "d", "date": "2021-05-03", "turn": 2, "speaker": "Mira Tan",
        "role": "official", "side": "Velm", "reported": True, "joint": True, "start": 10, "end": 27,
        "text": "We want the toll.", "model": "toy 1.0",
    }  # fmt: skip
    assert list(issues) == ["toll", "train", "bridge"]
    assert issues["toll"] == {
        "stance": "favor",
        "about": 0.9,
        "probabilities": {"none": 0.1, "favor": 0.3, "against": 0.3, "neutral": 0.3},
        "reason": "decided",
    }
    assert issues["bridge"]["stance"] is None


def test_every_issue_is_in_the_nested_row_whatever_was_decided():
    assert list(rows.nested(FULL)["issues"]) == list(FULL.positions)


def test_columns_carried_through_stand_under_meta_at_the_end():
    row = rows.nested(prediction({}, meta={"colour": "red", "n": 3}))
    assert list(row) == [*KEYS, "meta"]
    assert row["meta"] == {"colour": "red", "n": 3}


def test_long_rows_have_exactly_the_published_columns_in_order():
    assert list(rows.LONG_COLUMNS) == LONG_KEYS
    for row in rows.long(FULL, every_issue=True):
        assert list(row) == LONG_KEYS


def test_long_rows_leave_out_issues_that_a_statement_is_not_about():
    assert [row["issue"] for row in rows.long(FULL, every_issue=False)] == ["toll", "bridge"]
    assert [row["issue"] for row in rows.long(FULL, every_issue=True)] == ["toll", "train", "bridge"]


def test_an_abstention_is_a_row_with_an_empty_stance():
    [row] = rows.long(prediction({"toll": position(None, 0.9, "abstained")}), every_issue=False)
    assert (row["stance"], row["reason"]) == (None, "abstained")


def test_a_statement_about_nothing_has_no_long_rows():
    assert list(rows.long(prediction({"toll": position("none", 0.9)}), every_issue=False)) == []
    assert list(rows.long(prediction({}), every_issue=True)) == []


@some
@given(predictions)
def test_long_and_nested_rows_tell_the_same(one):
    nested, long = rows.nested(one), list(rows.long(one, every_issue=True))
    assert [row["issue"] for row in long] == list(nested["issues"])
    for row in long:
        found = nested["issues"][row["issue"]]
        assert (row["stance"], row["about"], row["reason"]) == (found["stance"], found["about"], found["reason"])
        assert {value: row[f"p_{value}"] for value in VALUES} == found["probabilities"]
        assert all(row[key] == nested[key] for key in KEYS if key != "issues")


@some
@given(predictions)
def test_about_is_one_minus_the_probability_of_none(one):
    for found in rows.nested(one)["issues"].values():
        assert found["about"] == pytest.approx(1 - found["probabilities"]["none"], abs=2e-6)
        assert 0 <= found["about"] <= 1


@some
@given(predictions)
def test_a_nested_row_survives_json(one):
    row = rows.nested(one)
    assert json.loads(json.dumps(row)) == row
    assert row["text"] == one.statement.text


def test_numbers_are_told_to_six_digits():
    row = rows.nested(prediction({"toll": position("favor", 1 / 3)}))
    assert row["issues"]["toll"]["probabilities"]["none"] == 0.333333
    assert row["issues"]["toll"]["about"] == 0.666667


def test_a_row_of_a_table_has_no_offsets():
    row = rows.nested(prediction({}))
    assert row["start"] is None
    assert row["end"] is None
