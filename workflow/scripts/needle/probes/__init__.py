"""Proxies: scores that frozen embeddings give a model on a task.

A proxy is one file here with a function ``score(embeddings, ...) -> float``, higher for a better
model; further arguments are the settings that the config may change, and ``seed`` where something
is drawn. `linear` alone has its own program, since its runs have repeats and learning rates. What
several files share is in those whose name begins with an underscore.
"""

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
    files = Path(__file__).parent.glob("[!_]*.py")
    return sorted(file.stem for file in files)
