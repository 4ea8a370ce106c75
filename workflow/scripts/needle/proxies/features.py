"""What the proxies see of features: centred, in float64, in a basis of their own."""

import numpy as np


def centred(features):
    """Subtract the mean of the features, in float64.

    Parameters
    ----------
    features : numpy.ndarray, shape (N, D)

    Returns
    -------
    numpy.ndarray of float64, shape (N, D)
        A feature that is the same for all examples is exactly 0.
    """
    # Differences of float32 numbers of one magnitude are exact in float64, their mean is not.
    shifted = features.astype(np.float64) - features[0]
    return shifted - shifted.mean(axis=0)


def spectrum(matrix):
    """Decompose X = U diag(s) V' as far as U and s² go.

    Parameters
    ----------
    matrix : numpy.ndarray of float64, shape (N, D)

    Returns
    -------
    left : numpy.ndarray, shape (N, K)
        U, orthonormal columns; K is the rank.
    squares : numpy.ndarray, shape (K,)
        s², the eigenvalues of X X', in descending order.
    """
    examples, width = matrix.shape
    if width < examples:
        left, values, _ = np.linalg.svd(matrix, full_matrices=False)
        squares = values**2
    else:
        squares, left = np.linalg.eigh(matrix @ matrix.T)
        squares, left = squares[::-1], left[:, ::-1]
    # Rounding turns an eigenvalue 0 of X X' into this; an s of this size is X's own rounding.
    limit = squares[0] * max(examples, width) * np.finfo(np.float64).eps
    rank = int((squares > limit).sum())
    return left[:, :rank], squares[:rank]


def coordinates(train, *others):
    """Rotate features to the principal axes of the training examples.

    Sums, distances and angles of training examples stay as they are, and there are no more
    coordinates than examples. Axes point to the side where the example farthest out is.

    Parameters
    ----------
    train : numpy.ndarray, shape (N, D)
    *others : numpy.ndarray, shape (M, D)

    Returns
    -------
    list of numpy.ndarray, shapes (N, K) and (M, K)
        Centred at the mean of `train`. What is of others orthogonal to all of `train` is left out.
    """
    moved = centred(train)
    left, squares = spectrum(moved)
    left = left * np.where(left.max(axis=0, initial=0) < -left.min(axis=0, initial=0), -1, 1)
    scale = np.sqrt(squares)
    # The mean of `train`, from its first row, as in `centred`.
    shift = (train.astype(np.float64) - train[0]).mean(axis=0)
    return [left * scale] + [
        (other.astype(np.float64) - train[0] - shift) @ (moved.T @ (left / scale))
        for other in others
    ]


def distances(features):
    """Compute the Euclidean distances of each two rows by one product.

    Parameters
    ----------
    features : numpy.ndarray, shape (N, D)
        Centred, so that rounding is that of their spread.

    Returns
    -------
    numpy.ndarray, shape (N, N)
        That of a row to itself is exactly 0.
    """
    lengths = (features**2).sum(axis=1)
    squares = lengths[:, None] + lengths - 2 * features @ features.T
    np.fill_diagonal(squares, 0)
    return np.sqrt(np.maximum(squares, 0))
