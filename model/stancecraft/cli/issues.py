"""`stancecraft issues` prints a codebook; `stancecraft issues new` adds an issue to one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stancecraft.cli.console import one_line_errors, tell

app = typer.Typer(
    invoke_without_command=True, pretty_exceptions_enable=False, rich_markup_mode=None,
    help="Print the codebook that the model carries, or add an issue to a codebook of your own.",
)  # fmt: skip

_NEUTRAL = "Facts, procedure, questions, positions only reported."
_QUESTIONS = {
    "id": "Id, in lower-case letters, digits and '_' (fishing_quota)",
    "title": "Short name, for people (Fishing quota)",
    "proposition": "The sentence that one can be for or against, with a 'should' or 'must' in it",
    "favor": "Who supports it says, in plain words",
    "against": "Who rejects it says, in plain words",
    "neutral": "About it without a position",
}

Model = Annotated[
    Path | None, typer.Option("--model", metavar="DIR", help="Model folder; the packaged one by default.")
]


@app.callback()
def listed(context: typer.Context, model: Model = None) -> None:
    """Print the codebook that the model carries: issues, propositions, what favor and against mean."""
    if context.invoked_subcommand is not None:
        if model is not None:
            raise typer.BadParameter("comes after the subcommand", param_hint="--model")
        return
    from stancecraft import artifact

    with one_line_errors():
        loaded = artifact.load(model or artifact.packaged())
    for issue in loaded.codebook.issues:
        typer.echo(f"{issue.id}: {issue.title}\n  proposition: {issue.proposition}")
        for value in ("favor", "against", "neutral"):
            typer.echo(f"  {value + ':':<12} {getattr(issue, value)}")
        typer.echo()
    typer.echo(f"{loaded.model}. A statement that is not about an issue is 'none' on it.")


@app.command("new")
def new(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="YAML of issues; one that is not there begins with the model's.")
    ],
    id: Annotated[str | None, typer.Option("--id", help=_QUESTIONS["id"])] = None,
    title: Annotated[str | None, typer.Option("--title", help=_QUESTIONS["title"])] = None,
    proposition: Annotated[str | None, typer.Option("--proposition", help=_QUESTIONS["proposition"])] = None,
    favor: Annotated[str | None, typer.Option("--favor", help=_QUESTIONS["favor"])] = None,
    against: Annotated[str | None, typer.Option("--against", help=_QUESTIONS["against"])] = None,
    neutral: Annotated[str | None, typer.Option("--neutral", help=_QUESTIONS["neutral"])] = None,
    model: Model = None,
) -> None:
    """Add an issue to a YAML file; what is not given by an option is asked for."""
    from stancecraft import artifact, issue_file

    given = {"id": id, "title": title, "proposition": proposition, "favor": favor, "against": against,
             "neutral": neutral}  # fmt: skip
    with one_line_errors():
        known = artifact.load(model or artifact.packaged()).codebook
        book = issue_file.read(file) if file.exists() else known
        if id is not None:
            issue_file.require_new(book, id, str(file))  # before anybody has answered five questions
        told = issue_file.add(file, _asked(given), start=known)
    for line in told:
        tell(line)


def _asked(given: dict[str, str | None]) -> dict[str, str]:
    """The answers, those that were not given asked for on standard error."""
    answers: dict[str, str] = {}
    for name, value in given.items():
        if value is not None:
            answers[name] = value
            continue
        default = _NEUTRAL if name == "neutral" else None
        try:
            answers[name] = typer.prompt(_QUESTIONS[name], default=default, err=True)
        except typer.Abort:
            tell("")
            if default is not None:
                answers[name] = default
                continue
            missing = ", ".join(f"--{one}" for one in given if one not in answers and given[one] is None)
            raise typer.BadParameter(f"nobody answers: give {missing}") from None
    return answers
