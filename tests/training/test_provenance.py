"""What a run's folder tells of how it was made: versions, machine, commit and times, kept when a run is resumed."""

import json
import os
import subprocess
from importlib.metadata import version

import pytest

pytest.importorskip("torch")

from stancecraft_training import loop, provenance, run
from stancecraft_training.provenance import Journal


def until_epoch(number):
    def tell(line):
        if line.startswith(f"epoch {number}/"):
            raise KeyboardInterrupt

    return tell


def told(recipe):
    return json.loads((recipe.output / run.RUN).read_text("utf-8"))


def git(folder, *arguments):
    identity = ("-c", "user.name=a", "-c", "user.email=a@b")
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)


@pytest.fixture(scope="module")
def resumed(make_recipe, tmp_path_factory):
    """A run killed in its second epoch and resumed: what was told before and after."""
    recipe = make_recipe(tmp_path_factory.mktemp("resumed"))
    with pytest.raises(KeyboardInterrupt):
        run.train(recipe, resume=False, tell=until_epoch(2))
    before = told(recipe)
    run.train(recipe, resume=True, tell=lambda line: None)
    return recipe, before, told(recipe)


def test_the_packages_that_decide_are_told_with_their_versions():
    found = provenance.versions()
    assert set(found) == {"python", "stancecraft", "torch", "transformers", "tokenizers", "onnxruntime", "numpy"}
    assert found["torch"] == version("torch")


def test_a_machine_is_told_without_its_name():
    found = provenance.machine()
    assert {"platform", "processor", "threads", "processes"} <= set(found)
    assert os.uname().nodename not in json.dumps(found)


def test_every_stage_and_every_epoch_has_its_time(resumed):
    _, _, after = resumed
    assert list(after["seconds"]) == ["data", "training", "calibration", "export", "evaluation"]
    assert all(seconds > 0 for seconds in after["seconds"].values())
    assert [one["epoch"] for one in after["epochs"]] == [1, 2, 3]
    for one in after["epochs"]:
        assert one["tokens"] > 0
        assert one["tokens_per_second"] == pytest.approx(one["tokens"] / one["seconds"], rel=0.2)
    assert after["seed"] == 7
    assert after["started"] <= after["ended"]


def test_every_epoch_reads_every_token_once(resumed):
    _, _, after = resumed
    assert len({one["tokens"] for one in after["epochs"]}) == 1


def test_a_resumption_keeps_the_times_of_what_was_done_before(resumed):
    _, before, after = resumed
    assert "ended" not in before
    assert [part["does"] for part in after["parts"]] == ["train", "resume"]
    assert after["parts"][0] == before["parts"][0]
    assert after["epochs"][0] == before["epochs"][0]
    assert after["started"] == before["started"]
    first, second = (part["seconds"]["training"] for part in after["parts"])
    assert after["seconds"]["training"] == pytest.approx(first + second, abs=0.02)


def test_exporting_again_is_a_part_and_not_the_runs_time(resumed):
    recipe, _, after = resumed
    run.again(recipe.output, tell=lambda line: None)
    again = told(recipe)
    assert [part["does"] for part in again["parts"]] == ["train", "resume", "export"]
    assert again["seconds"] == after["seconds"]
    assert again["epochs"] == after["epochs"]


def test_no_path_is_told(resumed):
    recipe, _, after = resumed
    assert str(recipe.output.parent) not in json.dumps(after)


def test_the_commit_of_the_recipes_folder_is_told_and_whether_it_was_changed(tmp_path):
    (tmp_path / "train.yaml").write_text("name: a\n", "utf-8")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "one")
    clean = provenance.commit(tmp_path)
    assert len(clean["commit"]) == 40
    assert clean["dirty"] is False
    (tmp_path / "runs").mkdir()  # what a run writes is no change
    (tmp_path / "runs" / "x").write_text("x", "utf-8")
    assert provenance.commit(tmp_path) == clean
    (tmp_path / "train.yaml").write_text("name: b\n", "utf-8")
    assert provenance.commit(tmp_path) == {**clean, "dirty": True}


def test_without_git_no_commit_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert provenance.commit(tmp_path) == {}
    monkeypatch.setenv("PATH", str(tmp_path))
    assert provenance.commit(tmp_path) == {}
    journal = Journal(tmp_path / "run.json", does="train", seed=1, recipes=tmp_path, earlier=False)
    journal.end()
    (part,) = json.loads((tmp_path / "run.json").read_text("utf-8"))["parts"]
    assert not {"commit", "dirty"} & set(part)


def test_the_time_of_a_stage_that_breaks_off_is_kept(tmp_path):
    journal = Journal(tmp_path / "run.json", does="train", seed=1, recipes=None, earlier=False)
    with pytest.raises(KeyboardInterrupt), journal.stage("training"):
        raise KeyboardInterrupt
    assert json.loads((tmp_path / "run.json").read_text("utf-8"))["seconds"].keys() == {"training"}


def test_a_run_that_is_begun_anew_forgets_one_that_learnt_nothing(tmp_path):
    for _ in range(2):
        Journal(tmp_path / "run.json", does="train", seed=1, recipes=None, earlier=False).end()
    assert len(json.loads((tmp_path / "run.json").read_text("utf-8"))["parts"]) == 1


def test_a_file_that_cannot_be_read_does_not_stop_a_resumption(tmp_path):
    (tmp_path / "run.json").write_text("{", "utf-8")
    Journal(tmp_path / "run.json", does="resume", seed=1, recipes=None, earlier=True).end()
    assert json.loads((tmp_path / "run.json").read_text("utf-8"))["seed"] == 1


def test_curves_are_written_into_the_run(make_recipe, tmp_path):
    pytest.importorskip("tensorboardX")
    recipe = make_recipe(tmp_path, "training.epochs=2", "export.enabled=false")
    run.train(recipe, resume=False, tell=lambda line: None, curves=True)
    (file,) = (recipe.output / run.CURVES).iterdir()
    assert file.name.startswith("events.out.tfevents")
    content = file.read_bytes()
    for name in ("train/loss", "train/learning_rate", f"eval/{loop.BEST}"):
        assert name.encode() in content
    assert str(tmp_path).encode() not in content


def test_curves_without_the_package_are_one_line_that_names_the_install(make_recipe, tmp_path, monkeypatch):
    import sys

    from stancecraft.errors import MissingExtraError

    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    recipe = make_recipe(tmp_path)
    with pytest.raises(
        MissingExtraError, match=r"--tensorboard needs tensorboardX.*pip install 'stancecraft\[train\]'"
    ):
        run.train(recipe, resume=False, tell=lambda line: None, curves=True)
    assert not recipe.output.exists()
