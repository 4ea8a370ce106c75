"""Intervals: of proportions such as an accuracy, and of any other measure by a bootstrap."""

import numpy as np
from scipy.stats import binomtest

from needle.base.measures import ACCURACY, measure

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


def interval_of(name, labels, probabilities, level, generator):
    """Bound a measure: Wilson's interval for accuracy, else a bootstrap over the examples.

    Examples are drawn again within each class, so that none is ever without one, and the interval
    is that of the percentiles. The calibration error of a resample holds the noise of both draws,
    so its percentiles are reflected at the value (the basic bootstrap; Davison and Hinkley,
    Bootstrap Methods and their Application, 1997, section 5.2) and cut off at 0.

    Parameters
    ----------
    name : str
        Of `measures.MEASURES`; it must be defined.
    labels : numpy.ndarray of int, shape (N,)
    probabilities : numpy.ndarray of float64, shape (N, C)
    level : float
    generator : numpy.random.Generator
        Draws the resamples.

    Returns
    -------
    tuple of float
        Lower and upper end.
    """
    if name == ACCURACY:
        right = int((probabilities.argmax(axis=1) == labels).sum())
        return wilson(right, len(labels), level)
    values, step = [], max(AT_ONCE // len(labels), 1)
    for start in range(0, RESAMPLES, step):
        weights = _resampled(labels, min(step, RESAMPLES - start), generator)
        values.append(measure(name, labels, probabilities, weights))
    ends = [(1 - level) / 2, (1 + level) / 2]
    low, high = map(float, np.quantile(np.concatenate(values), ends))
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
