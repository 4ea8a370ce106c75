"""Bootstrap: over the repeats of a task, and over tasks for a mean."""

from functools import lru_cache
from itertools import groupby

import numpy as np


def resample_medians(repeats, resamples, seed):
    """Resample the repeats of every model and take the medians.

    Parameters
    ----------
    repeats : list of array_like
        Values of each model's repeats; an empty one gives NaN.
    resamples : int
    seed : int

    Returns
    -------
    numpy.ndarray, shape (resamples, len(repeats))
    """
    generator = np.random.default_rng(seed)
    medians = np.full((resamples, len(repeats)), np.nan)
    for count, group in groupby(range(len(repeats)), lambda column: len(repeats[column])):
        if count:
            columns = list(group)
            values = np.array([repeats[column] for column in columns], float)
            drawn = generator.integers(0, count, (len(columns), resamples, count))
            drawn = np.take_along_axis(values[:, None], drawn, axis=2)
            medians[:, columns] = np.median(drawn, axis=2).T
    return medians


def means(rows, resamples, level, seed):
    """Average rows, each with its `mean_interval`.

    Parameters
    ----------
    rows : array_like, shape (m, n)
        NaN for a value that a row lacks.
    resamples, level, seed
        As in `mean_interval`. All rows are resampled alike: equal ones have equal intervals.

    Returns
    -------
    numpy.ndarray, shape (3, m)
        Mean, low and high; NaN for the mean of no values.
    """
    found = {}
    keys = [row.tobytes() for row in rows]
    # Budgets that achieve the same are many, and are averaged once.
    for key, row in dict(zip(keys, rows, strict=True)).items():
        values = row[~np.isnan(row)]
        mean = values.mean() if len(values) else np.nan
        found[key] = mean, *mean_interval(values, resamples, level, seed)
    return np.array([found[key] for key in keys]).reshape(-1, 3).T


def mean_interval(values, resamples, level, seed):
    """Compute a percentile interval for a mean by resampling its values.

    Parameters
    ----------
    values : array_like, shape (n,)
    resamples : int
    level : float
        Such as 0.95.
    seed : int

    Returns
    -------
    tuple of float
        Low and high; NaN where there are fewer than two values.
    """
    values = np.asarray(values, float)
    if len(values) < 2:
        return np.nan, np.nan
    return interval(values[_draws(len(values), resamples, seed)].mean(axis=1), level)


@lru_cache(maxsize=64)
def _draws(count, resamples, seed):
    return np.random.default_rng(seed).integers(0, count, (resamples, count))


def interval(samples, level):
    """Take the central interval of samples along the first axis."""
    tail = (1 - level) / 2
    return tuple(np.quantile(samples, [tail, 1 - tail], axis=0))
