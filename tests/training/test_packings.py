"""Training windows: every statement once an epoch, cut otherwise from epoch to epoch."""

from dataclasses import replace

import pytest

pytest.importorskip("torch")

import numpy as np

from stancecraft_training import dataset


def packings(rows, encoder, book, count):
    return dataset.Packings(rows, encoder, book.ids, count)


def whole(made, epoch):
    made.set_epoch(epoch)
    return [made[at] for at in range(len(made))]


def texts(examples, encoder):
    """What each example reads, special tokens left out."""
    return [encoder._tokenizer.decode(one["input_ids"][one["owner"] >= 0].tolist()) for one in examples]


def test_one_cut_holds_every_token_of_every_statement_once(toy_labelled, toy_encoder, book):
    examples = whole(packings(toy_labelled, toy_encoder, book, 1), 0)
    tokens = [token for one in examples for token in one["input_ids"][one["owner"] >= 0].tolist()]
    assert tokens == [
        token for ids in toy_encoder.tokens([row.statement.text for row in toy_labelled]) for token in ids.tolist()
    ]


@pytest.mark.parametrize("count", [2, 3])
def test_cuts_differ_and_come_again_in_turn(toy_labelled, toy_encoder, book, count):
    made = packings(toy_labelled, toy_encoder, book, count)
    seen = [texts(whole(made, epoch), toy_encoder) for epoch in range(2 * count)]
    assert seen[:count] == seen[count:]
    assert all(seen[0] != other for other in seen[1:count])


@pytest.mark.parametrize("count", [1, 4])
def test_all_epochs_have_one_length(toy_labelled, toy_encoder, book, count):
    made = packings(toy_labelled, toy_encoder, book, count)
    assert {len(whole(made, epoch)) for epoch in range(count)} == {len(made)}


def test_labels_stay_with_their_statements_in_every_cut(toy_labelled, toy_encoder, book):
    known = {
        tuple(ids.tolist()): labels
        for ids, labels in zip(
            toy_encoder.tokens([row.statement.text for row in toy_labelled]),
            dataset.class_indices(toy_labelled, book.ids).tolist(), strict=True,
        )
    }  # fmt: skip
    made = packings(toy_labelled, toy_encoder, book, 3)
    found = 0
    for epoch in range(3):
        for one in whole(made, epoch):
            for piece, labels in enumerate(one["labels"].tolist()):
                ids = tuple(one["input_ids"][one["owner"] == piece].tolist())
                if ids in known:  # the others are pieces of a long statement
                    found += 1
                    assert known[ids] == labels
    assert found > len(toy_labelled)


def test_no_window_is_longer_than_the_plan_says(toy_labelled, toy_encoder, book):
    made = packings(toy_labelled, toy_encoder, book, 4)
    assert max(len(one["input_ids"]) for epoch in range(4) for one in whole(made, epoch)) <= toy_encoder.plan.tokens


def test_a_repeated_document_is_learnt_from_that_often(toy_labelled, toy_encoder, book):
    first = toy_labelled[0].statement.doc
    again = [replace(row, repeat=3) if row.statement.doc == first else row for row in toy_labelled]
    once, thrice = (len(packings(rows, toy_encoder, book, 1)) for rows in (toy_labelled, again))
    own = len(packings([row for row in toy_labelled if row.statement.doc == first], toy_encoder, book, 1))
    assert thrice == once + 2 * own


def test_a_batch_carries_what_another_model_thinks(toy_labelled, toy_encoder, book):
    opinion = {book.ids[0]: (0.1, 0.2, 0.3, 0.4)}
    rows = [replace(row, taught=opinion) if at % 2 else row for at, row in enumerate(toy_labelled)]
    made = packings(rows, toy_encoder, book, 1)
    batch = dataset.collate([made[at] for at in range(len(made))])
    assert batch["taught"].shape == (len(batch["labels"]), len(book.ids), 4)
    told = ~np.isnan(batch["taught"][:, 0, 0].numpy())
    assert 0 < told.sum() < len(told)
    assert batch["taught"][told, 0].numpy() == pytest.approx(np.tile([0.1, 0.2, 0.3, 0.4], (told.sum(), 1)))
    assert batch["taught"][:, 1].isnan().all()


def test_hidden_tokens_are_the_statements_own_and_others_each_epoch(toy_labelled, toy_encoder, book):
    plain = packings(toy_labelled, toy_encoder, book, 1)
    hiding = dataset.Packings(toy_labelled, toy_encoder, book.ids, 1, masked=0.3)
    mask = toy_encoder.id("[MASK]")
    hidden = []
    for epoch in range(3):
        pairs = list(zip(whole(plain, epoch), whole(hiding, epoch), strict=True))
        hidden.append([(one["input_ids"] != other["input_ids"]).tolist() for one, other in pairs])
        for one, other in pairs:
            differ = one["input_ids"] != other["input_ids"]
            assert (other["input_ids"][differ] == mask).all()
            assert (one["owner"][differ] >= 0).all()
            assert np.array_equal(one["owner"], other["owner"])
    assert hidden[0] != hidden[1] != hidden[2]
    share = np.mean([flag for epoch in hidden for window in epoch for flag in window])
    assert 0.15 < share < 0.35, "three in ten of the statements' tokens, and none of the markers"


def test_the_same_epoch_hides_the_same_tokens(toy_labelled, toy_encoder, book):
    one, two = (dataset.Packings(toy_labelled, toy_encoder, book.ids, 1, masked=0.3) for _ in range(2))
    whole(two, 0)
    for first, second in zip(whole(one, 2), whole(two, 2), strict=True):
        assert np.array_equal(first["input_ids"], second["input_ids"])
