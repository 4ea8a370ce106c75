"""Known results on other tasks and one proxy on this one, weighed by what has predicted best."""

from functools import partial

import numpy as np

from needle.scores.known import preferred_proxy
from needle.strategies.learning.experience import gather, too_few_tasks
from needle.strategies.learning.ridge import predict
from needle.strategies.ranking import by_values
from needle.strategies.strategy import Strategy

NAME = "prior"
OTHER_TASKS = 2  # to predict one from another
IMAGINED = 3  # tasks on which each model is imagined to be as good as the mean
MISSING = "neither a {} score nor a fine-tune result on another task"


def rank(pool, task, known, proxy):
    """Rank by predicted log odds of the fine-tune accuracy, standardised over the pool.

    With u the standardised log odds of the accuracies on the known tasks, ``u ~ a * known + b *
    proxy``: `features` are the two inputs, and `ridge.fit` the weights. Parameters and returns are
    those of `task_agnostic.rank`; `proxy` is None where a run has none.
    """
    experience = gather(pool, task, known)
    predicted = predict(features(experience, proxy), experience.log_odds)[0]
    predicted[~told(experience, proxy)] = np.nan
    return by_values(pool, predicted[: len(pool)], missing=MISSING.format(proxy or "proxy"))


def features(experience, proxy):
    """Describe every model on every task by what is known without fine-tuning it there.

    Parameters
    ----------
    experience : Experience
        T tasks, M models.
    proxy : str or None

    Returns
    -------
    numpy.ndarray, shape (T, M, 2), or (T, M, 1) without a proxy
        The mean of the model's log odds over all other known tasks and `IMAGINED` ones on which
        they are 0, the mean of all models: few results say little. And the standardised score by
        the proxy, 0 where there is none.
    """
    known = ~np.isnan(experience.log_odds)
    values = np.where(known, experience.log_odds, 0)
    others = (values.sum(axis=0) - values) / (known.sum(axis=0) - known + IMAGINED)
    columns = [others]
    if proxy in experience.scores:
        columns.append(np.nan_to_num(experience.scores[proxy]))
    return np.stack(columns, axis=-1)


def told(experience, proxy):
    """Tell of which models anything is known before they are fine-tuned on the task; bool (M,)."""
    found = ~np.isnan(experience.accuracies[1:]).all(axis=0)
    if proxy in experience.scores:
        found |= ~np.isnan(experience.scores[proxy][0])
    return found


def skip(known):
    """Say that there are too few tasks."""
    return too_few_tasks(known, OTHER_TASKS)


def offered(proxies):
    """List the strategies of this file."""
    proxy = preferred_proxy(proxies)
    computed = (proxy,) if proxy else ()
    return {NAME: Strategy(partial(rank, proxy=proxy), skip, computed, learns=True)}
