"""PACTran-Gaussian against scikit-learn's minimum and a numeric Hessian."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from drawn_embeddings import draw, one_hot
from needle.proxies.formulas.likelihood.pactran import fit_softmax, score


def entropy(weights, bias, features, labels):
    logits = features @ weights + bias
    logs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return -(logs * one_hot(labels)).sum(axis=1).mean()


def by_scikit_learn(features, labels, strength):
    """Minimise N times the mean cross-entropy times C, plus |w|²/2: C = strength / N."""
    inverse = strength / len(labels)
    model = LogisticRegression(C=inverse, tol=1e-10, max_iter=20_000).fit(features, labels)
    return model.coef_.T, model.intercept_


@pytest.mark.parametrize(("width", "scale"), [(5, 1.0), (60, 1.0), (5, 30.0)])
def test_the_minimum_is_that_of_scikit_learn(width, scale):
    embeddings = draw(45, width, classes=3, noise=1.5)
    features, labels = scale * embeddings.train_features, embeddings.train_labels
    weights, bias = by_scikit_learn(features, labels, 45.0)
    expected = entropy(weights, bias, features, labels) + (weights**2).sum() / (2 * 45)
    loss, probabilities = fit_softmax(features, one_hot(labels), 45.0)
    assert loss == pytest.approx(expected, rel=1e-6)
    assert loss <= expected + 1e-9
    assert np.allclose(probabilities.sum(axis=1), 1)


@pytest.mark.parametrize(("regularisation", "variance"), [(1.0, 100.0), (0.1, 10.0)])
def test_the_bound_by_a_numeric_hessian(regularisation, variance):
    embeddings = draw(30, 2, classes=3, noise=1.5)
    features, labels = embeddings.train_features, embeddings.train_labels
    features = features - features.mean(axis=0)
    strength = regularisation * 30
    weights, bias = by_scikit_learn(features, labels, strength)

    def loss(flat):
        return entropy(flat.reshape(2, 3), bias, features, labels)

    flat, step, trace = weights.ravel(), 1e-4, 0
    for axis in np.eye(6) * step:
        trace += (loss(flat + axis) - 2 * loss(flat) + loss(flat - axis)) / step**2
    flatness = 6 / 2 * (variance / 2) / strength * np.log(1 + strength * trace / 6)
    expected = loss(flat) + (flat**2).sum() / (2 * strength) + flatness
    assert score(embeddings, regularisation, variance) == pytest.approx(-expected, rel=1e-5)


def test_it_is_the_least_bound_over_the_posteriors_variance():
    # As a PAC-Bayes bound: L + v tr H / 2 + KL / λ, with λ = λσ² / σ².
    embeddings = draw(30, 4, classes=3)
    features, labels = embeddings.train_features, embeddings.train_labels
    features = features - features.mean(axis=0)
    strength, prior, weights = 30.0, 100.0 / 4, 12
    loss, probabilities = fit_softmax(features, one_hot(labels), strength)
    curvature = (probabilities * (1 - probabilities)).sum(axis=1)
    trace = ((features**2).sum(axis=1) * curvature).mean()
    v = np.geomspace(1e-6, 1, 200_001) * prior
    divergence = weights / 2 * (v / prior - 1 - np.log(v / prior))
    bounds = loss + v * trace / 2 + divergence * prior / strength
    assert score(embeddings) == pytest.approx(-bounds.min(), rel=1e-6)
