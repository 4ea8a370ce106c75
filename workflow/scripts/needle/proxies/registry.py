"""The proxies that there are: one for each file in the folders of `needle.proxies.formulas`."""

import importlib
from pathlib import Path

LIBRARY = Path(__file__).parents[2]  # the folder that holds the package
# They have learning rates and repeats: a program of their own, which gives a row for each run.
TRAINED = ("linear", "linear_scaled")
# They learn from train and are judged by val alone.
ON_VAL = {"knn", "lda", *TRAINED, "ridge"}
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
    return sorted(_files())


def file_of(name):
    """Find the file of a proxy, relative to the folder that holds the package.

    Examples
    --------
    >>> file_of("logme")
    'needle/proxies/formulas/likelihood/logme.py'
    """
    return _files()[name].relative_to(LIBRARY).as_posix()


def formula(name):
    """Import the module of a proxy."""
    return importlib.import_module(file_of(name).removesuffix(".py").replace("/", "."))


def _files():
    """List the files of the proxies by name."""
    files = Path(__file__).with_name("formulas").rglob("[!_]*.py")
    return {file.stem: file for file in files}


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
