"""Bootstrap: over the repeats of a task, and over tasks for a mean."""

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
    for column, values in enumerate(repeats):
        values = np.asarray(values, float)
        if len(values):
            drawn = generator.integers(0, len(values), (resamples, len(values)))
            medians[:, column] = np.median(values[drawn], axis=1)
    return medians


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
    drawn = np.random.default_rng(seed).integers(0, len(values), (resamples, len(values)))
    return interval(values[drawn].mean(axis=1), level)


def interval(samples, level):
    """Take the central interval of samples along the first axis."""
    tail = (1 - level) / 2
    return tuple(np.quantile(samples, [tail, 1 - tail], axis=0))
