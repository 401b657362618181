"""The command line: parse, call one function, render.

Data goes to standard output and everything else to standard error. Exit status: 0 done, 1 the input or the model is at
fault, 2 usage.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stancecraft import __version__
from stancecraft.cli import comparing, issues, measuring, predicting, publishing, serving, workshop

# rich_markup_mode=None: help is plain text, and answers without loading rich.
app = typer.Typer(
    add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None,
    help="Who holds which position: issues and stances in diplomatic transcripts, statement by statement.",
)  # fmt: skip

Model = Annotated[
    Path | None, typer.Option("--model", metavar="DIR", help="Model folder; the packaged one by default.")
]


@app.callback(invoke_without_command=True)
def main(
    version: Annotated[bool, typer.Option("--version", is_eager=True, help="Print the version and exit.")] = False,
) -> None:
    """Label statements, measure and inspect models, train them."""
    if version:
        typer.echo(f"stancecraft {__version__}")
        raise typer.Exit()


app.add_typer(predicting.app)


app.add_typer(issues.app, name="issues")
app.add_typer(comparing.app)
app.add_typer(measuring.app)
app.add_typer(publishing.app)
app.add_typer(serving.app)
app.add_typer(workshop.app)
