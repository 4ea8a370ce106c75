"""Task-aware search as in the paper: the models whose proxy score on the task is best."""

from functools import partial

from needle.strategies.ranking import by_score
from needle.strategies.strategy import Strategy


def rank(pool, task, known, proxy):
    """Rank by a proxy score.

    Parameters
    ----------
    pool : DataFrame
        Metadata of the pool's models, index model, in declared order.
    task : str
    known : Known
    proxy : str

    Returns
    -------
    Ranking
        Models without the score are not in it.
    """
    return by_score(pool, known.scores[proxy].loc[task], missing=f"no {proxy} score")


def skip(known, proxy):
    """Say that no model of a run has the score."""
    scored = proxy in known.scores and known.scores[proxy].notna().any(axis=None)
    return "" if scored else f"no model has a {proxy} score"


def offered(proxies):
    """List the strategies of this file: one for each proxy."""
    return {
        proxy: Strategy(partial(rank, proxy=proxy), partial(skip, proxy=proxy), (proxy,))
        for proxy in proxies
    }
