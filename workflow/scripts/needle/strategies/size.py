"""The largest models first: what a strategy must beat to have looked at the task for a reason."""

from needle.strategies.ranking import by_score
from needle.strategies.strategy import Strategy

NAME = "size"


def rank(pool, task, known):
    """Rank by parameters, most first, the same for every task.

    On the zoo that transferability scores are usually judged by, a list by size agrees better with
    fine-tuning than they do (arXiv 2510.06448). Parameters and returns are those of
    `task_agnostic.rank`.
    """
    return by_score(pool, pool["params"], missing="unknown size")


def skip(known):
    """Say that the size of no model is known."""
    return "" if known.models["params"].notna().any() else "no model has a known size"


def offered(proxies):
    """List the strategies of this file."""
    return {NAME: Strategy(rank, skip, same_for_all=True)}
