"""A set of models that together leave little regret: each pick for what the others are bad at."""

import heapq
from functools import partial

import numpy as np

from needle.base.deltas import relative_regret
from needle.scores.known import preferred_proxy
from needle.strategies.learning.experience import gather, mean_of_known, too_few_tasks
from needle.strategies.learning.prior import MISSING, OTHER_TASKS, features, told
from needle.strategies.learning.ridge import predict
from needle.strategies.ranking import Ranking
from needle.strategies.strategy import Strategy

NAME = "portfolio"


def rank(pool, task, known, proxy):
    """Rank so that the first B are a good set of B.

    Of each known task s it asks what a model m would leave here, on task t, were t like s: the
    regret ``R[s, m]`` there, moved by how much better or worse the model is expected to be here,
    ``g[t, m] - g[s, m]``. g is what the ridge regression of `prior` predicts of -R. The first pick
    has the highest g; each next one leaves least together with those before it, in the mean over
    the known tasks, less its own g. Without a proxy nothing tells tasks apart and g is 0: the
    ranking is the greedy cover of the known tasks. Parameters and returns are those of
    `task_agnostic.rank`; `proxy` is None where a run has none.
    """
    experience = gather(pool, task, known)
    regrets, gains = known_regrets(experience.accuracies), np.zeros(experience.accuracies.shape)
    typical = mean_of_known(regrets, axis=1)[:, None]
    if proxy in experience.scores:
        gains = predict(features(experience, proxy), typical - regrets)
    mine = slice(len(pool))
    rows = ~np.isnan(regrets[:, mine]).all(axis=1)
    # Where a model was not tried, its regret is the one that is predicted.
    regrets = np.where(np.isnan(regrets), typical - gains, regrets)
    left = (regrets + gains - gains[0])[rows, mine].clip(0, 1)
    able = np.flatnonzero(told(experience, proxy)[mine])
    first = gains[0, able].argmax() if proxy in experience.scores and len(able) else None
    order = able[cover(left[:, able], gains[0, able], first)]
    unknown = pool.index.delete(able)
    reason = f"{MISSING.format(proxy or 'proxy')}: {', '.join(unknown)}" if len(unknown) else ""
    return Ranking(pool.index[order].tolist(), list(range(1, len(order) + 1)), reason)


def known_regrets(accuracies):
    """Compute the relative regret of every model on every known task.

    Parameters
    ----------
    accuracies : numpy.ndarray, shape (T, M)
        NaN where there is none.

    Returns
    -------
    numpy.ndarray, shape (T, M)

    Examples
    --------
    >>> known_regrets(np.array([[0.5, 0.75, np.nan], [np.nan] * 3])).tolist()
    [[0.5, 0.0, nan], [nan, nan, nan]]
    """
    best = np.fmax.reduce(accuracies, axis=1, initial=-np.inf, keepdims=True)
    return relative_regret(np.where(np.isinf(best), np.nan, best), accuracies)


def cover(left, gains, first=None):
    """Choose models one by one, each for what it spares beyond those before it.

    Parameters
    ----------
    left : numpy.ndarray, shape (T, M)
        The regret that each model leaves on each task, 0 to 1.
    gains : numpy.ndarray, shape (M,)
        What speaks for each model besides.
    first : int, optional
        The first choice.

    Returns
    -------
    list of int
        All models; of equal ones the first comes first.

    Examples
    --------
    The first model is best on the first two tasks, and its near-copy adds nothing to it:

    >>> left = np.array([[0.0, 0.1, 0.9], [0.0, 0.0, 0.9], [0.9, 0.9, 0.0]])
    >>> cover(left, np.zeros(3))
    [0, 2, 1]
    """
    best, least, chosen = np.ones(len(left)), left.min(axis=1, initial=1), []
    by_model = np.ascontiguousarray(left.T)

    def value(model):
        return gains[model] + np.maximum(best - by_model[model], 0).sum() / len(best)

    # What a model spares only falls as others are chosen: an old value is a bound.
    values = np.maximum(best - by_model, 0).sum(axis=1) / len(best) + gains
    bounds = [(-bound, model) for model, bound in enumerate(values)]
    if first is not None:
        bounds[first] = -np.inf, first
    heapq.heapify(bounds)
    spares = True
    while bounds and spares:
        _, model = heapq.heappop(bounds)
        now = -value(model), model
        if not (model == first or not bounds or now <= bounds[0]):
            heapq.heappush(bounds, now)
            continue
        chosen.append(model)
        best = np.minimum(best, by_model[model])
        spares = (best > least).any()
    # No other model spares anything more.
    return chosen + sorted((model for _, model in bounds), key=lambda model: (-gains[model], model))


def skip(known):
    """Say that there are too few tasks."""
    return too_few_tasks(known, OTHER_TASKS)


def offered(proxies):
    """List the strategies of this file."""
    proxy = preferred_proxy(proxies)
    computed = (proxy,) if proxy else ()
    return {NAME: Strategy(partial(rank, proxy=proxy), skip, computed, learns=True)}
