"""Linear discriminant analysis: a cheap stand-in for the linear proxy."""

import numpy as np
from sklearn.covariance import ledoit_wolf_shrinkage

from needle.proxies.features import coordinates
from needle.proxies.labels import class_means, count_classes
from needle.proxies.registry import NoScoreError


def score(embeddings):
    """Compute the validation accuracy of linear discriminant analysis.

    Each class is a Gaussian with its mean, its share of the training examples, and the covariance
    of all deviations from class means, shrunk as Ledoit and Wolf say (Hastie, Tibshirani and
    Friedman, The Elements of Statistical Learning, 2009, equation 4.10).

    Parameters
    ----------
    embeddings : Embeddings

    Returns
    -------
    float
        Fraction; changes neither with the scale of the features, nor with a rotation or a shift
        of them.

    Raises
    ------
    NoScoreError
        If the examples of each class have the same features.
    """
    classes = np.unique(embeddings.train_labels)
    index, counts = count_classes(embeddings.train_labels)
    train, val = coordinates(embeddings.train_features, embeddings.val_features)
    means = class_means(train, index)
    deviations = train - means[index]
    if (deviations**2).sum() <= np.finfo(np.float64).eps * (train**2).sum():
        raise NoScoreError("the examples of each class have the same features: no variance")
    # The shrinkage is towards a sphere in all D dimensions, not in principal coordinates.
    features = embeddings.train_features.astype(np.float64)
    apart = features - class_means(features, index)[index]
    shrinkage, target = ledoit_wolf_shrinkage(apart, assume_centered=True), (apart**2).mean()
    covariance = (1 - shrinkage) * deviations.T @ deviations / len(index)
    covariance[np.diag_indices_from(covariance)] += shrinkage * target
    weights = np.linalg.solve(covariance, means.T)  # (K, C)
    offsets = np.log(counts / len(index)) - (means.T * weights).sum(axis=0) / 2
    predicted = classes[(val @ weights + offsets).argmax(axis=1)]
    return float((predicted == embeddings.val_labels).mean())
