"""The table, coloured on a terminal and plain elsewhere."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import BinaryIO

from rich.console import Console

from stancecraft.codebook import Codebook
from stancecraft.records import Prediction
from stancecraft.report import table

_WIDTH_OF_A_FILE = 140


def write(found: Iterable[Prediction], stream: BinaryIO, codebook: Codebook, *, to_terminal: bool) -> None:
    """Write the table of statements that are about an issue."""
    wrapper = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
    console = (
        Console(file=wrapper, force_terminal=True)
        if to_terminal
        else Console(file=wrapper, width=_WIDTH_OF_A_FILE, force_terminal=False, color_system=None)
    )
    try:
        found = list(found)
        if any(position.stance != "none" for prediction in found for position in prediction.positions.values()):
            console.print(table.predictions(found, codebook))
    finally:
        wrapper.detach()
