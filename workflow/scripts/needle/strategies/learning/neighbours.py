"""Prediction from the nearest of the known tasks."""

import numpy as np

from needle.strategies.learning.experience import mean_of_known


def predict(distances, results):
    """Predict the results on a task as their mean over its k nearest tasks.

    k is the number that predicts the known tasks best, each from the others, by squared error.

    Parameters
    ----------
    distances : numpy.ndarray, shape (T, T)
        Between tasks, the first being the one to predict; NaN between two that cannot be compared.
    results : numpy.ndarray, shape (T, M)
        Standardised results of M models; NaN where there is none. The first row is not looked at.

    Returns
    -------
    numpy.ndarray, shape (M,)
        For each model of its k nearest tasks with a result; NaN where it has none.

    Examples
    --------
    The first task is nearest to the second, and so are the two last to each other:

    >>> distances = np.array([[0, 1, 2, 3], [1, 0, 2, 3], [2, 2, 0, 1], [3, 3, 1, 0.0]])
    >>> results = np.array([[np.nan] * 2, [1, -1], [-1, 1], [-1, 1]])
    >>> predict(distances, results).tolist()
    [1.0, -1.0]
    """
    if len(results) == 1:
        return np.full(results.shape[1], np.nan)
    known = np.arange(1, len(results))
    complete = not np.isnan(results[1:]).any()
    products = results @ results.T if complete else None
    errors = [
        errors_by_products(distances[row], products, row, known[known != row])
        if complete
        else errors_by_count(distances[row], results, row, known[known != row])
        for row in known
    ]
    mean = mean_of_known(np.array(errors), axis=0)
    count = 0 if np.isnan(mean).all() else int(np.nanargmin(mean))
    return by_count(distances[0], results, known)[count]


def errors_by_count(distances, results, row, others):
    """Compute the mean squared error on a known task, for every number of nearest tasks.

    Parameters and returns are those of `by_count`, with the task itself as `row`; shape (T - 1,).
    """
    predicted = by_count(distances, results, others)
    return mean_of_known((predicted - results[row]) ** 2, axis=1)


def errors_by_products(distances, products, row, others):
    """Compute `errors_by_count`, times M, where no model lacks a result.

    ``|S / k - r|^2`` for the sum S of the k nearest rows needs no more than the `products` of all
    rows, shape (T, T): it takes as long for ten models as for ten thousand.
    """
    order = nearest(distances, others)
    if not len(order):
        return np.full(len(products) - 1, np.nan)
    taken = np.arange(1, len(order) + 1)
    squares = products[np.ix_(order, order)].cumsum(axis=0).cumsum(axis=1).diagonal()
    errors = squares / taken**2 - 2 * products[row, order].cumsum() / taken + products[row, row]
    return errors[np.minimum(np.arange(len(products) - 1), len(order) - 1)]


def nearest(distances, others):
    """Order tasks by distance, nearest first; of equally near ones the first, and none at NaN."""
    others = others[~np.isnan(distances[others])]
    return others[np.argsort(distances[others], kind="stable")]


def by_count(distances, results, others):
    """Average results over the nearest tasks, for every number of them.

    Parameters
    ----------
    distances : numpy.ndarray, shape (T,)
        From the task to predict.
    results : numpy.ndarray, shape (T, M)
    others : numpy.ndarray of int, shape (n,)
        The tasks to average over; of equally near ones the first counts first.

    Returns
    -------
    numpy.ndarray, shape (T - 1, M)
        Row k - 1 is for the k nearest tasks, or all where there are fewer.
    """
    most, models = len(results) - 1, results.shape[1]
    order = nearest(distances, others)
    if not len(order):
        return np.full((most, models), np.nan)
    values = results[order]
    unknown = np.isnan(values)
    taken = np.arange(1, len(order) + 1)[:, None]
    if unknown.any():
        # Each model's own results come before the tasks on which it has none.
        values = np.take_along_axis(values, np.argsort(unknown, axis=0, kind="stable"), axis=0)
        values = np.nan_to_num(values)
        taken = np.minimum(taken, (~unknown).sum(axis=0))
    with np.errstate(invalid="ignore"):
        means = np.cumsum(values, axis=0) / taken
    return means[np.minimum(np.arange(most), len(order) - 1)]
