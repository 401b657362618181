"""Models kept per process: same labels whatever the threads, the size of a batch, or the process."""

import json
import multiprocessing
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import stancecraft
from stancecraft import Statement, artifact
from stancecraft.integrations import columns, engine

LINES = ["The truce must be upheld by everybody.", "Thank you.", "Nusra is a terrorist group.", "It was broken twice."]


def shares(found):
    return [[position.probabilities for position in one.positions.values()] for one in found]


def talks(*lengths):
    """Documents of some lengths; every statement of the last one stands alone."""
    names = [f"talk {at}" for at in range(len(lengths) - 1)] + [""]
    pairs = zip(names, lengths, strict=True)
    return [Statement(LINES[at % len(LINES)], doc=name, turn=at // 2) for name, count in pairs for at in range(count)]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lengths=st.lists(st.integers(0, 6), min_size=1, max_size=4), size=st.integers(1, 9))
def test_the_size_of_a_batch_changes_nothing(model, lengths, size):
    given = talks(*lengths)
    assert shares(engine.predict(model, given, batch_size=size)) == shares(model.predict(given))


class Recorder:
    """Stands for a model and remembers what it was handed."""

    def __init__(self):
        self.handed = []

    def thresholds(self, max_error):
        return {}

    def predict(self, statements, max_error):
        self.handed.append(list(statements))
        return list(statements)


@given(lengths=st.lists(st.integers(0, 6), min_size=1, max_size=5), size=st.integers(1, 9))
def test_no_more_is_handed_over_at_once_and_documents_stay_whole(lengths, size):
    given, model = talks(*lengths), Recorder()
    assert engine.predict(model, given, batch_size=size) == given
    for batch in model.handed:
        assert len(batch) <= size or len({one.doc for one in batch}) == 1
    homes = [{one.doc for one in batch if one.doc} for batch in model.handed]
    assert sum(map(len, homes)) == len(set().union(*homes)), "no document lies in two batches"


@given(docs=st.lists(st.sampled_from(["a", "b", "c", "", None, float("nan")]), max_size=30))
def test_rows_are_gathered_by_document_and_nothing_is_lost(docs):
    order = columns.gathered(docs)
    assert sorted(order) == list(range(len(docs)))
    named = [docs[at] for at in order if docs[at] in ("a", "b", "c")]
    changes = sum(one != other for one, other in zip(named, named[1:], strict=False))
    assert changes == max(len(set(named)) - 1, 0)
    for doc in ("a", "b", "c"):
        rows = [at for at in order if docs[at] == doc]
        assert rows == sorted(rows)


def test_a_model_is_loaded_once_and_by_its_number_of_threads():
    assert engine.load() is engine.load()
    assert engine.load(threads=1) is engine.load(threads=1)
    assert engine.load(threads=1) is not engine.load(threads=2)


def test_threads_that_ask_at_once_get_one_model_and_the_same_labels(model):
    given, expected = talks(4, 2), shares(model.predict(talks(4, 2)))
    with ThreadPoolExecutor(4) as pool:
        loaded = list(pool.map(lambda _: engine.load(threads=3), range(8)))
        found = list(pool.map(lambda one: shares(engine.predict(one, given, batch_size=2)), loaded))
    assert len({id(one) for one in loaded}) == 1
    assert all(one == expected for one in found)


def _child(queue, loaded, given):
    queue.put((shares(loaded.predict(given)), shares(engine.predict(engine.load(), given))))


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork()")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_labels_like_its_parent_whose_models_are_in_use(model):
    given = talks(4, 2)
    expected = shares(engine.predict(engine.load(), given))
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    with ThreadPoolExecutor(2) as pool:
        busy = pool.submit(lambda: [model.predict(talks(20)) for _ in range(5)])
        child = context.Process(target=_child, args=(queue, model, given))
        child.start()
        child.join(60)
        hangs = child.is_alive()
        child.kill()
        busy.result()
    assert not hangs
    assert child.exitcode == 0
    assert queue.get() == (expected, expected)


@pytest.mark.parametrize("number", [0, -1, 1.5, "4", True])
def test_a_number_that_is_none_is_refused(model, number):
    with pytest.raises(ValueError, match=r"batch_size: expected a whole number from 1, got "):
        engine.predict(model, [], batch_size=number)
    with pytest.raises(ValueError, match=r"threads: expected a whole number from 1, got "):
        engine.load(threads=number)


def test_threads_of_a_loaded_model_cannot_be_changed(model):
    assert engine.load(model) is model
    with pytest.raises(ValueError, match="threads: a loaded model has its own"):
        engine.load(model, threads=2)


def test_a_folder_of_another_version_is_refused_in_one_line(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    manifest = (artifact.packaged() / "manifest.json").read_text("utf-8").replace('"format": 1', '"format": 7')
    (folder / "manifest.json").write_text(manifest, "utf-8")
    with pytest.raises(stancecraft.StancecraftError, match="reads model format 1, got the newer 7") as caught:
        engine.load(folder)
    assert len(caught.value.lines) == 1


def test_a_folder_that_has_changed_is_loaded_anew(tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(artifact.packaged(), folder, ignore=shutil.ignore_patterns("*.safetensors"))
    manifest = folder / "manifest.json"
    data = json.loads(manifest.read_text("utf-8"))
    del data["files"]["model.safetensors"]  # the weights for torch, which a folder may lack
    manifest.write_text(json.dumps(data), "utf-8")
    before = engine.load(folder)
    manifest.write_text(json.dumps(data | {"version": "9.9.9"}), "utf-8")
    after = engine.load(folder)
    assert (before.artifact.version, after.artifact.version) == (data["version"], "9.9.9")
