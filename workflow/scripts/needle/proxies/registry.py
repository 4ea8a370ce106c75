"""The proxies that there are: one for each file in `needle.proxies.formulas`."""

from pathlib import Path

LINEAR = "linear"


class NoScoreError(Exception):
    """The embeddings have no such score; the message says why."""


def names():
    """List the proxies that there are, by name.

    Returns
    -------
    list of str

    Examples
    --------
    >>> {"knn", "linear", "logme"} <= set(names())
    True
    """
    files = Path(__file__).with_name("formulas").glob("[!_]*.py")
    return sorted(file.stem for file in files)
