"""Time as people write it in a config: 90s, 20m, 2h, 1h30m."""

import re

UNITS = {"h": 3600, "m": 60, "s": 1}


def seconds_of(text):
    """Read a time, whose form the schema of the config has checked.

    Parameters
    ----------
    text : str
        Whole hours, minutes and seconds, each at most once and in this order.

    Returns
    -------
    int
        Seconds.

    Examples
    --------
    >>> [seconds_of(text) for text in ("90s", "20m", "2h", "1h30m")]
    [90, 1200, 7200, 5400]
    """
    return sum(int(count) * UNITS[unit] for count, unit in re.findall(r"(\d+)([hms])", text))
