"""SFDA: discriminant analysis of features that were made harder to tell apart."""

import numpy as np

from needle.proxies.features import coordinates
from needle.proxies.labels import class_means, count_classes

SMALLEST_SHRINKAGE = 1e-10  # that of the authors, so that the scatter can be inverted


def score(embeddings, strength=5.0):
    """Compute the self-challenging Fisher discriminant analysis (Shao et al., ECCV 2022).

    As in arXiv:2207.03036: with the scatter S = 1/N sum (f - μ_y)(f - μ_y)' within the classes and
    S̃ = (1 - λ) S + λ I, λ = exp(-a s), s the largest eigenvalue of S, the training features have
    the class probabilities

        p(c | f) ∝ exp(f' S̃⁻¹ μ_c - μ_c' S̃⁻¹ μ_c / 2 + log n_c/N).

    Then each example is mixed with the mean of the means of the other classes, the more so the
    less sure it is: f ← g f + (1 - g) μ_¬y, where g is the softmax of its p at its class, as in the
    authors' program. The score is the mean of log p(y | f) of a second analysis, of the mixed
    features, with the same λ.

    Parameters
    ----------
    embeddings : Embeddings
    strength : float
        a; the default is the authors'.

    Returns
    -------
    float
        At most 0; changes with the scale of the features, not with a rotation or a shift. With
        more features than examples the classes can be told apart for certain where they do not
        vary, and the score comes to 0 for most models.
    """
    index, _ = count_classes(embeddings.train_labels)
    (features,) = coordinates(embeddings.train_features)
    scatter = _scatter(features, index)
    largest = np.linalg.eigvalsh(scatter)[-1] if len(scatter) else 0.0
    shrinkage = max(np.exp(-strength * largest), SMALLEST_SHRINKAGE)
    probabilities = np.exp(_log_probabilities(features, scatter, index, shrinkage))
    softened = np.exp(probabilities)
    sure = (softened[np.arange(len(index)), index] / softened.sum(axis=1))[:, None]
    means = class_means(features, index)
    others = (means.sum(axis=0) - means) / (len(means) - 1)
    mixed = sure * features + (1 - sure) * others[index]
    logs = _log_probabilities(mixed, _scatter(mixed, index), index, shrinkage)
    return float(logs[np.arange(len(index)), index].mean())


def _scatter(features, index):
    """Compute S (K, K)."""
    deviations = features - class_means(features, index)[index]
    return deviations.T @ deviations / len(features)


def _log_probabilities(features, scatter, index, shrinkage):
    """Compute log p(c | f): (N, C)."""
    means = class_means(features, index)
    weights = np.linalg.solve((1 - shrinkage) * scatter + shrinkage * np.eye(len(scatter)), means.T)
    offsets = np.log(np.bincount(index) / len(index)) - (means.T * weights).sum(axis=0) / 2
    logits = features @ weights + offsets
    logits -= logits.max(axis=1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
