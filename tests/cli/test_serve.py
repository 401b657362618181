"""`stancecraft serve`: faults before it serves are one line."""

import socket
import sys

import pytest
from typer.testing import CliRunner

from stancecraft.cli import app


def run(*arguments, env=None):
    return CliRunner().invoke(app, ["serve", *map(str, arguments)], env=env)


@pytest.mark.parametrize("name", ["fastapi", "uvicorn", "prometheus_client", "python_multipart"])
def test_a_missing_part_names_the_extra(monkeypatch, name):
    for needed in ("fastapi", "uvicorn", "prometheus_client", "python_multipart"):
        monkeypatch.setitem(sys.modules, needed, None if needed == name else sys)
    result = run()
    assert result.exit_code == 1
    told = f"error: the command 'serve' needs {name}, which is not installed: pip install 'stancecraft[serve]'"
    assert result.stderr.splitlines() == [told]


def test_a_place_that_is_taken_is_told():
    pytest.importorskip("uvicorn", reason="needs the [serve] extra")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("--port", port)
    assert result.exit_code == 1
    assert result.stderr == f"error: 127.0.0.1:{port}: cannot listen there: Address already in use\n"


@pytest.mark.parametrize("host", ["a" * 70, "no such host", "256.1.1.1"])
def test_a_place_that_is_nowhere_is_told(host):
    pytest.importorskip("uvicorn", reason="needs the [serve] extra")
    result = run("--port", 0, "--host", host)
    assert result.exit_code == 1
    [line] = result.stderr.splitlines()
    assert line.startswith(f"error: {host}:0: cannot listen there: ")


def test_an_empty_token_is_no_token():
    pytest.importorskip("uvicorn", reason="needs the [serve] extra")
    result = run("--port", 0, env={"STANCECRAFT_TOKEN": " "})
    assert result.exit_code == 1
    assert result.stderr.startswith("error: STANCECRAFT_TOKEN: expected a token")


def test_a_folder_without_a_model_is_told(tmp_path):
    pytest.importorskip("uvicorn", reason="needs the [serve] extra")
    result = run("--port", 0, "--model", tmp_path)
    assert result.exit_code == 1
    assert "not a model folder" in result.stderr and len(result.stderr.splitlines()) == 1
