"""A frame of statements in, the same frame with their stances out: pandas, polars, pyarrow.

Through narwhals, so that no library of frames is needed but the caller's own (https://narwhals-dev.github.io/narwhals).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import pyarrow as pa

from stancecraft.errors import InputError
from stancecraft.integrations import columns as table
from stancecraft.integrations import engine
from stancecraft.integrations.engine import Model
from stancecraft.integrations.extras import missing
from stancecraft.records import VALUES

try:
    import narwhals as nw
except ModuleNotFoundError as error:
    raise missing(__name__, "frames", error) from None

Frame = TypeVar("Frame")

_WHERE = "the frame"


def label(
    frame: Frame, *, model: Model = None, columns: Mapping[str, str] | None = None, probabilities: bool = False,
    max_error: float | None = None, threads: int | None = None, batch_size: int = engine.BATCH,
) -> Frame:  # fmt: skip
    """Label the statements of a frame.

    Rows of one ``doc`` are read in each other's context, in the order of the frame, wherever they stand in it; rows
    without one stand alone. Rows, their order, the index and all columns stay as they are.

    Args:
        frame: A ``pandas.DataFrame``, ``polars.DataFrame`` or ``pyarrow.Table`` with one statement per row under
            ``text`` and optionally ``doc``, ``turn``, ``speaker`` and ``role``, with the meaning that tables of the
            command line have.
        model: A loaded model, a model folder, or the packaged model by default.
        columns: What these are called in the frame, if otherwise: ``{"text": "sentence"}``.
        probabilities: Whether to add the four probabilities of each issue.
        max_error: As for :meth:`stancecraft.StanceClassifier.predict`.
        threads: Processor threads to use; all that this process may use by default.
        batch_size: Most statements to hand to the model at once; changes the memory it takes and no result.

    Returns:
        The same kind of frame with more columns: for every issue ``ISSUE_stance`` (text, null for no answer),
        ``ISSUE_about`` (probability in [0, 1]), ``ISSUE_reason``, with ``probabilities`` also ``ISSUE_p_none`` and
        its like, and ``stance_model``.

    Raises:
        InputError: If it is no such frame, lacks a column, has one of the added ones already, or a cell is not what
            its column holds; with one line per fault.
        ModelError: If the folder is not a sound model, or cannot promise that share of errors.
        ValueError: If an argument is out of its range.
    """
    given = _eager(frame)
    loaded = engine.load(model, threads)
    added = table.names(loaded.codebook.ids, probabilities)
    values = _read(given, columns, added)
    filled = table.label(
        loaded, values, _WHERE, probabilities=probabilities, batch_size=batch_size, max_error=max_error
    )
    backend = given.implementation
    series = [nw.new_series(name, cells, _kind(name), backend=backend) for name, cells in filled.items()]
    if backend.is_pandas_like():
        # pandas joins by index; the new columns take that of the frame, whatever it is.
        index = given.to_native().index
        series = [nw.maybe_set_index(one, index=index) for one in series]
    result: Frame = given.with_columns(*series).to_native()
    return result


def values(frame: object, columns: Mapping[str, str] | None = None) -> dict[str, list[Any]]:
    """The cells of a frame that labels depend on, empty ones as ``None``.

    Args:
        frame: As for :func:`label`.
        columns: As for :func:`label`.

    Raises:
        InputError: As for :func:`label`.
    """
    return _read(_eager(frame), columns, ())


def _eager(frame: object) -> Any:  # noqa: ANN401 - narwhals' frames are generic over libraries that may be absent
    if nw.dependencies.is_polars_lazyframe(frame):
        raise InputError("expected a frame that is computed, got a polars LazyFrame: call collect() first")
    try:
        return nw.from_native(frame, eager_only=True)
    except nw.exceptions.DuplicateError as error:
        names = ", ".join(line.removeprefix("- ") for line in str(error).splitlines()[1:])
        raise InputError(f"{_WHERE}: expected different column names, got {names}") from None
    except TypeError:
        raise InputError(
            f"expected a DataFrame of pandas or polars or a Table of pyarrow, got {type(frame).__name__}"
        ) from None


def _read(given: Any, columns: Mapping[str, str] | None, added: list[str] | tuple[()]) -> dict[str, list[Any]]:  # noqa: ANN401
    chosen = table.chosen(given.columns, columns, added, _WHERE)
    texts = given[chosen["text"]]
    if not (texts.dtype in (nw.String, nw.Object, nw.Categorical, nw.Unknown) or texts.is_null().all()):
        raise InputError(f"{_WHERE}: column {chosen['text']!r}: expected texts, got the type {texts.dtype}")
    return {key: _cells(given[name]) for key, name in chosen.items()}


def _cells(series: Any) -> list[Any]:  # noqa: ANN401
    """The cells of a column as Python's values; by way of arrow, which knows every library's empty cells."""
    try:
        return list(series.to_arrow().to_pylist())
    except (pa.ArrowException, TypeError, ValueError):
        return list(series.to_list())  # a mixture of types, of which each cell's own fault will be told


def _kind(name: str) -> Any:  # noqa: ANN401
    return nw.Float64 if name.rpartition("_")[2] in ("about", *VALUES) else nw.String
