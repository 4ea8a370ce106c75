"""What a strategy returns, and the sorting they share."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Ranking:
    """Models of a pool, best first.

    Attributes
    ----------
    models : list of str
    reason : str
        Why the ranking ends before the pool does; empty if it does not.
    """

    models: list
    reason: str = ""


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
    known = ~np.isnan(columns[0])
    lowest_last = [-np.nan_to_num(column, nan=-np.inf) for column in columns]
    order = np.lexsort(lowest_last[::-1])
    unknown = list(pool.index[~known])
    reason = f"{missing}: {', '.join(unknown)}" if unknown else ""
    return Ranking(list(pool.index[order[known[order]]]), reason)
