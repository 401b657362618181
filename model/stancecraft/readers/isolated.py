"""Libraries that read foreign files, in a process of their own that is bounded in memory and time.

PDFium unpacks a stream to its end (6 kB can become 4 GB), and a file that breaks it breaks the process; lxml and
openpyxl make objects of everything in a file. Here none of that reaches the reader. A *program* is a file beside this
one with a function ``told(content, *limits)`` that yields what it finds as plain data. It imports its library and
nothing of this package, so that it starts within a tenth of a second; what it finds comes back as JSON, a value a line.
"""

from __future__ import annotations

import io
import json
import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from math import ceil
from pathlib import Path
from typing import Any

from stancecraft.errors import InputError

_LARGEST_ANSWER = 300_000_000  # characters
_OF_CONTENT = 4  # times the size of a file is what it takes by itself
_LEAST_SECONDS, _SECONDS_PER_MB = 8, 10  # of the processor: what small files may take, and large ones in addition
_TOO_LONG = getattr(signal, "SIGXCPU", 0)


def told(
    program: str, content: bytes, where: str, *limits: int, what: str, library: str, memory: int, seconds: float
) -> Iterator[Any]:
    """Read a file by a program.

    Args:
        program: Name of its module.
        content: The file.
        where: What messages call it.
        limits: Further arguments of the program.
        what: What kind of file it should be.
        library: What reads it.
        memory: Bytes that the process may take beyond what the file itself takes.
        seconds: How long it may run at most; the smaller the file, the less of the processor's time it may take.

    Raises:
        InputError: If the process cannot be started, takes too much memory or time, or breaks.
    """
    path = Path(__file__).with_name(f"{program}.py")
    # The program must find its library where this one does, and nothing of this folder, whose modules are called as
    # some of Python's are.
    most = min(ceil(seconds), _LEAST_SECONDS + len(content) * _SECONDS_PER_MB // 10**6)
    bounds = memory + _OF_CONTENT * len(content), most
    command = [sys.executable, "-P", __file__, str(path), *map(str, bounds), *map(str, limits)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    try:
        done = subprocess.run(
            command, input=content, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=seconds, env=environment
        )
    except subprocess.TimeoutExpired:
        raise InputError(f"{where}: reading the {what} takes more than {seconds} seconds") from None
    except OSError as error:
        raise InputError(f"{where}: cannot start a program to read the {what}: {error.strerror or error}") from None
    if done.returncode == -_TOO_LONG:
        raise InputError(f"{where}: reading the {what} takes more than {most} seconds of the processor")
    if done.returncode:
        raise InputError(
            f"{where}: not a readable {what}: it breaks {library}, or unpacks to more than {memory // 10**6:,} MB"
        )
    return map(json.loads, io.BytesIO(done.stdout))


def _main(program: str, memory: str, seconds: str, *limits: str) -> None:
    """Run a program on what comes in at standard input, within bounds."""
    _bound(int(memory), int(seconds))
    # openpyxl would load it, only to know its types.
    sys.modules["numpy"] = None  # type: ignore[assignment]
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    left = _LARGEST_ANSWER
    for value in runpy.run_path(program)["told"](sys.stdin.buffer.read(), *map(int, limits)):
        line = json.dumps(value, ensure_ascii=False)
        left -= len(line)
        if left < 0:
            raise MemoryError
        print(line)  # noqa: T201


def _bound(memory: int, seconds: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for bound, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds)):
        with suppress(ValueError, OSError):  # a stricter one stands already
            resource.setrlimit(bound, (most, most + (bound == resource.RLIMIT_CPU)))


if __name__ == "__main__":
    _main(*sys.argv[1:])
