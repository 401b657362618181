"""Writes are whole or not at all, whenever the process dies and however full the disk is.

A few deaths of each command; `.ci/slow/kills` kills them more often.
"""

import sys
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("needs fork and limits of POSIX", allow_module_level=True)
sys.path.insert(0, str(Path(__file__).parent))
import faults
import kills

TARGETS = [one for one in kills.targets() if not one.slow]
TRAINING = ("annotate-merge", "export", "record", "gate")
WRITING = 2  # deaths of each command, both among its last calls


@pytest.mark.parametrize("target", TARGETS, ids=lambda one: one.name)
def test_a_process_that_is_killed_leaves_no_file_that_looks_complete_and_is_not(target, tmp_path):
    if target.name in TRAINING:
        pytest.importorskip("torch", reason="needs the extra train")
    count = kills.measured(target, tmp_path / "one")
    for moment in kills.chosen(count, 2 * WRITING, seed=11)[WRITING:]:
        assert kills.kill(target, tmp_path / "one", moment), "the process came to its end before it was killed"


@pytest.mark.parametrize("most", [0, 100, 1500])
@pytest.mark.parametrize("target", [one for one in TARGETS if one.files], ids=lambda one: one.name)
def test_on_a_full_disk_the_command_fails_and_what_stood_there_stays(target, tmp_path, most):
    if target.name in TRAINING:
        pytest.importorskip("torch", reason="needs the extra train")
    target.prepare(tmp_path)
    before = {name: (tmp_path / name).read_bytes() for name in target.files if (tmp_path / name).exists()}
    status = faults.on_a_full_disk(target.command, tmp_path, most)
    after = {name: (tmp_path / name).read_bytes() for name in target.files if (tmp_path / name).exists()}
    if target.name == "annotate-merge":  # called as a function: its error is not turned into a status
        assert status == 70
    else:
        assert status == 1
    assert after == before
    assert not [path for path in tmp_path.rglob(".*")]


def test_a_write_that_is_not_atomic_would_be_seen(tmp_path):
    def torn():
        stream = Path("out.jsonl").open("wb", buffering=0)
        kills.Path("out.jsonl").exists()
        for _ in range(200):
            stream.write(b"a line\n")
            kills.Path("out.jsonl").exists()

    target = kills.Target("torn", torn, ("out.jsonl",), lambda folder: None)
    count = kills.measured(target, tmp_path / "one")
    with pytest.raises(AssertionError, match="cut off"):
        kills.kill(target, tmp_path / "one", count // 2)
