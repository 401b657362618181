"""Sentences as spans: order, edges, coverage, titles, line endings."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stancecraft import sentences

some = settings(
    max_examples=100, deadline=None, database=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
fragments = st.lists(
    st.sampled_from(
        ["The ferry sailed.", "Did it?", "Yes!", "Amb. Tann", "Dr. Fenn", "at 3 p.m.", "...", "—", "“Stay,”",
         "he said.", "(Quietly.)", " ", "  ", "\n", "\n\n", "\t", "e\u0301", "\u00a0", "🚢", "3.5", "[applause]",
         "the old quay", "nor I. "]
    ),
    max_size=25,
).map("".join)  # fmt: skip
texts = st.one_of(st.text(max_size=200), fragments)


def split(text):
    return [text[start:end] for start, end in sentences.split(text)]


@some
@given(texts)
def test_spans_are_in_order_trimmed_and_carry_a_word(text):
    behind = 0
    for start, end in sentences.split(text):
        assert behind <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        assert re.search(r"\w", text[start:end])
        behind = end


@some
@given(texts)
def test_every_word_character_is_in_a_sentence(text):
    inside = {at for span in sentences.split(text) for at in range(*span)}
    assert all(match.start() in inside for match in re.finditer(r"\w", text))


@some
@given(texts, st.integers(0, 60), st.integers(0, 200))
def test_a_part_is_split_as_if_it_were_the_whole(text, start, length):
    start = min(start, len(text))
    end = min(start + length, len(text))
    alone = [(start + first, start + last) for first, last in sentences.split(text[start:end])]
    assert sentences.split(text, start, end) == alone


@some
@given(st.lists(st.sampled_from(["The ferry sailed.", "Did it?", "We shall see.", "Nobody came"]), max_size=12))
def test_line_endings_do_not_matter(lines):
    text = "\n".join(lines)
    assert [one.replace("\r\n", "\n") for one in split(text.replace("\n", "\r\n"))] == split(text)


@pytest.mark.parametrize("text", ["One.\n\n— —\n\nTwo.", "Amb.\n\nFenn left."])
def test_line_endings_do_not_matter_between_paragraphs(text):
    assert [one.replace("\r\n", "\n") for one in split(text.replace("\n", "\r\n"))] == split(text)


def test_sentences_end_where_a_reader_ends_them():
    text = "The ferry sailed at dawn. Did anybody wave? Nobody did! We shall see..."
    assert split(text) == ["The ferry sailed at dawn.", "Did anybody wave?", "Nobody did!", "We shall see..."]


@pytest.mark.parametrize("title", ["Amb.", "Sec.", "Sgt.", "Maj.", "Dr.", "Mr.", "Min.", "Messrs."])
def test_a_title_does_not_end_a_sentence(title):
    assert split(f"We met {title} Tann on the quay. Then it rained.") == [
        f"We met {title} Tann on the quay.",
        "Then it rained.",
    ]


def test_a_word_that_only_ends_like_a_title_does_end_a_sentence():
    assert split("The boat was full of jetsam. Tann waved.") == ["The boat was full of jetsam.", "Tann waved."]


def test_the_word_i_ends_a_sentence_and_an_initial_does_not():
    assert split("Neither he nor I. We stayed.") == ["Neither he nor I.", "We stayed."]
    assert split("You know more than I. That is well.") == ["You know more than I.", "That is well."]
    assert split("It was signed by I. Holm. We stayed.") == ["It was signed by I. Holm.", "We stayed."]


def test_an_initial_behind_and_does_not_end_a_sentence():
    assert split("We met A. Tann and I. Holm on the quay.") == ["We met A. Tann and I. Holm on the quay."]


def test_abbreviations_and_numbers_do_not_end_a_sentence():
    assert split("The toll rose by 3.5 percent at 3 p.m. in Velm. It rained.") == [
        "The toll rose by 3.5 percent at 3 p.m. in Velm.",
        "It rained.",
    ]


def test_a_piece_without_a_word_is_joined_to_the_sentence_before():
    assert split("We waited. ... Nobody came.") == ["We waited. ...", "Nobody came."]


@pytest.mark.parametrize("text", ["", " ", "\n\n", "...", "— —", "?!"])
def test_nothing_to_say_is_no_sentence(text):
    assert sentences.split(text) == []


def test_offsets_count_code_points():
    text = "🚢 e\u0301te\u0301. The ship came."
    assert split(text)[-1] == "The ship came."
    start, end = sentences.split(text)[-1]
    assert end == len(text)
    assert end - start == len("The ship came.")


def test_a_sentence_may_run_over_a_line_break():
    assert split("The toll was raised\nin the spring. It fell\nin May.") == [
        "The toll was raised\nin the spring.",
        "It fell\nin May.",
    ]
