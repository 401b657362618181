"""The command line: parse, call one function, render.

Data goes to standard output and everything else to standard error. Exit status: 0 done, 1 the input or the model is at
fault, 2 usage.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from stancecraft import __version__
from stancecraft.cli import comparing, issues, measuring, workshop
from stancecraft.cli.console import one_line_errors, tell

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


@app.command()
def predict(
    inputs: Annotated[
        list[Path],
        typer.Argument(
            metavar="INPUT...", help="Transcripts, tables of statements, folders of them; - is standard input."
        ),
    ],
    model: Model = None,
    format: Annotated[
        str | None,
        typer.Option("--format", help="table, jsonl, csv or parquet; by default what --out ends in, or table."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write here, not to standard output.")
    ] = None,
    speakers: Annotated[
        Path | None, typer.Option("--speakers", metavar="FILE", help="YAML with more speakers: names, titles, sides.")
    ] = None,
    input_format: Annotated[
        str | None,
        typer.Option(
            "--input-format", metavar="FORMAT", help="Format of the inputs; found from the content by default."
        ),
    ] = None,
    date: Annotated[
        str | None,
        typer.Option(
            "--date", metavar="DATE", help="ISO date of inputs whose names do not tell it: who was PRESIDENT."
        ),
    ] = None,
    every_issue: Annotated[bool, typer.Option("--all", help="In csv and parquet, rows for every issue.")] = False,
    max_error: Annotated[
        float | None,
        typer.Option(
            "--max-error",
            metavar="E",
            help="Give only stances of which at most this share is wrong, 0.40 say; abstain from the others.",
        ),
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say which words carried each decision; in table and jsonl.")
    ] = False,
    threads: Annotated[int | None, typer.Option("--threads", min=1, help="Processor threads; all by default.")] = None,
) -> None:
    """Label every statement with the issues it is about and its stance on each."""
    from stancecraft import prediction, writers
    from stancecraft.readers import formats

    format = format or writers.format_of(out)
    if format not in writers.FORMATS:
        raise typer.BadParameter(f"expected one of {', '.join(writers.FORMATS)}, got {format!r}", param_hint="--format")
    if format == "parquet" and out is None and sys.stdout.isatty():
        raise typer.BadParameter("parquet is binary: give a file with --out", param_hint="--format")
    if out is not None and out.resolve() in [given.resolve() for given in inputs if given != prediction.STDIN]:
        raise typer.BadParameter(f"{out} is also an input", param_hint="--out")
    if input_format and input_format not in formats.NAMES:
        told = f"expected one of {', '.join(formats.NAMES)}, got {input_format!r}"
        raise typer.BadParameter(told, param_hint="--input-format")
    if date and not formats.is_date(date):
        raise typer.BadParameter(f"expected an ISO date (2016-07-15), got {date!r}", param_hint="--date")
    if explain and format not in ("table", "jsonl"):
        raise typer.BadParameter(f"goes with table and jsonl, got {format}", param_hint="--explain")
    if max_error is not None and not 0 < max_error < 1:
        raise typer.BadParameter(f"expected a share between 0 and 1, got {max_error:g}", param_hint="--max-error")
    reading = prediction.Reading(speakers, date or "", input_format or "")
    with one_line_errors():
        run = prediction.Run(
            inputs, model=model, reading=reading, threads=threads, tell=tell, max_error=max_error, explain=explain
        )
        writers.write(run.predictions(), format, run.codebook, out=out, every_issue=every_issue)
        run.summarise()
    if run.failed:
        raise typer.Exit(1)


app.add_typer(issues.app, name="issues")
app.add_typer(comparing.app)
app.add_typer(measuring.app)
app.add_typer(workshop.app)
