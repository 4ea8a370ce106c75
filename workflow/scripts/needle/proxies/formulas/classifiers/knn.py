"""The paper's kNN proxy: accuracy of the labels of the nearest training embeddings."""

import numpy as np


def nearest(train, queries, k=1, leave_out=False):
    """Find the k nearest training examples of each query, by Euclidean distance.

    Distances are computed in float32; where its rounding could decide, again in float64.

    Parameters
    ----------
    train : array_like, shape (N, D)
    queries : array_like, shape (M, D)
    k : int
        At most N, or N - 1 if each is left out.
    leave_out : bool
        Whether the queries are the training examples, in their order, and none is its own
        neighbour.

    Returns
    -------
    numpy.ndarray of int, shape (M, k)
        The nearest first; of several that are equally near, the first.

    Examples
    --------
    >>> nearest([[0.0], [2.0], [0.0]], [[0.1], [1.5]]).tolist()
    [[0], [1]]
    >>> nearest([[0.0], [2.0], [0.5]], [[0.0], [2.0], [0.5]], k=2, leave_out=True).tolist()
    [[2, 1], [2, 0], [0, 1]]
    """
    train, queries = np.asarray(train), np.asarray(queries)
    # A value too large for float32 becomes infinite, and is then decided in float64.
    with np.errstate(over="ignore", invalid="ignore"):
        distance, bound = _distances(*(np.asarray(x, np.float32) for x in (train, queries)))
        if leave_out:
            np.fill_diagonal(distance, np.inf)
        limit = np.partition(distance, k - 1, axis=1)[:, k - 1] + 2 * bound
        # Negated, so that NaN counts as near.
        near = ~(distance > limit[:, None])
    if leave_out:
        np.fill_diagonal(near, False)
    found = np.empty((len(queries), k), int)
    found[:, 0] = near.argmax(axis=1)
    for query in np.flatnonzero(near.sum(axis=1) > 1):
        candidates = near[query].nonzero()[0]
        difference = train[candidates].astype(np.float64) - queries[query]
        order = np.argsort((difference**2).sum(axis=1), kind="stable")
        found[query] = candidates[order[:k]]
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


def score(embeddings, k=1, metric="euclidean", leave_one_out=False):
    """Compute the accuracy of the k-nearest-neighbours classifier.

    As in the paper, the nearest training example labels each validation example. k of them vote; of
    classes with as many votes, the one that has the nearest of them wins.

    Parameters
    ----------
    embeddings : Embeddings
    k : int
        All there are, if these are fewer.
    metric : {"euclidean", "cosine"}
        By angle, an example of features 0 is at a right angle to all others.
    leave_one_out : bool
        Whether each of the training and validation examples is labelled by all others, instead of
        the latter by the former: a finer scale, since nothing is trained. 200 validation examples
        tell accuracies apart by 0.5 % only.

    Returns
    -------
    float
        Fraction.
    """
    train, queries = embeddings.train_features, embeddings.val_features
    labels, wanted = embeddings.train_labels, embeddings.val_labels
    if leave_one_out:
        train = queries = np.concatenate([train, queries])
        labels = wanted = np.concatenate([labels, wanted])
    if metric == "cosine":
        train, queries = _directions(train), _directions(queries)
    neighbours = nearest(train, queries, min(k, len(train) - leave_one_out), leave_one_out)
    return float(np.mean(_elected(labels[neighbours]) == wanted))


def _directions(features):
    """Scale each row to length 1, in float64: Euclidean distances then go with the angle.

    A row of 0 gets a direction of its own, in one more column.
    """
    largest = np.abs(features).max(axis=1, keepdims=True).astype(np.float64)
    scaled = features / np.where(largest > 0, largest, 1)  # its squares neither vanish nor overflow
    lengths = np.linalg.norm(scaled, axis=1, keepdims=True)
    return np.hstack([scaled / np.where(lengths > 0, lengths, 1), lengths == 0])


def _elected(votes):
    """Choose by majority among the votes (M, k) of the nearest first: (M,)."""
    support = (votes[:, :, None] == votes[:, None]).sum(axis=2)
    return votes[np.arange(len(votes)), support.argmax(axis=1)]
