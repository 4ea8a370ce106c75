"""LogME against the dense density of the labels, and the paper's own iteration."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import multivariate_normal

from drawn_embeddings import draw, one_hot
from needle.proxies.formulas.likelihood.logme import score


def evidence(log_alpha, log_beta, features, y):
    """Log density of one class's labels: N(0, I/β + F F'/α), as the model says."""
    covariance = np.eye(len(y)) / np.exp(log_beta) + features @ features.T / np.exp(log_alpha)
    return multivariate_normal(np.zeros(len(y)), covariance, allow_singular=True).logpdf(y)


def best_evidence(features, y):
    """The maximum over both precisions, from several starts."""
    starts = [(-3, 1), (1, 1), (5, 1)]
    found = [
        minimize(lambda p: -evidence(*p, features, y), start, method="Nelder-Mead",
                 options={"xatol": 1e-7, "fatol": 1e-10}, bounds=[(-30, 30)] * 2)
        for start in starts
    ]  # fmt: skip
    return -min(result.fun for result in found)


@pytest.mark.parametrize("width", [3, 9])
@pytest.mark.parametrize("seed", [0, 1])
def test_it_is_the_maximum_of_the_dense_evidence(width, seed):
    embeddings = draw(14, width, classes=3, noise=0.7, seed=seed)
    labels = one_hot(embeddings.train_labels)
    expected = np.mean([best_evidence(embeddings.train_features, y) for y in labels.T]) / 14
    assert score(embeddings) == pytest.approx(expected, rel=1e-7)


def by_iteration(features, y, steps=200):
    """The fixed point of the paper, with dense matrices."""
    examples, width = features.shape
    alpha = beta = 1.0
    for _ in range(steps):
        inverse = np.linalg.inv(alpha * np.eye(width) + beta * features.T @ features)
        mean = beta * inverse @ features.T @ y
        used = np.trace(beta * inverse @ features.T @ features)
        alpha = used / (mean @ mean)
        beta = (examples - used) / ((y - features @ mean) ** 2).sum()
    matrix = alpha * np.eye(width) + beta * features.T @ features
    mean = beta * np.linalg.solve(matrix, features.T @ y)
    return (
        examples / 2 * np.log(beta) + width / 2 * np.log(alpha) - examples / 2 * np.log(2 * np.pi)
        - beta / 2 * ((y - features @ mean) ** 2).sum() - alpha / 2 * mean @ mean
        - np.linalg.slogdet(matrix)[1] / 2
    )  # fmt: skip


@pytest.mark.parametrize(("examples", "width"), [(60, 8), (60, 40), (200, 20)])
def test_the_papers_iteration_comes_to_the_same(examples, width):
    embeddings = draw(examples, width, classes=4, noise=1.5)
    labels = one_hot(embeddings.train_labels)
    expected = np.mean([by_iteration(embeddings.train_features, y) for y in labels.T]) / examples
    # Where the features tell nothing of a class, the iteration creeps to α = ∞.
    assert score(embeddings) == pytest.approx(expected, rel=1e-7)


def test_features_of_0_leave_noise_alone():
    # Then β = N / n_c, and the evidence is that of N(0, n_c / N) at the labels.
    embeddings = draw(12, 3, classes=3)
    embeddings.train_features[:] = 0
    shares = np.bincount(embeddings.train_labels) / 12
    expected = np.mean(-np.log(2 * np.pi * shares) / 2 - 1 / 2)
    assert score(embeddings) == pytest.approx(expected)


def test_with_more_features_than_examples_it_is_finite_however_well_they_fit():
    embeddings = draw(30, 300, classes=3, noise=1e-3)
    assert np.isfinite(score(embeddings))
    assert score(embeddings) > score(draw(30, 300, classes=3, noise=10.0))


def on_the_span(log_ratio, features, y):
    """Log density of labels within the span of the features at the best noise, by dense algebra."""
    axes = np.linalg.svd(features)[0][:, : np.linalg.matrix_rank(features)]
    inside, rank = axes.T @ y, axes.shape[1]
    covariance = np.eye(rank) + axes.T @ features @ features.T @ axes / np.exp(log_ratio)
    noise = inside @ np.linalg.solve(covariance, inside) / rank
    return multivariate_normal(np.zeros(rank), noise * covariance).logpdf(inside) / rank


@pytest.mark.parametrize("width", [40, 3])
def test_labels_that_are_held_exactly_have_the_evidence_of_the_span(width):
    embeddings = draw(12, width, classes=3, noise=0.8)
    features = embeddings.train_features
    if width == 40:
        features[1] = features[0]  # one image twice
        embeddings.train_labels[1] = embeddings.train_labels[0]
    else:
        features[:] = one_hot(embeddings.train_labels) * [1.0, 2.0, 4.0]
    ratios = np.linspace(-25, 25, 5001)
    expected = [
        max(on_the_span(ratio, features, y) for ratio in ratios)
        for y in one_hot(embeddings.train_labels).T
    ]
    assert score(embeddings) == pytest.approx(np.mean(expected), abs=1e-5)


def test_by_hand_where_the_features_are_the_class():
    # Two classes of n = 3, feature 1 for one and 0 for the other: R = 1, and y of the first is
    # held exactly: q(t) = n / (1 + n/t), so L = log(1/q)/2 - log(2π)/2 - log(1 + n/t)/2 - 1/2
    # = -(log n + log 2π + 1)/2 whatever t. The second is noise: t = ∞, β = N/n = 2, and R is N.
    embeddings = draw(6, 1, classes=2)
    embeddings.train_labels[:] = [0, 1] * 3
    embeddings.train_features[:, 0] = [1, 0] * 3
    held = -(np.log(3) + np.log(2 * np.pi) + 1) / 2
    noise = (np.log(2) - np.log(2 * np.pi) - 1) / 2
    assert score(embeddings) == pytest.approx((held + noise) / 2, abs=1e-9)


@given(st.integers(0, 10**6), st.sampled_from([0, 6e-8]), st.sampled_from([20, 300]))
@settings(max_examples=25)
def test_an_image_that_occurs_twice_changes_little(seed, noise, width):
    embeddings = draw(120, width, classes=4, noise=1.5, seed=seed)
    rng = np.random.default_rng(seed)
    features, labels = embeddings.train_features.astype(np.float32), embeddings.train_labels
    copy = features[0] * (1 + noise * rng.uniform(-1, 1, width)).astype(np.float32)
    before = score(dataclasses.replace(embeddings, train_features=features))
    twice = dataclasses.replace(
        embeddings, train_features=np.vstack([features, copy]),
        train_labels=np.append(labels, labels[0]),
    )  # fmt: skip
    # An example more among 120: that of D < N moves as much, where nothing was ever amiss.
    assert score(twice) == pytest.approx(before, abs=0.02)
