"""LEEP: the log expected empirical prediction of target labels from source labels."""

import numpy as np

from needle.proxies.labels import count_classes, one_hot
from needle.proxies.registry import NoScoreError


def score(embeddings):
    """Compute LEEP (Nguyen et al., ICML 2020, arXiv:2002.12462).

    With source-class probabilities θ(x) and their empirical joint distribution with the labels,
    P(y, z) = 1/N sum of θ(x_i)_z over the examples of class y, it is the mean over the training
    examples of log sum_z P(y_i | z) θ(x_i)_z.

    Parameters
    ----------
    embeddings : Embeddings

    Returns
    -------
    float
        Natural logarithm of a probability, at most 0.

    Raises
    ------
    NoScoreError
        If the model has no source head.
    """
    return expected_log_prediction(source_probabilities(embeddings), embeddings.train_labels)


def source_probabilities(embeddings):
    """Give the source-class probabilities of the training examples, float64 (N, Z)."""
    if embeddings.train_source_probabilities is None:
        raise NoScoreError("the model has no source head")
    return embeddings.train_source_probabilities.astype(np.float64)


def expected_log_prediction(probabilities, labels):
    """Compute LEEP from the probabilities of any clusters z.

    Parameters
    ----------
    probabilities : numpy.ndarray, shape (N, Z)
        Each row sums to 1.
    labels : numpy.ndarray of int, shape (N,)

    Returns
    -------
    float

    Examples
    --------
    The first cluster is of class 0 with probability 2/3, the second of class 1 for certain; so the
    true classes of the three examples are predicted with 2/3, 1/2 (1/3 + 1) and 1:

    >>> probabilities = np.array([[1, 0], [0.5, 0.5], [0, 1]])
    >>> value = expected_log_prediction(probabilities, np.array([0, 1, 1]))
    >>> bool(np.isclose(np.exp(3 * value), 2 / 3 * 1 / 2 * (1 / 3 + 1) * 1))
    True
    """
    index, _ = count_classes(labels)
    joint = one_hot(index).T @ probabilities
    marginal = joint.sum(axis=0)
    # A cluster that no example is in predicts nothing.
    conditional = joint[:, marginal > 0] / marginal[marginal > 0]
    predicted = (conditional[index] * probabilities[:, marginal > 0]).sum(axis=1)
    return float(np.log(predicted).mean())
