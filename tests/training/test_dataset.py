"""Labelled statements to batches of windows."""

import pytest

pytest.importorskip("torch")

import numpy as np

from stancecraft.records import VALUES, Statement
from stancecraft_training import dataset
from stancecraft_training.dataset import IGNORED
from stancecraft_training.labelled import Labelled


def row(text, labels=None, doc=""):
    return Labelled(Statement(text, doc=doc, meta={"document": doc or text, "file": "rows.jsonl"}), labels or {})


def test_classes_are_numbered_in_the_order_of_the_values_and_absent_ones_are_ignored(book):
    rows = [row("a", {"harbour_toll": value}) for value in VALUES] + [row("b"), row("c", {"night_train": "against"})]
    assert dataset.class_indices(rows, book.ids).tolist() == [
        [0, IGNORED], [1, IGNORED], [2, IGNORED], [3, IGNORED], [IGNORED, IGNORED], [IGNORED, 2]
    ]  # fmt: skip


def test_columns_follow_the_order_of_the_issues(book):
    rows = [row("a", {"harbour_toll": "favor", "night_train": "neutral"})]
    assert dataset.class_indices(rows, book.ids[::-1]).tolist() == [[3, 1]]


def test_no_rows_give_no_classes_of_the_right_shape(book):
    assert dataset.class_indices([], book.ids).shape == (0, 2)
    assert dataset.encode([], None, book.ids) == []


def test_documents_keep_their_order_and_rows_without_one_stand_alone(toy_encoder, book):
    rows = [row("The toll.", doc="a"), row("A train.", doc="a"), row("Soup."), row("Soup."), row("Ships.", doc="b")]
    documents = dataset.encode(rows, toy_encoder, book.ids)
    assert [len(document.labels) for document in documents] == [2, 1, 1, 1]


def test_labels_follow_their_statements(toy_documents, toy_labelled, book):
    together = np.concatenate([document.labels for document in toy_documents])
    assert np.array_equal(together, dataset.class_indices(toy_labelled, book.ids))


def test_a_window_never_exceeds_the_recipes_tokens(toy_documents, toy_recipe):
    lengths = [len(encoded.input_ids) for document in toy_documents for encoded in document.encoded]
    assert max(lengths) <= toy_recipe.window.tokens
    assert any(len(document.windows) > 1 for document in toy_documents), "the toy documents should need windows"


def test_markers_and_separators_are_outside_every_statement(toy_documents, toy_encoder):
    markers = toy_encoder.markers
    special = {markers.cls, markers.sep, markers.turn, *markers.roles.values()}
    for document in toy_documents:
        for encoded in document.encoded:
            outside = np.isin(encoded.input_ids, list(special))
            assert np.array_equal(encoded.owner == -1, outside)


def test_every_statement_of_a_window_is_learnt_from_with_its_own_label(toy_documents):
    examples = iter(dataset.examples(toy_documents))
    for document in toy_documents:
        for window in document.windows:
            example = next(examples)
            assert len(example["labels"]) == len(window.pieces)
            for piece, labels in zip(window.pieces, example["labels"], strict=True):
                assert labels.tolist() == document.labels[piece.statement].tolist()
    assert next(examples, None) is None


def test_a_batch_holds_every_window_and_pads_the_rest(toy_documents):
    chosen = dataset.examples(toy_documents)[:5]
    batch = dataset.collate(chosen)
    longest = max(len(example["input_ids"]) for example in chosen)
    assert batch["input_ids"].shape == batch["attention_mask"].shape == batch["owner"].shape == (5, longest)
    for at, example in enumerate(chosen):
        length = len(example["input_ids"])
        assert batch["input_ids"][at, :length].tolist() == list(example["input_ids"])
        assert batch["attention_mask"][at].tolist() == [1] * length + [0] * (longest - length)
        assert batch["input_ids"][at, length:].eq(dataset.PADDING_ID).all()
        assert batch["owner"][at, length:].eq(-1).all()


def test_owners_count_pieces_through_the_whole_batch(toy_documents):
    chosen = dataset.examples(toy_documents)[:5]
    batch = dataset.collate(chosen)
    first = 0
    for at, example in enumerate(chosen):
        inside = batch["owner"][at][batch["owner"][at] >= 0]
        assert sorted(set(inside.tolist())) == list(range(first, first + len(example["labels"])))
        assert batch["labels"][first : first + len(example["labels"])].tolist() == example["labels"].tolist()
        first += len(example["labels"])
    assert first == len(batch["labels"])
