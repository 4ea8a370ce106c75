"""INT: how far apart examples of different classes are."""

import numpy as np

from needle.proxies.features import centred, distances
from needle.proxies.labels import count_classes, one_hot


def score(embeddings):
    """Compute the pairwise normalised interclass distance (Singh et al., 2025, arXiv:2502.06925).

    As in the first author's program (prabhant/surgical_phase_transferability_estimation): the mean
    Euclidean distance between the training examples of two classes, averaged over all pairs of
    classes. What is within a class is not looked at.

    Parameters
    ----------
    embeddings : Embeddings

    Returns
    -------
    float
        In the units of the features; changes with their scale, not with a rotation or a shift.
    """
    index, counts = count_classes(embeddings.train_labels)
    members = one_hot(index)
    sums = members.T @ distances(centred(embeddings.train_features)) @ members
    means = sums / np.outer(counts, counts)
    return float(means[~np.eye(len(counts), dtype=bool)].mean())
