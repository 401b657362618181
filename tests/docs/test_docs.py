"""The documentation is run: README's commands and Python, every command documented, the card's numbers current."""

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from typer.main import get_command

from stancecraft.cli import app


def blocks(path, language):
    fences = re.findall(r"^```(\w*)\n(.*?)^```", path.read_text("utf-8"), re.S | re.M)
    return [content for name, content in fences if name == language]


@pytest.fixture
def on_path(tmp_path):
    """An environment in which `stancecraft` is this package, whatever is installed."""
    program = tmp_path / "bin" / "stancecraft"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nexec {sys.executable} -c 'from stancecraft.cli import app; app()' \"$@\"\n")
    program.chmod(0o755)
    return {**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}"}


@pytest.fixture
def workplace(tmp_path, root):
    """A folder that looks like the repository to the README's relative paths."""
    folder = tmp_path / "tree"
    folder.mkdir()
    (folder / "tests").symlink_to(root / "tests")
    return folder


def test_the_python_of_the_readme_runs(root, workplace):
    [code] = blocks(root / "README.md", "python")
    done = subprocess.run([sys.executable, "-c", code], cwd=workplace, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "syria_ceasefire favor" in done.stdout


def test_the_commands_of_the_readme_run(root, workplace, on_path):
    usage = next(
        block for block in blocks(root / "README.md", "sh") if "stancecraft predict" in block and "venv" not in block
    )
    for line in usage.splitlines():
        done = subprocess.run(line, shell=True, cwd=workplace, env=on_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{line}\n{done.stderr}"


@pytest.mark.slow
def test_the_training_commands_of_the_readme_run(root, workplace, on_path):
    pytest.importorskip("torch")
    block = next(block for block in blocks(root / "README.md", "sh") if "stancecraft train" in block)
    for line in block.splitlines():
        done = subprocess.run(line, shell=True, cwd=workplace, env=on_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{line}\n{done.stderr}"
    assert (workplace / "my-model" / "run" / "model" / "manifest.json").is_file()


def test_the_checksums_of_the_training_data_hold(root):
    folder = root / "training" / "data"
    told = dict(reversed(line.split("  ")) for line in (folder / "SHA256SUMS").read_text("utf-8").splitlines())
    found = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        # What lies in the folder itself was joined from texts of the user's, and is not tracked.
        for path in sorted(folder.glob("*/**/*.json*"))
    }
    assert told == found


def test_the_set_up_commands_name_files_that_are_there(root):
    setup = (root / "README.md").read_text("utf-8").split("## Set up", 1)[1].split("## ", 1)[0]
    commands = re.findall(r"```sh\n(.*?)\n```", setup, re.S)
    assert len(commands) == 2
    for path in re.findall(r"(?:tests/data/\S+|constraints\.txt)", setup):
        assert (root / path).is_file()


def test_the_tree_of_the_readme_is_the_tree(root):
    tree = next(block for block in blocks(root / "README.md", "") if "model/stancecraft/" in block)
    base = root
    for line in tree.splitlines():
        for name in re.split(r", ", re.split(r"\s{2,}", line.strip())[0]):
            base = root if not line.startswith(" ") else root / "model" / "stancecraft"
            assert (base / name).exists(), name


def test_links_of_the_documentation_lead_somewhere(root):
    for page in [root / "README.md", root / "model_card.md", *(root / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_command_and_option_is_documented(root):
    pages = "\n".join(page.read_text("utf-8") for page in [root / "README.md", *(root / "docs").glob("*.md")])
    for name, command in get_command(app).commands.items():
        assert f"stancecraft {name}" in pages
        assert command.help
        for parameter in command.params:
            assert getattr(parameter, "help", None) or parameter.name == "help", f"{name} {parameter.name}"
    for option in get_command(app).commands["predict"].params:
        assert option.opts[0] in pages or option.name == "inputs", option.opts


def test_every_key_of_a_recipe_is_documented(root):
    config = pytest.importorskip("stancecraft_training.config")
    page = (root / "docs" / "train.md").read_text("utf-8")

    def keys(model):
        for name, field in model.model_fields.items():
            yield name
            for inner in (field.annotation, *get_args(field.annotation)):
                if isinstance(inner, type) and issubclass(inner, config.Section) and inner is not config.ClassWeights:
                    yield from keys(inner)

    assert not [
        key for key in keys(config.Recipe) if f"{key}`" not in page and f".{key}" not in page and f"`{key}" not in page
    ]


def test_the_numbers_of_the_model_card_are_those_of_the_packaged_model(root, monkeypatch):
    card = pytest.importorskip("stancecraft_training.card")
    monkeypatch.chdir(root)
    assert card.main(["--check"]) == 0


def test_the_changelog_has_a_section_for_this_version_and_model(root, model):
    import stancecraft

    log = (root / "CHANGELOG.md").read_text("utf-8")
    assert f"## {stancecraft.__version__}" in log
    assert f"## Model {model.artifact.model}" in log


def test_nothing_tracked_names_a_machine_path(root):
    places = ("/" + "work/", "/" + "root/", "/" + "home/")
    found = subprocess.run(["git", "ls-files"], cwd=root, capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip("not a git checkout")
    for name in found.stdout.splitlines():
        path = Path(root / name)
        if path.suffix in {".py", ".md", ".yaml", ".toml", ".txt", ".json", ".jsonl"} and path.is_file():
            text = path.read_text("utf-8")
            assert not [place for place in places if place in text], name


def test_the_numbers_told_of_the_speakers_table_are_those_of_the_table(root):
    from stancecraft import speakers

    people = speakers.packaged().people
    terms = sum(len(person.terms) for person in people)
    page = (root / "docs" / "reading.md").read_text("utf-8")
    assert f"{len(people):,} people with {terms:,} terms" in page
    assert f"{len(people):,} people" in (root / "README.md").read_text("utf-8")


def test_the_counts_told_of_the_annotations_are_those_of_the_files(root):
    counts, statements = {}, 0
    for path in sorted((root / "training" / "data" / "annotations").glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            statements += 1
            for told in json.loads(line)["labels"].items():
                counts[told] = counts.get(told, 0) + 1
    page = (root / "training" / "data" / "SOURCES.md").read_text("utf-8")
    assert f"Labels of {statements:,} statements" in page
    for issue in {issue for issue, _ in counts}:
        row = " | ".join(f"{counts.get((issue, value), 0):,}" for value in ("favor", "against", "neutral"))
        assert f"| {issue} | {row} |" in page


def test_the_commands_of_the_page_on_measuring_run(root, workplace, on_path):
    [block] = blocks(root / "docs" / "evaluate.md", "sh")
    for line in block.splitlines():
        done = subprocess.run(line, shell=True, cwd=workplace, env=on_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{line}\n{done.stderr}"
    assert {"report.html", "report.json", "report.md", "shareable.html"} <= {path.name for path in workplace.iterdir()}


def test_every_option_of_evaluate_is_described_on_its_page(root):
    page = (root / "docs" / "evaluate.md").read_text("utf-8")
    for option in get_command(app).commands["evaluate"].params:
        assert option.opts[0] in page or option.name == "data", option.opts
