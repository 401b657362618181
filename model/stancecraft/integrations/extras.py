"""What is said when a library is not installed."""

from __future__ import annotations

from stancecraft.errors import MissingExtraError


def missing(module: str, extra: str, error: ModuleNotFoundError) -> MissingExtraError:
    """The error that names the extra to install.

    Args:
        module: The module of ours that was imported.
        extra: The extra it belongs to.
        error: What the import said.
    """
    library = str(error.name).partition(".")[0]
    return MissingExtraError(f"{module} needs {library}, which is not installed: pip install 'stancecraft[{extra}]'")
