"""The models that were best after fine-tuning on other tasks, whatever this one is."""

from needle.strategies.learning.experience import gather, mean_of_known, too_few_tasks
from needle.strategies.ranking import by_values
from needle.strategies.strategy import Strategy

NAME = "known-average"
OTHER_TASKS = 1


def rank(pool, task, known):
    """Rank by mean standardised fine-tune accuracy over all other tasks.

    What the oracle of the paper would be if it did not look at the task itself; strategies that
    learn from other tasks must beat it to have learned anything of this one. Parameters and returns
    are those of `task_agnostic.rank`.
    """
    experience = gather(pool, task, known)
    average = mean_of_known(experience.results, axis=0)[: len(pool)]
    return by_values(pool, average, missing="no fine-tune result on another task")


def skip(known):
    """Say that there is no other task."""
    return too_few_tasks(known, OTHER_TASKS)


def offered(proxies):
    """List the strategies of this file."""
    return {NAME: Strategy(rank, skip, learns=True)}
