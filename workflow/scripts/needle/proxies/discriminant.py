"""Classes as Gaussians that differ in their means alone: what several proxies make of that."""

import numpy as np

from needle.proxies.labels import class_means
from needle.proxies.registry import NoScoreError


def log_probabilities(features, index, covariance=None):
    """Compute the probability of every class for each example, from the same examples.

    With the classes' means μ_c, their shares π_c and one covariance Σ it is

        p(c | f) ∝ exp(f' Σ⁻¹ μ_c - μ_c' Σ⁻¹ μ_c / 2) π_c.

    Parameters
    ----------
    features : numpy.ndarray, shape (N, K)
    index : numpy.ndarray of int, shape (N,)
        Class of each example, from 0 to C - 1.
    covariance : numpy.ndarray, shape (K, K), optional
        The identity if not given.

    Returns
    -------
    numpy.ndarray, shape (N, C)
        Natural logarithms.

    Examples
    --------
    Halfway between two classes of one size, each is as probable:

    >>> features, index = np.array([[0.0], [2.0], [4.0], [2.0]]), np.array([0, 0, 1, 1])
    >>> np.exp(log_probabilities(features, index))[1].round(6).tolist()
    [0.5, 0.5]
    """
    means = class_means(features, index)
    weights = means.T if covariance is None else np.linalg.solve(covariance, means.T)
    offsets = np.log(np.bincount(index) / len(index)) - (means.T * weights).sum(axis=0) / 2
    logits = features @ weights + offsets
    logits -= logits.max(axis=1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))


def own_probability(features, index, covariance=None):
    """Average the probability of each example's own class: a number from 0 to 1."""
    logs = log_probabilities(features, index, covariance)
    return float(np.exp(logs[np.arange(len(index)), index]).mean())


def scatter_within(features, index):
    """Compute the covariance within the classes of centred features, divided by N: (K, K).

    Raises
    ------
    NoScoreError
        If the examples of each class have the same features.
    """
    deviations = features - class_means(features, index)[index]
    scatter = deviations.T @ deviations / len(features)
    whole = (features**2).sum() / len(features)
    if np.trace(scatter) <= np.finfo(np.float64).eps * whole:
        raise NoScoreError("the examples of each class have the same features: no variance")
    return scatter


def shrunk(covariance, shrinkage, width):
    """Shrink a covariance (K, K) to the sphere of its trace in `width` dimensions."""
    towards = (1 - shrinkage) * covariance
    towards[np.diag_indices_from(towards)] += shrinkage * (np.trace(covariance) / width)
    return towards
