"""The same input gives the same bytes, wherever, whenever and with whatever neighbours it is read."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import stancecraft
from stancecraft import scorer
from stancecraft.cli import app

TALK = """MINISTER HOLMSTRÖM: The truce in Syria must be upheld – by everybody. Şırnak was shelled on 3 May.

AMBASSADOR ÅBERG: We don’t accept the annexation of Crimea. Ukraine’s borders stay where they are.

MINISTER HOLMSTRÖM: Assad has no future. The terrorists of Nusra are fair game, as we said in Malmö.
"""
PROGRAM = "import sys; from stancecraft.cli import app; app(sys.argv[1:])"
# Ours, and others that have tripped programs before: the dotless i, no UTF-8, the first and the last time zone.
SURROUNDINGS = {
    "usual": {},
    "bare": {
        "LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0",
        "TZ": "Etc/GMT+12", "PYTHONHASHSEED": "0",
    },
    "turkish": {
        "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "77",
        "OMP_NUM_THREADS": "3",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def talks(tmp_path_factory):
    folder = tmp_path_factory.mktemp("talks")
    words = TALK.split("\n\n")
    for number in range(3):
        turns = [*words[number:], *words[:number]]
        (folder / f"talk-{number}.txt").write_text("\n\n".join(turns), "utf-8")
    return folder


def rows(*arguments):
    result = CliRunner().invoke(app, ["predict", *map(str, arguments), "--format", "jsonl"])
    assert result.exit_code == 0, result.stderr
    return result.stdout.splitlines()


def test_the_surroundings_change_no_byte(talks, tmp_path):
    """Locale, time zone, order of hashes, threads, working directory; and three processes at once."""
    expected = rows(talks)
    assert len(expected) >= 9
    assert any("Ş" in line for line in expected)
    running = {}
    for number, (name, variables) in enumerate(SURROUNDINGS.items()):
        place = [talks.parent, talks, tmp_path][number]
        given = ["predict", os.path.relpath(talks, place), "--format", "jsonl", "--threads", str(number + 1)]
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("LC_")},
            "PYTHONPATH": os.pathsep.join(str(Path(one).resolve()) for one in sys.path if one),
            **variables,
        }
        command = [sys.executable, "-c", PROGRAM, *given]
        running[name] = subprocess.Popen(
            command, cwd=place, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
    for name, process in running.items():
        out, told = process.communicate(timeout=300)
        assert process.returncode == 0, f"{name}: {told.decode(errors='replace')}"
        assert out.decode("utf-8").splitlines() == expected, name


@pytest.mark.parametrize("size", [1, 2, 7, 10**6])
def test_the_size_of_a_batch_changes_no_byte(talks, monkeypatch, size):
    expected = rows(talks)
    monkeypatch.setattr(scorer, "_BATCH", size)
    assert rows(talks) == expected


def test_the_order_of_files_orders_the_rows_and_changes_none(talks):
    files = sorted(talks.iterdir())
    alone = {file: rows(file) for file in files}
    for order in (files, files[::-1], [files[1], files[2], files[0]]):
        assert rows(*order) == [line for file in order for line in alone[file]]


@settings(max_examples=12, deadline=None, database=None, derandomize=True)
@given(st.permutations(range(3)), st.sampled_from([1, 3, 100]))
def test_neither_order_nor_batches_of_documents_change_a_prediction(model, talks, order, size):
    files = sorted(talks.iterdir())
    alone = [model.predict(stancecraft.read(file)) for file in files]
    together = [statement for at in order for statement in stancecraft.read(files[at]).statements]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(scorer, "_BATCH", size)
        assert model.predict(together) == [one for at in order for one in alone[at]]


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_endings_change_no_label_of_a_file(tmp_path, end):
    told = []
    for number, content in enumerate([TALK, TALK.replace("\n", end)]):
        file = tmp_path / str(number) / "talk.txt"
        file.parent.mkdir()
        file.write_bytes(content.encode())
        told.append([json.loads(line) for line in rows(file)])
    assert [row["text"] for row in told[0]] == [row["text"] for row in told[1]]
    assert [(row["speaker"], row["issues"]) for row in told[0]] == [(row["speaker"], row["issues"]) for row in told[1]]
