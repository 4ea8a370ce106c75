"""Hybrid search, what the paper proposes: one task-agnostic pick, the rest task-aware."""

from needle.strategies import task_agnostic, task_aware
from needle.strategies.ranking import Ranking


def rank(pool, task, points, proxy):
    """Rank the top task-agnostic model first, then by proxy score without it.

    Parameters and returns are those of `task_aware.rank`.
    """
    first = task_agnostic.rank(pool, task, points).models[:1]
    rest = task_aware.rank(pool, task, points, proxy)
    return Ranking(first + [model for model in rest.models if model not in first], rest.reason)
