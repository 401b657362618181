"""What a finished model is told to tell beside its own figures."""

import json
import shutil

import pytest

from stancecraft import artifact
from stancecraft.errors import ModelError
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
