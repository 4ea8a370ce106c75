"""Intervals of proportions such as an accuracy."""

from scipy.stats import binomtest


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
