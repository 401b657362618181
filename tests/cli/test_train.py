"""`stancecraft train` and its like: faults of a recipe, and a missing extra."""

import builtins

import pytest
from typer.testing import CliRunner

from stancecraft.cli import app


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_a_recipe_with_three_mistakes_gives_three_lines(tmp_path):
    pytest.importorskip("torch")
    (tmp_path / "r.yaml").write_text(
        "name: x\nissues: i.yaml\ndata: {sources: [{path: d.csv}]}\noutput: o\n"
        "training: {epochs: 0, learning_rte: 0.1}\nwindow: {tokens: 9}\n",
        "utf-8",
    )
    result = run("train", tmp_path / "r.yaml")
    assert result.exit_code == 1
    told = [line for line in result.stderr.splitlines() if line.startswith("error:")]
    assert len(told) == 3
    for key in ("training.epochs", "training.learning_rte: unknown key", "window.tokens"):
        assert any(key in line for line in told)


def test_a_missing_recipe_is_told(tmp_path):
    pytest.importorskip("torch")
    result = run("train", tmp_path / "none.yaml")
    assert result.exit_code == 1
    assert "none.yaml" in result.stderr


def test_train_without_recipe_is_a_usage_error():
    assert run("train").exit_code == 2


def test_a_missing_extra_names_the_install_command(monkeypatch, tmp_path):
    real = builtins.__import__

    def without_torch(name, *rest):
        if name.split(".")[0] in {"torch", "transformers"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(name, *rest)

    import sys

    for name in [name for name in sys.modules if name.split(".")[0] == "stancecraft_training"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without_torch)
    result = run("train", tmp_path / "r.yaml")
    assert result.exit_code == 1
    assert "pip install 'stancecraft[train]'" in result.stderr
