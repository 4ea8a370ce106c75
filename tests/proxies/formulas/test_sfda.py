"""SFDA against the generalised eigenvectors of dense scatters."""

import numpy as np
import pytest
from scipy.linalg import eigh

from drawn_embeddings import draw, mapped, within_and_means
from needle.proxies.formulas.likelihood.sfda import score


def log_probabilities(features, labels, shrinkage):
    """The paper's way: project to the Fisher space U, where the classes have unit covariance."""
    deviations, means = within_and_means(features, labels)
    scatter = deviations.T @ deviations / len(features)
    shares = np.bincount(labels) / len(labels)
    centred = means - shares @ means
    between = (centred * shares[:, None]).T @ centred
    sphere = np.trace(scatter) / len(scatter) * np.eye(len(scatter))
    shrunk = (1 - shrinkage) * scatter + shrinkage * sphere
    _, axes = eigh(between, shrunk)
    axes = axes[:, ::-1][:, : len(means) - 1]
    projected, centres = features @ axes, means @ axes
    logits = projected @ centres.T - (centres**2).sum(axis=1) / 2 + np.log(shares)
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)), scatter


@pytest.mark.parametrize(("width", "strength"), [(5, 5.0), (5, 0.3), (30, 0.1)])
def test_by_dense_scatters(width, strength):
    embeddings = mapped(draw(60, width, classes=3, noise=1.5), lambda x: x - x.mean(axis=0))
    features, labels = embeddings.train_features, embeddings.train_labels
    features = features - features.mean(axis=0)
    _, scatter = log_probabilities(features, labels, 0.5)
    shrinkage = max(np.exp(-strength * np.linalg.eigvalsh(scatter).max()), 1e-10)
    logs, _ = log_probabilities(features, labels, shrinkage)
    means = [features[labels == c].mean(axis=0) for c in range(3)]
    mixed = np.empty_like(features)
    for i, c in enumerate(labels):
        others = [means[k] for k in range(3) if k != c]
        chances = np.exp(np.exp(logs[i]))
        sure = chances[c] / chances.sum()
        mixed[i] = sure * features[i] + (1 - sure) * np.mean(others, axis=0)
    logs, _ = log_probabilities(mixed, labels, shrinkage)
    expected = np.exp(logs[range(60), labels]).mean()
    assert score(embeddings, strength) == pytest.approx(expected, rel=1e-7, abs=1e-9)
    assert expected < 1 - 1e-3


def test_small_features_are_told_apart_as_well():
    # Shrunk to the identity, classes of features this small would all be as probable: 1/4 each.
    good, bad = (mapped(draw(200, 20, noise=noise), lambda x: 1e-3 * x) for noise in (0.5, 5.0))
    assert score(good) > 0.9 > score(bad) + 0.1 > 0.35
