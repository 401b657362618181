"""Two hundred clients for a few seconds; `.ci/slow/serve-load` has them for a minute."""

import json
import os
import subprocess
import sys

import pytest


@pytest.mark.slow
def test_two_hundred_clients_see_no_error_but_503(root):
    pytest.importorskip("uvicorn", reason="needs the [serve] extra")
    pytest.importorskip("fastapi", reason="needs the [serve] extra")
    if not os.path.exists("/proc/self/statm"):  # noqa: PTH110 - not a file
        pytest.skip("needs /proc to look at memory")
    command = [sys.executable, str(root / "tests" / "serving" / "load.py"), "--clients", "200", "--seconds", "5"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=180)
    found = json.loads(done.stdout)
    assert found["errors"] == 0, found
    assert found["answered"] > 0
    assert found["latency_seconds"]["p99"] > 0
    assert found["memory_mb"]["largest"] < 1500
    assert found["exit_status"] == 0
