"""The paper's kNN proxy: accuracy of the nearest training embedding's label."""

import numpy as np


def nearest(train, queries):
    """Find the nearest training example of each query, by Euclidean distance.

    Distances are computed in float32; where its rounding could decide, again in float64.

    Parameters
    ----------
    train : array_like, shape (N, D)
    queries : array_like, shape (M, D)

    Returns
    -------
    numpy.ndarray of int, shape (M,)
        The first of several that are equally near.

    Examples
    --------
    >>> nearest([[0.0], [2.0], [0.0]], [[0.1], [1.5]]).tolist()
    [0, 1]
    """
    train, queries = np.asarray(train), np.asarray(queries)
    # A value too large for float32 becomes infinite, and is then decided in float64.
    with np.errstate(over="ignore", invalid="ignore"):
        distance, bound = _distances(*(np.asarray(x, np.float32) for x in (train, queries)))
        limit = distance.min(axis=1) + 2 * bound
        # Negated, so that NaN counts as near.
        near = ~(distance > limit[:, None])
    found = near.argmax(axis=1)
    for query in np.flatnonzero(near.sum(axis=1) > 1):
        candidates = near[query].nonzero()[0]
        difference = train[candidates].astype(np.float64) - queries[query]
        found[query] = candidates[(difference**2).sum(axis=1).argmin()]
    return found


def _distances(train, queries):
    """Compute |x|² - 2 q·x in float32 (M, N), and bounds of their errors (M,).

    |q|² is left out: it is the same for all x. A sum of D products, in any order, is wrong by at
    most D u / (1 - D u) of the sum of their magnitudes, u = 2^-24 (Higham, Accuracy and Stability
    of Numerical Algorithms, 2002, section 3.1), and that is at most |q| |x|.
    """
    square, query_square = (np.einsum("nd,nd->n", x, x) for x in (train, queries))
    distance = queries @ train.T
    distance *= -2
    distance += square
    # Twice u, and 8 more terms, cover the norms, the sum of the two and the step to float32.
    unit = np.finfo(np.float32)
    relative = (train.shape[1] + 8) * unit.eps
    size = (np.sqrt(query_square) + np.sqrt(square.max())) ** 2
    return distance, relative * (size + unit.tiny)


def score(embeddings):
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
