"""Statements in the name of several sides at once."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stancecraft import speakers
from stancecraft.readers import joint, plain
from stancecraft.readers.document import Document
from stancecraft.readers.source import Source

some = settings(max_examples=150, deadline=None, database=None, derandomize=True)
SIDES = {"Tan": "Velm", "Odo": "Orsk", "Fenn": "Orsk"}
TABLE = speakers.parse(
    """
titles: [minister]
labels:
  - {label: Q, speaker: Question, role: questioner}
  - {label: MODERATOR, speaker: Moderator, role: moderator}
people:
  - {name: Odo Fenn, side: Orsk, titles: [minister]}
  - {name: Mira Tan, side: Velm, titles: [minister]}
""",
    "toy",
)
words = st.lists(
    st.sampled_from(
        ["We", "we", "both", "Both", "of us", "Our two", "countries", "agree", "and I", "Tan", "Minister",
         "My colleague", "joint statement", "jointly", "the", "a", ",", ".", "’ve", "have", "will work", "\n"]
    ),
    max_size=12,
).map(" ".join)  # fmt: skip


def is_joint(statement, side="Orsk"):
    return joint.is_joint(statement, side, lambda name: SIDES.get(name.split()[-1], ""))


def flags(text):
    """Whether each statement of a transcript is joint."""
    return [one.joint for one in plain.read(Document(text), Source("talk", "talk", TABLE)).statements]


@some
@given(st.one_of(st.text(max_size=100), words), st.sampled_from(["", "Orsk", "Velm"]))
def test_any_words_are_joint_or_not(statement, side):
    assert is_joint(statement, side) in (True, False)


@some
@given(words)
def test_line_breaks_inside_a_statement_change_nothing(statement):
    assert is_joint("\n".join(statement.split())) == is_joint(" ".join(statement.split()))


@pytest.mark.parametrize(
    "statement",
    [
        "We both agree on the ice.",
        "On the ice we both agree.",
        "We have both agreed on the ice.",
        "We’ve both agreed on the ice.",
        "We're both agreed on the ice.",
        "We are both of one mind.",
        "Both of us hope for ice.",
        "The two of us have talked of ice.",
    ],
)
def test_we_both_is_joint(statement):
    assert is_joint(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "We jointly ask for boats.",
        "We have jointly asked for boats.",
        "Our joint statement stands.",
        "Our joint declaration says so.",
        "Our two countries support the dredging.",
        "Our two governments have agreed on the dredging.",
        "Both our nations are committed to the dredging.",
        "Our two presidents will work on the dredging.",
    ],
)
def test_two_countries_that_hold_something_are_joint(statement):
    assert is_joint(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "My colleague and I agree on the ice.",
        "My good friend Mira Tan and I discussed the ice.",
        "Our host and I have agreed on the ice.",
        "Minister Tan and I agree on the ice.",
        "Tan and I both believe in the ice.",
        "Mira Tan, and I agree on the ice.",
        "Yesterday Tan and I jointly called for boats.",
    ],
)
def test_somebody_of_another_side_and_i_hold_something_together(statement):
    assert is_joint(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "",
        "We agree on the ice.",
        "We are both a harbour and a port.",
        "We saw both the ferry and the barge.",
        "They both agree on the ice.",
        "Both sides agree on the ice.",
        "The joint statement was long.",
        "A joint is stiff in the cold.",
        "Our two countries lie far apart.",
        "Our two ferries sail at dawn.",
        "Minister Tan and I walked to the quay.",
        "Minister Tan agrees, and I am glad.",
    ],
)
def test_what_only_has_the_words_is_not_joint(statement):
    assert not is_joint(statement)


@pytest.mark.parametrize("statement", ["Fenn and I agree.", "Odo and I believe in the ice."])
def test_two_people_of_one_side_are_one_side(statement):
    assert not is_joint(statement, "Orsk")
    assert is_joint(statement, "Velm")


@pytest.mark.parametrize("statement", ["Lise Holm and I agree.", "My wife and I hope for ice.", "Hope and I agree."])
def test_somebody_nobody_knows_is_no_other_side(statement):
    assert not is_joint(statement)


def test_only_statements_of_officials_are_joint_in_a_transcript():
    text = "MODERATOR: We both agree.\n\nQ: We both agree.\n\nFENN: We both agree.\n\nANNA: We both agree.\n"
    assert flags(text) == [False, False, True, True]
    assert flags("We both agreed on the ice, and then it rained.\n") == [False]


def test_a_name_counts_by_the_side_of_its_bearer_in_a_transcript():
    assert flags("FENN: Minister Tan and I agree. Mira and I agree. Odo and I agree.\n\nTAN: Yes.\n") == [
        True,
        True,
        False,
        False,
    ]


@pytest.mark.xfail(strict=True, reason="a word that opens the sentence is taken for part of the name")
@pytest.mark.parametrize("opening", ["Today", "And", "Yesterday"])
def test_a_word_that_opens_the_sentence_is_no_part_of_the_name(opening):
    assert flags("FENN: Minister Tan and I agree.\n") == [True]
    assert flags(f"FENN: {opening} Minister Tan and I agree.\n") == [True]


@pytest.mark.parametrize("words", ["Aa ", "Aa-", "We both a ", "My colleague Aa ", "Our two countries have "])
def test_long_statements_take_no_time(words):
    began = time.perf_counter()
    assert is_joint(words * 800 + "and I sail both") in (True, False)
    assert time.perf_counter() - began < 0.5
