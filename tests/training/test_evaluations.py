"""What a finished model is told to tell beside its own figures."""

import json
import shutil

import pytest

from stancecraft import artifact
from stancecraft.errors import ModelError, OutputError
from stancecraft_training import evaluations


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(artifact.packaged(), tmp_path / "model")


def test_a_part_joins_what_is_there_and_the_folder_stays_sound(folder):
    before = json.loads((folder / "evaluation.json").read_text("utf-8"))
    evaluations.add(folder, "agreement", {"both": {"f1": 0.9}})
    assert json.loads((folder / "evaluation.json").read_text("utf-8")) == before | {"agreement": {"both": {"f1": 0.9}}}
    assert artifact.load(folder).model == artifact.load(artifact.packaged()).model


def test_a_folder_that_is_no_sound_model_is_left_alone(folder):
    (folder / "issues.json").write_text("{}", "utf-8")
    before = (folder / "evaluation.json").read_bytes()
    with pytest.raises(ModelError):
        evaluations.add(folder, "seeds", {})
    assert (folder / "evaluation.json").read_bytes() == before


@pytest.mark.parametrize("writes", range(3))
def test_whenever_a_write_fails_the_folder_is_sound_and_tells_the_older_figures_or_the_newer(
    folder, monkeypatch, writes
):
    older = json.loads((folder / "evaluation.json").read_text("utf-8"))
    real, left = evaluations._write, [writes]

    def failing(path, content):
        if not left[0]:
            raise OutputError(f"{path}: the disk is full")
        left[0] -= 1
        real(path, content)

    monkeypatch.setattr(evaluations, "_write", failing)
    with pytest.raises(OutputError):
        evaluations.add(folder, "seeds", {"1": 0.5})
    artifact.load(folder)
    told = json.loads((folder / "evaluation.json").read_text("utf-8"))
    assert told == (older | {"seeds": {"1": 0.5}} if writes == 2 else older)
    monkeypatch.undo()
    evaluations.add(folder, "seeds", {"1": 0.6})
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["files"] == artifact.describe(folder)
