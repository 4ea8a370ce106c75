"""Fine-tune accuracy as predicted by a ridge regression over all that is known of a model."""

from functools import partial, reduce

import numpy as np

from needle.scores.protocols import FINETUNE
from needle.strategies.experience import gather, standardise, too_few_tasks
from needle.strategies.ranking import Ranking, by_values
from needle.strategies.strategy import Strategy

NAME = "learned"
OTHER_TASKS = 2  # to know a model's results on others than the one it learns from
COUNTS = ["params", "embedding_dim", "upstream_examples"]  # they matter by their order of magnitude
PENALTIES = 10.0 ** np.arange(-1, 5)  # of which the known tasks choose one


def rank(pool, task, known, proxies):
    """Rank by predicted fine-tune accuracy, standardised over the pool.

    Parameters and returns are those of `task_agnostic.rank`; `proxies` are those of the run. A
    model is ranked where it has a proxy score on the task or a fine-tune result on another.
    """
    experience = gather(pool, task, known)
    if np.isnan(experience.results).all():
        return Ranking([], [], "no fine-tune result on another task")
    inputs = features(experience, _metadata(known, experience.models), proxies)
    targets = experience.results[1:]
    seen = ~np.isnan(targets)
    rows = np.nonzero(seen)[0]
    weights = fit(inputs[1:][seen], targets[seen], rows)
    scored = [~np.isnan(experience.scores[proxy][0]) for proxy in proxies]
    told = seen.any(axis=0) | np.any(scored, axis=0)
    predicted = np.where(told, inputs[0] @ weights, np.nan)
    return by_values(
        pool,
        predicted[: len(pool)],
        missing="neither a proxy score nor a fine-tune result on another task",
    )


def features(experience, metadata, proxies):
    """Describe every model on every task by what is known without fine-tuning it there.

    Parameters
    ----------
    experience : Experience
        T tasks, M models.
    metadata : numpy.ndarray, shape (n, M)
        Standardised, NaN where unknown.
    proxies : iterable of str

    Returns
    -------
    numpy.ndarray, shape (T, M, F)
        The proxy scores on the task; the means of fine-tune results and of each proxy's scores over
        all other tasks; the metadata. A missing value is 0, the mean, and each feature that has
        some has another beside it that is 1 where it is missing. A feature without any value on the
        first task, the one to rank for, is left out.
    """
    shape = experience.results.shape
    tables = [experience.scores[proxy] for proxy in proxies]
    tables += [over_others(experience.scores[score]) for score in [FINETUNE, *proxies]]
    tables += [np.broadcast_to(row, shape) for row in metadata]
    tables = [table for table in tables if not np.isnan(table[0]).all()]
    unknown = [np.isnan(table) for table in tables]
    columns = [np.nan_to_num(table) for table in tables]
    return np.stack([*columns, *(gaps for gaps in unknown if gaps.any())], axis=-1).astype(float)


def over_others(scores):
    """Average each model's scores over all tasks but one, for each of these.

    Examples
    --------
    >>> over_others(np.array([[1.0], [3.0], [np.nan]])).tolist()
    [[3.0], [1.0], [2.0]]
    """
    known = ~np.isnan(scores)
    values = np.where(known, scores, 0)
    counts = known.sum(axis=0) - known
    with np.errstate(invalid="ignore"):
        return (values.sum(axis=0) - values) / np.where(counts == 0, np.nan, counts)


def fit(inputs, targets, tasks):
    """Fit a ridge regression whose penalty predicts each task best from the others.

    Parameters
    ----------
    inputs : numpy.ndarray, shape (N, F)
    targets : numpy.ndarray, shape (N,)
        Of mean 0 within a task, so that there is no intercept.
    tasks : numpy.ndarray of int, shape (N,)
        The task of every row, in ascending order.

    Returns
    -------
    numpy.ndarray, shape (F,)
        Weights.
    """
    starts = np.flatnonzero(np.diff(tasks)) + 1
    parts = list(zip(np.split(inputs, starts), np.split(targets, starts), strict=True))
    grams = np.array([rows.T @ rows for rows, _ in parts])
    products = np.array([rows.T @ wanted for rows, wanted in parts])
    gram, product = grams.sum(axis=0), products.sum(axis=0)
    identity = np.eye(inputs.shape[1])
    errors = []
    for penalty in PENALTIES:
        left_out = np.linalg.solve(
            gram - grams + penalty * identity, (product - products)[..., None]
        )[..., 0]
        # Squared errors on each task, but for the part that no weights change.
        fitted = np.einsum("ti,tij,tj", left_out, grams, left_out)
        errors.append(fitted - 2 * np.einsum("ti,ti", left_out, products))
    return np.linalg.solve(gram + PENALTIES[np.argmin(errors)] * identity, product)


def _metadata(known, models):
    """Take the metadata of models from this run, or else from the earlier one that has them."""
    columns = ["reference_accuracy", *COUNTS]
    tables = [run.models[columns].astype(float) for run in (known, *known.earlier)]
    about = reduce(lambda first, second: first.combine_first(second), tables).reindex(models)
    about[COUNTS] = np.log10(about[COUNTS].where(about[COUNTS] > 0))
    return standardise(about.to_numpy().T)


def skip(known):
    """Say that there are too few tasks."""
    return too_few_tasks(known, OTHER_TASKS)


def offered(proxies):
    """List the strategies of this file."""
    proxies = tuple(proxies)
    return {NAME: Strategy(partial(rank, proxies=proxies), skip, proxies, learns=True)}
