"""The models that did best on the tasks for which the proxies say the same as for this one."""

from functools import partial

import numpy as np

from needle.strategies.learning import neighbours
from needle.strategies.learning.experience import gather, too_few_tasks
from needle.strategies.ranking import by_values
from needle.strategies.strategy import Strategy

NAME = "nearest-tasks"
OTHER_TASKS = 2  # with one, there is nothing to choose among


def rank(pool, task, known, proxies):
    """Rank by fine-tune results on the nearest tasks.

    A task is embedded as its standardised scores by all proxies of all models, and two are as near
    as the cosine of their embeddings over the scores that both have is high. Parameters and returns
    are those of `task_agnostic.rank`; `proxies` are those of the run.
    """
    experience = gather(pool, task, known)
    vectors = np.hstack([experience.scores[proxy] for proxy in proxies])
    predicted = neighbours.predict(1 - cosines(vectors), experience.results)
    return by_values(
        pool, predicted[: len(pool)], missing="no fine-tune result on a comparable task"
    )


def cosines(vectors):
    """Compute the cosine of each two rows over the entries that both have.

    Parameters
    ----------
    vectors : numpy.ndarray, shape (T, n)
        NaN for an entry that is missing.

    Returns
    -------
    numpy.ndarray, shape (T, T)
        NaN where they share nothing but zeros.

    Examples
    --------
    >>> cosines(np.array([[1.0, 1.0, 5.0], [2.0, 2.0, np.nan]])).round(6).tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """
    known = ~np.isnan(vectors)
    values = np.where(known, vectors, 0)
    shared = values**2 @ known.T.astype(float)  # a product with booleans is not BLAS's
    norms = np.sqrt(shared * shared.T)
    with np.errstate(invalid="ignore"):
        return (values @ values.T) / np.where(norms == 0, np.nan, norms)


def skip(known, proxies):
    """Say that there are no proxies or too few tasks."""
    if not any(proxy in known.scores for proxy in proxies):
        return "there are no proxy scores to compare tasks by"
    return too_few_tasks(known, OTHER_TASKS)


def offered(proxies):
    """List the strategies of this file."""
    proxies = tuple(proxies)
    ranks, skips = partial(rank, proxies=proxies), partial(skip, proxies=proxies)
    return {NAME: Strategy(ranks, skips, proxies, learns=True)}
