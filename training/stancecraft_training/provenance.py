"""``run.json``: with what, on what, from which commit and in how much time a run was made.

A run may be broken off and resumed, perhaps on another machine, so the file holds one *part* per call, each with its
own versions, machine and times; what belongs to the whole run (seed, epochs) stands beside them. It is written anew
after every epoch and stage: what a killed call had done by then is kept.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

from stancecraft import writers
from stancecraft_training import processes

_PACKAGES = ("stancecraft", "torch", "transformers", "tokenizers", "onnxruntime", "numpy")
_CPUINFO = Path("/proc/cpuinfo")


def versions() -> dict[str, str]:
    """Python and the packages that decide how a model comes out; one that is not installed is left out."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def machine() -> dict[str, Any]:
    """Platform, processor, threads and processes, and the GPU if there is one; nothing that names the machine."""
    told: dict[str, Any] = {
        "platform": f"{platform.system()} {platform.release()} {platform.machine()}",
        "processor": _processor(),
        "threads": torch.get_num_threads(),
        "processes": processes.count(),
    }
    return told | ({"gpu": torch.cuda.get_device_name()} if torch.cuda.is_available() else {})


def commit(folder: Path) -> dict[str, Any]:
    """The git commit of a folder and whether tracked files differ from it; empty where there is no git."""
    head = _git(folder, "rev-parse", "HEAD")
    changed = _git(folder, "status", "--porcelain", "--untracked-files=no")
    return {} if head is None or changed is None else {"commit": head, "dirty": bool(changed)}


class Journal:
    """What ``run.json`` tells, kept while a run goes on."""

    def __init__(self, path: Path, *, does: str, seed: int, recipes: Path | None, earlier: bool,
                 began: float | None = None) -> None:  # fmt: skip
        """Begin a part.

        Args:
            path: The file.
            does: ``train``, ``resume`` or ``export``.
            seed: The run's.
            recipes: Folder of the recipe, whose commit is told; ``None`` tells none.
            earlier: Keep the parts that are in the file already.
            began: When the part began, in seconds since 1970, if before now; the first stage counts from then.
        """
        self._path, self._lead = path, time.time() - began if began else 0.0
        told = _read(path) if earlier else {}
        self._part: dict[str, Any] = {
            "does": does, "started": _stamp(time.time() - self._lead), "versions": versions(), "machine": machine(),
            **(commit(recipes) if recipes else {}), "seconds": {},
        }  # fmt: skip
        self._parts = [*told.get("parts", []), self._part]
        self._epochs: dict[int, dict[str, Any]] = {one["epoch"]: one for one in told.get("epochs", [])}
        self._seed = seed
        self._stages: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the time of a stage, also of one that breaks off; the file is written at both ends."""
        lead, self._lead = self._lead, 0.0
        self._stages[name] = time.monotonic() - lead
        self.write()
        try:
            yield
        finally:
            self._count()
            del self._stages[name]
            self.write()

    def epoch(self, number: int, seconds: float, tokens: int) -> None:
        """Take down an epoch: the time to learn from it, dev figures not counted, and the tokens that were read."""
        speed = round(tokens / seconds, 1) if seconds else None
        self._epochs[number] = {
            "epoch": number, "seconds": round(seconds, 2), "tokens": tokens, "tokens_per_second": speed
        }  # fmt: skip
        self.write()

    def seconds(self, stage: str) -> float:
        """What a stage took in all parts of the run."""
        return self._totals().get(stage, 0.0)

    def end(self) -> None:
        """The part is done."""
        self._part["ended"] = _stamp(time.time())
        self.write()

    def write(self) -> None:
        """Write the file; a run of several processes has one.

        Raises:
            OutputError: If it cannot be written.
        """
        self._count()
        if not processes.is_main():
            return
        with writers.atomic(self._path) as stream:
            stream.write((json.dumps(self._told(), indent=1) + "\n").encode())

    def _count(self) -> None:
        for name, began in self._stages.items():
            self._part["seconds"][name] = round(time.monotonic() - began, 2)

    def _told(self) -> dict[str, Any]:
        epochs = [self._epochs[number] for number in sorted(self._epochs)]
        seconds = sum(one["seconds"] for one in epochs)
        ended = {"ended": self._part["ended"]} if "ended" in self._part else {}
        return {
            "seed": self._seed,
            "started": self._parts[0]["started"],
            **ended,
            "seconds": self._totals(),
            "tokens_per_second": round(sum(one["tokens"] for one in epochs) / seconds, 1) if seconds else None,
            "epochs": epochs,
            "parts": self._parts,
        }

    def _totals(self) -> dict[str, float]:
        """Seconds per stage over all parts; an export that was repeated is not the run's time."""
        totals: dict[str, float] = {}
        for part in self._parts:
            for name, seconds in part["seconds"].items() if part["does"] != "export" else ():
                totals[name] = round(totals.get(name, 0.0) + seconds, 2)
        return totals


def _read(path: Path) -> dict[str, Any]:
    """What an earlier call left; nothing if it left nothing that can be read."""
    with suppress(OSError, ValueError):
        told = json.loads(path.read_text("utf-8"))
        return told if isinstance(told, dict) else {}
    return {}


def _processor() -> str:
    with suppress(OSError):
        for line in _CPUINFO.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()


def _git(folder: Path, *arguments: str) -> str | None:
    # Asking must not take the lock that somebody's commit needs.
    environment = os.environ | {"GIT_OPTIONAL_LOCKS": "0"}
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=False, env=environment
        )
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
