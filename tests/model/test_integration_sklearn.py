"""An estimator of scikit-learn: its conventions, in its pipelines, the labels of the runtime."""

import pickle

import numpy as np
import pytest

pytest.importorskip("sklearn")
pytest.importorskip("pandas")
pytest.importorskip("polars")

import pandas as pd
import polars as pl
from sklearn.base import clone, is_classifier
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import get_scorer
from sklearn.model_selection import GroupKFold, KFold, cross_val_predict, cross_val_score
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.validation import check_is_fitted

from stancecraft import Statement
from stancecraft.errors import InputError, ModelError
from stancecraft.integrations.sklearn import StanceEstimator, StanceFeatures
from stancecraft.records import VALUES

TEXTS = [
    "The annexation was illegal, and the sanctions stay until Minsk is carried out.",
    "The people of the peninsula have made their choice, and that chapter is closed.",
    "The harbour was full of ferries.",
    "Ukraine's borders are not up for discussion.",
    "Thank you all.",
    "We will never recognise the annexation of Crimea.",
]
LABELS = ["favor", "against", "none", "favor", "none", "favor"]


def test_labels_and_probabilities_are_those_of_the_runtime(model):
    estimator = StanceEstimator("ukraine")
    found = [one.positions["ukraine"] for one in model.predict(TEXTS)]
    assert estimator.predict(TEXTS).tolist() == [one.stance for one in found]
    shares = estimator.predict_proba(TEXTS)
    assert shares.shape == (len(TEXTS), 4)
    assert list(estimator.classes_) == sorted(VALUES)
    told = [[one.probabilities[value] for value in estimator.classes_] for one in found]
    assert shares == pytest.approx(np.asarray(told), abs=1e-6)


def test_context_counts_wherever_the_rows_of_a_document_stand(model):
    talk = [Statement("The ceasefire in Syria began.", doc="a"), Statement("It has been broken twice.", doc="a")]
    mixed = [talk[0], Statement("Thank you."), talk[1]]
    expected = [one.positions["syria_ceasefire"].probabilities["none"] for one in model.predict(talk)]
    estimator = StanceEstimator("syria_ceasefire")
    none = list(estimator.classes_).index("none")
    assert estimator.predict_proba(mixed)[[0, 2], none].tolist() == expected
    frame = pd.DataFrame({"text": [one.text for one in mixed], "doc": [one.doc for one in mixed]})
    assert (estimator.predict_proba(frame) == estimator.predict_proba(mixed)).all()


@pytest.mark.parametrize(
    "kind", [list, tuple, np.asarray, pd.Series, pl.Series, lambda x: np.asarray(x, dtype=object)[:, None]]
)
def test_any_sequence_of_texts_will_do(kind):
    estimator = StanceEstimator("ukraine")
    assert estimator.predict(kind(TEXTS)).tolist() == estimator.predict(TEXTS).tolist()


def test_arguments_are_kept_as_given_and_can_be_set_and_cloned():
    estimator = StanceEstimator("ukraine", threads=1, batch_size=2, columns={"text": "sentence"})
    told = {"issue": "ukraine", "model": None, "threads": 1, "batch_size": 2, "columns": {"text": "sentence"}}
    assert estimator.get_params() == told
    assert clone(estimator).get_params() == told
    assert clone(estimator).set_params(issue="terrorism").issue == "terrorism"
    assert is_classifier(estimator)
    check_is_fitted(estimator)
    assert estimator.fit(pd.DataFrame({"sentence": TEXTS}), LABELS) is estimator
    assert vars(estimator) == told, "fitting leaves the arguments alone and learns nothing"


def test_it_can_be_sent_to_other_processes():
    estimator = StanceEstimator("ukraine").fit(TEXTS)
    sent = pickle.dumps(estimator)
    assert len(sent) < 1000
    assert pickle.loads(sent).predict(TEXTS).tolist() == estimator.predict(TEXTS).tolist()


def test_cross_validation_is_plain_measurement():
    estimator = StanceEstimator("ukraine", threads=1)
    whole = estimator.predict(TEXTS)
    folds = cross_val_score(estimator, TEXTS, LABELS, groups=list("aabbcc"), cv=GroupKFold(3))
    assert folds.mean() == pytest.approx(np.mean(whole == np.asarray(LABELS)))
    assert cross_val_predict(estimator, TEXTS, LABELS, cv=KFold(3)).tolist() == whole.tolist()
    assert cross_val_predict(estimator, TEXTS, LABELS, cv=KFold(2), n_jobs=2).tolist() == whole.tolist()


def test_scorers_find_the_columns_of_the_probabilities():
    estimator = StanceEstimator("ukraine")
    labels = [*LABELS, "neutral"]
    texts = [*TEXTS, "Will the ministers speak about Ukraine tomorrow?"]
    shares = estimator.predict_proba(texts)
    by_hand = -np.mean([np.log(row[sorted(VALUES).index(label)]) for row, label in zip(shares, labels, strict=True)])
    assert get_scorer("neg_log_loss")(estimator, texts, labels) == pytest.approx(-by_hand, rel=1e-5)
    assert 0 <= get_scorer("roc_auc_ovr")(estimator, texts, labels) <= 1


def test_it_stands_at_the_end_of_a_pipeline():
    piped = make_pipeline(
        FunctionTransformer(lambda texts: [text.strip() for text in texts]), StanceEstimator("ukraine")
    )
    padded = [f"  {text} " for text in TEXTS]
    assert piped.fit(padded, LABELS).predict(padded).tolist() == StanceEstimator("ukraine").predict(TEXTS).tolist()
    assert piped.score(padded, LABELS) == pytest.approx(StanceEstimator("ukraine").score(TEXTS, LABELS))


def test_features_are_the_probabilities_and_something_can_learn_from_them(model):
    features = StanceFeatures()
    table = features.fit_transform(TEXTS)
    names = list(features.get_feature_names_out())
    assert table.shape == (len(TEXTS), 4 * len(model.codebook.ids))
    for row, one in zip(table, model.predict(TEXTS), strict=True):
        for issue, position in one.positions.items():
            for value, share in position.probabilities.items():
                assert row[names.index(f"{issue}={value}")] == share
    frame = pd.DataFrame({"said": TEXTS, "length": [len(text) for text in TEXTS]})
    columns = ColumnTransformer([("stances", StanceFeatures(), "said"), ("rest", "passthrough", ["length"])])
    assert columns.fit_transform(frame).shape == (len(TEXTS), table.shape[1] + 1)
    assert f"stances__{names[0]}" in columns.get_feature_names_out()
    learnt = make_pipeline(FeatureUnion([("stances", StanceFeatures())]), LogisticRegression()).fit(TEXTS, LABELS)
    assert set(learnt.predict(TEXTS)) <= set(LABELS)


def test_threads_and_batches_change_nothing():
    one, many = StanceEstimator("ukraine", threads=1, batch_size=1), StanceEstimator("ukraine", threads=4)
    assert (one.predict_proba(TEXTS) == many.predict_proba(TEXTS)).all()


def test_nothing_in_is_nothing_out():
    assert StanceEstimator("ukraine").predict([]).shape == (0,)
    assert StanceEstimator("ukraine").predict_proba([]).shape == (0, 4)
    assert StanceFeatures().transform([]).shape[0] == 0
    assert StanceFeatures().transform([]).shape[1] == len(StanceFeatures().get_feature_names_out())


BAD_ROWS = {
    "X: expected a sequence of texts, got str": "The truce.",
    "X: expected a sequence of texts, got int": 3,
    "X: row 1: expected a text or a Statement, got int": ["a", 3],
    "X: row 0: expected a text or a Statement, got float64": np.asarray([np.nan]),
    "X: expected one text per row, got the shape (1, 2)": np.asarray([["a", "b"]]),
    "the frame: no column 'text'; its columns are 'sentence'": pd.DataFrame({"sentence": ["a"]}),
    "X: row 0: column 'text': expected a sentence, got ''": pd.DataFrame({"text": [""]}),
}


@pytest.mark.parametrize("told", BAD_ROWS)
def test_rows_that_are_no_statements_are_refused_in_one_line(told):
    for verb in ("fit", "predict", "predict_proba"):
        with pytest.raises(InputError) as caught:
            getattr(StanceEstimator("ukraine"), verb)(BAD_ROWS[told])
        assert len(caught.value.lines) == 1
        assert caught.value.lines[0].startswith(told)


def test_arguments_and_labels_that_the_model_does_not_know_are_refused(tmp_path):
    with pytest.raises(ValueError, match="^issue: expected one of syria_ceasefire, .*, got 'weather'$"):
        StanceEstimator("weather").fit(TEXTS)
    with pytest.raises(ValueError, match="^y: expected the labels none, favor, against, neutral, got 'pro'$"):
        StanceEstimator("ukraine").fit(TEXTS, ["pro"] * len(TEXTS))
    with pytest.raises(ValueError, match="^y: expected one label per statement, 6 of them, got the shape"):
        StanceEstimator("ukraine").fit(TEXTS, LABELS[:2])
    with pytest.raises(ValueError, match="^batch_size: expected a whole number from 1, got 0$"):
        StanceEstimator("ukraine", batch_size=0).fit(TEXTS)
    with pytest.raises(ModelError, match="not a model folder"):
        StanceEstimator("ukraine", model=tmp_path).predict(TEXTS)
