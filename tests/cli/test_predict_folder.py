"""`stancecraft predict --out FOLDER`: killed at any moment, in several processes, on Ray, on a full disk."""

import csv
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from stancecraft import engines
from stancecraft.cli import app
from stancecraft.engines import work

SAID = ("The truce in Syria must hold.", "We met at noon.", "The annexation of Crimea was illegal.", "Thank you all.")


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def command(*arguments, batch=1_500):
    # Small batches, so that a little input is shared among processes.
    code = f"from stancecraft.engines import planning; planning.BATCH_BYTES = {batch}\n" \
           "from stancecraft.cli import app; app()"  # fmt: skip
    return [sys.executable, "-c", code, "predict", *map(str, arguments)]


def rows(name, count, **more):
    return [{"text": SAID[at % 4], "doc": f"{name}{at // 5}", "id": f"{name}-{at}", **more} for at in range(count)]


def save(path, given):
    path.write_text("".join(json.dumps(row) + "\n" for row in given), "utf-8")


def parts(out):
    return {path.name: path.read_bytes() for path in sorted(out.glob("part-*"))}


@pytest.fixture
def inputs(tmp_path):
    given = tmp_path / "in"
    given.mkdir()
    for name, count in (("a", 60), ("b", 20), ("c", 40)):
        save(given / f"{name}.jsonl", rows(name, count))
    return given


@pytest.fixture
def unbroken(tmp_path, inputs, model, monkeypatch):
    """The parts of a run in this process that nobody disturbed."""
    with monkeypatch.context() as patched:
        patched.setattr(work.Job, "classifier", lambda job: model)
        patched.setattr("stancecraft.engines.planning.BATCH_BYTES", 1_500)
        job = work.Job(tmp_path / "unbroken", "jsonl", part=5)
        assert engines.run(job, [inputs], tell=lambda line: None)
    return parts(tmp_path / "unbroken")


def wait_for(out, count, process, patience=120):
    """Until a run has finished some parts, or is over."""
    end = time.monotonic() + patience
    while len(list(out.glob("part-*"))) < count and process.poll() is None and time.monotonic() < end:
        time.sleep(0.005)


@pytest.mark.slow
@pytest.mark.parametrize("processes", [1, 2])
def test_a_run_killed_at_random_moments_is_resumed_without_lost_or_doubled_rows(tmp_path, inputs, unbroken, processes):
    out, chance, killed = tmp_path / "out", random.Random(processes), 0
    given = command(inputs, "--out", out, "--part-size", 5, "--resume", "--processes", processes)
    for _ in range(3):
        with subprocess.Popen(given, stderr=subprocess.PIPE) as process:
            wait_for(out, len(parts(out)) + chance.randint(1, 3), process)
            time.sleep(chance.random() * 0.02)
            process.send_signal(signal.SIGKILL)
            killed += process.wait() == -signal.SIGKILL
    assert killed
    done = subprocess.run(given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert parts(out) == unbroken
    assert "120 statements" in done.stderr
    assert not list(out.glob(".part*"))


@pytest.mark.slow
def test_a_worker_that_is_killed_is_replaced(tmp_path, inputs, unbroken):
    out = tmp_path / "out"
    given = command(inputs, "--out", out, "--part-size", 5, "--processes", 2)
    with subprocess.Popen(given, stderr=subprocess.PIPE, text=True) as process:
        wait_for(out, 1, process)
        workers = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        victim = next(pid for pid in workers if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes())
        os.kill(int(victim), signal.SIGKILL)
        _, told = process.communicate(timeout=300)
    assert process.returncode == 0, told
    assert "Traceback" not in told
    assert parts(out) == unbroken
    assert not list(out.glob(".part*"))


def holders(process, path):
    """Workers of a run that have a file open."""
    for worker in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
        try:
            if any(one.readlink() == path for one in Path(f"/proc/{worker}/fd").iterdir()):
                yield int(worker)
        except OSError:
            continue  # it has ended meanwhile


@pytest.mark.slow
def test_an_input_whose_worker_is_always_killed_is_named_and_all_others_are_labelled(tmp_path, inputs, unbroken):
    out, deadly = tmp_path / "out", inputs / "b.jsonl"
    given = command(inputs, "--out", out, "--part-size", 5, "--processes", 2)
    killed, end = 0, time.monotonic() + 300
    with (tmp_path / "told").open("w") as told, subprocess.Popen(given, stderr=told) as process:
        while process.poll() is None and time.monotonic() < end:
            for worker in holders(process, deadly):
                os.kill(worker, signal.SIGKILL)
                killed += 1
            time.sleep(0.002)
    lines = (tmp_path / "told").read_text().splitlines()
    assert process.returncode == 1, lines
    assert killed >= 3
    [line] = [line for line in lines if line.startswith("error:")]
    assert f"{deadly}: every process that labelled it was killed" in line
    lines = [json.loads(line)["id"] for content in parts(out).values() for line in content.decode().splitlines()]
    assert sorted(one for one in lines if not one.startswith("b-")) == sorted(
        row["id"] for name, count in (("a", 60), ("c", 40)) for row in rows(name, count)
    )
    done = subprocess.run([*given, "--resume"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert parts(out) == unbroken


def test_a_full_disk_is_named_with_its_rows_and_the_resumed_run_completes(tmp_path, inputs):
    # No file may grow beyond this: the long first statement makes one part larger.
    save(inputs / "c.jsonl", [{"text": "x" * 30_000, "id": "long"}, *rows("c", 39)])
    out = tmp_path / "out"
    given = command(inputs, "--out", out, "--part-size", 5)
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))  # noqa: E731
    done = subprocess.run(given, capture_output=True, text=True, check=False, preexec_fn=limit)
    assert done.returncode == 1
    [line] = [line for line in done.stderr.splitlines() if line.startswith("error:")]
    assert "part-" in line
    assert "cannot write" in line
    assert "c.jsonl:1 to" in line
    assert "Traceback" not in done.stderr
    assert len(parts(out)) == 23
    result = run("predict", inputs, "--out", out, "--part-size", 5, "--resume")
    assert result.exit_code == 0, result.stderr
    lines = [json.loads(line)["id"] for content in parts(out).values() for line in content.decode().splitlines()]
    assert len(lines) == len(set(lines)) == 120


def test_bad_parts_and_rows_are_one_line_each_and_the_rest_is_labelled(tmp_path):
    given, out = tmp_path / "in", tmp_path / "out"
    given.mkdir()
    pq.write_table(pa.Table.from_pylist(rows("good", 3)), given / "good.parquet")
    pq.write_table(pa.Table.from_pylist([{"sentence": "We sail."}]), given / "column.parquet")
    (given / "corrupt.parquet").write_bytes((given / "good.parquet").read_bytes()[:-20])
    save(given / "rows.jsonl", [*rows("r", 2), {"text": None}, {"text": "long " * 250_000}])
    result = run("predict", given, "--out", out, "--format", "csv", "--processes", 1)
    assert result.exit_code == 1
    told = result.stderr.splitlines()
    assert "what the errors name was left out" in told
    errors = sorted(line for line in told if line.startswith("error:"))  # the largest input is labelled first
    for line, name, told in zip(
        errors,
        ["column.parquet: ", "corrupt.parquet: ", "rows.jsonl:3: ", "rows.jsonl:4: "],
        ["expected a column 'text', got the columns sentence", "not a readable Parquet", "got None", "1,250,000 char"],
        strict=True,
    ):
        assert name in line
        assert told in line
    found = [row for part in out.glob("part-*.csv") for row in csv.DictReader(part.read_text("utf-8").splitlines())]
    assert {row["id"] for row in found} == {"good-0", "good-1", "good-2", "r-0", "r-1"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--resume"], "fills a folder"),
        (["--resume", "--out", "labels.jsonl"], "fills a folder"),
        (["--processes", "2", "--out", "out", "--format", "table"], "jsonl, csv or parquet"),
        (["--engine", "spark", "--out", "out"], "local, ray"),
        (["--processes", "0", "--out", "out"], "--processes"),
    ],
)
def test_options_that_cannot_be_meant_are_errors_of_usage(tmp_path, example, monkeypatch, arguments, told):
    monkeypatch.chdir(tmp_path)
    result = run("predict", example, *arguments)
    assert result.exit_code == 2
    assert told in result.stderr
    assert not list(tmp_path.iterdir())


def test_standard_input_and_a_folder_around_the_output_are_refused(tmp_path, inputs):
    assert run("predict", "-", "--out", tmp_path / "out", "--resume").exit_code == 2
    result = run("predict", inputs, "--out", inputs / "out", "--resume")
    assert result.exit_code == 2
    assert "lies inside the input" in result.stderr


def test_a_folder_that_holds_something_is_one_line(tmp_path, example):
    (tmp_path / "mine.txt").write_text("mine")
    result = run("predict", example, "--out", tmp_path)
    assert result.exit_code == 1
    assert "the folder is not empty (mine.txt)" in result.stderr


def test_without_a_gpu_the_flag_is_refused_in_one_line(tmp_path, example):
    import onnxruntime

    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("onnxruntime can use a GPU here")
    result = run("predict", example, "--gpu")
    assert result.exit_code == 1
    [line] = [line for line in result.stderr.splitlines() if line.startswith("error:")]
    assert "pip install onnxruntime-gpu" in line


def test_without_ray_the_extra_is_named(tmp_path, example, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    result = run("predict", example, "--out", tmp_path / "out", "--engine", "ray")
    assert result.exit_code == 1
    assert "pip install 'stancecraft[ray]'" in result.stderr


def test_a_cluster_that_cannot_be_had_is_one_line(tmp_path, example, monkeypatch):
    ray = pytest.importorskip("ray", reason="needs the [ray] extra")

    def late(**given):
        raise Exception("The current node timed out during startup.\nMore of it.")

    monkeypatch.setattr(ray, "init", late)
    result = run("predict", example, "--out", tmp_path / "out", "--engine", "ray")
    assert result.exit_code == 1
    assert "error: --engine ray: no cluster to join: The current node timed out during startup." in result.stderr
    assert "More of it" not in result.stderr
    assert not (tmp_path / "out").exists()


def ray_workers(mark):
    """Processes of our own cluster that label."""
    for process in Path("/proc").iterdir():
        try:
            ours = process.name.isdigit() and mark.encode() in (process / "environ").read_bytes()
            if ours and (process / "cmdline").read_bytes().startswith(b"ray::MapWorker"):
                yield int(process.name)
        except OSError:
            continue  # it has ended meanwhile, or is another user's


@pytest.mark.slow
@pytest.mark.skipif(find_spec("ray") is None, reason="needs the [ray] extra")
def test_ray_labels_the_same_although_a_worker_is_killed(tmp_path, inputs, unbroken):
    (inputs / "zz.parquet").write_bytes(b"PAR1 and nothing else")  # last, so that it changes no other part's name
    out, mark = tmp_path / "out", f"STANCECRAFT_TEST={uuid4()}"
    name, value = mark.split("=")
    given = command(inputs, "--out", out, "--part-size", 5, "--engine", "ray", "--processes", 2)
    environment = {**os.environ, name: value}
    with subprocess.Popen(given, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as process:
        wait_for(out, 2, process, patience=400)
        victims = list(ray_workers(mark))
        for victim in victims[:1]:
            os.kill(victim, signal.SIGKILL)
        _, told = process.communicate(timeout=400)
    if "no cluster to join: The current node timed out" in told:
        pytest.skip("Ray gives a node 30 seconds to start, and this machine is too busy for that")
    assert victims, told
    assert process.returncode == 1, told
    [line] = [line for line in told.splitlines() if line.startswith("error:")]
    assert "zz.parquet: not a readable Parquet file" in line
    assert "120 statements" in told
    assert parts(out) == unbroken
    assert not list(out.glob(".part*"))
