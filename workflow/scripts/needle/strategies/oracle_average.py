"""The paper's task-agnostic oracle: the one order that fine-tuning on all tasks suggests."""

from needle.scores.known import FINETUNE
from needle.strategies.ranking import by_score
from needle.strategies.strategy import Strategy

NAME = "oracle-average"


def rank(pool, task, known):
    """Rank by mean fine-tune accuracy over all tasks, the same for every task.

    Parameters and returns are those of `task_agnostic.rank`.
    """
    return by_score(pool, known.scores[FINETUNE].mean(), missing="no fine-tune score")


def offered(proxies):
    """List the strategies of this file."""
    return {NAME: Strategy(rank, is_oracle=True, same_for_all=True)}
