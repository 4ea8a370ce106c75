"""The temperature beside a dense search, and what it must not change."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import log_softmax, softmax

from needle.base.measures import measure
from needle.recommend.answer.temperature import LARGEST, calibrated, fit_temperature


def said_and_labels(seed, count=80, classes=4, sharpness=3.0):
    """Labels drawn from probabilities, which are then made too sharp."""
    generator = np.random.default_rng(seed)
    logits = generator.normal(size=(count, classes))
    truth = softmax(logits, axis=1)
    labels = np.array([generator.choice(classes, p=each) for each in truth])
    return softmax(sharpness * logits, axis=1), labels


@pytest.mark.parametrize("sharpness", [0.3, 1.0, 3.0])
def test_it_is_the_minimum_of_a_dense_search(sharpness):
    said, labels = said_and_labels(0, sharpness=sharpness)
    count, classes = said.shape
    smoothed = (np.eye(classes)[labels] * count + 1 / classes) / (count + 1)
    grid = np.exp(np.linspace(-3, 3, 6001))
    losses = [-(smoothed * log_softmax(np.log(said) / t, axis=1)).sum() for t in grid]
    assert fit_temperature(labels, said) == pytest.approx(grid[np.argmin(losses)], rel=1e-3)


def test_it_undoes_what_was_made_too_sure():
    said, labels = said_and_labels(1, count=20_000)
    assert fit_temperature(labels, said) == pytest.approx(3, rel=0.05)
    better = measure("calibration_error", labels, calibrated(said, 3.0))
    assert better < 0.02 < 0.2 < measure("calibration_error", labels, said)


@pytest.mark.parametrize(("count", "right"), [(4, 4), (9, 7), (200, 200), (200, 150)])
def test_of_one_confidence_it_makes_the_share_that_is_right_by_the_rule_of_succession(count, right):
    said = np.tile([0.99, 0.01], (count, 1))
    labels = np.array([0] * right + [1] * (count - right))
    confidence = calibrated(said, fit_temperature(labels, said))[:, 0]
    assert confidence == pytest.approx(np.full(count, (right + 0.5) / (count + 1)), abs=1e-4)


def test_a_model_that_is_no_better_than_chance_ends_at_the_largest():
    said = np.tile([0.99, 0.01], (10, 1))
    assert fit_temperature(np.ones(10, int), said) == pytest.approx(LARGEST, rel=0.01)


def test_what_was_thought_impossible_stays_a_number():
    said = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    temperature = fit_temperature(np.array([0, 1, 1]), said)
    assert np.isfinite(calibrated(said, temperature)).all()
    assert temperature > 1


@given(st.integers(0, 1000), st.floats(0.05, 20))
def test_it_changes_no_prediction_and_is_undone_by_its_inverse(seed, temperature):
    said, _ = said_and_labels(seed, count=12)
    there = calibrated(said, temperature)
    assert np.allclose(there.sum(axis=1), 1)
    assert (there.argmax(axis=1) == said.argmax(axis=1)).all()
    np.testing.assert_allclose(calibrated(there, 1 / temperature), said, atol=1e-6)
