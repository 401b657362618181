"""`stancecraft issues` lists; `stancecraft issues new` asks for what no option gives."""

import pytest
from typer.testing import CliRunner

from stancecraft import artifact, issue_file
from stancecraft.cli import app

GIVEN = {
    "--id": "fog_horn",
    "--title": "Fog horn",
    "--proposition": "The fog horn of Velm should sound at night.",
    "--favor": "Wants the horn.",
    "--against": "Wants silence.",
    "--neutral": "Facts about the horn.",
}


def run(*arguments, answers=""):
    return CliRunner().invoke(app, ["issues", *map(str, arguments)], input=answers)


def options(*without):
    return [part for name, value in GIVEN.items() if name not in without for part in (name, value)]


def test_without_a_subcommand_the_models_issues_are_listed():
    for arguments in ([], ["--model", artifact.packaged()]):
        listed = run(*arguments)
        assert listed.exit_code == 0
        for issue in artifact.load(artifact.packaged()).codebook.issues:
            assert f"{issue.id}: {issue.title}\n  proposition: {issue.proposition}" in listed.stdout


def test_options_alone_make_an_issue_and_nothing_goes_to_standard_output(tmp_path):
    path = tmp_path / "issues.yaml"
    made = run("new", path, *options())
    assert (made.exit_code, made.stdout) == (0, "")
    assert issue_file.read(path).ids == (*artifact.load(artifact.packaged()).codebook.ids, "fog_horn")
    assert issue_file.read(path).issues[-1].neutral == GIVEN["--neutral"]


def test_what_is_not_given_is_asked_for_and_neutral_has_an_answer_of_its_own(tmp_path):
    path = tmp_path / "issues.yaml"
    answers = "".join(GIVEN[name] + "\n" for name in ("--title", "--against")) + "\n"
    made = run("new", path, *options("--title", "--against", "--neutral"), answers=answers)
    assert made.exit_code == 0
    assert made.stdout.split() == answers.split()  # the runner shows what is typed; the questions go elsewhere
    added = issue_file.read(path).issues[-1]
    assert (added.title, added.against) == (GIVEN["--title"], GIVEN["--against"])
    assert added.neutral.startswith("Facts")


def test_where_nobody_answers_the_missing_options_are_named(tmp_path):
    path = tmp_path / "issues.yaml"
    refused = run("new", path, *options("--title", "--favor"))
    assert refused.exit_code == 2
    assert "give --title, --favor" in refused.stderr
    assert not path.exists()


@pytest.mark.parametrize("again", [True, False])
def test_a_taken_id_is_refused_before_anything_is_asked(tmp_path, again):
    path = tmp_path / "issues.yaml"
    taken = "fog_horn" if again else "ukraine"
    if again:
        run("new", path, *options())
    before = path.read_bytes() if again else b""
    refused = run("new", path, "--id", taken)
    assert refused.exit_code == 1
    assert refused.stderr.startswith(f"error: {path}: has an issue '{taken}' already")
    assert (path.read_bytes() if again else b"") == before
