"""Task-aware search as in the paper: the models whose proxy score on the task is best."""

from needle.strategies.ranking import by_score


def rank(pool, task, points, proxy):
    """Rank by a proxy score.

    Parameters
    ----------
    pool : DataFrame
        Metadata of the pool's models, index model, in declared order.
    task : str
    points : DataFrame
        Point values, index (task, model).
    proxy : str
        Column of `points`.

    Returns
    -------
    Ranking
        Models without the score are not in it.
    """
    return by_score(pool, points[proxy].loc[task], missing=f"no {proxy} score")
