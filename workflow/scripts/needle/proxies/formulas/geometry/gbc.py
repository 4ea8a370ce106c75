"""GBC: how much the classes overlap, as Gaussians."""

import numpy as np

from needle.proxies.features import coordinates
from needle.proxies.labels import class_means, count_classes
from needle.proxies.registry import NoScoreError


def score(embeddings, dimensions=64):
    """Compute the Gaussian Bhattacharyya coefficient (Pándy et al., CVPR 2022, arXiv:2111.12780).

    The training features are projected to their first principal components; a class is a Gaussian
    with its mean and one variance v, the mean over the d components. Two classes are

        B = |μ_1 - μ_2|² / (8 v) + d/2 log(v / sqrt(v_1 v_2)),  v = (v_1 + v_2) / 2,

    apart, and the score is minus the sum of exp(-B) over the ordered pairs of classes. A class
    without variance, such as one of a single example, overlaps with its like only.

    Parameters
    ----------
    embeddings : Embeddings
    dimensions : int
        Most components; the default is the paper's.

    Returns
    -------
    float
        From -C(C - 1) to 0; changes neither with the scale of the features, nor with a rotation
        or a shift of them.

    Raises
    ------
    NoScoreError
        If each class has one example.
    """
    index, counts = count_classes(embeddings.train_labels)
    if counts.max() == 1:
        raise NoScoreError("each class has one training example, and so no variance")
    width = min(dimensions, *embeddings.train_features.shape)
    (features,) = coordinates(embeddings.train_features)
    features = features[:, :width]
    means = class_means(features, index)
    deviations = ((features - means[index]) ** 2).sum(axis=1)
    variances = np.bincount(index, deviations) / counts / width
    squares = ((means[:, None] - means) ** 2).sum(axis=2)
    # Rounding leaves this in place of 0.
    limit = np.finfo(np.float64).eps * (features**2).sum() / len(index)
    variances[variances * width <= limit] = 0
    squares[squares <= limit] = 0
    overlaps = np.exp(-_distances(squares, variances, width))
    np.fill_diagonal(overlaps, 0)
    return 0.0 - float(overlaps.sum())


def _distances(squares, variances, width):
    """Compute Bhattacharyya distances (C, C) of spherical Gaussians from those of their means."""
    average = (variances[:, None] + variances) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(variances) / 2
        apart = squares / (8 * average) + width / 2 * (np.log(average) - logs[:, None] - logs)
    points = average == 0
    apart[points] = np.where(squares[points] == 0, 0, np.inf)
    return apart
