"""A folder of parts: the same whoever labels it, whole after any kill, every statement once, every fault named."""

import dataclasses
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stancecraft import engines, readers, writers
from stancecraft.engines import folder, local, planning, work
from stancecraft.engines.planning import Input
from stancecraft.errors import InputError, OutputError
from stancecraft.records import Position, Prediction

some = settings(deadline=None, database=None, derandomize=True)
SAID = ("The truce in Syria must hold.", "We met at noon.", "The annexation of Crimea was illegal.")


class Killed(BaseException):
    """As sudden as a signal: nothing of ours handles it."""


class Toy:
    """Labels by the length of a statement and of its document, so that a divided document would show."""

    def __init__(self, book):
        self.codebook = book
        self.labelled = 0

    def predict(self, transcript, *, max_error=None, explain=False, gate=None):
        self.labelled += len(transcript.statements)
        docs = [one.doc for one in transcript.statements]
        return [
            Prediction(one, {"toll": self.position(one, docs.count(one.doc))}, "toy") for one in transcript.statements
        ]

    @staticmethod
    def position(statement, companions):
        share = 1 / (len(statement.text) + companions)
        return Position("favor", {"none": share, "favor": 1 - share, "against": 0.0, "neutral": 0.0}, "decided")


@pytest.fixture
def toy(monkeypatch, model):
    labels = Toy(model.codebook)
    monkeypatch.setattr(work.Job, "classifier", lambda job: labels)
    monkeypatch.setattr(work.Job, "check", lambda job: None)
    monkeypatch.setattr(work.Job, "options", lambda job: {"format": job.format, "part size": job.part})
    monkeypatch.setattr(planning, "BATCH_BYTES", 1_500)
    return labels


def table(path, count, rows_of_a_document=3):
    rows = [
        {"text": SAID[at % 3], "doc": f"d{at // rows_of_a_document}", "id": f"{path.stem}-{at}"} for at in range(count)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return [row["id"] for row in rows]


@pytest.fixture
def inputs(tmp_path):
    given = tmp_path / "in"
    given.mkdir()
    for name, count in (("a", 40), ("b", 3), ("c", 4), ("d", 1), ("e", 25)):
        table(given / f"{name}.jsonl", count)
    (given / "talk.txt").write_text("ANNA: We want the toll. We want it now.\n\nMIRA: We do not.\n", "utf-8")
    return given


def run(out, *inputs, format="jsonl", part=6, **given):
    told = []
    job = work.Job(Path(out), format, part=part)
    return engines.run(job, list(inputs), tell=told.append, **given), told


def parts(out):
    return {path.name: path.read_bytes() for path in sorted(out.glob("part-*"))}


def ids(out):
    return [json.loads(line)["id"] for content in parts(out).values() for line in content.decode().splitlines()]


def test_every_statement_is_there_once_and_in_order(tmp_path, toy, inputs):
    whole, told = run(tmp_path / "out", inputs)
    assert whole
    given = [
        f"{name}-{at}" for name, count in (("a", 40), ("b", 3), ("c", 4), ("d", 1), ("e", 25)) for at in range(count)
    ]
    assert ids(tmp_path / "out") == [*given, "talk#0", "talk#1", "talk#2"]
    assert told[-1] == "76 statements, 76 about an issue"


@pytest.mark.parametrize("format", ["jsonl", "csv", "parquet"])
def test_a_run_killed_at_any_write_goes_on_to_the_same_parts(tmp_path, toy, inputs, format, monkeypatch):
    run(tmp_path / "unbroken", inputs, format=format)
    unbroken = parts(tmp_path / "unbroken")
    replace, opened = Path.replace, writers.atomic
    for step in range(3, 2 * (len(unbroken) + 8), 5):
        left = [step]

        def count(path, target, left=left):
            left[0] -= 1
            if left[0] <= 0:
                raise Killed  # before the name is taken
            made = replace(path, target)
            left[0] -= 1
            if left[0] <= 0:
                raise Killed  # after it
            return made

        out = tmp_path / f"{step}"
        with monkeypatch.context() as patched:
            patched.setattr(Path, "replace", count)
            with pytest.raises(Killed):
                run(out, inputs, format=format)
        (out / ".part-00000-00000.half").write_text("left by a kill")
        assert run(out, inputs, format=format, resume=True)[0]
        assert parts(out) == unbroken
        assert not list(out.glob(".part*"))
    assert writers.atomic is opened


def test_what_is_finished_is_not_labelled_again(tmp_path, toy, inputs):
    run(tmp_path / "out", inputs)
    toy.labelled = 0
    whole, told = run(tmp_path / "out", inputs, resume=True)
    assert whole
    assert toy.labelled == 0
    assert told[-1] == "76 statements, 76 about an issue"


def test_a_part_that_was_cut_off_or_taken_away_is_made_again(tmp_path, toy, inputs):
    out = tmp_path / "out"
    run(out, inputs)
    before = parts(out)
    first, second, *_ = sorted(out.glob("part-*"))
    first.write_bytes(first.read_bytes()[:-5])
    second.unlink()
    run(out, inputs, resume=True)
    assert parts(out) == before


def test_an_input_that_changed_meanwhile_is_labelled_anew_and_leaves_nothing_of_itself(tmp_path, toy, inputs):
    out = tmp_path / "out"
    run(out, inputs)
    table(inputs / "a.jsonl", 5)
    run(out, inputs, resume=True)
    assert [one for one in ids(out) if one.startswith("a-")] == [f"a-{at}" for at in range(5)]
    assert len(ids(out)) == len(set(ids(out))) == 41


def test_a_part_that_was_not_yet_written_down_goes_when_its_input_has_become_shorter(tmp_path, toy, inputs):
    out = tmp_path / "out"
    run(out, inputs)
    last = max(path for path in out.glob("part-00000-*"))
    (out / readers.RECORDS / f"{last.stem}.json").unlink()  # as after a kill between the two
    table(inputs / "a.jsonl", 5)
    run(out, inputs, resume=True)
    assert [one for one in ids(out) if one.startswith("a-")] == [f"a-{at}" for at in range(5)]


def test_slices_together_are_the_whole(tmp_path, toy, inputs, monkeypatch):
    run(tmp_path / "whole", inputs)
    monkeypatch.setattr(planning, "SLICE_BYTES", 500)
    one_by_one = lambda job, tasks, processes, ready: map(work.Labeller(job), reversed(tasks))  # noqa: E731
    monkeypatch.setattr(local, "run", one_by_one)
    whole, told = run(tmp_path / "sliced", inputs, processes=3)
    assert whole
    assert parts(tmp_path / "sliced") == parts(tmp_path / "whole")
    assert told[-1] == "76 statements, 76 about an issue"


@some
@given(sizes=st.lists(st.integers(0, 600_000), max_size=80), workers=st.integers(1, 8))
def test_batches_keep_every_input_in_order_and_slices_cover_every_part(sizes, workers):
    given_inputs = [(Input(f"{at}.csv", str(at)), size) for at, size in enumerate(sizes)]
    found = planning.batches(given_inputs)
    assert [one for batch in found for one in batch.inputs] == [one for one, _ in given_inputs]
    assert all(0 < len(batch.inputs) <= planning.BATCH_INPUTS for batch in found)
    tasks = planning.tasks([(batch, 50_000_000) for batch in found], workers)
    for batch in found:
        slices = sorted((task.slice, task.of) for task in tasks if task.batch == batch)
        assert slices == [(at, len(slices)) for at in range(len(slices))]
        assert len(slices) <= workers


def test_a_task_and_a_report_survive_being_written_down():
    task = planning.Task(planning.Batch(3, (Input("p", "d"),)), 1, 2, 7)
    report = work.Report(task, ("wrong",), (work.Notes("d", 3, 2, 1, True, "fr", ["noted"]),), True)
    assert work.Report.from_record(json.loads(json.dumps(dataclasses.asdict(report)))) == report
    assert planning.Task.from_record(json.loads(json.dumps(dataclasses.asdict(task)))) == task


def test_one_process_loads_the_model_once(tmp_path, toy, inputs, monkeypatch):
    loaded = []
    monkeypatch.setattr(work.Job, "classifier", lambda job: loaded.append(job) or toy)
    monkeypatch.setattr(work.Job, "check", lambda job: job.classifier())
    assert run(tmp_path / "out", inputs)[0]
    assert len(loaded) == 1


class Workers:
    """In place of worker processes: one kind of task kills whichever worker has it, and with it all that have begun."""

    def __init__(self, deadly, beginning=True):
        self._deadly = deadly
        self._beginning = beginning
        self.attempts = []

    def __call__(self, job, tasks, processes):
        self.attempts.append((len(tasks), processes))
        left = list(tasks)
        while self._beginning and left:
            begun = left[:processes]
            if any(self._deadly(task) for task in begun):
                return begun, left[processes:]
            for task in begun:
                left.remove(task)
                yield work.Report(task, (), ())
        return [], left


TASKS = [planning.Task(planning.Batch(number, (Input(f"{number}.txt", f"{number}"),)), 0, 1) for number in range(30)]


@some
@given(deadly=st.sets(st.integers(0, 29), max_size=4), processes=st.integers(2, 5))
def test_only_a_task_that_kills_its_worker_again_and_again_is_given_up(deadly, processes):
    workers = Workers(lambda task: task.batch.number in deadly)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(local, "_attempt", workers)
        reports = list(local.run(work.Job(Path("out"), "jsonl"), TASKS, processes))
    assert sorted(report.task.batch.number for report in reports) == list(range(30))
    assert {report.task.batch.number for report in reports if report.errors} == deadly


def test_workers_that_are_killed_before_they_begin_end_the_run_after_three_attempts(monkeypatch):
    workers = Workers(lambda task: False, beginning=False)
    monkeypatch.setattr(local, "_attempt", workers)
    reports = list(local.run(work.Job(Path("out"), "jsonl"), TASKS, 2))
    assert len(reports) == 30
    assert all("was killed" in report.errors[0] and report.again for report in reports)
    assert workers.attempts == [(30, 2)] * 3


# What is wrong is named in one line; the rest goes on.


def test_a_bad_part_is_named_and_the_others_are_labelled(tmp_path, toy, inputs):
    (inputs / "bad.parquet").write_bytes(b"PAR1 and nothing else")
    (inputs / "wrong.csv").write_text("sentence\nWe sail.\n", "utf-8")
    (inputs / "nulls.jsonl").write_text('{"text": "We sail.", "id": "n"}\n{"text": null}\n', "utf-8")
    whole, told = run(tmp_path / "out", inputs)
    assert not whole
    assert sorted(line.partition(str(inputs))[2] for line in told if line.startswith("error:")) == [
        "/bad.parquet: not a readable Parquet file: Parquet magic bytes not found in footer. Either the file is "
        "corrupted or this is not a parquet file.",
        "/nulls.jsonl:2: column 'text': expected a sentence, got None",
        "/wrong.csv:1: expected a column 'text', got the columns sentence",
    ]
    assert "n" in ids(tmp_path / "out")
    assert len(ids(tmp_path / "out")) == 77


def test_a_resumed_run_tells_again_what_failed_and_takes_in_what_was_mended(tmp_path, toy, inputs):
    bad = inputs / "bad.jsonl"
    bad.write_text("{\n", "utf-8")
    out = tmp_path / "out"
    run(out, inputs)
    whole, told = run(out, inputs, resume=True)
    assert not whole
    assert any("bad.jsonl:1: not valid JSON" in line for line in told)
    table(bad, 2)
    whole, told = run(out, inputs, resume=True)
    assert whole
    assert len(ids(out)) == len(set(ids(out))) == 78


def test_a_reader_that_fails_in_an_unforeseen_way_ends_one_input_only(tmp_path, toy, inputs, monkeypatch):
    pieces = work.streamed.pieces

    def fragile(path, **given):
        if path.name == "b.jsonl":
            raise ZeroDivisionError("by chance\nand more")
        return pieces(path, **given)

    monkeypatch.setattr(work.streamed, "pieces", fragile)
    whole, told = run(tmp_path / "out", inputs)
    assert not whole
    [line] = [line for line in told if line.startswith("error:")]
    assert line.endswith("b.jsonl: cannot be read: ZeroDivisionError: by chance")
    assert len(ids(tmp_path / "out")) == 73


def test_a_part_that_cannot_be_written_names_its_rows_and_is_made_by_the_resumed_run(
    tmp_path, toy, inputs, monkeypatch
):
    run(tmp_path / "unbroken", inputs)
    write = writers.write

    def full(found, format, codebook, *, out, every_issue):
        if out.name == "part-00000-00001.jsonl":
            raise OutputError(f"{out}: cannot write: No space left on device")
        write(found, format, codebook, out=out, every_issue=every_issue)

    out = tmp_path / "out"
    with monkeypatch.context() as patched:
        patched.setattr(writers, "write", full)
        whole, told = run(out, inputs)
    assert not whole
    [line] = [line for line in told if line.startswith("error:")]
    assert "part-00000-00001.jsonl: cannot write: No space left on device" in line
    assert "a.jsonl:7 to" in line
    assert "a.jsonl:12" in line
    assert run(out, inputs, resume=True)[0]
    assert parts(out) == parts(tmp_path / "unbroken")


@pytest.mark.parametrize("resume", [False, True])
def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path, toy, inputs, resume):
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match="the folder is not empty"):
        run(out, inputs, resume=resume)
    assert [one.name for one in out.iterdir()] == ["mine.txt"]


def test_a_finished_run_is_not_begun_over(tmp_path, toy, inputs):
    run(tmp_path / "out", inputs)
    with pytest.raises(OutputError, match="--resume"):
        run(tmp_path / "out", inputs)


def test_a_run_with_nothing_to_go_on_with_begins(tmp_path, toy, inputs):
    assert run(tmp_path / "out", inputs, resume=True)[0]


def test_other_options_or_inputs_are_not_mixed_into_a_run(tmp_path, toy, inputs):
    run(tmp_path / "out", inputs)
    with pytest.raises(InputError, match="had part size 6, now it is 7"):
        run(tmp_path / "out", inputs, part=7, resume=True)
    table(inputs / "new.jsonl", 2)
    with pytest.raises(InputError, match=r"other inputs \(.*new\.jsonl\)"):
        run(tmp_path / "out", inputs, resume=True)


def test_two_runs_in_one_folder_are_refused(tmp_path, toy, inputs):
    job = work.Job(tmp_path / "out", "jsonl")
    with folder.begin(job, [(inputs / "a.jsonl", "a")], resume=False):
        with pytest.raises(OutputError, match="another run is writing there"):
            run(tmp_path / "out", inputs / "a.jsonl", part=job.part, resume=True)


def test_a_missing_input_is_named_and_the_rest_is_labelled(tmp_path, toy, inputs):
    (tmp_path / "empty").mkdir()
    whole, told = run(tmp_path / "out", tmp_path / "empty", inputs, tmp_path / "missing.txt")
    assert not whole
    assert sum(line.startswith("error:") for line in told) == 2
    assert len(ids(tmp_path / "out")) == 76


def test_flat_parts_have_a_row_for_every_issue(tmp_path, example, model, monkeypatch):
    monkeypatch.setattr(work.Job, "classifier", lambda job: model)
    run(tmp_path / "out", example, format="parquet", part=1_000)
    table = pq.read_table(tmp_path / "out")  # readers pass over the run's records
    statements = {one["id"] for one in table.to_pylist()}
    assert table.num_rows == len(statements) * len(model.codebook.issues)


def test_a_folder_of_parts_can_be_read_as_an_input(tmp_path, toy, inputs):
    run(tmp_path / "out", inputs)
    assert readers.files(tmp_path / "out") == sorted((tmp_path / "out").glob("part-*"))
