"""The cookbook and the quick starts are run, block by block, in the order in which a reader would."""

import os
import re
import subprocess
import sys

import pytest

COOKBOOK = {
    "Compare the sides of a talk, and send the page on": r"Norway and Uzbekistan .*Syria ceasefire",
    "Mend labels by hand and compare again": r"Ingrid Halvorsen",
    "Only stances that are right often enough": r"'decided': \d+.*'abstained': \d+|'abstained': \d+.*'decided': \d+",
    "Find the strongest statements of one side, with the words that decided": r"0\.\d\d (favor|against|neutral) ",
    "Name the speakers of a recording": r"Ana Sol +Norwick",
    "Statements from a program of your own": r'"meta": \{"minute": "?4"?\}',
    "Many files at once, some of them bad": r"some file was at fault",
    "Before and after": r"Ukraine",
    "How often is it wrong on my texts?": r"F1 0\.\d\d",
}
MADE = {
    "Compare the sides of a talk, and send the page on": "comparison.html",
    "Mend labels by hand and compare again": "mended.jsonl",
    "Only stances that are right often enough": "surer.csv",
    "Many files at once, some of them bad": "talks.jsonl",
}


@pytest.fixture
def here(tmp_path, root):
    """Runs the blocks of a text in a folder that looks like the repository, and gives what they printed."""
    folder, programs = tmp_path / "tree", tmp_path / "bin"
    folder.mkdir()
    programs.mkdir()
    (folder / "tests").symlink_to(root / "tests")
    program = programs / "stancecraft"
    program.write_text(f"#!/bin/sh\nexec {sys.executable} -c 'from stancecraft.cli import app; app()' \"$@\"\n")
    program.chmod(0o755)
    paths = os.pathsep.join([str(root / "model"), str(root / "training"), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "PYTHONPATH": paths, "COLUMNS": "200"}

    def run(markdown):
        told = ""
        for language, block in re.findall(r"^```(sh|python)\n(.*?)^```", markdown, re.S | re.M):
            commands = block.splitlines() if language == "sh" else [block]
            for one in commands:
                command = ["sh", "-c", one] if language == "sh" else [sys.executable, "-W", "error", "-c", one]
                done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
                assert done.returncode == 0, f"{one}\n{done.stderr}"
                told += done.stdout
        return told

    run.folder = folder
    return run


def recipes(root):
    _, *parts = re.split(r"^## (.+)\n", (root / "docs" / "cookbook.md").read_text("utf-8"), flags=re.M)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_the_cookbook_has_the_recipes_that_are_run(root):
    assert list(recipes(root)) == list(COOKBOOK)


@pytest.mark.parametrize("name", COOKBOOK)
def test_a_recipe_of_the_cookbook_does_what_it_says(root, here, name):
    assert re.search(COOKBOOK[name], here(recipes(root)[name]), re.S)
    assert name not in MADE or (here.folder / MADE[name]).stat().st_size > 0


def test_the_quick_start_for_analysts_runs(root, here):
    told = here((root / "docs" / "start" / "analyst.md").read_text("utf-8"))
    assert "Ingrid Halvorsen" in told and "too little evidence" in told
    assert (here.folder / "comparison.html").is_file() and (here.folder / "labels.csv").is_file()


def test_the_quick_start_for_pipelines_runs(root, here):
    told = here((root / "docs" / "start" / "pipeline.md").read_text("utf-8"))
    assert re.search(r"syria_ceasefire \w+ [01]\.\d+ decided", told)
    assert told.count('"schema": "stancecraft/1"') == 2
    assert "nowhere.txt" in told


@pytest.mark.slow
@pytest.mark.train
def test_the_quick_start_for_engineers_runs(root, here):
    pytest.importorskip("torch", reason="needs the extra train")
    here((root / "docs" / "start" / "engineer.md").read_text("utf-8"))
    for run in ("run", "second"):
        assert (here.folder / "my-model" / run / "model" / "manifest.json").is_file()
