"""``stancecraft evaluate``: how good a model is on labelled statements."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stancecraft.cli.console import one_line_errors, tell

app = typer.Typer()
_MEANINGS = ("none", "unlabelled")


@app.command()
def evaluate(
    data: Annotated[Path, typer.Argument(metavar="DATA", help="Labelled statements: a table, or a folder of them.")],
    model: Annotated[
        Path | None, typer.Option("--model", metavar="DIR", help="Model folder; the packaged one by default.")
    ] = None,
    against: Annotated[
        Path | None, typer.Option("--against", metavar="DIR", help="A second model, compared on the same statements.")
    ] = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write the report as one page.")] = None,
    json: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write everything as JSON.")] = None,
    markdown: Annotated[
        Path | None, typer.Option("--markdown", metavar="FILE", help="Write the tables as Markdown.")
    ] = None,
    no_text: Annotated[bool, typer.Option("--no-text", help="Leave the words of statements out of the files.")] = False,
    unlisted: Annotated[
        str,
        typer.Option("--unlisted", help="What a missing label means: none (not about it), or unlabelled (left out)."),
    ] = "unlabelled",
    shortcuts: Annotated[
        bool,
        typer.Option(
            "--shortcuts", help="Also try what answers rest on: context, names, keywords; takes six times as long."
        ),
    ] = False,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of all resampling.")] = 1,
    threads: Annotated[int | None, typer.Option("--threads", min=1, help="Processor threads; all by default.")] = None,
) -> None:
    """Measure a model on labelled statements: figures with intervals, calibration, weak spots, errors."""
    if unlisted not in _MEANINGS:
        told = f"expected one of {', '.join(_MEANINGS)}, got {unlisted!r}"
        raise typer.BadParameter(told, param_hint="--unlisted")
    named = [path.resolve() for path in (html, json, markdown) if path is not None]
    if len(set(named)) < len(named):
        raise typer.BadParameter("two reports would go to one file", param_hint="--html, --json, --markdown")
    if data.resolve() in named:
        raise typer.BadParameter(f"{data} is also the input", param_hint="--html, --json, --markdown")
    from stancecraft import evaluation
    from stancecraft.writers import evaluation as writer

    request = evaluation.Request(
        data, model, against, "none" if unlisted == "none" else "unlabelled", shortcuts, seed, threads
    )
    with one_line_errors():
        report = evaluation.run(request, tell)
        writer.write(report, html=html, data=json, text=markdown, words=not no_text)
