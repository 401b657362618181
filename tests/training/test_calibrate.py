"""Calibration: a scale and a bias per issue, fitted on labels that are there, folded into the head."""

import copy

import pytest

pytest.importorskip("torch")

import numpy as np
import torch

from stancecraft_training import calibrate, network
from stancecraft_training.calibrate import Calibration
from stancecraft_training.dataset import IGNORED


def drawn(statements, issues, seed, scale=2.0):
    """Logits, and labels drawn from just the probabilities that these give."""
    generator = np.random.default_rng(seed)
    logits = generator.normal(size=(statements, issues, 4)) * scale
    shifted = np.exp(logits - logits.max(-1, keepdims=True))
    edges = (shifted / shifted.sum(-1, keepdims=True)).cumsum(-1)
    labels = (generator.random((statements, issues, 1)) > edges[..., :3]).sum(-1)
    return logits.astype(np.float32), labels.astype(np.int64)


def applied(logits, calibration):
    return logits * np.asarray(calibration.scale)[:, None] + np.asarray(calibration.bias)


def nll(logits, labels):
    given = torch.as_tensor(np.asarray(logits, dtype=np.float64)).flatten(0, 1)
    return float(torch.nn.functional.cross_entropy(given, torch.as_tensor(labels).flatten(), ignore_index=IGNORED))


def test_a_folded_head_gives_scaled_and_shifted_logits(toy_model, toy_documents):
    calibration = Calibration((0.4, 1.7), ((0.5, -0.25, -0.5, 0.25), (-1.0, 0.0, 0.25, 0.75)))
    model = copy.deepcopy(toy_model)
    model.classifier.bias.data.copy_(torch.linspace(-1, 1, 8))  # a fresh head's bias is zero, a trained one's is not
    before = network.score(model, toy_documents, 4)
    calibrate.fold(model, calibration)
    np.testing.assert_allclose(network.score(model, toy_documents, 4), applied(before, calibration), atol=1e-5)


def test_folding_scale_one_and_bias_zero_changes_nothing(toy_model):
    model = copy.deepcopy(toy_model)
    calibrate.fold(model, Calibration((1.0, 1.0), ((0.0,) * 4,) * 2))
    assert all(torch.equal(one, two) for one, two in zip(model.parameters(), toy_model.parameters(), strict=True))


def test_an_issue_without_labels_keeps_scale_one_and_bias_zero():
    logits, labels = drawn(200, 3, seed=1)
    labels[:, 1] = IGNORED
    found = calibrate.fit(4 * logits, labels, penalty=0.01)
    assert found.scale[1] == 1.0
    assert found.bias[1] == (0.0, 0.0, 0.0, 0.0)
    assert found.scale[0] < 1
    assert found.scale[2] < 1


def test_without_any_label_nothing_is_calibrated():
    logits, labels = drawn(10, 2, seed=1)
    found = calibrate.fit(logits, np.full_like(labels, IGNORED), penalty=0.01)
    assert found == Calibration((1.0, 1.0), ((0.0,) * 4,) * 2)


@pytest.mark.parametrize("penalty", [0.0, 0.01, 1.0])
@pytest.mark.parametrize("scale", [0.1, 1.0, 8.0])
def test_calibration_never_raises_the_nll_on_what_it_was_fitted_on(penalty, scale):
    for seed in range(4):
        logits, labels = drawn(40, 2, seed)
        logits = (logits * scale).astype(np.float32)
        labels[seed::3, 0] = IGNORED
        found = calibrate.fit(logits, labels, penalty)
        assert nll(applied(logits, found), labels) <= nll(logits, labels) + 1e-9


@pytest.mark.parametrize("penalty", [0.0, 0.01])
def test_labels_that_can_be_told_apart_perfectly_give_finite_numbers(penalty):
    labels = np.tile(np.arange(4), 10)[:, None]
    logits = (20 * np.eye(4)[labels]).astype(np.float32)
    found = calibrate.fit(logits, labels, penalty)
    assert np.isfinite(found.scale).all()
    assert np.isfinite(found.bias).all()
    assert found.scale[0] > 0
    assert nll(applied(logits, found), labels) <= nll(logits, labels) + 1e-9


def test_logits_that_are_too_sure_are_scaled_down():
    logits, labels = drawn(2000, 2, seed=5)
    found = calibrate.fit(5 * logits, labels, penalty=0.0)
    assert found.scale == pytest.approx((0.2, 0.2), rel=0.15)


def test_logits_that_are_not_sure_enough_are_scaled_up():
    logits, labels = drawn(2000, 2, seed=6)
    found = calibrate.fit(0.25 * logits, labels, penalty=0.0)
    assert found.scale == pytest.approx((4.0, 4.0), rel=0.15)


def test_a_shift_between_values_is_undone():
    logits, labels = drawn(4000, 1, seed=7)
    shift = np.array([-1.5, 0.5, 0.5, 0.5])
    found = calibrate.fit((logits + shift).astype(np.float32), labels, penalty=0.0)
    assert found.bias[0] == pytest.approx(tuple(-shift), abs=0.2)


def test_biases_of_an_issue_sum_to_zero():
    logits, labels = drawn(100, 3, seed=8)
    for bias in calibrate.fit(logits, labels, penalty=0.01).bias:
        assert sum(bias) == pytest.approx(0.0, abs=1e-9)


def test_a_heavier_penalty_stays_nearer_to_no_calibration():
    logits, labels = drawn(60, 1, seed=9)
    scales = [calibrate.fit(5 * logits, labels, penalty).scale[0] for penalty in (0.0, 0.1, 10.0)]
    assert scales == sorted(scales)
    assert scales[-1] < 1


def test_calibrated_dev_scores_are_those_of_the_folded_network(toy_model, toy_documents):
    model = copy.deepcopy(toy_model)
    before = network.score(model, toy_documents, 4)
    labels = np.concatenate([document.labels for document in toy_documents])
    found = calibrate.fit(before, labels, penalty=0.01)
    calibrate.fold(model, found)
    assert nll(network.score(model, toy_documents, 4), labels) < nll(before, labels)


def about_logits(*shares):
    """One issue: favor with the given probability of being about it."""
    rows = [[1 - share, share - 0.002, 0.001, 0.001] for share in shares]
    return np.log(np.asarray(rows, dtype=np.float32))[:, None, :]


def test_the_threshold_of_about_is_the_one_that_is_best_for_issue_and_stance():
    logits = about_logits(0.36, 0.38, 0.2, 0.1)
    gold = [{"x": "favor"}, {"x": "favor"}, {"x": "none"}, {"x": "none"}]
    assert 0.2 < calibrate.about_threshold(logits, gold, ["x"], [str(at) for at in range(len(gold))]) < 0.36
    gold = [{"x": "none"}, {"x": "none"}, {"x": "none"}, {"x": "favor"}]
    logits = about_logits(0.55, 0.58, 0.3, 0.72)
    assert 0.58 < calibrate.about_threshold(logits, gold, ["x"], [str(at) for at in range(len(gold))]) < 0.72


def test_of_equally_good_thresholds_the_nearest_to_one_half_is_taken():
    logits, gold = about_logits(0.9, 0.05), [{"x": "favor"}, {"x": "none"}]
    assert calibrate.about_threshold(logits, gold, ["x"], [str(at) for at in range(len(gold))]) == 0.5
    assert calibrate.about_threshold(logits, [{}, {}], ["x"], ["a", "b"]) == 0.5
