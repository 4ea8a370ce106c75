"""Hybrid search, what the paper proposes: one task-agnostic pick, the rest task-aware."""

import math
from dataclasses import replace
from functools import partial

from needle.strategies import task_agnostic
from needle.strategies.ranking import Ranking

PREFIX = "hybrid-"


def rank(pool, task, known, others):
    """Rank the top task-agnostic model first, then as another strategy does without it.

    Parameters and returns are those of `task_agnostic.rank`; `others` is the ``rank`` of the other
    strategy. Without a task-agnostic pick there is no hybrid: the ranking is empty.
    """
    return combine(task_agnostic.rank(pool, task, known), others(pool, task, known))


def combine(agnostic, aware):
    """Put the first of one ranking before another.

    Parameters
    ----------
    agnostic, aware : Ranking

    Returns
    -------
    Ranking

    Examples
    --------
    >>> combine(Ranking(["c"], [1]), Ranking(["a", "b", "c"], [1, 2, 2])).models
    ['c', 'a', 'b']
    """
    if not agnostic.models:
        return Ranking([], [], f"no task-agnostic pick: {agnostic.reason}")
    first = agnostic.models[0]
    ranks = dict(zip(aware.models, aware.tied_ranks, strict=True))
    moved_from = ranks.pop(first, math.inf)
    # The model that moved to the front now stands before all; those it has passed fall by one.
    tied_ranks = [rank + (rank <= moved_from) for rank in ranks.values()]
    return Ranking([first, *ranks], [1, *tied_ranks], aware.reason)


def skip(known, others):
    """Say which of the two picks a run lacks what it needs for."""
    if reason := task_agnostic.skip(known):
        return f"no task-agnostic pick: {reason}"
    return others(known)


def of(strategies):
    """List the hybrids of other strategies, by name.

    Parameters
    ----------
    strategies : dict of str to Strategy

    Returns
    -------
    dict of str to Strategy
    """
    return {
        PREFIX + name: replace(
            each, rank=partial(rank, others=each.rank), skip=partial(skip, others=each.skip),
            proxy_from=2, hybrid_of=name,
        )
        for name, each in strategies.items()
    }  # fmt: skip
