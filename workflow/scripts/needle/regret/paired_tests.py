"""Tests of paired differences over tasks, and Holm's correction for their number."""

import itertools

import numpy as np

EXACT = 14  # tasks up to which all signs are tried
DRAWS = 20_000  # of signs, for more tasks
BLOCK = 32  # differences whose sums under all signs are in memory at once: 5 MB


def sign_flip_p_values(differences, seed):
    """Test whether paired differences are symmetric around 0, by flipping their signs.

    If two strategies are equally good, each task's difference could as well have the other sign.
    The p-value is the share of all signs, these included, whose sum is at least as far from 0
    (Fisher, The Design of Experiments, 1935, section 21; for drawn signs Phipson and Smyth 2010).

    Parameters
    ----------
    differences : array_like, shape (m, n)
        m comparisons on n tasks; NaN for a task that a comparison lacks.
    seed : int
        Of the signs that are drawn where there are more than `EXACT` tasks; the same ones for all
        comparisons.

    Returns
    -------
    numpy.ndarray, shape (m,)
        Two-sided p-values; NaN for a comparison without any task.

    Examples
    --------
    >>> sign_flip_p_values([[0.1, 0.2, 0.4], [0.1, 0.2, -0.3], [0.0, 0.0, 0.0]], seed=0).tolist()
    [0.25, 1.0, 1.0]
    """
    differences = np.asarray(differences, float)
    known = ~np.isnan(differences).all(axis=1)
    signs, observed = _signs(differences.shape[1], seed)
    p_values = np.full(len(differences), np.nan)
    for first in range(0, len(differences), BLOCK):
        rows = np.nan_to_num(differences[first : first + BLOCK])  # a 0 has no sign
        # Sums that are equal on paper may differ in their last digits.
        least = np.abs(rows.sum(axis=1, keepdims=True)) - 1e-12
        sums = rows @ signs.T
        as_far = np.count_nonzero(np.abs(sums, out=sums) >= least, axis=1)
        p_values[first : first + BLOCK] = (as_far + observed) / (len(signs) + observed)
    return np.where(known, p_values, np.nan)


def _signs(tasks, seed):
    """List the signs to try, and whether the observed ones come on top of them."""
    if tasks <= EXACT:
        # The opposite of all signs is as far from 0: the first sign stays.
        signs = [(1.0, *rest) for rest in itertools.product((1, -1), repeat=tasks - 1)]
        return np.array(signs), 0
    return np.random.default_rng(seed).choice([-1, 1], (DRAWS, tasks)).astype(float), 1


def least_p_value(tasks):
    """Compute the smallest p-value that `sign_flip_p_values` can give.

    Examples
    --------
    >>> least_p_value(2), least_p_value(6)
    (0.5, 0.03125)
    """
    return 2.0 ** (1 - tasks) if tasks <= EXACT else 1 / (DRAWS + 1)


def fewest_tasks(comparisons, alpha):
    """Find how many tasks it takes that one of several comparisons can be significant at all.

    Parameters
    ----------
    comparisons : int
        Corrected for by `holm`.
    alpha : float
        Below which a corrected p-value counts.

    Returns
    -------
    int or None
        None if `DRAWS` are too few for so many comparisons.

    Examples
    --------
    >>> fewest_tasks(1, 0.05), fewest_tasks(36, 0.05)
    (6, 11)
    """
    tasks = range(1, EXACT + 2)
    return next((n for n in tasks if comparisons * least_p_value(n) < alpha), None)


def holm(p_values):
    """Correct p-values for their number by Holm's step-down method.

    Whatever depends on whatever, the probability that any true hypothesis has a corrected p-value
    below alpha is at most alpha (Holm 1979, A simple sequentially rejective multiple test
    procedure).

    Parameters
    ----------
    p_values : array_like, shape (m,)
        NaN for what is not tested, which does not count.

    Returns
    -------
    numpy.ndarray, shape (m,)

    Examples
    --------
    >>> holm([0.03, 0.01, float("nan"), 0.5]).round(3).tolist()
    [0.06, 0.03, nan, 0.5]
    """
    p_values = np.asarray(p_values, float)
    order = np.argsort(p_values)[: np.count_nonzero(~np.isnan(p_values))]
    corrected = np.full(p_values.shape, np.nan)
    steps = p_values[order] * np.arange(len(order), 0, -1)
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1)
    return corrected
