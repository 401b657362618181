"""Unpunctuated speech: cut where the speaker pauses, in pieces of a sentence's length, no word lost."""

import time
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stancecraft.readers import unpunctuated
from stancecraft.readers.unpunctuated import LONGEST, SHORTEST, UNTOLD, Speech

some = settings(max_examples=100, deadline=None, database=None, derandomize=True)


def speech(words, pauses=None, *, ends=True, label=""):
    """Words of 0.2 seconds each with the pause in front of a word where one is given; no times without pauses."""
    found, now = Speech(label), 0.0
    for at, word in enumerate(words):
        now += (pauses or {}).get(at, 0.0)
        found.say(word, now if pauses is not None else UNTOLD, now + 0.2 if pauses is not None and ends else UNTOLD)
        now += 0.2
    return found


def numbered(count):
    return [f"word{at}" for at in range(count)]


def pieces(found):
    [one] = unpunctuated.utterances([found])
    marks = [0, *one.breaks, len(one.text)]
    return [one.text[first:last].split() for first, last in zip(marks, marks[1:], strict=False)]


@pytest.mark.parametrize("ends", [True, False])
def test_a_cut_is_at_the_longest_pause(ends):
    for place in (8, 15, 22):
        assert unpunctuated.cuts(speech(numbered(31), {place: 1.0, 13: 0.3}, ends=ends)) == [place]


def test_longer_pauses_are_taken_before_shorter_ones():
    # Twelve and sixteen are too near each other.
    assert unpunctuated.cuts(speech(numbered(34), {12: 0.4, 16: 0.5})) == [16]
    assert unpunctuated.cuts(speech(numbered(34), {12: 0.5, 16: 0.4})) == [12]


def test_a_long_pause_ends_a_piece_that_is_short_enough_already():
    assert unpunctuated.cuts(speech(numbered(20), {10: 2.0})) == [10]
    assert unpunctuated.cuts(speech(numbered(20), {10: 0.1})) == []


def test_a_word_whose_end_is_not_told_is_no_pause_itself():
    assert unpunctuated.cuts(speech(numbered(20), {10: 0.5}, ends=False)) == []
    assert unpunctuated.cuts(speech(numbered(20), {10: 0.7}, ends=False)) == [10]


def test_a_pause_too_near_the_edge_is_none():
    assert unpunctuated.cuts(speech(numbered(20), {SHORTEST - 1: 2.0, 20 - SHORTEST + 1: 2.0})) == []


def test_the_border_of_a_cue_is_a_better_place_than_its_middle():
    found = Speech()
    for at, word in enumerate(numbered(40)):
        found.say(word, at / 2 if at % 11 == 0 else UNTOLD, border=at % 11 == 0)
    assert set(unpunctuated.cuts(found)) <= {11, 22, 33}
    assert unpunctuated.cuts(found)


def test_a_halt_behind_an_article_is_no_end_and_a_conjunction_begins_a_piece():
    words = numbered(34)
    words[15] = "the"
    assert unpunctuated.cuts(speech(words, {16: 0.6, 20: 0.5})) == [20]
    words = numbered(34)
    words[20] = "and"
    assert unpunctuated.cuts(speech(words, {16: 0.3, 20: 0.2})) == [20]


def test_words_without_times_are_cut_evenly():
    assert [len(piece) for piece in pieces(speech(numbered(80)))] == [16] * 5


timed_words = st.lists(
    st.tuples(st.sampled_from(["we", "the", "harbour", "and", "ships"]), st.floats(0, 3), st.booleans()), max_size=200
)


def made(words):
    found, now = Speech(), 0.0
    for word, pause, told in words:
        now += pause
        found.say(word, now if told else UNTOLD, now + 0.1 if told and pause > 1 else UNTOLD, border=pause > 2)
    return found


@some
@given(timed_words)
def test_no_word_is_lost_and_pieces_have_the_length_of_sentences(words):
    found = made(words)
    for one in unpunctuated.utterances([found]):
        cut = pieces(found)
        assert [word for piece in cut for word in piece] == [word for word, _, _ in words]
        assert all(min(SHORTEST, len(words)) <= len(piece) <= LONGEST for piece in cut)
        assert all(one.text[at - 1] == " " and one.text[at] != " " for at in one.breaks)


@some
@given(timed_words)
def test_equal_speech_is_cut_alike(words):
    assert unpunctuated.cuts(made(words)) == unpunctuated.cuts(made(words))


@some
@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=80))
def test_any_times_are_borne(times):
    found = Speech()
    for at, start in enumerate(times):
        found.say(f"word{at}", start, times[-at])
    assert sum(len(piece) for piece in pieces(found)) == len(times) if times else not unpunctuated.utterances([found])


def test_times_are_those_of_the_words_that_have_one():
    found = Speech("ANNA", "official", "Norway")
    for word, start in (("we", 1.0), ("sail", UNTOLD), ("at", 2.5)):
        found.say(word, start)
    [one] = unpunctuated.utterances([found])
    assert (one.text, one.label, one.role, one.side) == ("we sail at", "ANNA", "official", "Norway")
    assert one.times == ((0, 1.0), (8, 2.5))


def test_a_speech_without_words_is_left_out():
    assert unpunctuated.utterances([Speech(), speech(["Aye."]), Speech("ANNA")])[0].text == "Aye."
    assert len(unpunctuated.utterances([Speech(), speech(["Aye."])])) == 1


# What is punctuated.


@pytest.mark.parametrize(
    "end", ["sail.", "sail?", "sail!", "sail…", 'sail."', "sail.)", "sail.”", "2016.", "5.", "so...", "帆。"]
)
def test_a_sentence_end_in_sixty_words_is_punctuation(end):
    words = numbered(59)
    [one] = unpunctuated.utterances([speech([*words, end])])
    assert one.breaks is None


@pytest.mark.parametrize("word", ["sail", "U.S.", "Mr.", "p.m.", "I.", "sail,", "--", "sail:", "3.5", '"'])
def test_other_words_are_no_sentence_ends(word):
    [one] = unpunctuated.utterances([speech([*numbered(59), word])])
    assert one.breaks is not None


def test_a_short_utterance_goes_with_the_rest():
    short = speech(numbered(40))
    [one, _] = unpunctuated.utterances([short, speech(["Aye."] * 10)])
    assert one.breaks is None
    [one, _] = unpunctuated.utterances([short, speech(numbered(400))])
    assert one.breaks


def test_a_long_utterance_decides_for_itself():
    [bare, full] = unpunctuated.utterances([speech(numbered(100)), speech(["We", "sail."] * 100)])
    assert bare.breaks
    assert full.breaks is None


# What is no speech.


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("[Music]", ""),
        ("(applause)", ""),
        ("(door slams)", ""),
        ("[Applause] Thank you.", "Thank you."),
        ("Thank you. (laughter) So", "Thank you. So"),
        ("[foreign] thanks", "thanks"),
        ("the (foreign) minister", "the (foreign) minister"),
        ("We sail (at last).", "We sail (at last)."),
        ("(We do not sail.)", "(We do not sail.)"),
        ("We [inaudible] at dawn", "We [inaudible] at dawn"),
        ("a [ __ ] ship", "a ship"),
        ("♪ We sail ♪\nat dawn", "at dawn"),
        ("♪ We sail\nand sail ♪\nat dawn", "at dawn"),
        ("♪ We sail\n♪ and sail\nat dawn", "at dawn"),
        ("Thank you. ♪ la la ♪ So", "Thank you. So"),
        ("Thank you. ♪ la la", "Thank you."),
        ("(unclosed music", "(unclosed music"),
        ("[MUSIC\nPLAYING]\nat dawn", "at dawn"),
    ],
)
def test_noises_and_songs_are_silenced(text, left):
    assert unpunctuated.silenced(text).split() == left.split()


@some
@given(st.text(st.sampled_from("ab []()\n♪.>-"), max_size=80))
def test_silence_moves_nothing(text):
    found = unpunctuated.silenced(text)
    assert len(found) == len(text)
    assert all(new in (old, " ") for old, new in zip(text, found, strict=True))


def test_very_long_speech_takes_linear_time():
    random = Random(7)
    found = Speech()
    for at in range(300_000):
        found.say("we", at + random.random())
    begun = time.process_time()
    assert len(unpunctuated.cuts(found)) > 10_000
    assert time.process_time() - begun < 20
