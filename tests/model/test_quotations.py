"""Whole sentences that a speaker quotes from somebody else."""

import re
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stancecraft import sentences, speakers
from stancecraft.readers import plain, quotations
from stancecraft.readers.document import Document
from stancecraft.readers.source import Source

some = settings(
    max_examples=120, deadline=None, database=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
TABLE = speakers.parse(
    """
titles: [minister]
people:
  - {name: Odo Fenn, side: Orsk, titles: [minister]}
  - {name: Mira Tan, side: Velm}
""",
    "toy",
)
pieces = st.sampled_from(
    ["“", "”", '"', "‘", "’", "We sail at dawn.", "we sail at dawn", "The letter says: ", "He said, ",
     "Mira Tan said: ", " ", ". ", "? ", "…", "\n", "It rained all day. ", "a"]
)  # fmt: skip
texts = st.one_of(st.text(max_size=120), st.lists(pieces, max_size=25).map("".join))


def quoted(text):
    """The sentences of a paragraph that are quoted as a whole."""
    spans = sentences.split(text)
    found = quotations.quoted(text, 0, len(text), spans)
    return [text[start:end] for (start, end), quote in zip(spans, found, strict=True) if quote is not None]


def said(text):
    """Every statement of a text as (speaker, side, reported, words)."""
    found = plain.read(Document(text), Source("talk", "talk", TABLE)).statements
    return [(one.speaker, one.side, one.reported, one.text) for one in found]


@some
@given(texts)
def test_each_sentence_has_an_answer_and_a_quotation_holds_the_sentence(text):
    spans = sentences.split(text)
    found = quotations.quoted(text, 0, len(text), spans)
    assert len(found) == len(spans)
    for (start, end), quote in zip(spans, found, strict=True):
        if quote is not None:
            inner = re.sub(r"^[“”\"'’ \s]+|[“”\"'’ \s]+$", "", text[start:end])
            assert inner
            assert inner in text[slice(*quote)]
            assert text[quote[0]] in '“"'
            assert text[quote[1] - 1] in '”"'


@some
@given(st.text("a“ \n\r.:", max_size=20), texts)
def test_a_part_is_looked_at_as_if_it_were_the_whole(before, text):
    at = len(before)
    spans = sentences.split(text)
    found = quotations.quoted(before + text, at, at + len(text), [(start + at, end + at) for start, end in spans])
    back = [one and (one[0] - at, one[1] - at) for one in found]
    assert back == quotations.quoted(text, 0, len(text), spans)


@some
@given(st.text(st.characters(exclude_characters='“"'), max_size=100))
def test_without_quotation_marks_nothing_is_quoted(text):
    assert quoted(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "“We sail at dawn. We stay at noon.”",
        '"We sail at dawn. We stay at noon."',
        "“… and we sail at dawn.”",
        "“We sail at dawn, and with the tide!”",
        "“Do we sail at dawn?”",
    ],
)
def test_a_paragraph_that_is_a_quotation_is_quoted(text):
    assert quoted(text) == [text[start:end] for start, end in sentences.split(text)]


@pytest.mark.xfail(
    strict=True, reason="the full stop behind the mark, allowed for, keeps the sentence from lying inside"
)
def test_the_full_stop_may_stand_behind_the_quotation_mark():
    assert quoted("“We sail at dawn”. That is all.") == ["“We sail at dawn”."]


@pytest.mark.parametrize(
    "opening",
    ["He said:", "He said,", "He said", "She writes", "The letter reads:", "He stated", "I quote", "It says:"],
)
def test_a_quotation_may_be_introduced_in_the_sentence_before(opening):
    # The words before it are a sentence of their own here: only what lies in the quotation as a whole is quoted.
    text = f"{opening}\n“We sail at dawn with all of our boats.”"
    spans = [(0, len(opening)), (len(opening) + 1, len(text))]
    assert quotations.quoted(text, 0, len(text), spans) == [None, spans[1]]


@pytest.mark.parametrize(
    "text",
    [
        "We like “We sail at dawn.” as a motto.",
        "They call it “a lasting ceasefire.”",
        "They speak of “the harbour of the north” and of nothing else.",
        "“Sail now.”",  # too few words to be sure
        "He said: “we sail at dawn and stay.”",  # no beginning of a sentence
        "He said: “We sail at dawn and”",  # no end
        'He said: "We sail at dawn. We stay.',  # never closed
        '5" of rain and 6" of snow fell. It was cold.',
        "It was dark. “We sail at dawn.” Nobody said so.",  # nothing introduces it
    ],
)
def test_words_in_quotation_marks_that_are_no_introduced_sentences_are_not_quoted(text):
    assert quoted(text) == []


def test_the_sentence_that_introduces_a_quotation_is_the_speakers():
    text = "The letter says: “We sail at dawn. We stay at noon.” That is all."
    assert quoted(text) == []
    assert quoted("“We sail at dawn. We stay at noon.” That is all.") == ["“We sail at dawn. We stay at noon.”"]


def test_sentences_of_a_long_quotation_are_all_quoted():
    inner = "We sail with the tide and with all of our boats to the north. " * 6
    text = f"“{inner.strip()}” That is all."
    assert len(quoted(text)) == 6
    assert quoted(text)[-1].startswith("We sail")


def test_a_quotation_longer_than_any_is_a_missing_mark():
    inner = "We sail with the tide and with all of our boats to the north. " * 30
    assert quoted(f"“{inner.strip()}” That is all.") == []


# What a labelled speaker quotes.


def test_a_quotation_of_nobody_known_stays_the_speakers_and_is_reported():
    assert said("ANNA: “We stay in port today.” So it stands in the book.\n") == [
        ("Anna", "", True, "“We stay in port today.”"),
        ("Anna", "", False, "So it stands in the book."),
    ]


def test_the_person_named_before_a_long_quotation_is_its_source():
    inner = " ".join(["We stay in port with all of our boats until the ice of the winter is gone."] * 5)
    rows = said(f"ANNA: Mira Tan said: “{inner}” I left.\n")
    assert [(speaker, reported) for speaker, _, reported, _ in rows[1:-1]] == [("Mira Tan", True)] * 4
    assert rows[-1] == ("Anna", "", False, "I left.")


def test_a_quotation_leaves_the_turn_to_the_one_who_quotes():
    text = "ANNA: “We stay in port today.” So it says.\n\nBERT: No.\n"
    found = plain.read(Document(text), Source("talk", "talk", TABLE)).statements
    assert [one.turn for one in found] == [0, 0, 1]


def test_a_narrators_quotations_are_given_to_their_sources_only_once():
    assert said("“We stay in port today,” said Mira Tan.\n\nIt rained.\n") == [
        ("Mira Tan", "Velm", True, "“We stay in port today,” said Mira Tan."),
        ("", "", False, "It rained."),
    ]


def test_a_paragraph_of_many_quotations_takes_no_quadratic_time():
    text = "ANNA: " + "He said: “We sail at dawn.” " * 800
    began = time.perf_counter()
    assert len(said(text)) == 800
    assert time.perf_counter() - began < 0.2
