"""The models that did best on the tasks whose Task2Vec embeddings are near.

Task2Vec: Achille et al., "Task2Vec: Task Embedding for Meta-Learning", ICCV 2019, arXiv 1902.03545.
"""

import numpy as np

from needle.strategies.learning import neighbours
from needle.strategies.learning.experience import gather, too_few_tasks
from needle.strategies.ranking import Ranking, by_values
from needle.strategies.strategy import Strategy

NAME = "task2vec"
OTHER_TASKS = 2  # with one, there is nothing to choose among


def rank(pool, task, known):
    """Rank by fine-tune results on the nearest tasks.

    Parameters and returns are those of `task_agnostic.rank`.
    """
    if task not in known.task_embeddings:
        return Ranking([], [], f"no task embedding of {task}")
    experience = gather(pool, task, known)
    runs = [known, *known.earlier]
    size = len(known.task_embeddings[task])
    embeddings = np.full((len(experience.tasks), size), np.nan)
    for row, (run, name) in enumerate(experience.tasks):
        if name in runs[run].task_embeddings:
            embeddings[row] = runs[run].task_embeddings[name]
    predicted = neighbours.predict(distances(embeddings), experience.results)
    return by_values(
        pool, predicted[: len(pool)], missing="no fine-tune result on an embedded task"
    )


def distances(embeddings):
    """Compute the symmetric Task2Vec distance of each two tasks of the paper.

    Parameters
    ----------
    embeddings : numpy.ndarray, shape (T, n)
        Diagonals of Fisher information, not negative; a row of NaN for a task that has none.

    Returns
    -------
    numpy.ndarray, shape (T, T)
        For embeddings a and b: 1 - cos(a / (a + b), b / (a + b)), elementwise; an entry that is 0
        in both counts for nothing.

    Examples
    --------
    >>> distances(np.array([[1.0, 3.0], [2.0, 6.0], [3.0, 1.0]])).round(3).tolist()
    [[0.0, 0.0, 0.4], [0.0, 0.0, 0.379], [0.4, 0.379, 0.0]]
    """
    table = np.empty((len(embeddings), len(embeddings)))
    for row, mine in enumerate(embeddings):
        sums = mine + embeddings
        sums[sums == 0] = 1
        a, b = mine / sums, embeddings / sums
        norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
        table[row] = 1 - (a * b).sum(axis=1) / norms
    return table


def skip(known):
    """Say that there are no task embeddings or too few tasks."""
    if not known.task_embeddings:
        return "there are no task embeddings; they need images and task_embedding in the config"
    return too_few_tasks(known, OTHER_TASKS, _embedded)


def _embedded(run):
    """List the tasks with results that have an embedding."""
    return [task for task in run.tasks_with_results if task in run.task_embeddings]


def offered(proxies):
    """List the strategies of this file."""
    return {NAME: Strategy(rank, skip, learns=True)}
