"""What the fuzzer found once stays mended; ``.ci/slow/fuzz`` puts new finds under ``found/``, a folder per target."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
import targets  # noqa: E402

TRAINING = ("config", "sheet-csv", "sheet-jsonl", "sheet-json")
FOUND = sorted(path for path in (HERE / "found").rglob("*") if path.is_file())


def needed(name):
    if name in TRAINING:
        pytest.importorskip("torch", reason="needs the extra train")


@pytest.mark.parametrize("path", FOUND, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_a_find_raises_nothing_but_the_errors_of_the_package(path):
    needed(path.parent.name)
    targets.run(path.parent.name, path.read_bytes())


@pytest.mark.parametrize("name", targets.ALL)
def test_every_target_has_a_sound_input_to_start_from_and_takes_nothing_and_noise(name, root):
    needed(name)
    seeds = targets.seeds(name, root)
    assert seeds
    for content in (*seeds, b"", b"\xff\xfe\x00", b"{" * 50, seeds[0][::-1], seeds[0][: len(seeds[0]) // 2]):
        targets.run(name, content)


def test_an_error_that_is_not_the_packages_own_would_be_seen(monkeypatch):
    monkeypatch.setitem(targets._TARGETS, "saved", lambda content: content.decode("ascii"))
    with pytest.raises(UnicodeDecodeError):
        targets.run("saved", b"\xff")
