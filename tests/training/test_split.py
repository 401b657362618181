"""Splits: by document, fixed by its name and the seed alone."""

import pytest

pytest.importorskip("pydantic")

from stancecraft.errors import DataError
from stancecraft.records import Statement
from stancecraft_training import config, split
from stancecraft_training.labelled import Labelled

SHARES = config.Split(dev=0.2, test=0.2, seed=3)


def rows_of(documents, each=3):
    return [
        Labelled(Statement(f"{doc} {at}", doc=doc, meta={"document": doc, "file": "rows.jsonl"}), {"x": "none"})
        for doc in documents
        for at in range(each)
    ]


def places(splits):
    return {row.statement.meta["document"]: name for name in ("train", "dev", "test") for row in getattr(splits, name)}


@pytest.mark.parametrize("seed", range(5))
def test_no_document_is_in_two_splits_and_no_row_is_lost(seed):
    rows = rows_of([f"doc-{at}" for at in range(60)])
    splits = split.by_document(rows, config.Split(dev=0.2, test=0.2, seed=seed))
    inside = [{row.statement.doc for row in part} for part in (splits.train, splits.dev, splits.test)]
    assert not inside[0] & inside[1]
    assert not inside[0] & inside[2]
    assert not inside[1] & inside[2]
    assert sorted(row.statement.text for part in (splits.train, splits.dev, splits.test) for row in part) == sorted(
        row.statement.text for row in rows
    )


def test_a_document_stays_whole_when_its_rows_are_scattered():
    rows = rows_of([f"doc-{at}" for at in range(30)])
    scattered = rows[::3] + rows[1::3] + rows[2::3]
    splits = split.by_document(scattered, SHARES)
    assert places(splits) == places(split.by_document(rows, SHARES))
    assert len(splits.train) % 3 == len(splits.dev) % 3 == len(splits.test) % 3 == 0


def test_rows_keep_their_order_within_a_split():
    rows = rows_of([f"doc-{at}" for at in range(30)])
    order = {row.statement.text: at for at, row in enumerate(rows)}
    splits = split.by_document(rows, SHARES)
    for part in (splits.train, splits.dev, splits.test):
        numbers = [order[row.statement.text] for row in part]
        assert numbers == sorted(numbers)


def test_adding_documents_moves_no_other():
    few = [f"doc-{at}" for at in range(40)]
    before = places(split.by_document(rows_of(few), SHARES))
    after = places(split.by_document(rows_of([f"new-{at}" for at in range(40)] + few[::-1]), SHARES))
    assert {doc: after[doc] for doc in few} == before


def test_adding_rows_to_a_document_moves_nothing():
    documents = [f"doc-{at}" for at in range(40)]
    few, many = (split.by_document(rows_of(documents, each), SHARES) for each in (1, 7))
    assert places(few) == places(many)


def test_the_seed_reaches_the_split():
    rows = rows_of([f"doc-{at}" for at in range(40)])
    found = [places(split.by_document(rows, config.Split(dev=0.2, test=0.2, seed=seed))) for seed in (1, 2, 1)]
    assert found[0] == found[2]
    assert found[0] != found[1]


def test_a_larger_test_share_takes_from_the_others_and_gives_nothing_back():
    rows = rows_of([f"doc-{at}" for at in range(200)], each=1)
    small = split.by_document(rows, config.Split(dev=0.2, test=0.1, seed=3))
    large = split.by_document(rows, config.Split(dev=0.2, test=0.3, seed=3))
    assert {row.statement.doc for row in small.test} < {row.statement.doc for row in large.test}


def test_shares_are_about_what_was_asked_for():
    splits = split.by_document(rows_of([f"doc-{at}" for at in range(4000)], each=1), SHARES)
    assert abs(len(splits.dev) / 4000 - 0.2) < 0.03
    assert abs(len(splits.test) / 4000 - 0.2) < 0.03


def test_an_empty_split_is_refused_by_name():
    rows = rows_of(["only"])
    home = next(iter(places(split.by_document(rows, config.Split(dev=0.0, test=0.0))).values()))
    assert home == "train"
    with pytest.raises(DataError) as caught:
        split.by_document(rows, SHARES)
    assert len(caught.value.lines) == 1
    assert "is empty" in str(caught.value)
    assert "1 document" in str(caught.value)


@pytest.mark.parametrize("name", ["dev", "test"])
def test_a_split_that_has_a_share_and_no_document_is_the_one_that_is_named(name):
    rows = rows_of([f"doc-{at}" for at in range(10)])
    with pytest.raises(DataError, match=rf"{name} is empty"):
        split.by_document(rows, config.Split(**{"dev": 0.0, "test": 0.0, name: 1e-9}))


def test_a_split_without_a_share_may_be_empty():
    splits = split.by_document(rows_of(["a", "b"]), config.Split(dev=0.0, test=0.0))
    assert (len(splits.train), splits.dev, splits.test) == (6, [], [])


def csv_of(folder, *lines):
    (folder / "splits.csv").write_text("doc,split\n" + "".join(f"{line}\n" for line in lines), "utf-8")
    return config.Split(file=folder / "splits.csv")


def test_a_file_fixes_where_every_document_goes(tmp_path):
    shares = csv_of(tmp_path, "a,train", "b,dev", "c,test", "d,calibration", "e,apart")
    splits = split.by_document(rows_of("abcde"), shares)
    found = {name: {row.statement.doc for row in getattr(splits, name)} for name in split.NAMES}
    assert found == {"train": {"a"}, "dev": {"b"}, "calibration": {"d"}, "test": {"c"}, "apart": {"e"}}


def test_a_document_that_the_file_does_not_name_is_told(tmp_path):
    with pytest.raises(DataError, match="'new' has no split"):
        split.by_document(rows_of(["a", "b", "new"]), csv_of(tmp_path, "a,train", "b,dev"))


def test_what_nobody_labelled_is_only_learnt_from(tmp_path):
    unlabelled = [Labelled(row.statement, {}, {"x": (1.0, 0.0, 0.0, 0.0)}) for row in rows_of(["new"])]
    splits = split.by_document(rows_of(["a", "b"]) + unlabelled, csv_of(tmp_path, "a,train", "b,dev"))
    assert {row.statement.doc for row in splits.train} == {"a", "new"}


def test_what_nobody_labelled_of_a_held_out_document_is_not_learnt_from(tmp_path):
    more = [Labelled(row.statement, {}, {"x": (1.0, 0.0, 0.0, 0.0)}) for row in rows_of(["b"])]
    splits = split.by_document(rows_of(["a", "b"]) + more, csv_of(tmp_path, "a,train", "b,dev"))
    assert {row.statement.doc for row in splits.train} == {"a"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("doc,split\na,train\na,dev\n", r":3: 'a' is in two splits"),
        ("doc,split\na,training\n", r":2: expected one of train"),
        ("name,split\na,train\n", r":1: expected the columns doc and split"),
    ],
)
def test_a_file_that_is_wrong_is_told_with_its_line(tmp_path, text, told):
    (tmp_path / "splits.csv").write_text(text, "utf-8")
    with pytest.raises(DataError, match=told):
        split.fixed(tmp_path / "splits.csv")


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(DataError, match="cannot read the splits"):
        split.fixed(tmp_path / "none.csv")


def test_a_file_and_shares_exclude_each_other():
    with pytest.raises(ValueError, match="leave out dev"):
        config.Split(file="splits.csv", dev=0.3)


def test_by_shares_too_what_nobody_labelled_is_only_learnt_from():
    unlabelled = [Labelled(row.statement, {}) for row in rows_of([f"new-{at}" for at in range(60)])]
    splits = split.by_document(rows_of([f"doc-{at}" for at in range(60)]) + unlabelled, SHARES)
    assert sum(row.statement.doc.startswith("new") for row in splits.train) == len(unlabelled)


def documents(rows):
    return {row.statement.doc for row in rows}


@pytest.mark.parametrize("seed", range(4))
def test_a_smaller_share_to_learn_from_is_part_of_a_larger_one(seed):
    rows = rows_of([f"doc-{at}" for at in range(200)])
    drawn = [split.to_learn(rows, config.Learn(share=share, seed=seed)) for share in (0.125, 0.25, 0.5, 1.0)]
    for share, less, more in zip((0.125, 0.25, 0.5), drawn, drawn[1:], strict=False):
        assert documents(less) < documents(more)
        assert abs(len(documents(less)) - 200 * share) < 40
        assert all(row in less for row in more if row.statement.doc in documents(less))
    assert drawn[-1] == rows


def test_a_side_that_is_left_out_stays_as_context():
    rows = [
        Labelled(Statement(str(at), doc="d", side=side, meta={"document": "d"}), {"x": "favor"}, {"x": (0, 1, 0, 0)})
        for at, side in enumerate(["Russia", "United States", "Russia", ""])
    ]
    kept = split.to_learn(rows, config.Learn(without_sides=("Russia",)))
    assert [row.statement for row in kept] == [row.statement for row in rows]
    assert [(bool(row.labels), bool(row.taught)) for row in kept] == [(side != "Russia",) * 2 for side in (
        "Russia", "United States", "Russia", ""
    )]  # fmt: skip


def test_a_document_that_is_left_out_is_gone_whole():
    rows = rows_of(["a", "b", "c"])
    assert documents(split.to_learn(rows, config.Learn(without_documents=("b",)))) == {"a", "c"}


@pytest.mark.parametrize(
    ("learn", "told"),
    [
        (config.Learn(without_sides=("Rusia",)), "sides: 'Rusia' is not in the training rows, did you mean 'Russia'"),
        (config.Learn(without_documents=("z",)), "without_documents: 'z' is not in the training rows"),
        (config.Learn(without_documents=("d",)), "nothing to learn from is left"),
        (config.Learn(without_sides=("Russia",)), "nothing to learn from is left"),
    ],
)
def test_what_cannot_be_left_out_is_told(learn, told):
    rows = [Labelled(Statement("a", doc="d", side="Russia", meta={"document": "d"}), {"x": "favor"})]
    with pytest.raises(DataError, match=told):
        split.to_learn(rows, learn)
