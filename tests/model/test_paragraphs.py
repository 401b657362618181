"""Paragraphs of plain text: what parts them, and what only looks like a break."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stancecraft.readers import paragraphs

some = settings(
    max_examples=120, deadline=None, database=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
# Three lines of a wrapped page that stop in the middle of a sentence.
OPEN = (
    "We met in the old town hall to talk about the new bridge and\n"
    "about the harbour, which needs dredging before the winter, as\n"
    "every pilot of the coast will tell"
)
pieces = st.sampled_from(
    [OPEN, "One.", "one", "Two lines\nof a sort", "12", "- 12 -", "12.", "ANNA: We sail.", ":", "—", "“No.”", "\u00a0",
     " ", "\t", "\n", "\n\n", "\n \n", "\n\n\n", "é", "🚢", "\u2028", "\x0c", "a narrow\ncolumn of\nwords\n"]
)  # fmt: skip
texts = st.one_of(st.text(max_size=200), st.lists(pieces, max_size=20).map("".join))


def split(text):
    return [text[start:end] for start, end in paragraphs.split(text, 0, len(text))]


@some
@given(texts)
def test_paragraphs_come_in_order_and_say_something(text):
    behind = 0
    for start, end in paragraphs.split(text, 0, len(text)):
        assert behind <= start < end <= len(text)
        assert text[start:end].strip()
        behind = end


@some
@given(texts)
def test_every_letter_is_in_a_paragraph(text):
    inside = {at for span in paragraphs.split(text, 0, len(text)) for at in range(*span)}
    assert [c for at, c in enumerate(text) if c.isalpha() and at not in inside] == []


@some
@given(st.text("a \n\r.", max_size=20), texts, st.text("a \n\r.", max_size=20))
def test_a_part_is_split_as_if_it_were_the_whole(before, text, behind):
    start = len(before)
    found = paragraphs.split(before + text + behind, start, start + len(text))
    assert [(first - start, last - start) for first, last in found] == list(paragraphs.split(text, 0, len(text)))


@some
@given(texts)
def test_windows_line_endings_part_as_unix_ones_do(text):
    text = text.replace("\r", "")
    assert [one.replace("\r\n", "\n").strip() for one in split(text.replace("\n", "\r\n"))] == [
        one.strip() for one in split(text)
    ]


@pytest.mark.parametrize("text", ["", " ", "\n", "\n\n \t\n", "\r\n", "\r", "\u00a0"])
def test_a_text_without_words_has_no_paragraphs(text):
    assert split(text) == []


@pytest.mark.parametrize("blank", ["\n\n", "\n\n\n", "\n \t\n", "\n\u00a0\n", "\r\n\r\n", "\r\n \r\n", "\r\r"])
def test_a_blank_line_parts_paragraphs(blank):
    assert split(f"We sail.{blank}We stay.") == ["We sail.", "We stay."]


@pytest.mark.parametrize(
    "text", ["We sail.\nWe stay.", "We sail\nWe stay", "We sail.\r\nWe stay.", "We sail.\rWe stay."]
)
def test_a_line_break_parts_paragraphs_where_lines_are_not_wrapped(text):
    assert len(split(text)) == 2


def test_lines_wider_than_any_page_are_paragraphs_of_their_own():
    wide = " ".join(["we sail with the tide"] * 8)
    assert split(f"{wide}\n{wide}\n{wide}") == [wide, wide, wide]


@pytest.mark.parametrize("nl", ["\n", "\r\n", "\r"])
def test_wrapped_lines_are_one_paragraph(nl):
    text = OPEN.replace("\n", nl) + " you."
    assert split(text) == [text]


def test_a_narrow_column_is_a_paragraph_if_its_lines_go_on_in_lower_case():
    assert split("The ferry left\nthe old quay at\ndawn and nobody\nwaved.") == [
        "The ferry left\nthe old quay at\ndawn and nobody\nwaved."
    ]
    assert split("Harbour Talks\nThird Round\nOld Town Hall\nVelm") == [
        "Harbour Talks",
        "Third Round",
        "Old Town Hall",
        "Velm",
    ]


@pytest.mark.parametrize(
    "between", ["\n\n", "\n\n\n", "\n \n", "\n\n12\n\n", "\n\n- 12 -\n\n", "\n\n|12|\n\n", "\n\n– 12 –\n\n"]
)
def test_a_wrapped_sentence_goes_on_behind_the_end_of_its_page(between):
    text = f"{OPEN}{between}you. We agreed."
    assert split(text) == [text]


def test_a_wrapped_sentence_goes_on_over_several_pages():
    text = f"{OPEN}\n\n1\n\n{OPEN.lower()}\n\n2\n\nyou."
    assert split(text) == [text]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (f"{OPEN}\n\nYou agreed.", 2),  # begins anew
        (f"{OPEN} you.\n\nand then we left.", 2),  # was finished
        (f"{OPEN}—\n\nand then we left.", 2),  # was broken off
        ("We sail\n\nand stay.", 2),  # is not wrapped
    ],
)
def test_what_was_finished_or_begins_anew_or_is_not_wrapped_does_not_go_on(text, count):
    assert len(split(text)) == count


def test_a_page_number_behind_an_open_paragraph_is_left_out():
    assert split(f"{OPEN}\n\n12\n\nYou agreed.") == [OPEN, "You agreed."]


@pytest.mark.xfail(
    strict=True, reason="inner lines that end in a full stop count as evidence against wrapping, though 2 of 3 run on"
)
@pytest.mark.parametrize(
    "text",
    [
        "The ferry left the quay in the morning and we\nstayed. Nobody on the pier had been told it.\nIt rained.",
        "There are three points, as I told the pilot:\nice, salt and rope, and all of them matter\nin the north.",
        "The ferry left the old quay for the north with (all hands)\non deck.",
    ],
)
def test_a_sentence_may_end_where_a_wrapped_line_ends(text):
    assert split(text) == [text]


@pytest.mark.xfail(
    strict=False, reason="the end of an open paragraph is looked for from its first page again and again"
)
def test_pages_without_a_full_stop_take_no_quadratic_time():
    pages = 1600 * "we sail with the tide and the tide is with us and the crew is not\nwith us but with the gulls\n\n"
    began = time.perf_counter()
    assert len(split(pages)) == 1
    assert time.perf_counter() - began < 0.25
