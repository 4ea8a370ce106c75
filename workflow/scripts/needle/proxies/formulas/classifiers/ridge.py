"""Ridge regression on one-hot labels, in closed form: a cheap stand-in for the linear proxy."""

import numpy as np

from needle.proxies.features import coordinates
from needle.proxies.labels import count_classes, one_hot

# Penalties tried, as multiples of the largest eigenvalue of X X'.
PENALTIES = np.logspace(-8, 2, 21)


def score(embeddings):
    """Compute the validation accuracy of ridge regression on one-hot labels.

    With X centred, the weights minimise |Y - 1 b' - X W|² + λ |W|²; the prediction is the class
    with the largest value. λ has the least squared error of the training examples when each is
    left out in turn, which needs no refit: the error of example i is its residual divided by
    1 - h_ii, H = 1 1'/N + X (X'X + λ)⁻¹ X' (Hastie, Tibshirani and Friedman, The Elements of
    Statistical Learning, 2009, equation 7.64).

    Parameters
    ----------
    embeddings : Embeddings

    Returns
    -------
    float
        Fraction; changes neither with the scale of the features, nor with a rotation or a shift of
        them. If they are constant, the share of the most frequent training class in val.
    """
    classes = np.unique(embeddings.train_labels)
    index, counts = count_classes(embeddings.train_labels)
    train, val = coordinates(embeddings.train_features, embeddings.val_features)
    targets = one_hot(index) - counts / len(index)
    squares = (train**2).sum(axis=0)
    penalty = best_penalty(train, targets, squares)
    weights = train.T @ targets / (squares + penalty)[:, None]
    predicted = classes[(val @ weights + counts / len(index)).argmax(axis=1)]
    return float((predicted == embeddings.val_labels).mean())


def best_penalty(train, targets, squares):
    """Choose λ by the error of the examples left out.

    Parameters
    ----------
    train : numpy.ndarray, shape (N, K)
        Principal coordinates.
    targets : numpy.ndarray, shape (N, C)
        Centred.
    squares : numpy.ndarray, shape (K,)
        Squared lengths of the columns of `train`, in descending order.

    Returns
    -------
    float
    """
    left = train / np.sqrt(squares)
    projected = left.T @ targets
    penalties = PENALTIES * squares[:1].sum()  # 0 where there is no column
    errors = []
    for penalty in penalties:
        kept = squares / (squares + penalty)
        leverage = 1 / len(train) + left**2 @ kept
        residuals = targets - left @ (kept[:, None] * projected)
        errors.append(((residuals / (1 - leverage)[:, None]) ** 2).sum())
    return float(penalties[np.argmin(errors)])
