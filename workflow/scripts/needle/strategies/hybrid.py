"""Hybrid search, what the paper proposes: one task-agnostic pick, the rest task-aware."""

import math

from needle.strategies import task_agnostic, task_aware
from needle.strategies.ranking import Ranking


def rank(pool, task, points, proxy):
    """Rank the top task-agnostic model first, then by proxy score without it.

    Parameters and returns are those of `task_aware.rank`. Without a task-agnostic pick there is no
    hybrid: the ranking is empty.
    """
    agnostic = task_agnostic.rank(pool, task, points)
    if not agnostic.models:
        return Ranking([], [], f"no task-agnostic pick: {agnostic.reason}")
    first = agnostic.models[0]
    aware = task_aware.rank(pool, task, points, proxy)
    ranks = dict(zip(aware.models, aware.tied_ranks, strict=True))
    moved_from = ranks.pop(first, math.inf)
    # The first now stands before the models that it was not before.
    tied_ranks = [rank + (rank <= moved_from) for rank in ranks.values()]
    return Ranking([first, *ranks], [1, *tied_ranks], aware.reason)
