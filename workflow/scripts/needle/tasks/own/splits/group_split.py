"""Cut splits and folds so that all pictures of a group are on one side."""

import warnings
from dataclasses import replace
from fractions import Fraction

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from needle.base.seeds import derive_seed
from needle.tasks.own.problems import plural

MOST_FOLDS = 20  # of which a split takes its share


def split_by_groups(candidates, seed, examples):
    """Give each candidate its split, group by group.

    Parameters
    ----------
    candidates : list of Candidate
        With a split each (train and test, perhaps val) or none; what has no group is one by itself.
    seed : int
    examples : dict
        ``val_share``, ``test_share``.

    Returns
    -------
    candidates : list of Candidate
        All with a split; every class is in train. A split has its share of groups, stratified as
        far as groups allow. Unchanged if no candidate has a group, or nothing is to be cut.
    complaints : list of str
        If there are too few groups.
    """
    splits = np.array([candidate.split for candidate in candidates], dtype=object)
    if not any(candidate.group for candidate in candidates) or "val" in splits:
        return candidates, []
    labels = np.unique([candidate.label for candidate in candidates], return_inverse=True)[1]
    groups = group_numbers([(c.group, "" if c.group else c.path) for c in candidates])
    cuts = {"test": ("", "test_share"), "val": ("train", "val_share")}
    for split, (source, share) in cuts.items():
        rows = np.flatnonzero(splits == source)
        if len(rows) == 0:
            continue
        part = take(labels[rows], groups[rows], examples[share], derive_seed(seed, "groups", split))
        if not part.any():
            return candidates, [_too_few(groups[rows], split)]
        splits[rows] = np.where(part, split, "train")
    return [replace(c, split=s) for c, s in zip(candidates, splits, strict=True)], []


def _too_few(groups, split):
    return (
        f"the pictures that {split} is cut from are of {plural(len(np.unique(groups)), 'group')}: "
        "too few, since a group cannot be on both sides and train needs every class; give more "
        "groups to each class, or a split of your own"
    )


def group_numbers(names):
    """Number groups by their sorted names: int, shape (N,)."""
    order = {name: number for number, name in enumerate(sorted(set(names)))}
    return np.array([order[name] for name in names], np.int64)


def take(labels, groups, share, seed):
    """Take whole groups that together are about a share of the examples.

    Parameters
    ----------
    labels, groups : numpy.ndarray of int, shape (N,)
    share : float
        Above 0 and below 1.
    seed : int

    Returns
    -------
    numpy.ndarray of bool, shape (N,)
        What is taken. Every class is among the others; nothing is taken where that leaves nothing.

    Examples
    --------
    >>> labels, groups = np.array([0, 1] * 4), np.array([0, 0, 1, 1, 2, 2, 3, 3])
    >>> taken = take(labels, groups, 0.25, seed=1)
    >>> taken.sum(), len(set(groups[taken])), len(set(groups[~taken]))
    (np.int64(2), 1, 3)
    """
    most = min(MOST_FOLDS, len(np.unique(groups)), int(np.bincount(labels).max()))
    if most < 2:
        return np.zeros(len(labels), bool)
    fraction = Fraction(share).limit_denominator(most)
    fraction = min(max(fraction, Fraction(1, most)), Fraction(most - 1, most))
    number, folds = fraction.numerator, fraction.denominator
    fold = fold_of(labels, groups, folds, seed)
    choices = [np.isin((fold - start) % folds, range(number)) for start in range(folds)]
    for part in choices:
        _leave_every_class(part, labels, groups)

    def fitness(part):
        return len(np.unique(labels[part])), -abs(part.mean() - share)

    return max(choices, key=fitness)


def fold_of(labels, groups, folds, seed):
    """Assign whole groups to folds by scikit-learn's StratifiedGroupKFold: int, shape (N,)."""
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed % 2**32)
    found = np.empty(len(labels), np.int64)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        for number, (_, rows) in enumerate(splitter.split(labels, labels, groups)):
            found[rows] = number
    return found


def _leave_every_class(part, labels, groups):
    """Give back the smallest group of each class that is in the part only."""
    for label in np.setdiff1d(labels, labels[~part]):
        if label in labels[~part]:  # came back with another
            continue
        names, sizes = np.unique(groups[part & np.isin(groups, groups[labels == label])],
                                 return_counts=True)  # fmt: skip
        part[groups == names[sizes.argmin()]] = False
