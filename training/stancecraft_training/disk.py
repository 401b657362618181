"""What is saved, and what is told when it cannot be."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from safetensors import SafetensorError

from stancecraft.errors import OutputError

# torch writes files in C++ and tells what went wrong in words alone.
_TORCH = ("PytorchStreamWriter", "inline_container")


@contextmanager
def saving(path: Path, remains: str) -> Iterator[None]:
    """Turn what the file system refuses into one line.

    Args:
        path: What is being written.
        remains: What is still there and what can be done, for the person who reads it.

    Raises:
        OutputError: If it cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise OutputError(f"{path}: cannot save: {error.strerror or error}; {remains}") from None
    except SafetensorError as error:
        raise OutputError(f"{path}: cannot save: {_reason(error)}; {remains}") from None
    except RuntimeError as error:
        if not any(part in str(error) for part in _TORCH):
            raise
        raise OutputError(f"{path}: cannot save: {_reason(error)}; {remains}") from None


def _reason(error: Exception) -> str:
    text = str(error)
    if "No space left" in text or "os error 28" in text:
        return os.strerror(errno.ENOSPC)
    return "the disk takes no more" if any(part in text for part in _TORCH) else text.splitlines()[0]
