"""The engine for a cluster: tasks stream through Ray Data to workers that each load the model once.

A block is one task, so a document is never divided between blocks. Workers write the parts themselves and send back
only their reports; inputs and the output folder must be where every node sees them under the same path. Ray starts a
worker anew that was killed, and gives its task to another, which goes on after the parts that were finished.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from stancecraft.engines.planning import Task
from stancecraft.engines.work import Job, Labeller, Report, given_up
from stancecraft.errors import InputError, MissingExtraError, OutputError, StancecraftError
from stancecraft.readers import RECORDS

_MOST_BLOCKS = 4_000
_ATTEMPTS = 5


def connect(job: Job, workers: int | None) -> int:
    """Join the cluster that the environment names (``RAY_ADDRESS``), or begin one on this machine.

    Returns:
        The number of workers: as asked for, or as many as there is room for.

    Raises:
        MissingExtraError: If Ray is not installed.
        InputError: If there is no cluster at that address, or it has no GPU although one is asked for.
    """
    # Ray's own talk would drown ours; what a worker has to say comes in its report.
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise MissingExtraError(
            f"--engine ray needs {error.name or 'ray'}, which is not installed: pip install 'stancecraft[ray]'"
        ) from None
    if not ray.is_initialized():
        try:
            ray.init(log_to_driver=False, logging_level=logging.ERROR, include_dashboard=False)
        except Exception as error:  # a node that is too slow to start raises one without a type of its own
            told = next(iter(str(error).splitlines()), type(error).__name__)
            raise InputError(f"--engine ray: no cluster to join: {told}") from None
    logging.getLogger("ray").setLevel(logging.ERROR)
    found = ray.cluster_resources()
    if job.gpu and not found.get("GPU"):
        raise InputError("--gpu: the Ray cluster has no GPU")
    room = found.get("GPU", 0) if job.gpu else found.get("CPU", 1) // (job.threads or 1)
    return workers or max(1, int(room))


def run(job: Job, tasks: Sequence[Task], workers: int) -> Iterator[Report]:
    """Label tasks, a report for each as it finishes.

    Raises:
        StancecraftError: If a worker cannot begin, or the cluster is lost.
    """
    import ray
    from ray.data import ActorPoolStrategy, DataContext

    job = replace(job, threads=job.threads or 1)
    DataContext.get_current().enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    rows = [{"task": json.dumps(asdict(task))} for task in tasks]
    labelled = ray.data.from_items(rows, override_num_blocks=min(len(rows), _MOST_BLOCKS)).map(
        _Worker,
        fn_constructor_args=(job,),
        # One task at a time for each worker, so that none waits behind a long one.
        compute=ActorPoolStrategy(size=min(workers, len(tasks)), max_tasks_in_flight_per_actor=1),
        num_cpus=None if job.gpu else job.threads,
        num_gpus=1 if job.gpu else None,
    )
    try:
        for row in labelled.iter_rows():
            yield Report.from_record(json.loads(row["report"]))
    except ray.exceptions.RayError as error:
        raise _own(error) from None


class _Worker:
    """Lives in an actor; the model is loaded when it begins."""

    def __init__(self, job: Job) -> None:
        self._records = job.out / RECORDS
        self._labeller = Labeller(job)

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        task = Task.from_record(json.loads(row["task"]))
        # Ray tries a task without end, also one for which every worker runs out of memory: the folder counts.
        tries = self._records / f"tries-{task.batch.number:05d}-{task.slice}-of-{task.of}"
        if _count(tries) > _ATTEMPTS:
            report = given_up(task)
        else:
            report = self._labeller(task)
            with suppress(OSError):
                tries.unlink()
        return {"report": json.dumps(asdict(report))}


def _count(tries: Path) -> int:
    """How often something was tried, this time included; a disk without room counts nothing."""
    with suppress(OSError):
        with tries.open("ab") as stream:
            stream.write(b".")
            return stream.tell()
    return 1


def _own(error: Exception) -> StancecraftError:
    """An error of a worker as one of ours, in one line."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, StancecraftError):
            return cause
        cause = getattr(cause, "cause", None) or cause.__cause__
    last = next((line for line in reversed(str(error).splitlines()) if line.strip()), type(error).__name__)
    return OutputError(f"--engine ray: {last.strip()}; what is finished is kept: --resume goes on")
