"""The paper's task-agnostic oracle: the one order that fine-tuning on all tasks suggests."""

from needle.scores.protocols import FINETUNE
from needle.strategies.ranking import by_score
from needle.strategies.strategy import Strategy

NAME = "oracle-average"


def rank(pool, task, known):
    """Rank by mean fine-tune accuracy over all tasks, the same for every task.

    Where a model lacks some, its mean is taken relative to what the pool's models reach in the mean
    on the tasks that it has: easy tasks alone make no model good. Parameters and returns are those
    of `task_agnostic.rank`.
    """
    results = known.scores[FINETUNE].reindex(columns=pool.index)
    ease = results.mean(axis=1)
    # Without gaps all models have the same ease, and the order is that of the means.
    on_its_tasks = results.notna().mul(ease, axis=0).sum() / results.notna().sum()
    return by_score(pool, results.mean() - on_its_tasks, missing="no fine-tune score")


def offered(proxies):
    """List the strategies of this file."""
    return {NAME: Strategy(rank, is_oracle=True, same_for_all=True)}
