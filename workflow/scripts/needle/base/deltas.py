"""The paper's deltas of two accuracies: relative to the errors, and of log odds.

Accuracies are fractions. All functions work elementwise on arrays; NaN stands for "no value".
"""

import numpy as np


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
    from scipy.special import logit  # takes longer than all else that Snakemake imports of Needle

    first, second = np.asarray(first, float), np.asarray(second, float)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(first == second, 0.0, logit(first) - logit(second))
