"""The promise on hostile and broken input: no traceback, no hang, no flood, nothing touched, nobody called.

One case of three is read, always the same; all of them with ``STANCECRAFT_EVERY_CASE=1``, as ``.ci/slow/hostile`` does.
"""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("resource", reason="memory and processor time are bounded by what POSIX has")
HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import cases  # noqa: E402

EVERY = 1 if os.environ.get("STANCECRAFT_EVERY_CASE") else 3
FEWEST = 400
WALL_SECONDS = 900  # for all; the cases' own limit counts the processor's time
MEMORY = 1_000_000_000


def snapshot(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


@pytest.fixture(scope="module")
def told(tmp_path_factory, root):
    """How every case went, from a process of its own, with a file nobody may read and a port nobody may call."""
    above = tmp_path_factory.mktemp("hostile")
    canary, folder, home = above / "canary.txt", above / "inputs", above / "home"
    folder.mkdir()
    home.mkdir()
    canary.write_text("The heron stands in the canal at dawn.", "utf-8")
    before = snapshot(above)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.01)
        path = os.pathsep.join([str(root / "model"), str(root / "training")])
        environment = os.environ | {"PYTHONPATH": path, "HOME": str(home), "TMPDIR": str(home), "OMP_NUM_THREADS": "1"}
        command = [sys.executable, str(HERE / "worker.py"), str(folder), str(canary), str(listening.getsockname()[1]),
                   str(EVERY)]  # fmt: skip
        done = subprocess.run(
            command, cwd=home, env=environment, capture_output=True, text=True, timeout=WALL_SECONDS, check=False
        )
        called = True
        try:
            listening.accept()
        except TimeoutError:
            called = False
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, f"after {rows[-1:]}: {done.stderr[-2000:]}"
    *told, (_, peak) = rows
    changed = {path for path in snapshot(above).keys() ^ before.keys() if path.parent not in (folder, folder / "out")}
    return told, peak, called, changed - {folder / "out"}


def test_there_are_as_many_cases_as_promised_and_no_name_is_used_twice(told):
    names = [case.name for case in cases.cases()]
    assert len(names) >= FEWEST
    assert len(set(names)) == len(names)
    assert [name for name, *_ in told[0]] == [case.name for case in cases.spread(EVERY)]


def test_every_case_is_read_or_refused_in_words_within_its_time_and_touches_nothing(told):
    faults = [f"{name}: {fault}" for name, _, fault, _ in told[0] if fault]
    assert not faults, "\n".join(faults)


def test_some_cases_are_read_and_some_are_refused(told):
    outcomes = [outcome for _, outcome, _, _ in told[0]]
    refused = sum(one.startswith("refused: ") for one in outcomes)
    assert refused > len(outcomes) / 8
    assert len(outcomes) - refused > len(outcomes) / 8


@pytest.mark.parametrize("name", cases.REFUSED)
def test_what_no_reader_should_take_is_refused(told, name):
    [outcome] = [outcome for one, outcome, _, _ in told[0] if one == name]
    assert outcome.startswith("refused: ")


def test_memory_stays_within_a_gigabyte(told):
    assert told[1] < MEMORY


def test_nobody_was_called(told):
    assert not told[2]


def test_no_file_was_made_or_changed_outside(told):
    assert not told[3]
