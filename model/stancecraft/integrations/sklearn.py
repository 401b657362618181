"""The model as an estimator of scikit-learn: one classifier per issue, and its probabilities as features.

The model is trained already. ``fit`` learns nothing: it checks that the model can be loaded, knows the issue and the
labels, so that cross-validation is plain measurement. :class:`StanceFeatures` is for those who want to learn on top.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from stancecraft import policy
from stancecraft.classifier import StanceClassifier
from stancecraft.errors import InputError
from stancecraft.integrations import columns as table
from stancecraft.integrations import engine
from stancecraft.integrations.extras import missing
from stancecraft.records import VALUES, Prediction, Statement

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
except ModuleNotFoundError as error:
    raise missing(__name__, "sklearn", error) from None

_Self = TypeVar("_Self", bound="_Reader")

_CLASSES = tuple(sorted(VALUES))


class _Reader(BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    """What both estimators share: statements in, predictions out, nothing kept but the arguments."""

    model: str | Path | None
    columns: Mapping[str, str] | None
    threads: int | None
    batch_size: int

    def fit(self: _Self, X: object, y: object = None) -> _Self:  # noqa: N803 - scikit-learn's name
        """Check the arguments and the rows; nothing is learnt.

        Raises:
            InputError: If the rows are not statements.
            ModelError: If the folder is not a sound model.
            ValueError: If an argument or a label is none that the model knows.
        """
        self._loaded()
        rows, _ = _statements(X, self.columns)
        self._check_labels(y, len(rows))
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        return tags

    def _loaded(self) -> StanceClassifier:
        engine.positive(self.batch_size, "batch_size")
        return engine.load(self.model, self.threads)

    def _check_labels(self, y: object, rows: int) -> None:
        pass

    def _predictions(self, X: object) -> list[Prediction]:  # noqa: N803
        rows, order = _statements(X, self.columns)
        return table.restored(engine.predict(self._loaded(), rows, batch_size=self.batch_size), order)


class StanceEstimator(ClassifierMixin, _Reader):  # type: ignore[misc]
    """Classifies statements by their stance on one issue: ``none``, ``favor``, ``against`` or ``neutral``.

    ``X`` is a sequence, array or column of texts, each read alone; a sequence of
    :class:`~stancecraft.records.Statement`; or a frame as :func:`stancecraft.integrations.frames.label` takes it. Of
    the last two, rows of one ``doc`` are read in each other's context, so let a splitter keep documents whole
    (``GroupKFold``), or statements are measured without the context that they have in use.

    It always answers: where the product's policy abstains, the answer that it withholds is given.

    Args:
        issue: Id of the issue.
        model: A model folder; the packaged model by default.
        columns: What a frame's columns are called, if otherwise.
        threads: Processor threads to use; all that this process may use by default.
        batch_size: Most statements to hand to the model at once; changes the memory it takes and no result.
    """

    def __init__(
        self, issue: str = "", *, model: str | Path | None = None, columns: Mapping[str, str] | None = None,
        threads: int | None = None, batch_size: int = engine.BATCH,
    ) -> None:  # fmt: skip
        self.issue = issue
        self.model = model
        self.columns = columns
        self.threads = threads
        self.batch_size = batch_size

    @property
    def classes_(self) -> npt.NDArray[np.str_]:
        """The four labels in the order of the columns of :meth:`predict_proba`: that of the alphabet."""
        return np.asarray(_CLASSES)

    def predict(self, X: object) -> npt.NDArray[np.str_]:  # noqa: N803
        """The stance of every statement. *Shape:* ``(statements,)``. Errors as for :meth:`fit`."""
        thresholds = self._loaded().thresholds()
        found = [policy.leading(one.positions[self.issue].probabilities, thresholds[self.issue])
                 for one in self._predictions(X)]  # fmt: skip
        return np.asarray(found, dtype=self.classes_.dtype)

    def predict_proba(self, X: object) -> npt.NDArray[np.float32]:  # noqa: N803
        """The probability of every label, before the policy. *Shape:* ``(statements, 4)``, as :attr:`classes_`."""
        self._loaded()
        rows = [[one.positions[self.issue].probabilities[value] for value in _CLASSES] for one in self._predictions(X)]
        return np.asarray(rows, dtype=np.float32).reshape(-1, len(_CLASSES))

    def _loaded(self) -> StanceClassifier:
        loaded = super()._loaded()
        if self.issue not in loaded.codebook.ids:
            raise ValueError(f"issue: expected one of {', '.join(loaded.codebook.ids)}, got {self.issue!r}")
        return loaded

    def _check_labels(self, y: object, rows: int) -> None:
        if y is None:
            return
        labels = np.asarray(y, dtype=object)
        if labels.shape != (rows,):
            raise ValueError(f"y: expected one label per statement, {rows} of them, got the shape {labels.shape}")
        if strange := sorted({str(label) for label in labels if label not in VALUES}):
            raise ValueError(f"y: expected the labels {', '.join(VALUES)}, got {strange[0]!r}")


class StanceFeatures(TransformerMixin, _Reader):  # type: ignore[misc]
    """Turns statements into the model's probabilities on every issue, for an estimator that learns from them.

    ``X`` and arguments as for :class:`StanceEstimator`, without the issue.
    """

    def __init__(
        self, *, model: str | Path | None = None, columns: Mapping[str, str] | None = None,
        threads: int | None = None, batch_size: int = engine.BATCH,
    ) -> None:  # fmt: skip
        self.model = model
        self.columns = columns
        self.threads = threads
        self.batch_size = batch_size

    def transform(self, X: object) -> npt.NDArray[np.float32]:  # noqa: N803
        """Probabilities of every issue's four values. *Shape:* ``(statements, 4 x issues)``. Errors as for ``fit``."""
        rows = [[share for position in one.positions.values() for share in position.probabilities.values()]
                for one in self._predictions(X)]  # fmt: skip
        return np.asarray(rows, dtype=np.float32).reshape(-1, len(self.get_feature_names_out()))

    def get_feature_names_out(self, input_features: object = None) -> npt.NDArray[np.object_]:
        """Names of the columns, ``issue=value``."""
        ids = self._loaded().codebook.ids
        return np.asarray([f"{issue}={value}" for issue in ids for value in VALUES], dtype=object)


def _statements(X: object, columns: Mapping[str, str] | None) -> tuple[list[Statement], list[int]]:  # noqa: N803
    """Rows of any of the accepted kinds as statements, those of one document side by side, and the row of each."""
    if hasattr(X, "columns") or hasattr(X, "column_names"):
        from stancecraft.integrations import frames

        return table.statements(frames.values(X, columns), "X")
    rows = _sequence(X)
    wrong = next((at for at, row in enumerate(rows) if not isinstance(row, str | Statement)), None)
    if wrong is not None:
        raise InputError(f"X: row {wrong}: expected a text or a Statement, got {type(rows[wrong]).__name__}")
    given = [Statement(row) if isinstance(row, str) else row for row in rows]
    order = table.gathered([one.doc for one in given])
    return [given[at] for at in order], order


def _sequence(X: object) -> Sequence[Any]:  # noqa: N803
    if isinstance(X, str | bytes) or not hasattr(X, "__len__"):
        raise InputError(f"X: expected a sequence of texts, got {type(X).__name__}")
    shape: tuple[int, ...] = getattr(X, "shape", (len(X),))
    if len(shape) == 2 and shape[1] == 1 and isinstance(X, np.ndarray):
        X, shape = X[:, 0], shape[:1]  # noqa: N806 - what selectors of columns hand over
    if len(shape) != 1:
        raise InputError(f"X: expected one text per row, got the shape {tuple(shape)}")
    return list(X)  # type: ignore[call-overload, no-any-return]
