"""Statements worth labelling: about the issue, unlike each other, in a sheet that is taken back."""

import json

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")

from hypothesis import given, settings
from hypothesis import strategies as st

from stancecraft.errors import ConfigError, DataError, InputError, OutputError
from stancecraft_training import annotations, merging, suggest

TALKS = {
    "harbour": ["The toll of the harbour must stay for all ships.", "It is paid by every ship that calls here.",
                "Thank you."],
    "kitchen": ["The soup was good and the bread was fresh today.", "My mother sends her greetings to you all.",
                "The band will play again on Monday evening."],
    "valley": ["We welcome the night train to Orsk with joy.", "The harbour toll brings in too little, they say."],
}  # fmt: skip


@pytest.fixture
def corpus(tmp_path):
    folder = tmp_path / "corpus"
    folder.mkdir()
    for doc, sentences in TALKS.items():
        (folder / f"{doc}.txt").write_text(f"MINISTER HOLM: {' '.join(sentences)}\n", "utf-8")
    return folder


@pytest.fixture
def ask(corpus, tmp_path, book, toy_base):
    """Ask for statements on the harbour toll; returns the sheet's rows and what was told."""

    def asked(count=3, out="sheet.jsonl", issue="harbour_toll", inputs=None, **more):
        lines = []
        path = tmp_path / out
        suggest.write(inputs or [corpus], path, book, issue, count=count, base=str(toy_base), tell=lines.append, **more)
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()], lines

    return asked


def test_what_is_nearest_to_the_proposition_is_asked_for(ask):
    rows, lines = ask(count=2)
    assert {row["id"].partition(":")[0] for row in rows} <= {"harbour", "valley"}
    assert sum("toll" in row["text"] + row["context"] for row in rows) == 2
    assert lines[-1].startswith("2 statements of ")


def test_rows_stand_in_the_order_of_their_documents_and_have_a_rank_each(ask):
    rows, _ = ask(count=5)
    assert sorted(row["rank"] for row in rows) == [1, 2, 3, 4, 5]
    places = [(doc, int(start)) for doc, _, start in (row["id"].partition(":") for row in rows)]
    assert places == sorted(places)
    assert all(row["harbour_toll"] == "" and "night_train" not in row for row in rows)


def test_a_filled_sheet_is_taken_back_with_gaps_and_with_rows_deleted(ask, corpus, tmp_path, book):
    rows, _ = ask(count=4)
    sheet = tmp_path / "sheet.jsonl"
    for at, row in enumerate(rows):
        row["harbour_toll"] = "favor" if at == 0 else ""
    sheet.write_text("".join(json.dumps(row) + "\n" for row in (rows[0], *rows[2:])), "utf-8")
    merging.merge([sheet], corpus, tmp_path / "labels", book, annotator="me", reading=1)
    marks = [mark for one in annotations.load(tmp_path / "labels").values() for mark in one]
    assert len(marks) == 3
    assert sum(mark.labels == {"harbour_toll": "favor"} for mark in marks) == 1


def test_a_csv_sheet_is_taken_back_with_a_column_for_its_issue_alone(corpus, tmp_path, book, toy_base):
    sheet = tmp_path / "sheet.csv"
    suggest.write([corpus], sheet, book, "harbour_toll", count=3, base=str(toy_base), tell=str)
    told = merging.merge([sheet], corpus, tmp_path / "labels", book, annotator="me", reading=1)
    assert sum(int(line.split(": ")[1].split()[0]) for line in told) == 3


def test_what_is_labelled_already_is_not_asked_for_again(ask, corpus, tmp_path, book):
    first, _ = ask(count=3)
    merging.merge([tmp_path / "sheet.jsonl"], corpus, tmp_path / "labels", book, annotator="me", reading=1)
    second, _ = ask(count=8, out="second.jsonl", labelled=tmp_path / "labels")
    assert not {row["id"] for row in first} & {row["id"] for row in second}


def test_no_document_gives_more_than_it_may(ask):
    rows, _ = ask(count=8, per_document=1)
    documents = [row["id"].partition(":")[0] for row in rows]
    assert sorted(documents) == sorted(set(documents)) == sorted(TALKS)


def test_statements_of_two_words_are_not_asked_for(ask):
    rows, _ = ask(count=50)
    assert "Thank you." not in [row["text"] for row in rows]


@pytest.mark.parametrize(
    ("more", "error", "told"),
    [
        ({"issue": "fog"}, DataError, "unknown issue 'fog'; expected harbour_toll, night_train"),
        ({"out": "sheet.txt"}, OutputError, "expected a sheet to end in"),
    ],
)
def test_what_cannot_be_asked_is_told_before_anything_is_read(ask, more, error, told, tmp_path):
    with pytest.raises(error, match=told):
        ask(inputs=[tmp_path / "nowhere"], **more)


def test_a_sheet_is_never_written_over(ask):
    ask()
    with pytest.raises(OutputError, match="exists already"):
        ask()


def test_inputs_without_a_transcript_are_told(ask, tmp_path):
    table = tmp_path / "rows.csv"
    table.write_text("text\nThe toll must stay.\n", "utf-8")
    with pytest.raises(DataError, match="expected a transcript"):
        ask(inputs=[table])
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no file to read"):
        ask(inputs=[tmp_path / "empty"])


def test_a_base_that_is_no_encoder_is_told(corpus, tmp_path, book):
    with pytest.raises(ConfigError, match="not an encoder"):
        suggest.write([corpus], tmp_path / "s.csv", book, "harbour_toll", count=2, base=str(tmp_path), tell=print)


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@given(seed=st.integers(0, 1000), size=st.integers(1, 40), count=st.integers(1, 50), most=st.none() | st.integers(1, 5))
@settings(max_examples=60, deadline=None)
def test_the_choice_is_of_the_size_asked_for_each_once_and_worth_most_first(seed, size, count, most):
    random = np.random.default_rng(seed)
    worth, vectors, groups = random.random(size), unit(random.normal(size=(size, 4))), random.integers(0, 4, size)
    order = suggest.choose(worth, vectors, count, groups=groups.tolist(), most=most)
    assert order[0] == worth.argmax()
    assert len(order) == len(set(order))
    room = size if most is None else sum(min(most, int((groups == one).sum())) for one in set(groups.tolist()))
    assert len(order) == min(count, room)


def test_of_two_that_say_the_same_the_second_waits_for_what_is_new():
    vectors = unit(np.asarray([[1.0, 0.0], [1.0, 0.01], [0.0, 1.0]]))
    assert suggest.choose(np.asarray([0.9, 0.89, 0.7]), vectors, 3) == [0, 2, 1]


@pytest.mark.parametrize(("shares", "entropy"), [([0.25] * 4, 1.0), ([1.0, 0.0, 0.0, 0.0], 0.0)])
def test_entropy_is_1_where_the_model_knows_nothing_and_0_where_it_is_sure(shares, entropy):
    named = dict(zip(("none", "favor", "against", "neutral"), shares, strict=True))
    assert suggest._entropy(named) == pytest.approx(entropy, abs=1e-6)


def test_what_a_model_is_unsure_of_comes_first(ask, monkeypatch, corpus):
    """With nearness and likeness alike, the order is that of the model's doubt."""
    doubt = {}

    def unsure(sources, shortlist, issue, folder, tell):
        values = np.linspace(0, 5, len(shortlist))
        doubt.update({sources[one.source].id(sources[one.source].statements[one.at]): value
                      for one, value in zip(shortlist, values, strict=True)})  # fmt: skip
        return values

    monkeypatch.setattr(suggest, "_uncertainty", unsure)
    rows, _ = ask(count=1, model=corpus)
    assert doubt[rows[0]["id"]] == max(doubt.values())
