"""``stancecraft compare``: who agrees with whom, on what, and how sure that is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from stancecraft.cli.console import one_line_errors, tell

if TYPE_CHECKING:
    from stancecraft.comparison.result import By
    from stancecraft.writers.comparison import Format

app = typer.Typer()
_BYS = ("side", "speaker", "document")
_INCLUDED = ("questioner", "moderator", "narrator", "reported")


@app.command()
def compare(
    inputs: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="INPUT...",
            help="Transcripts, tables of statements, saved predictions (JSONL, also mended by hand), folders; - is "
            "standard input.",
        ),
    ] = None,
    by: Annotated[str, typer.Option("--by", help="What to compare: side, speaker or document.")] = "side",
    sides: Annotated[
        str, typer.Option("--sides", metavar="A,B", help="Only statements of these sides.")
    ] = "",
    groups: Annotated[
        str, typer.Option("--groups", metavar="A,B", help="Only these groups: speakers or documents, say.")
    ] = "",
    include: Annotated[
        str,
        typer.Option(
            "--include", metavar="WHAT,...",
            help=f"What counts beside what officials say themselves: {', '.join(_INCLUDED)}.",
        ),
    ] = "",
    before: Annotated[
        list[Path] | None, typer.Option("--before", metavar="INPUT", help="Earlier texts, in place of INPUT.")
    ] = None,
    after: Annotated[
        list[Path] | None, typer.Option("--after", metavar="INPUT", help="Later texts, compared with --before.")
    ] = None,
    over_time: Annotated[bool, typer.Option("--over-time", help="Also the trend over the dates of documents.")] = False,
    gold: Annotated[
        Path | None,
        typer.Option("--gold", metavar="FILE", help="A labelled sample of turns, for estimates that hold."),
    ] = None,
    draw_sample: Annotated[
        int | None,
        typer.Option("--draw-sample", metavar="N", min=1, help="Draw N turns to label for --gold, into --out."),
    ] = None,
    model: Annotated[
        Path | None, typer.Option("--model", metavar="DIR", help="Model folder; the packaged one by default.")
    ] = None,
    format: Annotated[
        str | None, typer.Option("--format", help="table, json or csv; by default what --out ends in.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write here, not to standard output.")
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Also write one page with the statements behind every figure."),
    ] = None,
    no_text: Annotated[bool, typer.Option("--no-text", help="Leave the words of statements out of the files.")] = False,
    speakers: Annotated[
        Path | None, typer.Option("--speakers", metavar="FILE", help="YAML with more speakers: names, titles, sides.")
    ] = None,
    margin: Annotated[
        float, typer.Option("--margin", help="Largest difference of mean stance that still counts as agreement.")
    ] = 0.5,
    most: Annotated[int, typer.Option("--most", min=1, max=40, help="Most groups, those with most to say.")] = 12,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of all resampling.")] = 1,
    threads: Annotated[int | None, typer.Option("--threads", min=1, help="Processor threads; all by default.")] = None,
) -> None:  # fmt: skip
    """Compare sides, speakers or documents, issue by issue, with honest uncertainty."""
    from stancecraft import comparing, comparison
    from stancecraft.comparison import change
    from stancecraft.prediction import Reading
    from stancecraft.writers import comparison as writer

    parts = _inputs(inputs, before, after)
    format = _format(format, out)
    read_too = [one for one in (gold, speakers) if one]
    wanted = _checked(by, include, margin, [*parts, read_too], [one for one in (out, html) if one])
    grouping = cast("By", by)
    if draw_sample and (out is None or gold):
        raise typer.BadParameter("goes with --out and without --gold", param_hint="--draw-sample")
    with one_line_errors():
        source = comparing.Source(model, Reading(speakers), threads, explain=html is not None)
        read = [comparing.gather(paths, source, tell) for paths in parts]
        gathered = comparing.together(read)
        chosen = comparing.selection(
            gathered, grouping, sides=_names(sides), groups=_names(groups), include=wanted, most=most
        )  # fmt: skip
        if draw_sample and out:
            turns, statements = comparing.draw(gathered, grouping, chosen, draw_sample, out, seed)
            tell(f"{turns} turns, {statements} statements in {out}: fill in labels, then compare with --gold {out}")
            raise typer.Exit(1 if gathered.failed else 0)
        if over_time:
            comparing.require_dates(gathered)
        found = comparison.compare(
            gathered.predictions, grouping, selection=chosen, confusion=comparing.confusion(gathered, tell),
            margin=margin, seed=seed,
        )  # fmt: skip
        if gold:
            found = comparing.estimated(found, gathered, chosen, gold, tell)
        earlier, later = read[0].predictions, read[-1].predictions
        changes = change.changes(earlier, later, grouping, selection=chosen, seed=seed) if len(read) > 1 else []
        trends = change.trends(gathered.predictions, grouping, selection=chosen, seed=seed) if over_time else []
        if html:
            writer.page(
                comparing.page(found, gathered, chosen, changes=changes, trends=trends, with_text=not no_text), html
            )  # fmt: skip
        writer.write(found, format, gathered.codebook, out=out, changes=changes, trends=trends, text=not no_text)
    if gathered.failed:
        raise typer.Exit(1)


def _format(given: str | None, out: Path | None) -> Format:
    """The format asked for, or that which the file's ending names, or the table."""
    from stancecraft.writers.comparison import FORMATS

    named = given or next((one for one in FORMATS if out and out.suffix.lower() == f".{one}"), "table")
    for one in FORMATS:
        if one == named:
            return one
    raise typer.BadParameter(f"expected one of {', '.join(FORMATS)}, got {named!r}", param_hint="--format")


def _checked(by: str, include: str, margin: float, parts: list[list[Path]], written: list[Path]) -> list[str]:
    """What counts beside officials, once everything is found to be legal."""
    wanted = _names(include)
    if by not in _BYS:
        raise typer.BadParameter(f"expected one of {', '.join(_BYS)}, got {by!r}", param_hint="--by")
    if by == "document" and len(parts) > 2:
        raise typer.BadParameter("with --before and --after, compare sides or speakers", param_hint="--by")
    if unknown := [one for one in wanted if one not in _INCLUDED]:
        told = f"expected some of {', '.join(_INCLUDED)}, got {unknown[0]!r}"
        raise typer.BadParameter(told, param_hint="--include")
    if not 0 < margin <= 2:
        raise typer.BadParameter(f"expected a number above 0 and at most 2, got {margin:g}", param_hint="--margin")
    given = [path.resolve() for part in parts for path in part if path != Path("-")]
    for one in written:
        if one.resolve() in given:
            raise typer.BadParameter(f"{one} is also an input", param_hint="--out, --html")
    if len({one.resolve() for one in written}) < len(written):
        raise typer.BadParameter("two reports would go to one file", param_hint="--out, --html")
    return wanted


def _inputs(
    inputs: list[Path] | None, before: list[Path] | None, after: list[Path] | None
) -> list[list[Path]]:  # fmt: skip
    """What to read: all in one part, or the earlier and the later texts."""
    if bool(before) != bool(after):
        raise typer.BadParameter("goes with --after" if before else "goes with --before",
                                 param_hint="--before" if before else "--after")  # fmt: skip
    if before and after:
        if inputs:
            raise typer.BadParameter("with --before and --after, leave out INPUT", param_hint="INPUT")
        return [before, after]
    if not inputs:
        raise typer.BadParameter("nothing to compare", param_hint="INPUT")
    return [inputs]


def _names(given: str) -> list[str]:
    return [one.strip() for one in given.split(",") if one.strip()]
