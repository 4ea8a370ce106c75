"""Greedy selection by hand, beside a dense search, and what it must not do."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax

from needle.base.measures import goodness, measure
from needle.recommend.answer.ensemble import ROUNDS, averaged, ensemble_weights


def models(seed, names="abc", count=40, classes=3):
    """Models that err differently."""
    generator = np.random.default_rng(seed)
    labels = np.arange(count) % classes
    said = {
        name: softmax(1.5 * np.eye(classes)[labels] + generator.normal(size=(count, classes)), 1)
        for name in names
    }
    return labels, said


def test_by_hand():
    """Alone each is right on 2 of 3; a + b is right on all, and a third model of no use stays out.

    a + b: (.9 + .4) / 2 = .65, (.6 + .9) / 2 = .75, (.4 + .7) / 2 = .55 for the label.
    """
    labels = np.array([0, 0, 0])
    right = {"a": [0.9, 0.6, 0.4], "b": [0.4, 0.9, 0.7], "c": [0.1, 0.1, 0.1]}
    said = {name: np.column_stack([p, 1 - np.array(p)]) for name, p in right.items()}
    weights = ensemble_weights(labels, said, "accuracy")
    assert weights.keys() == {"a", "b"}
    found = averaged(said, weights)[:, 0]
    expected = weights["a"] * np.array(right["a"]) + weights["b"] * np.array(right["b"])
    assert found == pytest.approx(expected)
    assert (found > 0.5).all()


def test_where_one_model_is_best_alone_it_stays_alone():
    labels = np.array([0, 1])
    said = {"good": np.array([[0.9, 0.1], [0.1, 0.9]]), "bad": np.array([[0.2, 0.8], [0.9, 0.1]])}
    assert ensemble_weights(labels, said, "accuracy") == {"good": 1.0}
    assert ensemble_weights(labels, {"good": said["good"]}, "log_loss") == {"good": 1.0}


@pytest.mark.parametrize("metric", ["log_loss", "accuracy"])
def test_it_is_near_the_best_of_all_weights(metric):
    labels, said = models(3)
    grid = np.linspace(0, 1, 21)
    dense = max(
        goodness(metric, measure(metric, labels, averaged(said, {"a": x, "b": y, "c": 1 - x - y})))
        for x, y in product(grid, grid)
        if x + y <= 1
    )
    weights = ensemble_weights(labels, said, metric)
    found = goodness(metric, measure(metric, labels, averaged(said, weights)))
    alone = max(goodness(metric, measure(metric, labels, each)) for each in said.values())
    assert found > alone
    assert found >= dense - 0.025 * (1 if metric == "accuracy" else 0.2)


@given(st.integers(0, 500), st.sampled_from(["accuracy", "log_loss", "auroc"]))
def test_weights_are_shares_and_no_worse_than_the_best_alone(seed, metric):
    labels, said = models(seed, "abcd", count=15)
    weights = ensemble_weights(labels, said, metric)
    assert sum(weights.values()) == pytest.approx(1)
    assert all(weight >= 1 / ROUNDS for weight in weights.values())
    alone = max(goodness(metric, measure(metric, labels, each)) for each in said.values())
    together = goodness(metric, measure(metric, labels, averaged(said, weights)))
    assert together >= alone - 1e-12
