"""Task-agnostic search as in the paper: the models that are best upstream."""

from needle.strategies.ranking import by_score
from needle.strategies.strategy import Strategy

NAME = "task-agnostic"


def rank(pool, task, known):
    """Rank by reference accuracy, the same for every task.

    If no model of the pool has one: by size of the upstream dataset, then by parameters.

    Parameters
    ----------
    pool : DataFrame
        Metadata of the pool's models, index model, in declared order.
    task : str
    known : Known

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


def is_known(models):
    """Tell whether a pool can be ranked."""
    return models[["reference_accuracy", "upstream_examples"]].notna().any(axis=None)


def skip(known):
    """Say why no pool of a run can be ranked."""
    if is_known(known.models):
        return ""
    return "no model has a reference accuracy or a known upstream dataset size"


def offered(proxies):
    """List the strategies of this file."""
    return {NAME: Strategy(rank, skip, same_for_all=True)}
