"""The paper's kNN proxy: accuracy of the nearest training embedding's label."""

import numpy as np


def nearest(train, queries):
    """Find the nearest training example of each query, by Euclidean distance.

    Parameters
    ----------
    train : array_like, shape (N, D)
    queries : array_like, shape (M, D)

    Returns
    -------
    numpy.ndarray of int, shape (M,)
        The first of several that are equally near.
    """
    train, queries = np.asarray(train, np.float64), np.asarray(queries, np.float64)
    # |q - x|^2 = |q|^2 - 2 q.x + |x|^2, and |q|^2 is the same for all x.
    distance = (train**2).sum(axis=1) - 2 * queries @ train.T
    return distance.argmin(axis=1)


def knn_accuracy(embeddings):
    """Compute the validation accuracy of the 1-nearest-neighbour classifier.

    Parameters
    ----------
    embeddings : Embeddings

    Returns
    -------
    float
        Fraction.
    """
    neighbour = nearest(embeddings.train_features, embeddings.val_features)
    predicted = embeddings.train_labels[neighbour]
    return float(np.mean(predicted == embeddings.val_labels))
