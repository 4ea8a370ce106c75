"""Folds of small data: each example of train and val is in val once in every repeat."""

import warnings

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedKFold

from needle.base.seeds import derive_seed
from needle.tasks.own.splits.group_split import fold_of, group_numbers

SMALL = 500  # examples of train and val together, below which one val says too little
FOLDS, REPEATS = 5, 4
ALWAYS_TRAIN = -1


def plan_folds(count, val_given, examples):
    """Decide how many folds there are, and how often they are drawn.

    Parameters
    ----------
    count : int
        Examples of train and val together.
    val_given : bool
        Whether the user has split val off: it stays so, unless the config asks for folds.
    examples : dict
        Of the config: ``folds`` and ``repeats``, if it has them.

    Returns
    -------
    tuple of int
        Folds and repeats; (1, 0) where the split itself counts.

    Examples
    --------
    >>> plan_folds(499, False, {}), plan_folds(500, False, {}), plan_folds(499, True, {})
    ((5, 4), (1, 0), (1, 0))
    >>> plan_folds(2000, True, {"folds": 10}), plan_folds(60, False, {"folds": 1})
    ((10, 4), (1, 0))
    """
    default = FOLDS if count < SMALL and not val_given else 1
    folds = examples.get("folds", default)
    return (folds, examples.get("repeats", REPEATS)) if folds > 1 else (1, 0)


def assign_folds(labels, groups, plan, seed):
    """Draw stratified folds, with all of a group in one.

    Parameters
    ----------
    labels : sequence of str or int, length N
    groups : sequence of str, length N, or None
        "" for an example that is alone.
    plan : tuple of int
        As `plan_folds` gives it.
    seed : int

    Returns
    -------
    numpy.ndarray of int, shape (N, repeats)
        In which fold each example is val; `ALWAYS_TRAIN` for the smallest group of a class that
        would else be in one fold only, so that every class is in every train. No column where
        there are too few examples or groups for two folds.
    """
    folds, repeats = plan
    labels = np.unique(np.asarray(labels), return_inverse=True)[1]
    alone = not groups or not any(groups)
    names = [("", i) for i in range(len(labels))]
    if not alone:
        names = [(group, -1 if group else i) for i, group in enumerate(groups)]
    numbers = group_numbers(names)
    folds = min(folds, len(np.unique(numbers)), int(np.bincount(labels).max(initial=0)))
    if folds < 2:
        repeats = 0
    found = np.empty((len(labels), repeats), np.int64)
    for repeat in range(repeats):
        drawn = derive_seed(seed, "folds", repeat)
        if alone:
            found[:, repeat] = _stratified(labels, folds, drawn)
        else:
            found[:, repeat] = fold_of(labels, numbers, folds, drawn)
        _keep_every_class(found[:, repeat], labels, numbers)
    return found


def fold_table(labels, groups, val_given, examples, seed):
    """Lay out the folds of train and val.

    Parameters
    ----------
    labels, groups
        As in `assign_folds`, of train and then val.
    val_given, examples
        As in `plan_folds`.
    seed : int

    Returns
    -------
    DataFrame
        Columns of data/folds.csv: example, and where there are folds ``repeat_1``, ``repeat_2``,
        ...
    """
    plan = plan_folds(len(labels), val_given, examples)
    table = pd.DataFrame({"example": range(len(labels))})
    for repeat, column in enumerate(assign_folds(labels, groups, plan, seed).T, start=1):
        table[f"repeat_{repeat}"] = column
    return table


def _stratified(labels, folds, seed):
    splitter = StratifiedKFold(folds, shuffle=True, random_state=seed % 2**32)
    found = np.empty(len(labels), np.int64)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        for number, (_, rows) in enumerate(splitter.split(labels, labels)):
            found[rows] = number
    return found


def _keep_every_class(fold, labels, groups):
    """Keep in train the smallest group of each class that is in one fold only."""
    for label in np.unique(labels):
        mine = labels == label
        if len(np.unique(fold[mine])) > 1 or ALWAYS_TRAIN in fold[mine]:
            continue
        names, sizes = np.unique(groups[np.isin(groups, groups[mine])], return_counts=True)
        fold[groups == names[sizes.argmin()]] = ALWAYS_TRAIN
