"""LogME against the dense density of the labels, and the paper's own iteration."""

import numpy as np
import pytest
from drawn_embeddings import draw, one_hot
from scipy.optimize import minimize
from scipy.stats import multivariate_normal

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
