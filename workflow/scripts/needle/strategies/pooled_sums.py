"""Scores whose authors add up parts, each scaled to 0 to 1 over the pool: ETran and NCTI.

The parts are proxies; a model's sum depends on the pool, so it is made where models are ranked.
"""

from functools import partial

import numpy as np

from needle.strategies.ranking import by_values
from needle.strategies.strategy import Strategy

# The weights of the parts.
SUMS = {
    # Gholami et al., ICCV 2023; in the authors' program (mgholamikn/ETran), not in the paper.
    "etran": {"etran_energy": 0.15, "etran_lda": 0.85},
    # Wang et al., ICCV 2023.
    "ncti": {"ncti_seli": 1.0, "ncti_ncc": 1.0, "ncti_vc": 1.0},
}


def rank(pool, task, known, weights):
    """Rank by the weighted sum of several proxies, each scaled over the models that have them all.

    Parameters and returns are those of `task_agnostic.rank`; `weights` are those of the proxies.
    """
    parts = [known.scores[part].loc[task].reindex(pool.index) for part in weights]
    table = np.array(parts, float).reshape(len(weights), len(pool))
    return by_values(
        pool, scaled_sum(table, list(weights.values())), missing=f"without {_either(weights)}"
    )


def scaled_sum(parts, weights):
    """Scale each part from 0 at its least to 1 at its greatest value, and add them up.

    Parameters
    ----------
    parts : numpy.ndarray, shape (P, M)
        Of M models; NaN where there is no value.
    weights : list of float, length P

    Returns
    -------
    numpy.ndarray, shape (M,)
        NaN for a model that lacks a part; it counts for no scale. A part that is the same for all
        models counts as 0.

    Examples
    --------
    >>> scaled_sum(np.array([[0.0, 5.0, 10.0, 99.0], [3.0, 1.0, 1.0, np.nan]]), [1, 0.5]).tolist()
    [0.5, 0.5, 1.0, nan]
    """
    sums = np.full(parts.shape[1], np.nan)
    whole = ~np.isnan(parts).any(axis=0)
    if whole.any():
        values = parts[:, whole]
        least = values.min(axis=1, keepdims=True)
        spread = values.max(axis=1, keepdims=True) - least
        sums[whole] = weights @ ((values - least) / np.where(spread > 0, spread, 1))
    return sums


def skip(known, weights):
    """Say that no model of a run has all parts."""
    tables = [known.scores[part] for part in weights if part in known.scores]
    whole = len(tables) == len(weights) and np.all([table.notna() for table in tables], axis=0)
    return "" if np.any(whole) else f"no model has all of {_either(weights, 'and')}"


def offered(proxies):
    """List the strategies of this file whose parts are among the proxies."""
    return {
        name: Strategy(partial(rank, weights=weights), partial(skip, weights=weights), (*weights,))
        for name, weights in SUMS.items()
        if set(weights) <= set(proxies)
    }


def _either(weights, word="or"):
    *names, last = weights
    return f"{', '.join(names)} {word} {last}"
