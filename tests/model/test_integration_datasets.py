"""A function for `Dataset.map(batched=True)`: the runtime's labels, in other processes too, cached by model."""

import json
import pickle
import shutil

import pytest

pytest.importorskip("datasets")

from datasets import Dataset
from datasets.fingerprint import Hasher

from stancecraft import Statement, artifact
from stancecraft.errors import InputError, ModelError
from stancecraft.integrations.datasets import StanceMapper

ROWS = {
    "text": ["The ceasefire in Syria began.", "It has been broken twice.", "Thank you.", "Nusra is a terrorist group."],
    "doc": ["talk", "talk", "", ""],
    "page": [1, 2, 3, 4],
}
STATEMENTS = [Statement(text, doc=doc) for text, doc in zip(ROWS["text"], ROWS["doc"], strict=True)]


def whole(**how):
    return Dataset.from_dict(ROWS).map(StanceMapper(**how), batched=True, batch_size=None)


def test_labels_are_those_of_the_runtime_and_columns_stay(model):
    found = whole(probabilities=True)
    assert found.to_dict().items() >= ROWS.items()
    for row, one in zip(found, model.predict(STATEMENTS), strict=True):
        for issue, position in one.positions.items():
            assert row[f"{issue}_stance"] == position.stance
            assert row[f"{issue}_about"] == position.about
            assert [row[f"{issue}_p_{value}"] for value in position.probabilities] == [*position.probabilities.values()]


@pytest.mark.parametrize("kind", ["numpy", "pandas", "arrow"])
def test_the_format_of_the_data_set_changes_nothing(kind):
    batch = Dataset.from_dict(ROWS).with_format(kind)[:]
    assert StanceMapper()({name: batch[name] for name in ROWS}) == StanceMapper()(ROWS)


def test_threads_and_batches_of_the_function_change_nothing():
    assert whole(threads=1, batch_size=1).to_dict() == whole(threads=4).to_dict()


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_other_processes_say_the_same():
    # Two documents of equal length, so that the cut between the two shards lies between them.
    rows = {"text": ROWS["text"][:2] * 2, "doc": ["one"] * 2 + ["two"] * 2}
    given = Dataset.from_dict(rows)
    alone = given.map(StanceMapper(), batched=True, batch_size=None)
    shared = given.map(StanceMapper(threads=1), batched=True, batch_size=None, num_proc=2)
    assert shared.to_dict() == alone.to_dict()


def test_it_can_be_sent_and_holds_no_model():
    sent = pickle.dumps(StanceMapper(threads=1))
    assert len(sent) < 1000
    assert pickle.loads(sent)(ROWS) == StanceMapper()(ROWS)


def test_a_cache_is_not_taken_for_that_of_another_model(tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(artifact.packaged(), folder)
    before = Hasher.hash(StanceMapper(model=folder))
    assert Hasher.hash(StanceMapper(model=folder)) == before
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    (folder / "manifest.json").write_text(json.dumps(manifest | {"version": "9.9.9"}), "utf-8")
    assert Hasher.hash(StanceMapper(model=folder)) != before


def test_faults_are_told_in_one_line():
    with pytest.raises(InputError, match="^the batch: no column 'text'; its columns are 'sentence'$"):
        StanceMapper()({"sentence": ["a"]})
    with pytest.raises(InputError, match="^the batch: row 1: column 'text': expected a sentence, got None$"):
        StanceMapper()({"text": ["a", None]})
    with pytest.raises(InputError, match="call map with batched=True$"):
        Dataset.from_dict(ROWS).map(StanceMapper())
    with pytest.raises(ValueError, match="^batch_size: expected a whole number from 1, got 0$"):
        StanceMapper(batch_size=0)
    with pytest.raises(ModelError, match="cannot promise"):
        StanceMapper(max_error=0.001)
    with pytest.raises(InputError, match="'ukraine_stance' is there already"):
        whole().map(StanceMapper(), batched=True, batch_size=None)
    assert StanceMapper()({"text": []})["ukraine_stance"] == []
