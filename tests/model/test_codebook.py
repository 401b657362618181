"""Issues as data: round trip, strictness, every mistake at once."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stancecraft import codebook
from stancecraft.codebook import Codebook, Issue
from stancecraft.errors import ConfigError

some = settings(
    max_examples=80, deadline=None, database=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
FIELDS = ("id", "title", "proposition", "favor", "against", "neutral")


def issue(**changed):
    return {
        "id": "toll",
        "title": "Harbour toll",
        "proposition": "Ships should pay a toll.",
        "favor": "Wants it.",
        "against": "Rejects it.",
        "neutral": "Facts about it.",
    } | changed


def problems(data):
    with pytest.raises(ConfigError) as caught:
        codebook.parse(data, "issues.yaml")
    return list(caught.value.lines)


words = st.text(min_size=1, max_size=20).filter(lambda text: text.strip() == text)
issues = st.builds(Issue, st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True), *[words] * 5)


@some
@given(st.lists(issues, min_size=1, max_size=5, unique_by=lambda one: one.id))
def test_a_codebook_survives_the_round_trip(given_issues):
    book = Codebook(tuple(given_issues))
    assert codebook.parse(json.loads(json.dumps(book.to_data())), "x") == book


def test_order_is_kept():
    book = codebook.parse({"issues": [issue(id=one) for one in ("c", "a", "b")]}, "x")
    assert book.ids == ("c", "a", "b")


def test_blanks_around_a_text_do_not_matter():
    book = codebook.parse({"issues": [issue(favor="  Wants it.\n")]}, "x")
    assert book == codebook.parse({"issues": [issue()]}, "x")


@pytest.mark.parametrize("one", ["toll", "t", "toll_2", "t2"])
def test_an_id_is_lower_case_letters_digits_and_underscores(one):
    assert codebook.parse({"issues": [issue(id=one)]}, "x").ids == (one,)


@pytest.mark.parametrize("one", ["Toll", "2toll", "_toll", "night train", "night-train", "tôll", "toll=1", "toll\n"])
def test_another_id_is_told(one):
    assert problems({"issues": [issue(id=one)]}) == [
        f"issues.yaml: issues[0].id: expected lower-case letters, digits and '_', got {one!r}"
    ]


@pytest.mark.parametrize("data", [None, [], "x", 7, {}, {"issues": None}, {"issues": {}}, {"issues": []}])
def test_no_list_of_issues_is_told(data):
    assert problems(data) == ["issues.yaml: expected a non-empty list under 'issues'"]


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("value", [None, "", "  ", 7, ["x"], False])
def test_a_field_that_is_no_text_is_told_with_what_it_is(field, value):
    assert problems({"issues": [issue(**{field: value})]}) == [
        f"issues.yaml: issues[0].{field}: expected a text, got {value!r}"
    ]


@pytest.mark.parametrize("field", FIELDS)
def test_a_missing_field_is_told(field):
    row = issue()
    del row[field]
    [told] = problems({"issues": [row]})
    assert told.startswith(f"issues.yaml: issues[0].{field}: ")


def test_every_mistake_is_told_at_once():
    data = {
        "issues": [issue(colour="red"), "toll", issue(id="Train", title=""), issue()],
        "version": 2,
    }
    assert problems(data) == [
        "issues.yaml: version: unknown key",
        "issues.yaml: issues[0].colour: unknown key",
        "issues.yaml: issues[1]: expected a mapping, got str",
        "issues.yaml: issues[2].id: expected lower-case letters, digits and '_', got 'Train'",
        "issues.yaml: issues[2].title: expected a text, got ''",
        "issues.yaml: issues: id 'toll' is used twice",
    ]


@some
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["issues", *FIELDS, "x"]), inner, max_size=7)
        ),
        max_leaves=10,
    )
)
def test_any_data_is_a_codebook_or_told(data):
    try:
        book = codebook.parse(data, "issues.yaml")
    except ConfigError as error:
        assert error.lines
        assert all(line.startswith("issues.yaml: ") for line in error.lines)
    else:
        assert book.issues
