"""``stancecraft serve``: the classifier behind HTTP."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from stancecraft.cli.console import one_line_errors, tell
from stancecraft.errors import ConfigError, MissingExtraError

app = typer.Typer()
TOKEN = "STANCECRAFT_TOKEN"
"""Environment variable with the token that requests must bring."""

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_NEEDED = ("fastapi", "uvicorn", "prometheus_client", "python_multipart")


@app.command()
def serve(
    host: Annotated[
        str, typer.Option("--host", help="Address to listen at; the default is reached from this machine only.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port; 0 takes any that is free.")] = 8000,
    model: Annotated[
        Path | None, typer.Option("--model", metavar="DIR", help="Model folder; the packaged one by default.")
    ] = None,
    speakers: Annotated[
        Path | None, typer.Option("--speakers", metavar="FILE", help="YAML with more speakers: names, titles, sides.")
    ] = None,
    threads: Annotated[int | None, typer.Option("--threads", min=1, help="Processor threads; all by default.")] = None,
    max_body: Annotated[
        float, typer.Option("--max-body", min=0.001, max=64, metavar="MB", help="Largest body of a request.")
    ] = 8.0,
    max_statements: Annotated[
        int, typer.Option("--max-statements", min=1, help="Most statements of a request.")
    ] = 5_000,
    max_characters: Annotated[
        int, typer.Option("--max-characters", min=1, help="Most characters of a request's statements together.")
    ] = 1_000_000,
    max_waiting: Annotated[
        int, typer.Option("--max-waiting", min=1, help="Most statements that wait for the model; then 503.")
    ] = 10_000,
    max_requests: Annotated[
        int, typer.Option("--max-requests", min=1, help="Most requests that are open at once; then 503.")
    ] = 512,
    timeout: Annotated[
        float, typer.Option("--timeout", min=0.1, metavar="S", help="Seconds after which a request gets 503.")
    ] = 60.0,
) -> None:
    """Serve predictions and comparisons over HTTP, with a page for people (needs the [serve] extra)."""
    with one_line_errors():
        running = _running()
        from stancecraft.classifier import load
        from stancecraft.prediction import speakers_table
        from stancecraft.serving.guard import Token
        from stancecraft.serving.limits import Limits

        token = Token(_secret())
        limits = Limits(
            body=int(max_body * 1_000_000), statements=max_statements, characters=max_characters, seconds=timeout,
            waiting=max_waiting, requests=max_requests,
        )  # fmt: skip
        table, classifier = speakers_table(speakers), load(model, threads=threads)
        with running.listen(host, port) as place:
            if host not in _LOOPBACK and not token.is_needed:
                tell(f"note: anybody who reaches {host} may use this service; set {TOKEN} to ask for a token")
            running.serve(classifier, table, limits, token, place, tell)


def _running() -> Any:  # noqa: ANN401 - a module
    """The module that runs the service, once everything that it needs is there."""
    for name in _NEEDED:
        try:
            import_module(name)
        except ModuleNotFoundError:
            raise MissingExtraError(
                f"the command 'serve' needs {name}, which is not installed: pip install 'stancecraft[serve]'"
            ) from None
    return import_module("stancecraft.serving.running")


def _secret() -> str | None:
    secret = os.environ.get(TOKEN)
    if secret is not None and not secret.strip():
        raise ConfigError(f"{TOKEN}: expected a token, got an empty text; unset it to serve without one")
    return None if secret is None else secret.strip()
