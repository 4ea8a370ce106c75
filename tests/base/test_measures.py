"""The measures of classifiers: by hand, and held against scikit-learn."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn import metrics

from needle.base.measures import MEASURES, goodness, measure, undefined

# Six examples of three classes: said are a, a, b, b, c, a.
LABELS = np.array([0, 0, 0, 1, 2, 2])
SAID = np.array(
    [
        [0.8, 0.1, 0.1],
        [0.5, 0.3, 0.2],
        [0.2, 0.6, 0.2],
        [0.3, 0.4, 0.3],
        [0.1, 0.1, 0.8],
        [0.7, 0.1, 0.2],
    ]
)
BY_HAND = {
    "accuracy": 4 / 6,
    "balanced_accuracy": (2 / 3 + 1 + 1 / 2) / 3,
    # a: 2 right of 3, 3 said; b: 1 of 1, 2 said; c: 1 of 2, 1 said.
    "macro_f1": (4 / 6 + 2 / 3 + 2 / 3) / 3,
    # Pairs in order, a tie as half: a 6 of 9 (.8 3, .5 2, .2 1), b 4 of 5 (.6 is above .4),
    # c 4 + 2.5 of 8 (.8 above all; .2 above .1, and level with .2 and .2, below .3).
    "auroc": (6 / 9 + 4 / 5 + (4 + 1 + 0.5 + 0.5) / 8) / 3,
    "log_loss": -sum(map(math.log, (0.8, 0.5, 0.2, 0.4, 0.8, 0.2))) / 6,
    # Of 15 bins .8, .8 share one: |2 - 1.6|; alone are .5 right, .6 wrong, .4 right, .7 wrong.
    "calibration_error": (0.4 + 0.5 + 0.6 + 0.6 + 0.7) / 6,
}


@pytest.mark.parametrize("name", MEASURES)
def test_by_hand(name):
    assert measure(name, LABELS, SAID) == pytest.approx(BY_HAND[name])


@st.composite
def said(draw):
    classes = draw(st.integers(2, 5))
    count = draw(st.integers(classes, 40))
    generator = np.random.default_rng(draw(st.integers(0, 2**32)))
    labels = generator.permutation(np.arange(count) % classes)
    # Few digits make ties.
    scores = generator.random((count, classes)).round(draw(st.integers(1, 6))) + 0.05
    return labels, scores / scores.sum(axis=1, keepdims=True)


def by_scikit_learn(name, labels, probabilities, weights=None):
    classes = np.arange(probabilities.shape[1])
    predicted = probabilities.argmax(axis=1)
    if name == "accuracy":
        return metrics.accuracy_score(labels, predicted, sample_weight=weights)
    if name == "balanced_accuracy":
        return metrics.balanced_accuracy_score(labels, predicted, sample_weight=weights)
    if name == "macro_f1":
        return metrics.f1_score(
            labels, predicted, average="macro", labels=classes, sample_weight=weights
        )
    if name == "auroc":
        return np.mean([
            metrics.roc_auc_score(labels == label, probabilities[:, label], sample_weight=weights)
            for label in classes
        ])  # fmt: skip
    return metrics.log_loss(labels, probabilities, labels=classes, sample_weight=weights)


@given(said())
def test_as_scikit_learn(drawn):
    for name in set(MEASURES) - {"calibration_error"}:
        assert measure(name, *drawn) == pytest.approx(by_scikit_learn(name, *drawn), abs=1e-12)


@given(said(), st.integers(0, 2**32))
def test_weights_count_examples_several_times(drawn, seed):
    labels, probabilities = drawn
    weights = np.random.default_rng(seed).integers(0, 3, (2, len(labels)))
    assume(all(len(set(labels[row > 0])) == probabilities.shape[1] for row in weights))
    for name in MEASURES:
        found = measure(name, labels, probabilities, weights)
        again = [measure(name, labels.repeat(row), probabilities.repeat(row, axis=0))
                 for row in weights]  # fmt: skip
        assert found.tolist() == pytest.approx(again, abs=1e-12)


@given(said(), st.randoms())
def test_the_order_of_examples_is_no_matter(drawn, random):
    labels, probabilities = drawn
    order = list(range(len(labels)))
    random.shuffle(order)
    for name in MEASURES:
        assert measure(name, labels[order], probabilities[order]) == pytest.approx(
            measure(name, labels, probabilities), abs=1e-12
        )


def test_the_calibration_error_of_bins_that_are_right_on_average_is_none():
    labels = np.array([0, 0, 0, 1])
    assert measure("calibration_error", labels, np.tile([0.75, 0.25], (4, 1))) == 0
    assert measure("calibration_error", labels, np.tile([1.0, 0], (4, 1))) == 0.25


def test_what_a_class_without_examples_leaves_undefined():
    labels, classes = np.array([0, 2, 2]), ["ant", "bee", "cat", "dog"]
    probabilities = np.eye(4)[[0, 2, 1]]
    for name, kind in MEASURES.items():
        reason = undefined(name, labels, classes, "test image")
        if kind.of_classes:
            assert reason == "class bee and 1 other have no test image"
        else:
            assert reason == ""
        assert math.isnan(measure(name, labels, probabilities)) == kind.of_classes


def test_a_sure_mistake_is_bad_and_not_infinitely_so():
    loss = measure("log_loss", np.array([0, 1]), np.array([[1.0, 0], [1, 0]]))
    assert loss == pytest.approx(-math.log(np.finfo(float).eps) / 2)


def test_less_is_better_for_errors_only():
    assert goodness("log_loss", 2) < goodness("log_loss", 1)
    assert goodness("auroc", 0.7) < goodness("auroc", 0.8)
