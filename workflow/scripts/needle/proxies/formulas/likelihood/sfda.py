"""SFDA: discriminant analysis of features that were made harder to tell apart."""

import numpy as np

from needle.proxies.discriminant import (
    log_probabilities,
    own_probability,
    scatter_within,
    shrunk,
)
from needle.proxies.features import coordinates
from needle.proxies.labels import class_means, count_classes

SMALLEST_SHRINKAGE = 1e-10  # that of the authors, so that the scatter can be inverted


def score(embeddings, strength=5.0):
    """Compute the self-challenging Fisher discriminant analysis (Shao et al., ECCV 2022).

    As the authors' program (TencentARC/SFDA) does for arXiv:2207.03036. With the scatter
    S = 1/N sum (f - μ_y)(f - μ_y)' within the classes and

        S̃ = (1 - λ) S + λ tr(S)/D I,  λ = exp(-a s), s the largest eigenvalue of S,

    the training features have the class probabilities

        p(c | f) ∝ exp(f' S̃⁻¹ μ_c - μ_c' S̃⁻¹ μ_c / 2 + log n_c/N).

    Then each example is mixed with the mean of the means of the other classes, the more so the
    less sure it is: f ← g f + (1 - g) μ_¬y, where g is the softmax of its p at its class. The score
    is the mean of p(y | f) of a second analysis, of the mixed features, with the same λ. In the
    paper S is shrunk to I, and the score is the mean of the logarithm, which the program leaves
    out. The program finds s by six steps of the power method, here it is exact.

    Parameters
    ----------
    embeddings : Embeddings
    strength : float
        a; the default is the authors'.

    Returns
    -------
    float
        A probability; changes with the scale of the features, since λ does, not with a rotation or
        a shift. With more features than examples it comes to 1 for features of a usual size: the
        classes can be told apart for certain where they do not vary.

    Raises
    ------
    NoScoreError
        If the examples of each class have the same features.
    """
    index, _ = count_classes(embeddings.train_labels)
    (features,) = coordinates(embeddings.train_features)
    width = embeddings.train_features.shape[1]
    scatter = scatter_within(features, index)
    shrinkage = max(np.exp(-strength * np.linalg.eigvalsh(scatter)[-1]), SMALLEST_SHRINKAGE)
    probabilities = np.exp(log_probabilities(features, index, shrunk(scatter, shrinkage, width)))
    softened = np.exp(probabilities)
    sure = (softened[np.arange(len(index)), index] / softened.sum(axis=1))[:, None]
    means = class_means(features, index)
    others = (means.sum(axis=0) - means) / (len(means) - 1)
    mixed = sure * features + (1 - sure) * others[index]
    return own_probability(mixed, index, shrunk(scatter_within(mixed, index), shrinkage, width))
