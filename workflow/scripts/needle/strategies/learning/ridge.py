"""Ridge regression over all known (model, task), with a penalty that the known tasks choose."""

import numpy as np

PENALTIES = 10.0 ** np.arange(-1, 5)


def predict(inputs, targets):
    """Learn from the known tasks, and predict for all.

    Parameters
    ----------
    inputs : numpy.ndarray, shape (T, M, F)
        Without NaN. The first task is the one to rank for.
    targets : numpy.ndarray, shape (T, M)
        Of mean 0 within a task, so that there is no intercept; NaN where there is none. The first
        task's are not looked at.

    Returns
    -------
    numpy.ndarray, shape (T, M)
    """
    seen = ~np.isnan(targets[1:])
    return inputs @ fit(inputs[1:][seen], targets[1:][seen], np.nonzero(seen)[0])


def fit(inputs, targets, tasks):
    """Fit a ridge regression whose penalty predicts each task best from the others.

    Parameters
    ----------
    inputs : numpy.ndarray, shape (N, F)
    targets : numpy.ndarray, shape (N,)
    tasks : numpy.ndarray of int, shape (N,)
        The task of every row, in ascending order.

    Returns
    -------
    numpy.ndarray, shape (F,)
        Weights.
    """
    starts = np.flatnonzero(np.diff(tasks)) + 1
    parts = list(zip(np.split(inputs, starts), np.split(targets, starts), strict=True))
    grams = np.array([rows.T @ rows for rows, _ in parts])
    products = np.array([rows.T @ wanted for rows, wanted in parts])
    gram, product = grams.sum(axis=0), products.sum(axis=0)
    identity = np.eye(inputs.shape[1])
    errors = []
    for penalty in PENALTIES:
        left_out = np.linalg.solve(
            gram - grams + penalty * identity, (product - products)[..., None]
        )[..., 0]
        # Squared errors on each task, but for the part that no weights change.
        fitted = np.einsum("ti,tij,tj", left_out, grams, left_out)
        errors.append(fitted - 2 * np.einsum("ti,ti", left_out, products))
    return np.linalg.solve(gram + PENALTIES[np.argmin(errors)] * identity, product)
