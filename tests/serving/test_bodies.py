"""JSON bodies: any bytes give a request or a refusal with lines, never anything else."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

bodies = pytest.importorskip("stancecraft.serving.bodies")
limits_ = pytest.importorskip("stancecraft.serving.limits")

ISSUES = ("truce", "river")
LIMITS = limits_.Limits(statements=50, characters=1000)
PARSERS = (bodies.to_predict, bodies.to_compare)
words = st.text(st.characters(exclude_categories=()))  # also halves of characters
leaf = st.none() | st.booleans() | st.integers() | st.floats() | words | st.just("side")
anything = st.recursive(leaf, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4))
names = st.sampled_from(
    "texts statements transcript predictions explain max_error gate issues name date by sides groups include margin "
    "most seed text turn role doc schema".split()
)
row = st.dictionaries(names, anything, max_size=5)
likely = st.dictionaries(names, anything | st.lists(row, max_size=3), max_size=5)


def refusal(parse, content):
    with pytest.raises(limits_.RefusalError) as caught:
        parse(content if isinstance(content, bytes) else json.dumps(content).encode(), LIMITS, ISSUES)
    assert caught.value.status == 422
    assert caught.value.lines and all(line.strip() and len(line) <= 700 for line in caught.value.lines)
    json.loads(caught.value.body())
    return caught.value.lines


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(PARSERS), likely | anything)
def test_any_json_gives_a_request_or_lines(parse, data):
    content = json.dumps(data).encode()
    try:
        parse(content, LIMITS, ISSUES)
    except limits_.RefusalError:
        refusal(parse, content)


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(PARSERS), st.binary(max_size=60))
def test_any_bytes_give_lines(parse, content):
    try:
        parse(content, LIMITS, ISSUES)
    except limits_.RefusalError:
        refusal(parse, content)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "not valid JSON"),
        (b"\xff{}", "not UTF-8: invalid start byte at byte 0"),
        (b'{"texts": ["a"]', "not valid JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"texts": ["\\ud800"]}', "half a character"),
        (b'{"texts": ["a"], "max_error": NaN}', "NaN is no number"),
        (b'{"texts": ["a"], "max_error": 1e999}', "too large a number"),
        (b'{"texts": ["a"], "max_error": ' + b"9" * 5000 + b"}", "not valid JSON"),
        (b"[]", "expected a JSON object, got a list of 0"),
        ({"texts": []}, "texts: expected at least one, got an empty list"),
        ({"texts": "a"}, "texts: expected a list, got 'a'"),
        ({"texts": ["a", 5]}, "texts[1]: text: expected a sentence, got 5"),
        ({"texts": ["a", " "]}, "texts[1]: text: expected a sentence, got ' '"),
        ({"texts": ["a"] * 51}, "texts: expected at most 50 statements, got 51; send parts"),
        ({"texts": ["a" * 600] * 2}, "texts: expected at most 1,000 characters, got 1,200; send parts"),
        ({"statements": [{"text": "a", "role": "king"}]}, "expected one of official"),
        ({"statements": [{"text": "a", "turn": True}]}, "turn: expected a whole number, got true"),
        ({"statements": [{"text": "a", "id": "x"}, {"text": "b", "id": "x"}]}, "id 'x' is already used"),
        ({"texts": ["a"], "issues": ["rivers"]}, "issues: expected some of truce, river, got 'rivers'"),
        ({"texts": ["a"], "gate": "no"}, "gate: expected true or false, got 'no'"),
        ({"texts": ["a"], "gate": None}, "gate: expected true or false, got null"),
        ({"texts": ["a"], "explain": 1}, "explain: expected true or false, got 1"),
        ({"texts": ["a"], "max_error": 1}, "max_error: expected a number between 0 and 1, got 1"),
        ({"texts": ["a"], "txets": 1}, "unknown field 'txets'; expected texts"),
        ({"texts": ["a"], "statements": []}, "expected exactly one of texts, statements, got texts and statements"),
        ({}, "expected exactly one of texts, statements, got none"),
    ],
)
def test_faults_of_predict_say_what_and_where(content, told):
    assert told in "\n".join(refusal(bodies.to_predict, content))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({"transcript": "a", "by": "colour"}, "by: expected one of side, speaker, document, got 'colour'"),
        ({"transcript": "a", "most": 0}, "most: expected a whole number from 1 to 40, got 0"),
        ({"transcript": "a", "seed": -1}, "seed: expected a whole number from 0"),
        ({"transcript": "a", "margin": 0}, "margin: expected a number above 0 and at most 2, got 0"),
        ({"transcript": "a", "include": ["kings"]}, "include: expected some of questioner"),
        ({"transcript": "a", "date": "2016-02-31"}, "date: expected an ISO date"),
        ({"transcript": "  "}, "transcript: expected a text, got an empty one"),
        ({"statements": [{"text": "a"}], "name": "x"}, "name: goes with transcript only"),
        ({"predictions": [{"text": "a"}]}, "schema: expected 'stancecraft/1'"),
        ({"predictions": []}, "predictions: expected at least one"),
    ],
)
def test_faults_of_compare_say_what_and_where(content, told):
    assert told in "\n".join(refusal(bodies.to_compare, content))


def test_all_faults_are_told_at_once_but_not_without_end():
    lines = refusal(bodies.to_predict, {"texts": [1] * 50, "explain": False})
    assert len(lines) == 21 and lines[-1] == "and 30 more problems"
    assert len(refusal(bodies.to_compare, {"transcript": "a", "by": "x", "most": 0, "seed": "y"})) == 3
