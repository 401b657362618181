"""The folder that a run writes: parts with predictions, and beside them what is finished.

::

    part-00003-00012.jsonl        predictions of batch 3, part 12
    _run/run.json                 options and inputs of the run
    _run/part-00003-00012.json    that this part is complete: its size, what went in, what was counted
    _run/batch-00003-0-of-1.json  that this share of a batch is complete, and what was told of it
    _run/tries-00003-0-of-1       how often a cluster tried that share, while it is not complete
    _run/lock                     held while a run is on

Readers of folders (pyarrow, Spark, Ray, DuckDB's globs over ``part-*``) pass over names that begin with ``_``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stancecraft import writers
from stancecraft.engines import planning
from stancecraft.engines.planning import Batch, Input
from stancecraft.errors import InputError, OutputError
from stancecraft.readers import RECORDS

if TYPE_CHECKING:
    from stancecraft.engines.work import Job

_RUN = "run.json"


@contextmanager
def begin(job: Job, files: Sequence[tuple[Path, str]], *, resume: bool) -> Iterator[list[tuple[Batch, int]]]:
    """Make the folder ready for a run and hold it until the run is over.

    Args:
        job: Options of the run.
        files: Every input with the name of its document.
        resume: Whether to go on with the run that began there.

    Yields:
        The batches, each with its size in bytes.

    Raises:
        InputError: If the run that began there has other inputs or options.
        OutputError: If the folder is not empty, in use, or cannot be written.
    """
    records = job.out / RECORDS
    begun = (records / _RUN).is_file()
    if not (resume and begun):
        _require_empty(job.out, resume)
    try:
        records.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{records}: cannot write: {error.strerror or error}") from None
    inputs = [Input(str(path.absolute()), doc) for path, doc in files]
    sizes = {one.path: max(state(one.path)[0], 0) for one in inputs}
    with _locked(job.out):
        _sweep(job.out)
        if resume and begun:
            batches = _begun(job, inputs)
        else:
            batches = planning.batches((one, sizes[one.path]) for one in inputs)
            told = {"options": job.options(), "batches": [[[one.path, one.doc] for one in b.inputs] for b in batches]}
            write_record(records / _RUN, told)
        yield [(batch, sum(sizes[one.path] for one in batch.inputs)) for batch in batches]
        _sweep(job.out)  # of workers that were killed on the way


def state(path: str) -> tuple[int, int]:
    """Size in bytes and time of change in nanoseconds of a file, by which a changed one is known; -1 if missing."""
    try:
        found = Path(path).stat()
    except OSError:
        return -1, -1
    return found.st_size, found.st_mtime_ns


def write_record(path: Path, record: object) -> None:
    """Write down what is finished; it appears whole or not at all.

    Raises:
        OutputError: If it cannot be written.
    """
    with writers.atomic(path) as stream:
        stream.write(json.dumps(record, ensure_ascii=False).encode())


def read_record(path: Path) -> dict[str, Any] | None:
    """What was written down, or ``None`` if nothing was, or nothing that can be read."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _require_empty(out: Path, resume: bool) -> None:
    try:
        held = sorted(one.name for one in out.iterdir() if one.name != RECORDS or any(one.iterdir()))
    except FileNotFoundError:
        return
    except OSError as error:
        raise OutputError(f"{out}: expected a folder to write in: {error.strerror or error}") from None
    # Of a run that was killed before it wrote down its options, only the lock is there.
    if held and not (resume and held == [RECORDS]):
        advice = "no run began there" if resume else "give a new one, or go on with the run that began there: --resume"
        raise OutputError(f"{out}: the folder is not empty ({held[0]}): {advice}")


def _begun(job: Job, inputs: Sequence[Input]) -> list[Batch]:
    """The batches of the run that began there, which must be this one."""
    path = job.out / RECORDS / _RUN
    record = read_record(path)
    if record is None:
        raise InputError(f"{path}: cannot be read; give a new folder")
    try:
        batches = [Batch(at, tuple(Input(*one) for one in given)) for at, given in enumerate(record["batches"])]
        options = dict(record["options"])
    except (KeyError, TypeError, ValueError):
        raise InputError(f"{path}: not the record of a run; give a new folder") from None
    problems = [
        f"{job.out}: the run that began there had {name} {options.get(name)!r}, now it is {value!r}; give a new folder"
        for name, value in job.options().items()
        if options.get(name) != value
    ]
    before = [one for batch in batches for one in batch.inputs]
    if before != list(inputs):
        other = next((new or old for old, new in _pairs(before, inputs) if old != new), None)
        named = other.path if other else ""
        problems.append(f"{job.out}: the run that began there had other inputs ({named}); give a new folder")
    if problems:
        raise InputError(*problems)
    return batches


def _pairs(before: Sequence[Input], now: Sequence[Input]) -> Iterator[tuple[Input | None, Input | None]]:
    for at in range(max(len(before), len(now))):
        yield (before[at] if at < len(before) else None), (now[at] if at < len(now) else None)


def _sweep(out: Path) -> None:
    """Remove what a killed run or worker left half-written."""
    for folder, begins in ((out, ".part-"), (out / RECORDS, "."), (out / RECORDS, "tries-")):
        for left in folder.glob(f"{begins}*"):
            with suppress(OSError):
                left.unlink()


@contextmanager
def _locked(out: Path) -> Iterator[None]:
    """Hold a folder against a second run; the lock goes with the process that holds it."""
    try:
        import fcntl
    except ImportError:  # Windows; two runs in one folder would still write the same parts
        yield
        return
    path = out / RECORDS / "lock"
    try:
        held = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise OutputError(f"{path}: cannot write: {error.strerror or error}") from None
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OutputError(f"{out}: another run is writing there") from None
        except OSError:
            pass  # a file system without locks
        yield
    finally:
        os.close(held)
