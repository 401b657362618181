"""Layout: rows whose first cell is a label, lines that were wrapped and lines that were not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stancecraft.readers import layout

some = settings(max_examples=100, deadline=None, database=None, derandomize=True)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["ANNA HOLT", "We sail."], "ANNA HOLT: We sail."),
        (["ANNA HOLT:", "We sail."], "ANNA HOLT: We sail."),
        (["00:12", "ANNA", "We sail."], "ANNA: We sail."),
        (["7", "", "ANNA", "We sail."], "ANNA: We sail."),
        (["We sail.", "We stay."], "We sail. | We stay."),
        (["x" * 61, "We sail."], "x" * 61 + " | We sail."),
        (["Ships", "in 2015", "in 2016"], "Ships | in 2015 | in 2016"),
        (["Ships", "12", "14"], "Ships | 12 | 14"),
        (["We sail."], "We sail."),
        ([], ""),
    ],
)
def test_a_row_is_a_line_and_a_first_cell_may_be_a_label(cells, expected):
    assert layout.row(cells) == expected


WRAPPED = """We want the harbour to be open to all of the ships
that come here in winter, and we have said so to
every minister who asked."""


def test_wrapped_lines_are_joined():
    assert layout.unwrapped(WRAPPED) == [" ".join(WRAPPED.split())]
    assert layout.unwrapped(f"{WRAPPED}\n \n{WRAPPED}") == [" ".join(WRAPPED.split())] * 2


@pytest.mark.parametrize("label", ["ANNA:", "MR. HOLT (via interpreter):", "Q ", "Q    ", "A    "])
def test_a_label_begins_a_paragraph_though_lines_are_wrapped(label):
    found = layout.unwrapped(f"{WRAPPED}\n{label} The harbour is closed to all of the ships\nthat come here in winter.")
    assert len(found) == 2
    assert found[1].startswith(label.strip())


@pytest.mark.parametrize(
    "line", ["A minister said so to all who had come to hear", "Question time is over and so on to all"]
)
def test_a_word_is_no_label(line):
    assert len(layout.unwrapped(f"{WRAPPED}\n{line}\nthat come here in winter.")) == 1


def test_lines_that_are_not_wrapped_are_paragraphs():
    assert layout.unwrapped("Anna Holt: We sail.\nBert Lohm: We stay.\n") == [
        "Anna Holt: We sail.",
        "Bert Lohm: We stay.",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" We \u00a0 sail.\n", "We sail."),
        ("Q\u00a0\u00a0 Why?", "Q  Why?"),
        ("A   So.", "A  So."),
        ("Q Why?", "Q Why?"),
        ("A", "A"),
    ],
)
def test_in_one_line_only_a_bare_label_keeps_its_blanks(text, expected):
    assert layout.one_line(text) == expected


@some
@given(st.text(st.sampled_from("aQA:. \n\r\t\u00a0é"), max_size=60))
def test_no_word_is_lost_or_said_twice(text):
    found = layout.unwrapped(text)
    assert " ".join(found).split() == text.split()
    assert all(one == one.strip() and one for one in found)
