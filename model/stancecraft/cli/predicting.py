"""``predict``: to one stream or file, or into a folder of parts."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stancecraft.cli.console import one_line_errors, tell

if TYPE_CHECKING:
    from stancecraft.engines import Engine, Job

app = typer.Typer()
_ONE_FOLDER = ("--engine", "--processes", "--resume", "--part-size")


@app.command()
def predict(
    inputs: Annotated[
        list[Path],
        typer.Argument(
            metavar="INPUT...", help="Transcripts, tables of statements, folders of them; - is standard input."
        ),
    ],
    model: Annotated[
        Path | None, typer.Option("--model", metavar="DIR", help="Model folder; the packaged one by default.")
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="table, jsonl, csv or parquet; by default what --out ends in, or table; in a folder jsonl.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="PATH", help="Write here, not to standard output; a folder is filled in parts."),
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
    threads: Annotated[
        int | None, typer.Option("--threads", min=1, help="Processor threads of each worker; all by default.")
    ] = None,
    processes: Annotated[
        int | None, typer.Option("--processes", metavar="N", min=1, help="Workers; with a folder as --out.")
    ] = None,
    engine: Annotated[
        str | None, typer.Option("--engine", help="local or ray (needs the [ray] extra); with a folder as --out.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run that began in the folder, and try again what failed.")
    ] = False,
    part_size: Annotated[
        int | None, typer.Option("--part-size", metavar="N", min=1, help="Statements that fill a part; 10,000.")
    ] = None,
    gate: Annotated[
        bool | None,
        typer.Option(
            "--gate/--no-gate",
            help="Leave out passages that are surely about no issue, or read everything; by default as the model says.",
        ),
    ] = None,
    gpu: Annotated[bool, typer.Option("--gpu", help="Score on a GPU, one per worker (needs onnxruntime-gpu).")] = False,
) -> None:
    """Label every statement with the issues it is about and its stance on each."""
    from stancecraft import prediction, writers

    asked = {"--engine": engine, "--processes": processes, "--resume": resume, "--part-size": part_size}
    asked_for = [option for option in _ONE_FOLDER if asked[option]]
    in_parts = bool(asked_for) or (out is not None and out.is_dir())
    format = format or ("jsonl" if in_parts else writers.format_of(out))
    _check(inputs, format, out, input_format, date, explain, max_error)
    if in_parts:
        from stancecraft.engines import Job

        folder = _folder(out, inputs, format, engine, asked_for)
        # Workers elsewhere have another current folder.
        model, speakers = (path.absolute() if path else None for path in (model, speakers))
        reading = prediction.Reading(speakers, date or "", input_format or "")
        job = Job(folder, format, model, reading, max_error, explain, threads=threads, gpu=gpu, gate=gate)  # type: ignore[arg-type]
        _in_parts(job, inputs, engine or "local", processes, resume, part_size)  # type: ignore[arg-type]
        return
    reading = prediction.Reading(speakers, date or "", input_format or "")
    with one_line_errors():
        run = prediction.Run(
            inputs, model=model, reading=reading, threads=threads, tell=tell, max_error=max_error, explain=explain,
            gpu=gpu, gate=gate,
        )  # fmt: skip
        writers.write(run.predictions(), format, run.codebook, out=out, every_issue=every_issue)  # type: ignore[arg-type]
        run.summarise()
    if run.failed:
        raise typer.Exit(1)


def _in_parts(
    job: Job, inputs: list[Path], engine: Engine, processes: int | None, resume: bool, part_size: int | None
) -> None:
    from dataclasses import replace

    from stancecraft import engines

    job = replace(job, part=part_size) if part_size else job
    with one_line_errors():
        whole = engines.run(job, inputs, tell=tell, processes=processes, engine=engine, resume=resume)
    if not whole:
        raise typer.Exit(1)


def _check(
    inputs: list[Path], format: str, out: Path | None, input_format: str | None, date: str | None, explain: bool,
    max_error: float | None,
) -> None:  # fmt: skip
    """Refuse options that cannot be meant, as errors of usage."""
    from stancecraft import prediction, writers
    from stancecraft.readers import formats

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


def _folder(out: Path | None, inputs: list[Path], format: str, engine: str | None, asked_for: list[str]) -> Path:
    """The folder to fill, if it can be one for these inputs."""
    from stancecraft import prediction, writers
    from stancecraft.engines import ENGINES

    # Not a file, nor what looks like the name of one.
    if out is None or (out.exists() and not out.is_dir()) or (not out.exists() and writers.format_of(out) != "table"):
        raise typer.BadParameter(
            f"{asked_for[0]} fills a folder: expected one, got {out or 'none'}", param_hint="--out"
        )
    if format == "table":
        raise typer.BadParameter("a folder holds jsonl, csv or parquet, got table", param_hint="--format")
    if engine and engine not in ENGINES:
        raise typer.BadParameter(f"expected one of {', '.join(ENGINES)}, got {engine!r}", param_hint="--engine")
    if prediction.STDIN in inputs:
        raise typer.BadParameter("standard input cannot be gone on with: give files", param_hint="INPUT")
    for given in inputs:
        if given.is_dir() and out.resolve().is_relative_to(given.resolve()):
            raise typer.BadParameter(f"{out} lies inside the input {given}", param_hint="--out")
    return Path(os.path.abspath(out))  # noqa: PTH100 - a link stays a link
