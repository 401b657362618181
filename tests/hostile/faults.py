"""A command that dies at a chosen moment: run in a forked child, killed at its n-th call, or on a disk that is full.

A *moment* is the n-th call of a function, of Python or of C, that the command makes from the package's own code or from
tempfile, pathlib, shutil or transformers' Trainer on its behalf; the writing of files is all in there. At the chosen
one the child is killed as by ``kill -9``.
"""

import os
import resource
import signal
import sys
import warnings
from pathlib import Path

PACKAGES = ("stancecraft", "stancecraft_training")
BEHALF = ("tempfile.py", "pathlib.py", "shutil.py", "transformers/trainer.py", "transformers/trainer_callback.py")


class Moments:
    """Counts moments, and kills the process at one of them."""

    def __init__(self, last=0, report=None):
        self.count, self.last, self.report, self.places = 0, last, report, []

    def __call__(self, frame, event, argument):
        if event not in ("call", "c_call"):
            return
        name = frame.f_code.co_filename
        if not (any(f"/{one}/" in name for one in PACKAGES) or name.endswith(BEHALF)):
            return
        self.count += 1
        if self.count == self.last:
            called = getattr(argument, "__qualname__", "") if event == "c_call" else ""
            place = f"{Path(name).name}:{frame.f_lineno}:{frame.f_code.co_name}:{called}"
            os.write(self.report, place.encode())
            os.kill(os.getpid(), signal.SIGKILL)


def counted(command, folder):
    """How many moments a command has that runs to its end."""
    read, write = os.pipe()

    def run():
        moments = Moments()
        sys.setprofile(moments)
        try:
            command()
        finally:  # a command of the command line ends with SystemExit
            sys.setprofile(None)
            os.write(write, str(moments.count).encode())

    status = _forked(run, folder)
    os.close(write)
    with os.fdopen(read) as told:
        count = told.read()
    assert status == 0, f"the command itself fails: {status}"
    return int(count)


def killed(command, folder, moment):
    """Run a command in a folder and kill it at a moment; returns the place, or nothing if it came to its end."""
    read, write = os.pipe()

    def run():
        sys.setprofile(Moments(moment, write))
        command()
        sys.setprofile(None)

    _forked(run, folder)
    os.close(write)
    with os.fdopen(read) as told:
        return told.read()


def status_of(command, folder):
    """The exit status of a command that nothing befalls; 70 on an error."""
    return _forked(command, folder)


def on_a_full_disk(command, folder, most):
    """Run a command whose files may have so many bytes; returns its exit status."""

    def run():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        command()

    return _forked(run, folder)


def _forked(run, folder):
    """The exit status of a child that does something in a folder; -9 if it was killed, 70 on a traceback."""
    with warnings.catch_warnings():
        # Newer Pythons warn of threads, which the child has no need of: it makes its own.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        code = 70
        try:
            os.chdir(folder)
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 1)
            os.dup2(null, 2)
            # What collects the output of tests writes into files, which may be full.
            sys.stdout, sys.stderr = os.fdopen(1, "w", closefd=False), os.fdopen(2, "w", closefd=False)
            run()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        except BaseException:
            code = 70
        finally:
            sys.setprofile(None)
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)
