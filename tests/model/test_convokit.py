"""ConvoKit: one utterance per line; what is wrong is told line by line."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stancecraft.errors import InputError
from stancecraft.readers import convokit
from stancecraft.readers.source import Source
from stancecraft.speakers import packaged

some = settings(
    max_examples=100, deadline=None, database=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)


def read(text):
    return convokit.read(text, Source("talk.jsonl", "talk", packaged()))


def lines(*rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


def utterance(text="We sail.", speaker="anna", conversation="c0", **more):
    return {"id": "u0", "speaker": speaker, "conversation_id": conversation, "reply_to": None, "timestamp": 7,
            "text": text, "meta": {"score": 1}, **more}  # fmt: skip


def said(text):
    """The utterances of a file, before labels are resolved."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(convokit.utterances, "transcript", lambda found, source, notes=(): found)
        return [(one.label, one.text) for one in read(text)]


def problems(text):
    with pytest.raises(InputError) as caught:
        read(text)
    return list(caught.value.lines)


@pytest.mark.parametrize(
    "row",
    [
        utterance(),
        {"text": "We sail.", "user": "anna", "root": "c0"},
        {"text": None, "speaker": None, "root": None},
        {"text": "We sail.", "user": "anna", "conversation_id": 1},
    ],
)
def test_a_line_with_text_speaker_and_conversation_is_convokit(row):
    assert convokit.is_convokit(lines(row))
    assert convokit.is_convokit("\ufeff\n" + lines(row) + "{")
    assert convokit.is_convokit(json.dumps(row))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "ANNA: We sail.",
        "[]",
        lines({"text": "We sail.", "speaker": "Anna"}),
        lines({"text": "We sail.", "conversation_id": "c0"}),
        lines({"speaker": "Anna", "conversation_id": "c0"}),
        "[" + json.dumps(utterance()) + "]",
        json.dumps(utterance(), indent=2),
        '{"text": ' + "[" * 100_000,
        '{"n": ' + "1" * 5000 + "}",
    ],
)
def test_tables_and_other_texts_are_not_convokit(text):
    assert not convokit.is_convokit(text)


@some
@given(st.text(max_size=100))
def test_any_text_is_convokit_or_not(text):
    assert not convokit.is_convokit(text)
    assert convokit.is_convokit("{" + text) in (True, False)


def test_the_sample_reads_like_the_plain_talk(root, talk):
    text = (root / "tests" / "data" / "formats" / "talk.utterances.jsonl").read_text("utf-8")
    assert convokit.is_convokit(text)
    assert said(text) == [tuple(turn.split(": ", 1)) for turn in talk[1:]]
    found = read(text)
    assert all(found.text[one.start : one.end] == one.text for one in found.statements)


def test_every_line_is_a_turn_of_its_own_in_the_order_of_the_file():
    text = lines(
        utterance("One."), utterance("Two.", conversation="c1"), utterance("Three.", "bert"), utterance("Four.")
    )
    assert [(one.turn, one.speaker, one.text) for one in read(text).statements] == [
        (0, "anna", "One."),
        (1, "anna", "Two."),
        (2, "bert", "Three."),
        (3, "anna", "Four."),
    ]


def test_older_dumps_say_user_and_root():
    assert said(lines({"text": "We sail.", "user": "anna", "root": "c0"})) == [("anna", "We sail.")]


def test_an_utterance_may_have_no_words_and_no_speaker():
    text = lines(utterance("One."), utterance("", "bert"), utterance("Two.", None), utterance("Three.", 7))
    assert [(one.turn, one.text) for one in read(text).statements] == [(0, "One."), (1, "Two."), (2, "Three.")]
    assert [label for label, _ in said(text)] == ["anna", "bert", "", "7"]


def test_line_endings_and_blank_lines_do_not_matter():
    text = lines(utterance("One."), utterance("Two.", "bert"))
    assert said("\ufeff" + text.replace("\n", "\r\n\r\n")) == said(text)


def test_every_fault_is_told_at_once_with_its_line():
    text = (
        lines(utterance())
        + '{"text": \n\n["x"]\n'
        + lines({}, utterance(7, ["anna"]), utterance("\ud83d", True), {"text": "x", "user": 1.5})
    )
    told = problems(text)
    assert told[0].startswith("talk.jsonl:2: not valid JSON: ")
    assert told[1:] == [
        "talk.jsonl:4: expected a JSON object, got an array",
        "talk.jsonl:5: text: expected a text, got nothing",
        "talk.jsonl:5: speaker: expected an id, got nothing",
        "talk.jsonl:6: text: expected a text, got 7",
        "talk.jsonl:6: speaker: expected an id, got an array",
        "talk.jsonl:7: text: expected a text, got '\\ud83d'",
        "talk.jsonl:7: speaker: expected an id, got True",
        "talk.jsonl:8: user: expected an id, got 1.5",
    ]


def test_lines_nested_without_end_and_numbers_too_long_are_told():
    told = problems('{"text": ' + "[" * 100_000 + '\n{"text": ' + "1" * 5000 + "}\n")
    assert [line.split(" not")[0] for line in told] == ["talk.jsonl:1:", "talk.jsonl:2:"]


def test_very_many_faults_are_counted_not_all_told():
    told = problems("[]\n" * 50)
    assert len(told) == 21
    assert told[-1] == "talk.jsonl: and 30 more problems"


def test_a_file_without_utterances_is_told():
    assert problems("\n") == ["talk.jsonl: expected utterances, one JSON object per line; got none"]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@some
@given(st.lists(st.dictionaries(st.sampled_from(["text", "speaker", "user", "root", "id"]), values), max_size=5))
def test_any_lines_are_read_or_told(rows):
    try:
        found = said(lines(*rows))
    except InputError as error:
        assert all(line.startswith("talk.jsonl:") for line in error.lines)
        assert "\n".join(error.lines).encode()
    else:
        assert [text for _, text in found] == [row["text"] for row in rows]
