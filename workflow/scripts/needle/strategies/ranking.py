"""What a strategy returns, and the sorting they share."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np


@dataclass(frozen=True)
class Ranking:
    """Models of a pool, best first.

    Attributes
    ----------
    models : list of str
        Those that the strategy cannot tell apart are in declared order.
    tied_ranks : list of int
        Rank of every model, 1 + the number of models strictly before it: tied ones share it.
    reason : str
        Why the ranking ends before the pool does; empty if it does not.

    Examples
    --------
    >>> Ranking(["b", "a", "c", "d"], [1, 2, 2, 4]).groups
    [['b'], ['a', 'c'], ['d']]
    """

    models: list
    tied_ranks: list
    reason: str = ""

    @property
    def groups(self):
        """Models that the strategy cannot tell apart, each group a list."""
        starts = [*sorted({rank - 1 for rank in self.tied_ranks}), len(self.models)]
        return [self.models[start:end] for start, end in pairwise(starts)]


def by_score(pool, *keys, missing):
    """Rank the models that have a score, highest first; ties keep the pool's order.

    Parameters
    ----------
    pool : DataFrame
        Models in declared order.
    *keys : Series
        Scores by model; a later key breaks ties of the earlier. Models for which the first is
        missing are not ranked; in a later one, missing counts as lowest.
    missing : str
        What the unranked models lack, for the reason.

    Returns
    -------
    Ranking
    """
    columns = [key.reindex(pool.index).to_numpy(dtype=float) for key in keys]
    return by_values(pool, *columns, missing=missing)


def by_values(pool, *columns, missing):
    """Rank as `by_score` does, by arrays in the pool's order.

    Parameters
    ----------
    pool : DataFrame
    *columns : numpy.ndarray of float
    missing : str

    Returns
    -------
    Ranking
    """
    known = ~np.isnan(columns[0])
    lowest_last = np.array([-np.nan_to_num(column, nan=-np.inf) for column in columns])
    order = np.lexsort(lowest_last[::-1])
    order = order[known[order]]
    ranked = lowest_last[:, order]
    changes = (ranked[:, 1:] != ranked[:, :-1]).any(axis=0)
    starts = np.flatnonzero(np.append(len(order) > 0, changes))
    tied_ranks = 1 + np.repeat(starts, np.diff(np.append(starts, len(order))))
    unknown = list(pool.index[~known])
    reason = f"{missing}: {', '.join(unknown)}" if unknown else ""
    return Ranking(pool.index[order].tolist(), tied_ranks.tolist(), reason)
