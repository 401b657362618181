"""The published JSON Schema: sound, shipped, and met by all that is written."""

import json
from copy import deepcopy
from importlib.resources import files

import pytest

pytest.importorskip("jsonschema")

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from stancecraft import Statement, schema
from stancecraft.cli import app
from stancecraft.records import REASONS, ROLES, VALUES, Explanation, Position, Prediction
from stancecraft.report import rows


def closed(part):
    """The schema with every object refusing keys that it does not describe."""
    if isinstance(part, dict):
        part = {key: closed(value) for key, value in part.items()}
        if "properties" in part:
            part.setdefault("additionalProperties", False)
    return part


VALIDATOR = Draft202012Validator(closed(deepcopy(schema.load())))
SHARES = st.floats(0, 1, width=32)


@st.composite
def positions(draw):
    explanation = st.builds(
        Explanation,
        value=st.sampled_from(VALUES), over=st.sampled_from(VALUES), margin=st.floats(-50, 50), bias=st.floats(-9, 9),
        words=st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99), st.floats(-9, 9)), max_size=3).map(tuple),
    )  # fmt: skip
    return Position(
        draw(st.sampled_from([*VALUES, None])), {value: draw(SHARES) for value in VALUES},
        draw(st.sampled_from(REASONS)), draw(st.none() | explanation),
    )  # fmt: skip


PREDICTIONS = st.builds(
    Prediction,
    statement=st.builds(
        Statement, text=st.text(), id=st.text(), doc=st.text(), turn=st.integers(0, 2**53), speaker=st.text(),
        role=st.sampled_from(ROLES), side=st.text(), reported=st.booleans(), joint=st.booleans(), date=st.text(),
        kind=st.text(), start=st.none() | st.integers(0), end=st.none() | st.integers(0),
        meta=st.dictionaries(st.text(), st.integers() | st.text() | st.none(), max_size=2),
    ),
    positions=st.dictionaries(
        st.from_regex(r"[a-z][a-z0-9_]{0,9}", fullmatch=True), positions(), min_size=1, max_size=2
    ),
    model=st.text(),
)  # fmt: skip


def test_the_schema_is_a_schema_and_names_the_version_of_the_output():
    Draft202012Validator.check_schema(schema.load())
    assert schema.load()["properties"]["schema"] == {
        "const": rows.SCHEMA, "description": "Name and version of this shape.",
    }  # fmt: skip


@given(prediction=PREDICTIONS)
def test_every_prediction_is_written_in_the_published_shape(prediction):
    VALIDATOR.validate(json.loads(json.dumps(rows.nested(prediction))))


@pytest.mark.parametrize("options", [[], ["--explain"], ["--max-error", "0.4"]])
def test_what_the_command_writes_meets_the_schema(example, options):
    done = CliRunner().invoke(app, ["predict", str(example), "--format", "jsonl", *options])
    assert done.exit_code == 0
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines
    for line in lines:
        VALIDATOR.validate(line)
    assert any("words" in one for line in lines for one in line["issues"].values()) == ("--explain" in options)


def test_a_table_with_columns_of_its_own_meets_the_schema(tmp_path):
    table = tmp_path / "t.csv"
    table.write_text("text,page\nThe truce must hold.,3\n", "utf-8")
    done = CliRunner().invoke(app, ["predict", str(table), "--format", "jsonl"])
    [line] = map(json.loads, done.stdout.splitlines())
    VALIDATOR.validate(line)
    assert line["meta"] == {"page": "3"}


def test_the_stored_output_of_the_packaged_model_meets_the_schema(root):
    for line in (root / "tests" / "golden" / "example.jsonl").read_text("utf-8").splitlines():
        VALIDATOR.validate(json.loads(line))


WRONG = {
    "a stance of another name": lambda row: row["issues"]["a"].update(stance="pro"),
    "a probability above one": lambda row: row["issues"]["a"].update(about=1.5),
    "a missing probability": lambda row: row["issues"]["a"]["probabilities"].pop("none"),
    "no issues": lambda row: row["issues"].clear(),
    "a missing key": lambda row: row.pop("text"),
    "another version": lambda row: row.update(schema="stancecraft/2"),
    "a turn that is no number": lambda row: row.update(turn="0"),
    "another role": lambda row: row.update(role="king"),
    "a word without its share": lambda row: row["issues"]["a"].update(words=[[0, 1]]),
}


@pytest.mark.parametrize("change", WRONG)
def test_what_is_not_of_the_shape_does_not_meet_the_schema(change):
    position = Position("none", {value: 0.25 for value in VALUES}, "decided")
    row = rows.nested(Prediction(Statement("The toll."), {"a": position}, "m 1"))
    reader = Draft202012Validator(schema.load())
    assert reader.is_valid(row)
    assert reader.is_valid(row | {"added later": 1})
    WRONG[change](row)
    assert not reader.is_valid(row)


def test_the_command_prints_the_file_as_it_is():
    done = CliRunner().invoke(app, ["schema"])
    assert done.exit_code == 0
    assert done.stdout == schema.text()
    assert json.loads(done.stdout) == schema.load()


def test_the_package_says_that_it_is_typed():
    assert (files("stancecraft") / "py.typed").is_file()
