"""Commands that print what others build on: the shape of the output."""

from __future__ import annotations

import typer

app = typer.Typer()


@app.command()
def schema() -> None:
    """Print the JSON Schema of JSONL output, whose version every line names under 'schema'."""
    from stancecraft import schema as published

    typer.echo(published.text(), nl=False)
