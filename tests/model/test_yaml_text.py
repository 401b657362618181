"""YAML as plain data: what it means is PyYAML's, and nothing in a text breaks or floods anything."""

import datetime

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from stancecraft import yaml_text

LOADERS = [yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)]
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None, database=None, derandomize=True)
@given(plain)
def test_data_comes_back_as_it_was_written(data):
    assert yaml_text.load(yaml.safe_dump(data, allow_unicode=True)) == data


@settings(max_examples=100, deadline=None, database=None, derandomize=True)
@given(st.text("ab:-*&[]{}!|>'\"#%@` \n0159xe.?,<", max_size=60))
def test_any_text_is_read_as_the_library_does_or_refused_in_one_line(text):
    try:
        found = yaml_text.load(text)
    except ValueError as error:
        assert str(error).strip() and "\n" not in str(error)
    else:
        assert repr(found) in {repr(yaml.load(text, Loader=one)) for one in LOADERS}  # repr, as NaN is not itself


@pytest.mark.parametrize("line", ["['x']", "{a: b}", "- x"])
def test_many_values_beside_one_another_are_not_deep(line):
    text = "\n".join(f"k{at}: {line}" if line[0] != "-" else line for at in range(500))
    assert len(yaml_text.load(text)) == 500


def test_brackets_in_texts_hide_no_depth():
    with pytest.raises(ValueError, match="nested too deeply"):
        yaml_text.load('["]", ' * 3000)


def test_aliases_are_read_where_they_stay_small():
    assert yaml_text.load("base: &b {a: 1}\nmore: [*b, *b]\nmerged: {<<: *b, c: 2}") == {
        "base": {"a": 1}, "more": [{"a": 1}, {"a": 1}], "merged": {"a": 1, "c": 2},
    }  # fmt: skip
    assert yaml_text.load("a: 2016-07-15") == {"a": datetime.date(2016, 7, 15)}


def bomb(first, line):
    return "\n".join(
        [f"a0: &a0 {first}", *(f"a{at}: &a{at} {line.replace('?', f'*a{at - 1}')}" for at in range(1, 12))]
    )


@pytest.mark.parametrize(
    "text",
    [bomb("[x, x]", f"[{', '.join('?' * 10)}]"), bomb("{k: v}", f"{{<<: [{', '.join('?' * 10)}]}}"),
     bomb("{k: v}", "{" + ", ".join(f"k{at}: ?" for at in range(10)) + "}")],
    ids=["lists", "merged", "mappings"],
)  # fmt: skip
def test_aliases_that_unfold_to_a_flood_are_refused(text):
    with pytest.raises(ValueError, match="aliases unfold to more than 100,000 values"):
        yaml_text.load(text)


@pytest.mark.parametrize("text", ["&a [*a]", "&a {b: [*a]}", "x: &a {<<: *a}"])
def test_values_that_hold_themselves_are_refused(text):
    with pytest.raises(ValueError, match="a value holds itself"):
        yaml_text.load(text)


IMPOSSIBLE = (
    "[" * 20_000, "{a: " * 20_000, "- " * 20_000 + "x", "a: 2016-13-45", "!!int ''", "!!int x", "!!bool x",
    "!!float ''", "0x_", "!!timestamp x", "!!python/object/apply:os.system [true]", "!!binary 'a'", "\x01", "a: *b",
    "{[a]: b}", "!!set [a]", "!!omap x", "!!pairs [a]", "{!!map {a: b}: c}", "!<x> y", "%YAML 9.9\n---\na",
    "x" * 10_000_001, "a: b\n---\nc: d", "1" + "0" * 5000,
)  # fmt: skip


@pytest.mark.parametrize("text", IMPOSSIBLE, ids=lambda text: ascii(text[:25]))
def test_what_cannot_be_is_refused_in_one_line(text):
    with pytest.raises(ValueError) as caught:
        yaml_text.load(text)
    assert str(caught.value).strip() and "\n" not in str(caught.value)
