"""A disk that is full: one line, and what was saved before is whole."""

import errno
import os
import subprocess
import sys

import pytest

pytest.importorskip("torch")

import torch
from safetensors.torch import load_file

from stancecraft.errors import OutputError
from stancecraft_training import disk, loop, run
from stancecraft_training.provenance import Journal


def full(*_, **__):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def second_checkpoint_fails(monkeypatch):
    """The disk is full when the second checkpoint's optimiser is saved, its weights being there already."""
    real, saved = loop.Trainer._save_optimizer_and_scheduler, []

    def save(self, folder):
        saved.append(folder)
        return full() if len(saved) == 2 else real(self, folder)

    monkeypatch.setattr(loop.Trainer, "_save_optimizer_and_scheduler", save)


def test_the_checkpoint_before_survives_a_full_disk_and_is_gone_on_from(
    make_recipe, tmp_path, monkeypatch, second_checkpoint_fails
):
    recipe = make_recipe(tmp_path, "export.enabled=false")
    with pytest.raises(OutputError) as caught:
        run.train(recipe, resume=False, tell=lambda line: None)
    (line,) = caught.value.lines
    (kept,) = (recipe.output / run.CHECKPOINTS).iterdir()
    assert "No space left on device" in line
    assert f"{kept.name} is kept, --resume goes on from it" in line
    monkeypatch.undo()
    run.train(recipe, resume=True, tell=lambda line: None)
    unbroken = make_recipe(tmp_path / "unbroken", "export.enabled=false")
    run.train(unbroken, resume=False, tell=lambda line: None)
    one, two = (load_file(each.output / run.BEST / "model.safetensors") for each in (recipe, unbroken))
    assert all(torch.equal(one[name], two[name]) for name in one)


@pytest.mark.parametrize("kind", ["safetensors", "torch", "text"])
def test_what_the_file_system_really_refuses_is_one_line(tmp_path, kind):
    code = f"""
import resource, signal, sys, torch
from pathlib import Path
from safetensors.torch import save_file
from stancecraft.errors import OutputError
from stancecraft_training import disk
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
path, tensor = Path({str(tmp_path / "x")!r}), torch.zeros(100_000)
try:
    with disk.saving(path, "the one before is whole"):
        if {kind!r} == "safetensors": save_file({{"a": tensor}}, path)
        if {kind!r} == "torch": torch.save(tensor, path)
        if {kind!r} == "text": path.write_text("x" * 100_000)
except OutputError as error:
    (line,) = error.lines
    print(line)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.startswith(f"{tmp_path / 'x'}: cannot save: "), done.stderr
    assert done.stdout.endswith("; the one before is whole\n")
    assert done.stdout.count("\n") == 1


def test_a_fault_that_is_not_the_disks_is_not_hidden(tmp_path):
    with pytest.raises(RuntimeError, match="shapes"), disk.saving(tmp_path, "x"):
        raise RuntimeError("shapes differ")


def test_a_full_disk_at_the_export_leaves_the_network_to_export_again(make_recipe, tmp_path, monkeypatch):
    recipe = make_recipe(tmp_path, "training.epochs=1")
    monkeypatch.setattr(run.export, "write", full)
    with pytest.raises(OutputError, match="No space left on device; the network is whole.* stancecraft export "):
        run.train(recipe, resume=False, tell=lambda line: None)
    monkeypatch.undo()
    assert run.again(recipe.output, tell=lambda line: None).is_dir()


def test_a_full_disk_leaves_an_older_run_file(tmp_path, monkeypatch):
    journal = Journal(tmp_path / "run.json", does="train", seed=1, recipes=None, earlier=False)
    journal.write()
    before = (tmp_path / "run.json").read_bytes()
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="No space left"):
        journal.end()
    assert (tmp_path / "run.json").read_bytes() == before
