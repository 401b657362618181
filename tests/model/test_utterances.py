"""From utterances whose speaker a format tells to a transcript."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stancecraft import speakers
from stancecraft.readers.source import Source
from stancecraft.readers.utterances import Utterance, transcript

some = settings(
    max_examples=120, deadline=None, database=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
TABLE = speakers.parse(
    """
titles: [minister]
labels:
  - {label: QUESTION, speaker: Question, role: questioner}
  - {label: MODERATOR, speaker: Moderator, role: moderator}
sides:
  - {name: Velm}
people:
  - {name: Odo Fenn, side: Orsk, titles: [minister]}
  - {name: Mira Tan, side: Velm, titles: [minister]}
""",
    "toy",
)
spoken = st.one_of(
    st.text(max_size=40),
    st.lists(
        st.sampled_from(
            ["We sail.", "Do we?", " ", "\n", "\n\n", "...", "—", "We both agree", "é🚢", "Tan and I agree."]
        ),
        max_size=6,
    ).map(" ".join),
)
labels = st.sampled_from(["", "FENN", "Minister Tan", "QUESTION", "Lise Holm", "SPEAKER_01"])
talks = st.lists(
    st.builds(
        Utterance,
        spoken,
        labels,
        st.sampled_from([None, "official", "questioner"]),
        st.sampled_from(["", "Velm", "Sarn"]),
        st.one_of(st.none(), st.lists(st.integers(-3, 50), max_size=4).map(lambda marks: tuple(sorted(marks)))),
        st.lists(st.tuples(st.integers(0, 40), st.floats(0, 99)), max_size=3).map(lambda times: tuple(sorted(times))),
        st.booleans(),
    ),
    max_size=6,
)


def read(*utterances, notes=(), **known):
    return transcript(utterances, Source("talk.vtt", "talk", TABLE, **known), notes)


def rows(*utterances):
    return [(one.turn, one.speaker, one.text) for one in read(*utterances).statements]


@some
@given(talks)
def test_offsets_count_in_the_text_that_the_utterances_make(talk):
    found = read(*talk)
    assert found.text == "\n\n".join(one.text.strip() for one in talk if one.text.strip())
    behind = 0
    for at, one in enumerate(found.statements):
        assert behind <= one.start < one.end
        assert found.text[one.start : one.end] == one.text == one.text.strip()
        assert one.id == f"talk#{at}"
        behind = one.end


@some
@given(talks)
def test_every_letter_of_every_utterance_is_in_one_statement(talk):
    said = "".join(c for one in talk for c in one.text if c.isalnum())
    assert "".join(c for one in read(*talk).statements for c in one.text if c.isalnum()) == said


@some
@given(talks)
def test_turns_rise_without_gaps_and_each_is_one_utterance(talk):
    found = [one.turn for one in read(*talk).statements]
    assert sorted(set(found)) == list(range(len(set(found))))
    assert found == sorted(found)
    worded = [one for one in talk if any(c.isalnum() or c == "_" for c in one.text)]
    assert len(set(found)) == len(worded)


@some
@given(talks)
def test_the_format_tells_more_than_the_table(talk):
    statements = read(*talk).statements
    worded = [one for one in talk if any(c.isalnum() or c == "_" for c in one.text)]
    for one in statements:
        told = worded[one.turn]
        assert one.reported == told.reported
        assert told.role in (None, one.role)
        assert told.side in ("", one.side)


def test_each_utterance_is_a_turn_even_of_the_same_speaker():
    assert rows(
        Utterance("We sail. We stay.", "FENN"), Utterance("At dawn.", "FENN"), Utterance("No.", "QUESTION")
    ) == [
        (0, "Odo Fenn", "We sail."),
        (0, "Odo Fenn", "We stay."),
        (1, "Odo Fenn", "At dawn."),
        (2, "Question", "No."),
    ]


def test_utterances_without_a_word_are_left_out_and_leave_no_gap():
    assert rows(
        Utterance(" \n", "FENN"), Utterance("...", "FENN"), Utterance("Yes.", "QUESTION"), Utterance("", "")
    ) == [(0, "Question", "Yes.")]
    assert read().statements == ()
    assert read().text == ""


def test_a_speaker_brings_role_and_side_and_nobody_is_the_narrator():
    found = read(Utterance("Yes.", "FENN"), Utterance("Why?", "QUESTION"), Utterance("It rained.")).statements
    assert [(one.speaker, one.role, one.side) for one in found] == [
        ("Odo Fenn", "official", "Orsk"),
        ("Question", "questioner", ""),
        ("", "narrator", ""),
    ]


def test_an_unknown_speaker_is_named_in_a_note_behind_the_others():
    found = read(Utterance("Yes.", "LISE HOLM"), notes=("two cues dropped",))
    assert found.statements[0].speaker == "Lise Holm"
    assert found.notes[0] == "two cues dropped"
    assert "Lise Holm" in found.notes[-1]
    assert "--speakers" in found.notes[-1]


def test_notes_of_the_source_come_first():
    source = Source("talk.vtt", "talk", TABLE, notes=("read as cp1252",))
    assert transcript([Utterance("Yes.", "FENN")], source, ["two cues dropped"]).notes == (
        "read as cp1252",
        "two cues dropped",
    )


def test_a_date_is_given_to_every_statement():
    assert {one.date for one in read(Utterance("Yes. No.", "FENN"), date="2021-05-03").statements} == {"2021-05-03"}


def test_breaks_tell_sentences_where_there_is_no_punctuation():
    text = "we sail at dawn we stay at noon"
    assert [row[2] for row in rows(Utterance(text, "FENN", breaks=(16,)))] == ["we sail at dawn", "we stay at noon"]
    assert [row[2] for row in rows(Utterance(text, "FENN"))] == [text]


def test_breaks_told_overrule_punctuation():
    assert [row[2] for row in rows(Utterance("We sail. We stay.", "FENN", breaks=()))] == ["We sail. We stay."]


@pytest.mark.parametrize("breaks", [(0, 8), (-5, 8), (8, 8), (8, 17), (8, 99), (8, 9)])
def test_breaks_at_the_edges_outside_or_told_twice_change_nothing(breaks):
    assert [row[2] for row in rows(Utterance("We sail, we stay", "FENN", breaks=breaks))] == ["We sail,", "we stay"]


def test_breaks_and_times_count_in_the_text_as_given_white_space_included():
    one = Utterance("  \n we sail we stay ", "FENN", breaks=(11,), times=((4, 1.0), (12, 2.5)))
    assert [(found.text, found.meta) for found in read(one).statements] == [
        ("we sail", {"time": 1.0}),
        ("we stay", {"time": 2.5}),
    ]


def test_a_statement_has_the_time_of_the_last_word_timed_before_it_or_none():
    one = Utterance("We sail. We stay. We wait.", "FENN", times=((9, 3.0), (12, 4.0), (17, 5.0)))
    assert [found.meta for found in read(one).statements] == [{}, {"time": 3.0}, {"time": 5.0}]


def test_times_of_one_utterance_are_not_the_nexts():
    found = read(Utterance("We sail.", "FENN", times=((0, 3.0),)), Utterance("We stay.", "FENN")).statements
    assert [one.meta for one in found] == [{"time": 3.0}, {}]


def test_a_label_that_the_document_itself_completes_is_completed():
    found = read(
        Utterance("Welcome to Minister Lise Holm of Velm.", "MODERATOR"), Utterance("Thank you.", "MINISTER HOLM")
    )
    assert [(one.speaker, one.side) for one in found.statements][-1] == ("Lise Holm", "Velm")


def test_we_both_is_joint():
    found = read(
        Utterance("We both agree. I agree.", "FENN"), Utterance("Minister Tan and I agree.", "FENN")
    ).statements
    assert [one.joint for one in found] == [True, False, True]


@pytest.mark.xfail(strict=True, reason="plain text asks for an official, utterances do not")
def test_only_officials_speak_jointly():
    found = read(
        Utterance("We both agree.", "QUESTION"), Utterance("We both agreed."), Utterance("We both agree.", "MODERATOR")
    )
    assert not any(one.joint for one in found.statements)


@pytest.mark.xfail(strict=True, reason="the side that the format tells is not the one that is compared")
def test_two_people_of_one_side_are_one_side_though_the_format_tells_it():
    [one] = read(Utterance("Minister Tan and I agree.", "Lise Holm", side="Velm")).statements
    assert not one.joint
