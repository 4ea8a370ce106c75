"""Proxies of small data: the mean over folds, and how sure it is."""

from dataclasses import replace

import numpy as np
import pandas as pd

from needle.base.errors import NeedleError
from needle.proxies.registry import ON_SOURCE


def read_folds(path, repeats=None):
    """Read in which fold each example of train and val is val.

    Parameters
    ----------
    path : path or None
        data/folds.csv; a benchmark has none.
    repeats : int, optional
        The first of them; all if not given.

    Returns
    -------
    list of numpy.ndarray of bool, shape (N,)
        What is val, by fold of each repeat; none where the split itself counts.
    """
    if path is None:
        return []
    table = pd.read_csv(path)
    columns = [table[name].to_numpy() for name in table if name.startswith("repeat_")]
    columns = columns[:repeats]
    return [column == fold for column in columns for fold in range(column.max() + 1)]


def folded(embeddings, folds):
    """Split the embeddings of train and val anew.

    Parameters
    ----------
    embeddings : Embeddings
    folds : list of numpy.ndarray of bool, shape (N,)
        As `read_folds` gives them, of train and then val.

    Yields
    ------
    Embeddings
        By fold; without source probabilities, which are known of train only.

    Raises
    ------
    NeedleError
        If the folds are not of these embeddings.
    """
    features = np.concatenate([embeddings.train_features, embeddings.val_features])
    labels = np.concatenate([embeddings.train_labels, embeddings.val_labels])
    for val in folds:
        if len(val) != len(labels):
            raise NeedleError(
                f"data/folds.csv has {len(val)} rows, but {len(labels)} examples are embedded; "
                "delete both and run again"
            )
        yield replace(
            embeddings,
            train_features=features[~val],
            train_labels=labels[~val],
            val_features=features[val],
            val_labels=labels[val],
            train_source_probabilities=None,
        )


def fold_note(folds):
    """Say that proxies are means over folds; nothing where they are not.

    Examples
    --------
    >>> fold_note([np.array([True, False]), np.array([False, True])])
    'Scores are means over 2 folds of the 2 train and val examples; ranking.csv has their errors.'
    """
    if not folds:
        return ""
    return (
        f"Scores are means over {len(folds)} folds of the {len(folds[0]):,} train and val "
        "examples; ranking.csv has their errors."
    )


def is_folded(name, settings, folds):
    """Tell whether a proxy is a mean over folds.

    One of source probabilities is not: these are of train only. Nor is one that leaves one out: it
    judges each example of train and val already.
    """
    return bool(folds) and name not in ON_SOURCE and not settings.get("leave_one_out")


def mean_and_error(values, folds):
    """Average a proxy over folds, with its standard error.

    Folds share their training examples, so their spread alone says too little. The variance of the
    mean is corrected by the ratio of val to train examples, as by Nadeau and Bengio (Machine
    Learning 52, 2003, equation 9, for repeated draws): s² (1/J + n_val / n_train).

    Parameters
    ----------
    values : sequence of float, length J
        By fold; NaN where it has none.
    folds : list of numpy.ndarray of bool, shape (N,)

    Returns
    -------
    tuple of float
        Mean and standard error of the folds that have a value; NaN if none has, the error also if
        only one has.

    Examples
    --------
    Two folds of two examples: s² = 0.02, and 1/2 + 1/1.

    >>> mean, error = mean_and_error([0.6, 0.8], [np.array([True, False]), np.array([False, True])])
    >>> f"{mean:.2f} {error:.4f}"
    '0.70 0.1732'
    """
    values = np.asarray(values, float)
    values = values[~np.isnan(values)]
    if len(values) == 0:
        return np.nan, np.nan
    if len(values) == 1:
        return float(values[0]), np.nan
    share = np.mean([val.mean() for val in folds])
    variance = values.var(ddof=1) * (1 / len(values) + share / (1 - share))
    return float(values.mean()), float(np.sqrt(variance))
