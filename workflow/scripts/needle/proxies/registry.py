"""The proxies that there are: one for each file in `needle.proxies.formulas`."""

from pathlib import Path

LINEAR = "linear"
# They learn from train and are judged by val alone.
ON_VAL = {"knn", "lda", LINEAR, "ridge"}
# They read what the source head says of train, and no features.
ON_SOURCE = {"leep", "nce"}


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


def judged_on_train(proxies):
    """List the proxies that judge features by the very examples they are computed from.

    Features that were trained on the labels of train look better to them than they are.

    Parameters
    ----------
    proxies : iterable of str

    Returns
    -------
    list of str

    Examples
    --------
    >>> judged_on_train(["knn", "logme", "leep"])
    ['logme']
    """
    return [name for name in proxies if name not in ON_VAL | ON_SOURCE]
