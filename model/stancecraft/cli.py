"""The command line: parse, call one function, render.

Data goes to standard output and everything else to standard error. Exit status: 0 done, 1 the input or the model is at
fault, 2 usage.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stancecraft import __version__
from stancecraft.errors import MissingExtraError, StancecraftError

if TYPE_CHECKING:
    from collections.abc import Callable

# rich_markup_mode=None: help is plain text, and answers without loading rich.
app = typer.Typer(
    add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None,
    help="Who holds which position: issues and stances in diplomatic transcripts, statement by statement.",
)  # fmt: skip

benchmark = typer.Typer(
    no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None,
    help="Measure the installed package (needs the [train] extra).",
)  # fmt: skip
app.add_typer(benchmark, name="benchmark")
corpus = typer.Typer(
    no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None,
    help="The annotated real texts, whose words are not in the repository (needs the [train] extra).",
)  # fmt: skip
app.add_typer(corpus, name="corpus")
annotate = typer.Typer(
    no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None,
    help="Labels of annotators (needs the [train] extra).",
)  # fmt: skip
app.add_typer(annotate, name="annotate")

Model = Annotated[
    Path | None, typer.Option("--model", metavar="DIR", help="Model folder; the packaged one by default.")
]


@app.callback(invoke_without_command=True)
def main(
    version: Annotated[bool, typer.Option("--version", is_eager=True, help="Print the version and exit.")] = False,
) -> None:
    """Label statements, inspect issues, train models."""
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
    reading = prediction.Reading(speakers, date or "", input_format or "")
    with _one_line_errors():
        run = prediction.Run(inputs, model=model, reading=reading, threads=threads, tell=_tell)
        writers.write(run.predictions(), format, run.codebook, out=out, every_issue=every_issue)
        run.summarise()
    if run.failed:
        raise typer.Exit(1)


@app.command()
def issues(model: Model = None) -> None:
    """Print the codebook that the model carries: issues, propositions, what favor and against mean."""
    from stancecraft import artifact

    with _one_line_errors():
        loaded = artifact.load(model or artifact.packaged())
    for issue in loaded.codebook.issues:
        typer.echo(f"{issue.id}: {issue.title}\n  proposition: {issue.proposition}")
        for value in ("favor", "against", "neutral"):
            typer.echo(f"  {value + ':':<12} {getattr(issue, value)}")
        typer.echo()
    typer.echo(f"{loaded.model}. A statement that is not about an issue is 'none' on it.")


@app.command()
def train(
    config: Annotated[Path | None, typer.Argument(metavar="CONFIG", help="A recipe in YAML.")] = None,
    settings: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Override a.b=c.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the run's last checkpoint.")] = False,
    init: Annotated[
        Path | None,
        typer.Option("--init", metavar="DIR", help="Write a recipe, issues and example data to start from."),
    ] = None,
) -> None:
    """Train a model from a recipe, calibrate, export and measure it (needs the [train] extra)."""
    with _one_line_errors():
        if (config is None) == (init is None):
            raise typer.BadParameter("give either a CONFIG or --init DIR")
        _extra("train")(config=config, settings=settings or [], resume=resume, init=init)


@app.command()
def export(run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a finished training run.")]) -> None:
    """Export a run's best checkpoint again: calibrate, quantise, check parity, measure (needs the [train] extra)."""
    with _one_line_errors():
        _extra("export")(run=run)


@annotate.command("agreement")
def annotate_agreement(
    first: Annotated[Path, typer.Argument(metavar="FIRST", help="Folder of one annotator's labels (stand-off JSONL).")],
    second: Annotated[Path, typer.Argument(metavar="SECOND", help="Folder of the other's.")],
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the bootstrap.")] = 1,
) -> None:
    """Measure how far two annotators agree on the statements that both labelled; prints a Markdown table."""
    with _one_line_errors():
        _extra("annotate-agreement")(first=first, second=second, seed=seed)


@corpus.command("join")
def corpus_join(
    folder: Annotated[Path, typer.Option("--dir", metavar="FOLDER", help="Texts, each called as its document.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Labelled statements, JSONL.")],
    data: Annotated[
        Path, typer.Option("--data", metavar="DATA", help="Folder with annotations/ and sources.csv.")
    ] = Path("training/data"),
) -> None:
    """Put the words of texts that you have back to their annotations; tells which are missing and where they are."""
    with _one_line_errors():
        _extra("corpus-join")(data=data, folder=folder, out=out)


@benchmark.command("speed")
def benchmark_speed(text: Annotated[Path, typer.Argument(metavar="TEXT", help="A transcript to predict.")]) -> None:
    """Measure start-up, reading, scoring, memory, install size and int8 parity; prints a Markdown table."""
    with _one_line_errors():
        _extra("benchmark-speed")(text=text)


@benchmark.command("reading")
def benchmark_reading(
    gold: Annotated[Path, typer.Argument(metavar="GOLD", help="Gold turns (JSON), or a folder of them.")],
    texts: Annotated[Path, typer.Argument(metavar="TEXTS", help="Folder with the texts that they are of.")],
) -> None:
    """Measure turn boundaries, speakers, sides and roles against gold turns; prints a Markdown table."""
    with _one_line_errors():
        _extra("benchmark-reading")(gold=gold, texts=texts)


@benchmark.command("labels")
def benchmark_labels(
    text: Annotated[Path, typer.Argument(metavar="TEXT", help="A transcript, or a folder of annotated texts.")],
    labels: Annotated[Path, typer.Argument(metavar="LABELS", help="Gold labels (JSONL), or a folder of them.")],
) -> None:
    """Measure the packaged model's labels on a transcript against gold labels; prints a Markdown table."""
    with _one_line_errors():
        _extra("benchmark-labels")(text=text, labels=labels)


def _extra(name: str) -> Callable[..., Any]:
    """A command of the training package, found by its entry point so that it is imported only here."""
    from importlib.metadata import entry_points

    found = list(entry_points(group="stancecraft.commands", name=name))
    if not found:
        raise MissingExtraError(f"the command {name!r} is not installed: pip install 'stancecraft[train]'")
    try:
        command: Callable[..., Any] = found[0].load()
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"the command {name!r} needs {error.name}, which is not installed: pip install 'stancecraft[train]'"
        ) from None
    return command


def _tell(line: str) -> None:
    typer.echo(line, err=True)


@contextmanager
def _one_line_errors() -> Iterator[None]:
    """Turn the package's own errors into lines on standard error and exit status 1."""
    try:
        yield
    except StancecraftError as error:
        for line in error.lines:
            _tell(f"error: {line}")
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        _tell("interrupted")
        raise typer.Exit(130) from None
    except BrokenPipeError:
        # The reader of our output has gone, as `head` does: no fault of the input.
        sys.stdout = None
        raise typer.Exit(0) from None
