"""Task-agnostic search as in the paper: the models that are best upstream."""

from needle.strategies.ranking import by_score


def rank(pool, task, points):
    """Rank by reference accuracy, the same for every task.

    If no model of the pool has one: by size of the upstream dataset, then by parameters.

    Parameters
    ----------
    pool : DataFrame
        Metadata of the pool's models, index model, in declared order.
    task : str
    points : DataFrame
        Point values, index (task, model).

    Returns
    -------
    Ranking
        Models for which the criterion is unknown are not in it.
    """
    if pool["reference_accuracy"].notna().any():
        return by_score(pool, pool["reference_accuracy"], missing="no reference accuracy")
    return by_score(
        pool, pool["upstream_examples"], pool["params"], missing="no known upstream dataset size"
    )
