"""Ledoit and Wolf's shrinkage of a covariance."""

import numpy as np


def ledoit_wolf(deviations, width):
    """Compute the shrinkage of a covariance towards a multiple of the identity.

    Ledoit and Wolf, A well-conditioned estimator for large-dimensional covariance matrices, 2004,
    in closed form: (1 - δ) S + δ m I with S = X'X/N, m = tr(S)/D, δ = min(b², d²) / d²,
    d² = |S - m I|², b² = 1/N² sum_n |x_n x_n' - S|².

    Parameters
    ----------
    deviations : numpy.ndarray of float64, shape (N, K)
        X, with mean 0.
    width : int
        D; more than the columns of X where it is rotated and columns of 0 were left out.

    Returns
    -------
    shrinkage : float
        δ, from 0 to 1; 0 if S is a multiple of the identity.
    target : float
        m, the mean variance.

    Examples
    --------
    S = diag(2, 1/2) and m = 5/4, so d² = 9/8; b² = (34/4 - 17/4) / 4 = 17/16:

    >>> shrinkage, target = ledoit_wolf(np.array([[2.0, 0], [-2, 0], [0, 1], [0, -1]]), 2)
    >>> round(shrinkage, 6) == round((17 / 16) / (9 / 8), 6), target
    (True, 1.25)
    """
    examples, columns = deviations.shape
    small = deviations if columns < examples else deviations.T
    inner = small.T @ small / examples  # S, or a smaller matrix with the same eigenvalues
    lengths = (deviations**2).sum(axis=1)
    target = lengths.sum() / examples / width
    squares = (inner**2).sum()
    distance = squares - width * target**2
    error = ((lengths**2).sum() / examples - squares) / examples
    if distance <= np.finfo(np.float64).eps * squares:
        return 0.0, float(target)
    return float(np.clip(error / distance, 0, 1)), float(target)
