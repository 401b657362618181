"""Diarised speech: segments with times and speakers; what is wrong is told all at once with its path."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stancecraft.errors import InputError
from stancecraft.readers import diarised
from stancecraft.readers.source import Source
from stancecraft.speakers import packaged

some = settings(
    max_examples=100, deadline=None, database=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)


def read(data, where="talk.json"):
    text = data if isinstance(data, str) else json.dumps(data)
    return diarised.read(text, Source(where, "talk", packaged()))


def heard(data):
    """The utterances and notes that segments give, before labels are resolved."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(diarised.utterances, "transcript", lambda found, source, notes=(): (found, list(notes)))
        return read(data)


def said(data):
    return [(one.label, one.text) for one in heard(data)[0]]


def problems(data):
    with pytest.raises(InputError) as caught:
        read(data)
    return list(caught.value.lines)


def segment(text="We sail.", speaker="SPEAKER_00", start=1.0, end=2.0, **more):
    return {"start": start, "end": end, "text": text, "speaker": speaker, **more}


# What diarised speech is.


@pytest.mark.parametrize(
    "data",
    [
        [segment()],
        [{"text": "We sail.", "start": 0, "end": 1}],
        [{"start": 0, "end": 1.5, "speaker": "A"}],
        [{"speaker": "A", "start": "x", "text": "We sail."}],
        [{"text": 7, "start": 0, "end": None}],
        {"segments": [segment()]},
        {"text": "We sail.", "segments": [], "language": "en"},
        {"segments": [7]},
    ],
)
def test_segments_with_times_are_diarised_speech(data):
    assert diarised.is_diarised(json.dumps(data))
    assert diarised.is_diarised("\ufeff\n" + json.dumps(data, indent=2))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "[7]",
        "{",
        "[{",
        '[{"text": "We sail."}]',
        '[{"text": "We sail.", "speaker": "Anna"}]',
        '[{"text": "We sail.", "start": 0}]',
        '[{"text": "We sail.", "start": 0, "end": 8, "doc": "talk", "speaker": "Anna"}]',
        '[{"text": "We sail.", "start": 0, "end": 8, "turn": 1}]',
        '[{"text": "The mandate.", "start": "2016-01-01", "end": "2016-12-31"}]',
        '{"text": "We sail.", "start": 0, "end": 1, "speaker": "A"}',
        '{"text": "the \\"segments\\": [1]"}',
        '{"text": "x", "segments": [1]}\n{"text": "y", "segments": [2]}\n',
        "ANNA: We sail.",
        "[" * 100_000,
        '[{"a": ' + "[" * 100_000,
        '[{"n": ' + "1" * 5000 + "}]",
    ],
)
def test_tables_and_other_texts_are_not_diarised_speech(text):
    assert not diarised.is_diarised(text)


@some
@given(st.text(max_size=100), st.sampled_from(["", "[{", '{"segments": [', '[{"start": 1, "end": 2, "text": ']))
def test_any_text_is_diarised_speech_or_not(text, begin):
    assert diarised.is_diarised(begin + text) in (True, False)


# Reading.


def test_the_sample_reads_like_the_plain_talk(root, talk):
    text = (root / "tests" / "data" / "formats" / "talk.json").read_text("utf-8")
    assert diarised.is_diarised(text)
    names = {"MINISTER HALVORSEN": "Ingrid Halvorsen", "MINISTER AKBAROV": "Rustam Akbarov"}
    plain = [turn.split(": ", 1) for turn in talk[1:]]
    assert said(text) == [(names.get(label, label.title()), words) for label, words in plain]
    found = read(text)
    assert found.statements[0].meta == {"time": 4.0}
    assert all(found.text[one.start : one.end] == one.text for one in found.statements)


@pytest.mark.parametrize("wrap", [lambda rows: rows, lambda rows: {"segments": rows}])
def test_consecutive_segments_of_a_speaker_are_one_utterance(wrap):
    rows = [segment(" We sail", "A"), segment("at dawn. ", "A"), segment("Why?", "B"), segment("So.", "A")]
    assert said(wrap(rows)) == [("A", "We sail at dawn."), ("B", "Why?"), ("A", "So.")]


@pytest.mark.parametrize("speaker", [None, ""])
def test_a_segment_without_speaker_is_nobodys(speaker):
    assert said([segment("We sail."), segment("Aye.", speaker), segment("So.")]) == [
        ("SPEAKER_00", "We sail."),
        ("", "Aye."),
        ("SPEAKER_00", "So."),
    ]


def test_speech_may_have_no_speakers_at_all():
    rows = [{"id": at, "seek": 0, "start": at, "end": at + 1, "text": " We sail.", "tokens": [1]} for at in range(3)]
    assert said({"text": "We sail.", "segments": rows, "language": "en"}) == [("", "We sail. We sail. We sail.")]


def test_the_file_may_name_its_speakers_and_two_labels_may_be_one_person():
    names = {"SPEAKER_00": "Anna  Holt", "SPEAKER_01": {"name": "Anna Holt"}, "2": {"name": "Bert", "x": 1}}
    rows = [segment("We sail.", "SPEAKER_00"), segment("So.", "SPEAKER_01"), segment("Why?", 2), segment("Aye.", "Z")]
    assert said({"speakers": names, "segments": rows}) == [
        ("Anna Holt", "We sail. So."),
        ("Bert", "Why?"),
        ("Z", "Aye."),
    ]


def test_a_name_may_come_with_role_and_side():
    names = {"SPEAKER_00": {"name": "Rustam Akbarov", "role": "questioner", "side": "Uzbekistan"}}
    [one] = read({"speakers": names, "segments": [segment()]}).statements
    assert (one.speaker, one.role, one.side) == ("Rustam Akbarov", "questioner", "Uzbekistan")


def test_a_bare_list_of_labels_names_nobody():
    assert said({"speakers": ["SPEAKER_00"], "segments": [segment()]}) == [("SPEAKER_00", "We sail.")]


def test_words_carry_their_own_times_as_far_as_they_are_those_of_the_text():
    words = [{"word": "We", "start": 1.1, "end": 1.2}, {"word": "sail"}, {"text": " at", "start": 1.6, "end": 1.7}]
    [one], _ = heard([segment("We sail at dawn.", words=words)])
    assert one.times == ((0, 1.1), (8, 1.6))
    [one], _ = heard([segment("We sail at dawn.", words=[{"word": "They", "start": 1.5}, *words])])
    assert one.times == ((0, 1.0),)


def test_words_may_be_single_characters():
    words = [{"word": letter, "start": 1 + at / 10} for at, letter in enumerate("Wesail")]
    [one], _ = heard([segment("We sail", words=words)])
    assert one.times == ((0, 1.0), (3, 1.2))


@pytest.mark.parametrize("text", ["", " ", "[Music]", "♪♪", "[BLANK_AUDIO]", "(applause)"])
def test_a_segment_without_speech_is_left_out(text):
    assert said([segment("We sail."), segment(text), segment("So.")]) == [("SPEAKER_00", "We sail. So.")]
    assert read([segment(text)]).statements == ()


def test_no_segments_are_no_statements():
    assert read({"segments": []}).statements == ()


def test_speech_without_punctuation_is_cut_at_its_pauses():
    first, second = " ".join(f"word{at}" for at in range(20)), " ".join(f"term{at}" for at in range(20))
    found = read([segment(first, start=1, end=8), segment(second, start=12, end=20)])
    assert [(one.text, one.meta["time"]) for one in found.statements] == [(first, 1), (second, 12)]


def test_the_border_of_a_segment_is_a_better_place_to_cut_than_its_middle():
    words = [f"word{at}" for at in range(31)]
    found = read([segment(" ".join(words[:12])), segment(" ".join(words[12:]), start=2, end=3)])
    assert len(found.statements[0].text.split()) == 12


@pytest.mark.parametrize("times", [(0.5, 1.5), (3.0, 2.5), (1.5, 3.0)])
def test_odd_times_keep_the_words_and_are_told_once_with_their_first_place(times):
    start, end = times
    rows = [segment("We sail."), segment("So.", start=start, end=end), segment("Aye.", start=0.1, end=0.2)]
    found, [told] = heard({"segments": rows})
    assert found[0].text == "We sail. So. Aye."
    assert told.startswith("talk.json: segments[1]: ")
    assert "in 2 segments" in told


def test_times_in_order_are_not_told():
    assert heard([segment(start=0, end=1), segment(start=1, end=1), segment(start=5, end=6)])[1] == []


# What is wrong.


def test_every_fault_is_told_at_once_with_its_path():
    rows = [
        segment(),
        segment(7, start=None),
        {"start": -1, "end": float("nan"), "speaker": ["A"]},
        "We sail.",
        segment(start=True, end="2", words=[7, {"word": None, "start": -1}, {"start": 1, "end": None}]),
        segment("\ud83d", words={}, speaker=1.5),
        segment(start=float("inf"), end=10**400),
    ]
    assert problems({"segments": rows}) == [
        "talk.json: segments[1].text: expected a text, got 7",
        "talk.json: segments[1].start: expected seconds from 0, got None",
        "talk.json: segments[2].text: expected a text, got nothing",
        "talk.json: segments[2].start: expected seconds from 0, got -1",
        "talk.json: segments[2].end: expected seconds from 0, got nan",
        "talk.json: segments[2].speaker: expected a label, got an array",
        "talk.json: segments[3]: expected a segment, got 'We sail.'",
        "talk.json: segments[4].start: expected seconds from 0, got True",
        "talk.json: segments[4].end: expected seconds from 0, got '2'",
        "talk.json: segments[4].words[0]: expected a word, got 7",
        "talk.json: segments[4].words[1].word: expected a text, got None",
        "talk.json: segments[4].words[1].start: expected seconds from 0, got -1",
        "talk.json: segments[4].words[2].word: expected a text, got nothing",
        "talk.json: segments[5].text: expected a text, got '\\ud83d'",
        "talk.json: segments[5].speaker: expected a label, got 1.5",
        "talk.json: segments[5].words: expected an array, got an object",
        "talk.json: segments[6].start: expected seconds from 0, got inf",
        "talk.json: segments[6].end: expected seconds from 0, got a number beyond all measure",
    ]


def test_a_list_of_segments_has_its_paths_too():
    assert problems([segment(), segment(7)]) == ["talk.json: [1].text: expected a text, got 7"]


def test_every_fault_of_the_names_is_told():
    names = {"A": 7, "B": {"role": "king"}, "C": {"name": " ", "side": 3}, "D": "", "E": None}
    assert problems({"speakers": names, "segments": [segment()]}) == [
        "talk.json: speakers.A: expected a name or an object with 'name', got 7",
        "talk.json: speakers.B.name: expected a name, got nothing",
        "talk.json: speakers.B.role: expected one of official, questioner, moderator, narrator, got 'king'",
        "talk.json: speakers.C.name: expected a name, got ' '",
        "talk.json: speakers.C.side: expected a text, got 3",
        "talk.json: speakers.D.name: expected a name, got ''",
        "talk.json: speakers.E: expected a name or an object with 'name', got None",
    ]
    [told] = problems({"speakers": 7, "segments": []})
    assert told == "talk.json: speakers: expected an object from labels to names, got 7"


def test_very_many_faults_are_counted_not_all_told():
    told = problems([segment(7)] * 50)
    assert len(told) == 21
    assert told[-1] == "talk.json: and 30 more problems"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "talk.json:1: not valid JSON: "),
        ('{"segments":\n[{"a": }]}', "talk.json:2: not valid JSON: "),
        ("[" * 100_000, "talk.json: not valid JSON: nested too deeply"),
        ('{"segments": [' + "1" * 5000 + "]}", "talk.json: not valid JSON: "),
        ("7", "talk.json: expected an array of segments or an object with 'segments', got 7"),
        ('{"rows": []}', "talk.json: expected an array of segments or an object with 'segments', got an object"),
        ('{"segments": {}}', "talk.json: segments: expected an array, got an object"),
    ],
)
def test_what_holds_no_segments_is_told(text, told):
    [line] = problems(text)
    assert line.startswith(told)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
KEYS = ["text", "start", "end", "speaker", "words", "word", "segments", "speakers", "name", "role"]
rows = st.dictionaries(
    st.sampled_from(KEYS), values | st.lists(st.dictionaries(st.sampled_from(KEYS), values), max_size=3)
)


@some
@given(st.lists(rows, max_size=4), values | st.dictionaries(st.text(max_size=3), rows, max_size=3))
def test_any_segments_are_read_or_told(given_rows, names):
    try:
        found = read({"segments": given_rows, "speakers": names})
    except InputError as error:
        assert all(line.startswith("talk.json: ") for line in error.lines)
        assert "\n".join(error.lines).encode()
    else:
        assert len(found.text.split()) <= sum(len(row["text"].split()) for row in given_rows)


words = st.text("abcxyz", min_size=1, max_size=6)


@some
@given(st.lists(st.tuples(st.sampled_from(["A", "B", None]), st.lists(words, max_size=9)), max_size=20))
def test_every_word_is_kept_in_order(turns):
    rows = [segment(" ".join(turn), speaker) for speaker, turn in turns]
    assert [word for _, turn in said({"segments": rows}) for word in turn.split()] == [
        word for _, turn in turns for word in turn
    ]
