"""Intervals: of proportions such as an accuracy, and of any other measure by a bootstrap."""

import numpy as np
from scipy.stats import binomtest

from needle.base.measures import ACCURACY, MEASURES, measure

RESAMPLES = 1000
AT_ONCE = 2_000_000  # weights in memory


def wilson(successes: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Return the Wilson score interval of a proportion.

    Parameters
    ----------
    successes : int
        Examples predicted correctly.
    n : int
        Examples looked at, at least 1.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    tuple of float
        Lower and upper end, as fractions.

    Raises
    ------
    ValueError
        If `successes` is not between 0 and `n`, or `n` is 0.

    Examples
    --------
    >>> low, high = wilson(9, 10)
    >>> f"{low:.3f} to {high:.3f}"
    '0.596 to 0.982'
    """
    interval = binomtest(successes, n).proportion_ci(confidence_level=level, method="wilson")
    return float(interval.low), float(interval.high)


def interval_of(name, labels, probabilities, level, generator, groups=None):
    """Bound a measure: Wilson's interval for accuracy, else a bootstrap over the examples.

    Examples are drawn again within each class, so that none is ever without one, and the interval
    is that of the percentiles. With groups, whole groups are drawn, for accuracy too; draws that
    lack a class are passed over where the measure needs all. The calibration error of a resample
    holds the noise of both draws, so its percentiles are reflected at the value (the basic
    bootstrap; Davison and Hinkley, Bootstrap Methods and their Application, 1997, section 5.2) and
    cut off at 0.

    Parameters
    ----------
    name : str
        Of `measures.MEASURES`; it must be defined.
    labels : numpy.ndarray of int, shape (N,)
    probabilities : numpy.ndarray of float64, shape (N, C)
    level : float
    generator : numpy.random.Generator
        Draws the resamples.
    groups : numpy.ndarray of int, shape (N,), optional
        Numbers from 0 of what is independent, such as patients; the examples, if not given.

    Returns
    -------
    tuple of float
        Lower and upper end; NaN if all are of one group, or no draw has all classes.
    """
    if name == ACCURACY and groups is None:
        right = int((probabilities.argmax(axis=1) == labels).sum())
        return wilson(right, len(labels), level)
    values, step = [], max(AT_ONCE // len(labels), 1)
    for start in range(0, RESAMPLES, step):
        count = min(step, RESAMPLES - start)
        if groups is None:
            weights = _resampled(labels, count, generator)
        else:
            weights = _resampled_groups(groups, count, generator)
            if MEASURES[name].of_classes:
                weights = weights[_has_all(labels, weights)]
        values.append(measure(name, labels, probabilities, weights))
    values = np.concatenate(values)
    if len(values) == 0 or (groups is not None and groups.max() == 0):
        return np.nan, np.nan
    low, high = map(float, np.quantile(values, [(1 - level) / 2, (1 + level) / 2]))
    if name == "calibration_error":
        value = measure(name, labels, probabilities)
        return max(2 * value - high, 0.0), max(2 * value - low, 0.0)
    return low, high


def _resampled(labels, count, generator):
    """Draw how many times each example is in each of `count` resamples, class by class."""
    weights = np.empty((count, len(labels)))
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        shares = np.full(len(members), 1 / len(members))
        weights[:, members] = generator.multinomial(len(members), shares, size=count)
    return weights


def _resampled_groups(groups, count, generator):
    """Draw whole groups: how many times each example is in each of `count` resamples."""
    number = groups.max() + 1
    drawn = generator.multinomial(number, np.full(number, 1 / number), size=count)
    return drawn[:, groups].astype(float)


def _has_all(labels, weights):
    """Tell which resamples have an example of each class."""
    members = np.eye(labels.max() + 1)[labels]
    return (weights @ members > 0).all(axis=1)
