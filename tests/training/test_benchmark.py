"""How well documents are read: gold turns against the turns of a transcript."""

import hashlib
import json

import pytest

pytest.importorskip("torch")

from stancecraft.errors import DataError
from stancecraft.records import Statement, Transcript
from stancecraft_training import reading

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
        turns.write_text(json.dumps({"doc": "talk", "sha256": digest, "spans": spans}), "utf-8")
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


def measured(read, gold):
    text, turns = gold
    return reading.measure(read, text, turns)


def test_reading_that_equals_the_gold_has_everything_right(gold):
    assert measured(turns(0, 0, 1), gold()) == reading.Counts(
        turns=2, extra=0, bounds=2, speaker=2, side=2, role=2, statements=3, right=3
    )


def test_a_turn_with_one_wrong_statement_is_wrong_in_that_field_alone(gold):
    read = transcript(
        (0, "We pay.", "Mira", "Velm"), (0, "We pay gladly.", "Odo", "Velm"), (1, "We do not.", "Odo", "")
    )
    found = measured(read, gold())
    assert (found.bounds, found.speaker, found.side, found.role, found.right) == (2, 1, 1, 2, 1)


def test_two_gold_turns_in_one_are_both_not_found(gold):
    assert measured(turns(0, 0, 0), gold()).bounds == 0


def test_a_gold_turn_that_is_cut_in_two_is_not_found(gold):
    assert measured(turns(0, 1, 2), gold()).bounds == 1


def test_a_gold_turn_whose_rest_went_to_another_is_not_found(gold):
    assert measured(turns(0, 1, 1), gold()).bounds == 0


def test_a_gold_turn_without_any_statement_has_nothing_right(gold):
    found = measured(transcript((0, "We do not.", "Odo", "Orsk")), gold())
    assert (found.turns, found.bounds, found.speaker, found.side, found.role) == (2, 1, 1, 1, 1)


def test_a_turn_outside_every_span_counts_against_the_bounds(gold):
    read = transcript((0, "We pay.", "Mira", "Velm"), (1, "We do not.", "Odo", "Orsk"))
    found = measured(read, gold(spans=SPANS[1:]))
    assert (found.turns, found.extra, found.bounds, found.statements, found.right) == (1, 1, 1, 2, 1)


def test_a_statement_across_two_gold_turns_spoils_both(gold):
    across = "We pay gladly.\nODO: We do not."
    read = transcript((0, "We pay.", "Mira", "Velm"), (0, across, "Mira", "Velm"))
    found = measured(read, gold())
    assert (found.bounds, found.speaker) == (0, 1)


def test_a_reported_flag_that_differs_makes_the_statement_wrong_and_no_turn(gold):
    spans = [SPANS[0] | {"reported": True}, SPANS[1]]
    found = measured(turns(0, 0, 1), gold(spans=spans))
    assert (found.speaker, found.right) == (2, 1)


def test_spellings_of_one_person_are_the_same(gold):
    spans = [SPANS[0] | {"speaker": "Sergei Lavrov"}, SPANS[1] | {"speaker": "Mr. Odo"}]
    read = transcript(
        (0, "We pay.", "Sergey Lavrov", "Velm"),
        (0, "We pay gladly.", "Sergey Lavrov", "Velm"),
        (1, "We do not.", "Odo", "Orsk"),
    )
    assert measured(read, gold(spans=spans)).speaker == 2


def test_counts_add_up(gold):
    one = measured(turns(0, 0, 1), gold())
    assert one + one == reading.Counts(4, 0, 4, 4, 4, 4, 6, 6)


def test_gold_of_another_text_is_refused_with_both_digests(gold):
    text, turns = gold(digest="0" * 64)
    with pytest.raises(DataError, match="000000000000") as caught:
        reading.measure(transcript((0, "We do not.", "Odo", "Orsk")), text, turns)
    assert hashlib.sha256(text.read_bytes()).hexdigest()[:12] in str(caught.value)
    assert str(turns) in str(caught.value)


def test_the_table_has_a_line_per_document_and_one_for_all_and_names_missing_texts(gold, tmp_path):
    gold()
    (tmp_path / "other.json").write_text(json.dumps({"doc": "other", "sha256": "0" * 64, "spans": []}), "utf-8")
    told = []
    lines = reading.table(tmp_path, tmp_path, told.append).splitlines()
    assert [line.split("|")[1].strip() for line in lines[2:]] == ["talk", "**all 1**"]
    assert told == [f"other: no text in {tmp_path}"]


def test_gold_without_any_text_is_refused(gold, tmp_path):
    gold()
    (tmp_path / "elsewhere").mkdir()
    with pytest.raises(DataError, match="found none"):
        reading.table(tmp_path, tmp_path / "elsewhere", lambda _: None)
