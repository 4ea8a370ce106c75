"""The paper's regret of a search strategy, and the difference of two strategies.

Accuracies are fractions. All functions work elementwise on arrays; NaN stands for "no value".
"""

import numpy as np
from scipy.special import comb, logit


def relative_delta(first, second):
    """Compute the relative delta of two accuracies, equation (2) of the paper.

    Parameters
    ----------
    first, second : array_like

    Returns
    -------
    numpy.ndarray
        ``(first - second) / (1 - min(first, second))``; 0 where both are exactly 1.

    Examples
    --------
    >>> float(relative_delta(0.9, 0.8))
    0.5
    """
    first, second = np.asarray(first, float), np.asarray(second, float)
    error = 1 - np.minimum(first, second)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(error == 0, 0.0, (first - second) / error)


def relative_regret(oracle, achieved):
    """Compute the relative regret: the relative delta of the oracle and what was achieved."""
    return relative_delta(oracle, achieved)


def log_odds_delta(first, second):
    """Compute the log-odds delta of two accuracies, equation (3) of the paper.

    Parameters
    ----------
    first, second : array_like

    Returns
    -------
    numpy.ndarray
        ``logit(first) - logit(second)``; 0 where the two are equal, infinite where only one is
        0 or 1.
    """
    first, second = np.asarray(first, float), np.asarray(second, float)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(first == second, 0.0, logit(first) - logit(second))


def best_by_budget(accuracies, ranking):
    """Compute the best accuracy among the first B of a ranking, for every B.

    Parameters
    ----------
    accuracies : array_like, shape (..., n)
        Fine-tune accuracies of the pool; NaN for a model that has none, which helps nobody.
    ranking : sequence of int, length at most n
        Positions of the ranked models, best first.

    Returns
    -------
    numpy.ndarray, shape (..., n)
        Entry B - 1 is for budget B. Where the ranking is shorter than B, all its models count.

    Examples
    --------
    >>> best_by_budget([0.3, 0.5, 0.9], [1, 0]).tolist()
    [0.5, 0.5, 0.5]
    """
    accuracies = np.asarray(accuracies, float)
    best = np.full(accuracies.shape, np.nan)
    if len(ranking):
        chosen = np.fmax.accumulate(accuracies[..., list(ranking)], axis=-1)
        best[..., : len(ranking)] = chosen
        best[..., len(ranking) :] = chosen[..., -1:]
    return best


def expected_best_of_random(accuracies):
    """Compute the expected best accuracy of B models drawn at random, for every B.

    The i-th highest of n (from 1) is the best of B with probability C(n - i, B - 1) / C(n, B).

    Parameters
    ----------
    accuracies : array_like, shape (..., n)
        Without NaN.

    Returns
    -------
    numpy.ndarray, shape (..., n)
        Entry B - 1 is for budget B.

    Examples
    --------
    >>> expected_best_of_random([0.2, 0.6]).tolist()
    [0.4, 0.6]
    """
    accuracies = np.asarray(accuracies, float)
    n = accuracies.shape[-1]
    place, budget = np.arange(1, n + 1)[:, None], np.arange(1, n + 1)[None, :]
    probability = comb(n - place, budget - 1) / comb(n, budget)
    return -np.sort(-accuracies, axis=-1) @ probability
