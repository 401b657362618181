"""Commands of the training package: what makes models, data and measurements (needs the [train] extra)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stancecraft.cli.console import extra, one_line_errors

app = typer.Typer()
Data = Annotated[Path, typer.Option("--data", metavar="DATA", help="Folder with annotations/ and sources.csv.")]
Issues = Annotated[
    Path | None, typer.Option("--issues", metavar="FILE", help="YAML of issues; the packaged model's by default.")
]
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


@app.command()
def train(
    config: Annotated[Path | None, typer.Argument(metavar="CONFIG", help="A recipe in YAML.")] = None,
    settings: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Override a.b=c.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the run's last checkpoint.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be trained and how long it takes; write nothing.")
    ] = False,
    seeds: Annotated[
        str, typer.Option("--seeds", metavar="N,N,...", help="Train once per seed; tells mean and deviation.")
    ] = "",
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Write TensorBoard's event files into the run's folder.")
    ] = False,
    init: Annotated[
        Path | None,
        typer.Option("--init", metavar="DIR", help="Write a recipe, issues and example data to start from."),
    ] = None,
) -> None:
    """Train a model from a recipe, calibrate, export and measure it (needs the [train] extra)."""
    with one_line_errors():
        if (config is None) == (init is None):
            raise typer.BadParameter("give either a CONFIG or --init DIR")
        chosen = _seeds(seeds)
        extra("train")(
            config=config, settings=settings or [], resume=resume, init=init, dry_run=dry_run, seeds=chosen,
            tensorboard=tensorboard,
        )  # fmt: skip


@app.command()
def search(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="A recipe in YAML with a search block.")],
    settings: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Override a.b=c.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a search that was broken off.")] = False,
) -> None:
    """Try values of a recipe's keys and keep those that are best on dev (needs the [train] extra)."""
    with one_line_errors():
        extra("search")(config=config, settings=settings or [], resume=resume)


@app.command()
def export(run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a finished training run.")]) -> None:
    """Export a run's best checkpoint again: calibrate, quantise, check parity, measure (needs the [train] extra)."""
    with one_line_errors():
        extra("export")(run=run)


@app.command()
def teach(
    inputs: Annotated[list[Path], typer.Argument(metavar="INPUT...", help="Transcripts, tables, folders of them.")],
    runs: Annotated[list[Path], typer.Option("--run", metavar="RUN", help="Finished run; repeat for several.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Statements with probabilities, JSONL.")],
) -> None:
    """Write what trained networks think of statements, for another to learn from (needs the [train] extra)."""
    with one_line_errors():
        extra("teach")(runs=runs, inputs=inputs, out=out)


@app.command()
def suggest(
    corpus: Annotated[list[Path], typer.Argument(metavar="CORPUS...", help="Transcripts, or folders of them.")],
    issue: Annotated[str, typer.Option("--issue", metavar="ID", help="The issue to label.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help=".jsonl, .csv, or .json for Label Studio.")],
    count: Annotated[int, typer.Option("--count", min=1, max=350, help="Most statements in the sheet.")] = 200,
    issues: Issues = None,
    model: Annotated[
        Path | None,
        typer.Option("--model", metavar="DIR", help="Model that knows the issue: what it is unsure of comes first."),
    ] = None,
    labelled: Annotated[
        Path | None, typer.Option("--labelled", metavar="FOLDER", help="Annotations whose statements are left out.")
    ] = None,
    per_document: Annotated[
        int | None, typer.Option("--per-document", min=1, help="Most statements of one document.")
    ] = None,
) -> None:
    """Write the statements most worth labelling for an issue as a sheet (needs the [train] extra)."""
    with one_line_errors():
        extra("suggest")(
            inputs=corpus, issue=issue, out=out, count=count, issues=issues, model=model, labelled=labelled,
            per_document=per_document,
        )  # fmt: skip


@app.command()
def gate(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="Model folder; its gate is replaced.")],
    texts: Annotated[
        list[Path], typer.Option("--texts", metavar="INPUT", help="To learn from, labelled or not; may be repeated.")
    ],
    held_out: Annotated[
        list[Path], typer.Option("--held-out", metavar="INPUT", help="To choose the threshold by; may be repeated.")
    ],
    test: Annotated[
        list[Path], typer.Option("--test", metavar="INPUT", help="To measure the change on; may be repeated.")
    ],
    most: Annotated[
        float, typer.Option("--most", metavar="SHARE", help="Decisions that may change for it to be in use by default.")
    ] = 0.01,
) -> None:
    """Teach a model folder which windows are surely about no issue and need not be read (needs the [train] extra)."""
    with one_line_errors():
        extra("gate")(model=model, texts=texts, held_out=held_out, test=test, most=most)


@app.command()
def lint(
    data: Annotated[Path, typer.Argument(metavar="DATA", help="A recipe, labelled statements, or annotations.")],
    texts: Annotated[Path | None, typer.Option("--dir", metavar="FOLDER", help="Texts, to check offsets in.")] = None,
    issues: Issues = None,
) -> None:
    """Look for what spoils labelled data: copies across splits, contradictions (needs the [train] extra)."""
    with one_line_errors():
        sound = extra("lint")(data=data, texts=texts, issues=issues)
    if not sound:
        raise typer.Exit(1)


@annotate.command("sheet")
def annotate_sheet(
    text: Annotated[Path, typer.Argument(metavar="TEXT", help="A transcript.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help=".jsonl, .csv, or .json for Label Studio.")],
    first: Annotated[int, typer.Option("--first", min=1, help="Number of the first statement.")] = 1,
    count: Annotated[int, typer.Option("--count", min=1, max=350, help="Most statements in the sheet.")] = 350,
    issues: Issues = None,
) -> None:
    """Write a transcript's statements as a sheet to label, in order and with context."""
    with one_line_errors():
        extra("annotate-sheet")(text=text, out=out, first=first, count=count, issues=issues)


@annotate.command("merge")
def annotate_merge(
    sheets: Annotated[list[Path], typer.Argument(metavar="SHEET...", help="Filled: JSONL, CSV, Label Studio export.")],
    texts: Annotated[Path, typer.Option("--dir", metavar="FOLDER", help="The texts, each called as its document.")],
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Stand-off annotations, a file per document.")],
    annotator: Annotated[str, typer.Option("--annotator", help="Who labelled.")],
    reading: Annotated[int, typer.Option("--pass", min=1, help="Number of the reading.")] = 1,
    issues: Issues = None,
) -> None:
    """Check filled sheets and write their labels by offset; all faults are told, and then nothing is written."""
    with one_line_errors():
        extra("annotate-merge")(
            sheets=sheets, texts=texts, out=out, annotator=annotator, reading=reading, issues=issues
        )


@annotate.command("agreement")
def annotate_agreement(
    first: Annotated[Path, typer.Argument(metavar="FIRST", help="Folder of one annotator's labels (stand-off JSONL).")],
    second: Annotated[Path, typer.Argument(metavar="SECOND", help="Folder of the other's.")],
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the bootstrap.")] = 1,
    issues: Issues = None,
    model: Annotated[
        Path | None,
        typer.Option("--model", metavar="DIR", help="Model folder that shall tell the second's F1 against the first."),
    ] = None,
) -> None:
    """Measure how far two annotators agree on the statements that both labelled; prints a Markdown table."""
    with one_line_errors():
        extra("annotate-agreement")(first=first, second=second, seed=seed, issues=issues, model=model)


@corpus.command("fetch")
def corpus_fetch(
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where the texts go.")],
    data: Data = Path("training/data"),
    mirror: Annotated[str, typer.Option("--mirror", metavar="URL", help="Takes the place of https://HOST.")] = "",
) -> None:
    """Fetch the annotated texts from where they are published and check them; exit status 1 if any is wanting."""
    with one_line_errors():
        complete = extra("corpus-fetch")(data=data, out=out, mirror=mirror)
    if not complete:
        raise typer.Exit(1)


@corpus.command("join")
def corpus_join(
    folder: Annotated[Path, typer.Option("--dir", metavar="FOLDER", help="Texts, each called as its document.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Labelled statements, JSONL.")],
    data: Data = Path("training/data"),
) -> None:
    """Put the words of texts that you have back to their annotations; tells which are missing and where they are."""
    with one_line_errors():
        extra("corpus-join")(data=data, folder=folder, out=out)


@corpus.command("statistics")
def corpus_statistics(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="A recipe: its data and splits.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The page, Markdown; the plot goes beside it.")],
) -> None:
    """Write a page of figures about a recipe's data, with a plot."""
    with one_line_errors():
        extra("corpus-statistics")(config=config, out=out)


@benchmark.command("speed")
def benchmark_speed(
    text: Annotated[Path, typer.Argument(metavar="TEXT", help="A transcript to predict.")],
    briefings: Annotated[
        Path | None, typer.Option("--texts", metavar="FOLDER", help="Whole texts, to predict from file to file.")
    ] = None,
    largest: Annotated[
        int, typer.Option("--largest", metavar="N", min=0, help="Tables of 1,000, 10,000 ... up to N statements.")
    ] = 0,
    peers: Annotated[
        bool, typer.Option("--peers", help="What a user would pick instead, on the same statements and threads.")
    ] = False,
) -> None:
    """Measure start-up, reading, scoring, memory, install size and int8 parity; prints a Markdown table."""
    with one_line_errors():
        extra("benchmark-speed")(text=text, briefings=briefings, largest=largest, peers=peers)


@benchmark.command("reading")
def benchmark_reading(
    gold: Annotated[Path, typer.Argument(metavar="GOLD", help="Gold turns (JSON), or a folder of them.")],
    texts: Annotated[Path, typer.Argument(metavar="TEXTS", help="Folder with the texts that they are of.")],
) -> None:
    """Measure turn boundaries, speakers, sides and roles against gold turns; prints a Markdown table."""
    with one_line_errors():
        extra("benchmark-reading")(gold=gold, texts=texts)


@benchmark.command("labels")
def benchmark_labels(
    text: Annotated[Path, typer.Argument(metavar="TEXT", help="A transcript, or a folder of annotated texts.")],
    labels: Annotated[Path, typer.Argument(metavar="LABELS", help="Gold labels (JSONL), or a folder of them.")],
) -> None:
    """Measure the packaged model's labels on a transcript against gold labels; prints a Markdown table."""
    with one_line_errors():
        extra("benchmark-labels")(text=text, labels=labels)


@benchmark.command("challenge")
def benchmark_challenge(
    data: Annotated[Path, typer.Argument(metavar="DATA", help="Labelled statements with a column probe, JSONL.")],
    model: Annotated[
        Path | None, typer.Option("--model", metavar="DIR", help="Model folder; the packaged one by default.")
    ] = None,
) -> None:
    """Measure a model on statements that each probe one thing; prints a Markdown table."""
    with one_line_errors():
        extra("benchmark-challenge")(data=data, model=model)


@benchmark.command("baselines")
def benchmark_baselines(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="A recipe: its data, splits and base.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="All figures, JSON.")],
    model: Annotated[
        Path | None, typer.Option("--model", metavar="DIR", help="Model folder that shall tell them in its reports.")
    ] = None,
) -> None:
    """Measure simpler methods trained on a recipe's rows: majority, TF-IDF with an SVM, frozen embeddings."""
    with one_line_errors():
        extra("benchmark-baselines")(config=config, out=out, model=model)


Benchmark = Annotated[Path, typer.Option("--data", metavar="FOLDER", help="The public files.")]
Recipe = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="Recipe; configs/benchmarks/NAME.yaml.")]
Several = Annotated[str, typer.Option("--seeds", help="One run each, with commas.")]
Results = Annotated[
    Path | None, typer.Option("--out", metavar="FOLDER", help="Result and page go here, beside other results.")
]


@benchmark.command("tweeteval_stance")
def benchmark_tweeteval_stance(
    data: Benchmark, config: Recipe = None, seeds: Several = "1,2,3", out: Results = None
) -> None:
    """Train on SemEval-2016 task 6A as TweetEval has it, and print the official figure beside published ones."""
    _public("tweeteval_stance", data, config, seeds, out)


@benchmark.command("pstance")
def benchmark_pstance(data: Benchmark, config: Recipe = None, seeds: Several = "1,2,3", out: Results = None) -> None:
    """Train on P-Stance, and print the official figure beside published ones."""
    _public("pstance", data, config, seeds, out)


@benchmark.command("ruw")
def benchmark_ruw(data: Benchmark, config: Recipe = None, seeds: Several = "1,2,3", out: Results = None) -> None:
    """Train on RUW, tweets on the war in Ukraine, and print a figure beside the published one."""
    _public("ruw", data, config, seeds, out)


def _public(name: str, data: Path, config: Path | None, seeds: str, out: Path | None) -> None:
    with one_line_errors():
        recipe = config or Path("configs", "benchmarks", f"{name}.yaml")
        extra("benchmark-public")(name=name, data=data, config=recipe, seeds=_seeds(seeds), out=out)


def _seeds(given: str) -> list[int]:
    try:
        return [int(one) for one in given.split(",")] if given else []
    except ValueError:
        raise typer.BadParameter(f"expected whole numbers with commas, got {given!r}", param_hint="--seeds") from None
