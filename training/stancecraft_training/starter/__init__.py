"""A recipe, issues and example data to start from, as an installed package can write them."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from stancecraft import writers
from stancecraft.errors import ConfigError

FILES = ("train.yaml", "issues.yaml", "statements.csv")


def write(folder: Path) -> list[Path]:
    """Write the starter files into a folder.

    Returns:
        The paths written.

    Raises:
        ConfigError: If one of them is already there; nothing is overwritten.
        OutputError: If one cannot be written.
    """
    taken = [folder / name for name in FILES if (folder / name).exists()]
    if taken:
        raise ConfigError(*(f"{path}: already there; --init overwrites nothing" for path in taken))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{folder}: cannot make this folder: {error.strerror or error}") from None
    for name in FILES:
        with writers.atomic(folder / name) as stream:
            stream.write(files(__package__).joinpath(name).read_bytes())
    return [folder / name for name in FILES]
