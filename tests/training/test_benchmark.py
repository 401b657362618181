"""Turn accuracy: gold turns against the turns of a transcript."""

import hashlib
import json

import pytest

pytest.importorskip("torch")

from stancecraft.errors import DataError
from stancecraft.records import Statement, Transcript
from stancecraft_training import benchmark

TEXT = "MIRA: We pay. We pay gladly.\nODO: We do not.\n"
SPANS = [
    {"turn": 0, "start": 6, "end": 28, "speaker": "Mira", "role": "official", "side": "Velm", "reported": False},
    {"turn": 1, "start": 34, "end": 44, "speaker": "Odo", "role": "official", "side": "Orsk", "reported": False},
]


@pytest.fixture
def gold(tmp_path):
    """The text's file and its gold turns; the digest is the text's unless another is given."""

    def write(spans=SPANS, digest=None):
        text, turns = tmp_path / "talk.txt", tmp_path / "talk.json"
        text.write_text(TEXT, "utf-8")
        digest = digest or hashlib.sha256(text.read_bytes()).hexdigest()
        turns.write_text(json.dumps({"sha256": digest, "spans": spans}), "utf-8")
        return text, turns

    return write


def transcript(*rows):
    """Statements from (turn, text, speaker, side)."""
    statements = []
    for turn, text, speaker, side in rows:
        start = TEXT.index(text)
        statements.append(Statement(text, turn=turn, speaker=speaker, side=side, start=start, end=start + len(text)))
    return Transcript("talk", TEXT, tuple(statements))


def turns(*numbers):
    """The three statements of the text, rightly told, in turns of the given numbers."""
    rows = (("We pay.", "Mira", "Velm"), ("We pay gladly.", "Mira", "Velm"), ("We do not.", "Odo", "Orsk"))
    return transcript(*((number, *row) for number, row in zip(numbers, rows, strict=True)))


def test_reading_that_equals_the_gold_has_everything_right(gold):
    assert benchmark.turn_accuracy(turns(0, 0, 1), *gold()) == [
        ("turns found exactly", "2 of 2"),
        ("statements with the right speaker", "3 of 3"),
        ("statements with the right side", "3 of 3"),
        ("statements with the right role", "3 of 3"),
        ("statements with the right reported", "3 of 3"),
        ("gold spans without any statement", "0"),
    ]


def test_every_wrong_speaker_and_side_is_counted(gold):
    read = transcript((0, "We pay.", "Mira", ""), (0, "We pay gladly.", "Odo", ""), (1, "We do not.", "Odo", "Orsk"))
    found = dict(benchmark.turn_accuracy(read, *gold()))
    assert found["statements with the right speaker"] == "2 of 3"
    assert found["statements with the right side"] == "1 of 3"


def test_two_gold_turns_in_one_are_both_not_found(gold):
    assert dict(benchmark.turn_accuracy(turns(0, 0, 0), *gold()))["turns found exactly"] == "0 of 2"


def test_a_gold_turn_that_is_cut_in_two_is_not_found(gold):
    assert dict(benchmark.turn_accuracy(turns(0, 1, 2), *gold()))["turns found exactly"] == "1 of 2"


def test_a_gold_turn_whose_rest_went_to_another_is_not_found(gold):
    assert dict(benchmark.turn_accuracy(turns(0, 1, 1), *gold()))["turns found exactly"] == "0 of 2"


def test_a_span_that_no_statement_begins_in_is_counted(gold):
    found = dict(benchmark.turn_accuracy(transcript((0, "We do not.", "Odo", "Orsk")), *gold()))
    assert found["gold spans without any statement"] == "1"
    assert found["turns found exactly"] == "1 of 2"


def test_a_statement_outside_every_span_has_nothing_right(gold):
    read = transcript((0, "We pay.", "Mira", "Velm"), (1, "We do not.", "Odo", "Orsk"))
    found = dict(benchmark.turn_accuracy(read, *gold(spans=SPANS[1:])))
    assert found["statements with the right speaker"] == "1 of 2"


def test_gold_of_another_text_is_refused_with_both_digests(gold):
    text, turns = gold(digest="0" * 64)
    with pytest.raises(DataError, match="000000000000") as caught:
        benchmark.turn_accuracy(transcript((0, "We do not.", "Odo", "Orsk")), text, turns)
    assert hashlib.sha256(text.read_bytes()).hexdigest()[:12] in str(caught.value)
    assert str(turns) in str(caught.value)
