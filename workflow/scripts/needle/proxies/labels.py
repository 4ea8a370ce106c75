"""The labels of the training examples, as the proxies count them."""

import numpy as np

from needle.proxies.registry import NoScoreError


def count_classes(labels):
    """Number the classes that occur, and count their examples.

    Parameters
    ----------
    labels : numpy.ndarray of int, shape (N,)

    Returns
    -------
    index : numpy.ndarray of int, shape (N,)
        Class of each example, from 0 to C - 1.
    counts : numpy.ndarray of int, shape (C,)

    Raises
    ------
    NoScoreError
        If there is one class only.

    Examples
    --------
    >>> index, counts = count_classes(np.array([7, 2, 7]))
    >>> index.tolist(), counts.tolist()
    ([1, 0, 1], [1, 2])
    """
    _, index, counts = np.unique(labels, return_inverse=True, return_counts=True)
    if len(counts) < 2:
        raise NoScoreError("all training examples are of one class")
    return index, counts


def one_hot(index):
    """Write the classes (N,) of examples as rows of an identity matrix (N, C), float64."""
    return np.eye(index.max() + 1)[index]


def class_means(values, index):
    """Average the rows (N, K) of each class: (C, K)."""
    members = one_hot(index)
    return members.T @ values / members.sum(axis=0)[:, None]
