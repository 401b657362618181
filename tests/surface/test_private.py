"""Nothing is written or sent but what was asked for."""

import os
import subprocess
import sys

import pytest


def run(home, *arguments):
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    environment |= {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "XDG_CONFIG_HOME": str(home / "config")}
    return subprocess.run(
        [sys.executable, "-m", "stancecraft", *map(str, arguments)], env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


@pytest.mark.parametrize("command", [("predict",), ("compare", "--by", "speaker")])
def test_a_command_leaves_nothing_in_the_home_of_its_user(tmp_path, example, command):
    done = run(tmp_path, *command, example)
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.rglob("*")) == []
