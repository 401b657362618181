"""The table, coloured on a terminal and plain elsewhere."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import BinaryIO

from rich.console import Console, RenderableType

from stancecraft.codebook import Codebook
from stancecraft.records import Prediction
from stancecraft.report import table

_WIDTH_OF_A_FILE = 140


def write(found: Iterable[Prediction], stream: BinaryIO, codebook: Codebook, *, to_terminal: bool) -> None:
    """Write the table of statements that are about an issue."""
    found = list(found)
    if any(position.stance != "none" for prediction in found for position in prediction.positions.values()):
        show(table.predictions(found, codebook), stream, to_terminal=to_terminal)


def show(told: RenderableType, stream: BinaryIO, *, to_terminal: bool) -> None:
    """Write what rich lays out; plain and 140 columns wide where nobody looks on."""
    wrapper = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
    console = (
        Console(file=wrapper, force_terminal=True)
        if to_terminal
        else Console(file=wrapper, width=_WIDTH_OF_A_FILE, force_terminal=False, color_system=None)
    )
    try:
        console.print(told)
    finally:
        wrapper.detach()
