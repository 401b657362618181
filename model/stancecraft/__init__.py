"""Who holds which position: issues and stances in diplomatic transcripts, statement by statement.

``read(path)`` gives a :class:`Transcript`, ``load()`` the packaged :class:`StanceClassifier`, and its ``predict`` a
list of :class:`Prediction`, which ``compare`` takes to a :class:`Comparison`. Everything else is inside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stancecraft.errors import StancecraftError
from stancecraft.records import Position, Prediction, Statement, Transcript

if TYPE_CHECKING:
    from stancecraft.classifier import StanceClassifier, load
    from stancecraft.comparison import Comparison, compare
    from stancecraft.readers import read

__version__ = "0.1.0"

__all__ = [
    "Comparison",
    "Position",
    "Prediction",
    "StanceClassifier",
    "StancecraftError",
    "Statement",
    "Transcript",
    "__version__",
    "compare",
    "load",
    "read",
]

_LAZY = {
    "Comparison": "stancecraft.comparison",
    "StanceClassifier": "stancecraft.classifier",
    "compare": "stancecraft.comparison",
    "load": "stancecraft.classifier",
    "read": "stancecraft.readers",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module's attributes have any type
    # Importing the package loads neither numpy nor onnxruntime; they come with the first name that needs them.
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_LAZY[name]), name)


def __dir__() -> list[str]:
    return list(__all__)
