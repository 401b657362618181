"""Columns to columns: what frames and data sets have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from stancecraft.classifier import StanceClassifier
from stancecraft.errors import InputError
from stancecraft.integrations import engine
from stancecraft.readers import tables
from stancecraft.records import VALUES, Prediction, Statement

READ = ("text", "doc", "turn", "speaker", "role")
"""Columns that labels depend on; only ``text`` must be there. Without ``turn``, another speaker or role begins one."""

MODEL_COLUMN = "stance_model"


def names(issues: Iterable[str], probabilities: bool) -> list[str]:
    """Names of the columns that are added, in order.

    Args:
        issues: Issue ids.
        probabilities: Whether the four probabilities of each issue are among them.
    """
    parts = ("stance", "about", "reason", *(f"p_{value}" for value in VALUES if probabilities))
    return [*(f"{issue}_{part}" for issue in issues for part in parts), MODEL_COLUMN]


def chosen(
    columns: Iterable[str], renamed: Mapping[str, str] | None, added: Iterable[str], where: str
) -> dict[str, str]:
    """Which of the given columns are read.

    Args:
        columns: Names of all columns.
        renamed: What columns of :data:`READ` are called here, for those called otherwise.
        added: Names of the columns that will be added.
        where: What the columns belong to, for messages.

    Returns:
        Names of :data:`READ` to names of columns.

    Raises:
        InputError: With one line per fault: no column of texts, a column that is not there, a name that is taken.
    """
    here, renamed = list(columns), renamed or {}
    listed = ", ".join(map(repr, here)) or "none"
    problems = [f"{where}: columns: unknown key {key!r}; expected some of {', '.join(READ)}"
                for key in renamed if key not in READ]  # fmt: skip
    problems += [f"{where}: no column {name!r} for {key!r}; its columns are {listed}"
                 for key, name in renamed.items() if key in READ and name not in here]  # fmt: skip
    found = {key: renamed.get(key, key) for key in READ}
    if "text" not in renamed and "text" not in here:
        problems.append(f"{where}: no column 'text'; its columns are {listed}")
    problems += [f"{where}: the column {name!r} is there already; drop or rename it" for name in added if name in here]
    if problems:
        raise InputError(*problems)
    return {key: name for key, name in found.items() if name in here}


def statements(values: Mapping[str, Sequence[Any]], where: str) -> tuple[list[Statement], list[int]]:
    """Rows as statements, the rows of one document side by side wherever they stood, in their order.

    Args:
        values: Per name of :data:`READ`, the cells of every row; ``None`` or NaN is an empty cell.
        where: What the rows belong to, for messages.

    Returns:
        The statements, and the row of each.

    Raises:
        InputError: With one line per bad row.
    """
    if not values["text"]:
        return [], []
    rows = [dict(zip(values, cells, strict=True)) for cells in zip(*values.values(), strict=True)]
    order = gathered([row.get("doc") for row in rows])
    placed = [(f"{where}: row {at}", rows[at]) for at in order]
    return list(tables.from_rows(placed, where, "", (), []).statements), order


def gathered(docs: Sequence[object]) -> list[int]:
    """Rows in an order in which those of one document stand together, documents as they first come."""
    first: dict[object, int] = {}
    keys = [first.setdefault(doc, at) if doc == doc and doc not in (None, "") else at for at, doc in enumerate(docs)]
    return sorted(range(len(docs)), key=keys.__getitem__)


def restored(found: Sequence[Prediction], order: Sequence[int]) -> list[Prediction]:
    """Predictions in the order of the rows again."""
    rows: dict[int, Prediction] = dict(zip(order, found, strict=True))
    return [rows[at] for at in range(len(rows))]


def label(
    model: StanceClassifier, values: Mapping[str, Sequence[Any]], where: str, *, probabilities: bool = False,
    batch_size: int = engine.BATCH, max_error: float | None = None,
) -> dict[str, list[Any]]:  # fmt: skip
    """The columns that are added to some rows.

    Args:
        model: A loaded model.
        values: As for :func:`statements`.
        where: What the rows belong to, for messages.
        probabilities: Whether to add the four probabilities of each issue.
        batch_size: Most statements to hand to the model at once.
        max_error: As for :meth:`StanceClassifier.predict`.

    Returns:
        Per name of :func:`names`, one cell per row.

    Raises:
        InputError: With one line per bad row.
        ModelError: If the model cannot promise that share of errors.
    """
    read, order = statements(values, where)
    found = restored(engine.predict(model, read, batch_size=batch_size, max_error=max_error), order)
    added: dict[str, list[Any]] = {name: [] for name in names(model.codebook.ids, probabilities)}
    for one in found:
        for issue, position in one.positions.items():
            added[f"{issue}_stance"].append(position.stance)
            added[f"{issue}_about"].append(position.about)
            added[f"{issue}_reason"].append(position.reason)
            for value, share in position.probabilities.items() if probabilities else ():
                added[f"{issue}_p_{value}"].append(share)
        added[MODEL_COLUMN].append(one.model)
    return added
