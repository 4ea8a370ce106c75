"""Shrunk H-score: the H-score with a covariance that is regularised."""

import numpy as np
from sklearn.covariance import ledoit_wolf_shrinkage

from needle.proxies.features import centred, spectrum
from needle.proxies.labels import count_classes, one_hot


def score(embeddings):
    """Compute the shrinkage-based H-score (Ibrahim et al., 2021, arXiv:2110.06893).

    It is tr(Σ_δ⁻¹ (1 - δ) cov(E[f | y])), where Σ_δ = (1 - δ) cov(f) + δ tr(cov(f))/D I and δ is
    the shrinkage of Ledoit and Wolf; both covariances divide by N.

    Parameters
    ----------
    embeddings : Embeddings

    Returns
    -------
    float
        From 0 to C - 1; changes neither with the scale of the features nor with a rotation of
        them. 0 if they are constant.
    """
    index, counts = count_classes(embeddings.train_labels)
    features = centred(embeddings.train_features)
    left, squares = spectrum(features)
    shrinkage, target = ledoit_wolf_shrinkage(features, assume_centered=True), (features**2).mean()
    variances = squares / len(index)
    between = ((one_hot(index).T @ left) ** 2 / counts[:, None]).sum(axis=0) * variances
    shrunk = (1 - shrinkage) * variances + shrinkage * target
    return float(np.sum((1 - shrinkage) * between / shrunk))
