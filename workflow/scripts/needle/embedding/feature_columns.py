"""Columns of numbers that are no dimensions of an embedding: an id, an index, the label itself."""

import re

import numpy as np

from needle.base.errors import NeedleError
from needle.tasks.own.problems import listed

ENOUGH = 20  # examples, from which on chance makes no dimension a function of the label
_NUMBERED = re.compile(r"(.*?)(\d+)(\D*)", re.DOTALL)


def check_names(path, names):
    """Refuse columns that are not numbered, if others are.

    Parameters
    ----------
    path : path
        Of the file, for the message.
    names : list of str
        Of the numeric columns beside ``label`` and ``split``.

    Raises
    ------
    NeedleError
        If two columns or more differ in one number only (f0, f1, ...), and another in none.
    """
    families = _families(names)
    odd = [name for members in families.values() if len(members) == 1 for name in members]
    if odd and len(odd) < len(names):
        raise NeedleError(
            f"{path}: has columns that are not numbered as the others are ({describe(names)}): "
            f"{listed(odd)}; take them out, or give one column embedding of lists of numbers"
        )


def describe(names):
    """Name the columns that are taken for dimensions, a numbered family by its ends.

    Examples
    --------
    >>> describe([f"f{i}" for i in range(16)]), describe(["f0", "f1", "id"])
    ('f0 to f15', 'f0 to f1')
    >>> describe(["width", "height"])
    'height, width'
    """
    families = [members for members in _families(names).values() if len(members) > 1]
    return ", ".join(f"{members[0]} to {members[-1]}" for members in families) or listed(names)


def is_numbered(names):
    """Tell whether names differ in their last number only, as those of dimensions do."""
    return len(_families(names)) == 1


def _families(names):
    """Group names that differ in their last number only."""
    families = {}
    for name in names:
        match = _NUMBERED.fullmatch(name)
        key = (match[1], match[3]) if match else name
        families.setdefault(key, []).append(name)
    return families


def check_values(path, features, labels, names=None):
    """Refuse dimensions that give the label away.

    Parameters
    ----------
    path : path
        Of the file, for the message.
    features : numpy.ndarray, shape (N, D)
    labels : list of str
    names : list of str, optional
        Of the dimensions; else they are counted from 0.

    Raises
    ------
    NeedleError
        If of 20 examples or more a dimension has one value in each class, but not in all, or
        counts the rows: whole numbers in a row, each once.
    """
    if len(features) < ENOUGH:
        return
    _, numbers, counts = np.unique(labels, return_inverse=True, return_counts=True)
    if counts.min() < 2:
        return
    order = np.argsort(numbers, kind="stable")
    starts = np.cumsum(counts) - counts
    by_class = features[order]
    low, high = (f.reduceat(by_class, starts, axis=0) for f in (np.minimum, np.maximum))
    one_value = (low == high).all(axis=0) & (low.min(axis=0) != high.max(axis=0))
    _refuse(path, names, one_value, "a function of the label: one value for each class")
    least, most = low.min(axis=0), high.max(axis=0)
    maybe = np.flatnonzero(most - least == len(features) - 1)
    counted = np.zeros(features.shape[1], bool)
    for column in maybe:
        steps = np.diff(np.sort(features[:, column]))
        counted[column] = bool((steps == 1).all())
    _refuse(path, names, counted, "a count of the rows, such as an index or an id")


def _refuse(path, names, wrong, what):
    places = np.flatnonzero(wrong)
    if len(places):
        which = listed([names[i] if names else str(i) for i in places])
        noun = "column" if names else "dimension"
        raise NeedleError(
            f"{path}: {noun} {which} is {what}, not a dimension of an embedding; take it out"
        )
