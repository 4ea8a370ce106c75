"""Disjoint regions of a picture for train, validation and test crops.

A region is a union of boxes, and a crop belongs to a split if all it reads lies in one box of
that split. Crops of one region share pixels with each other, as patches of one slide or frames
of one drive do; crops of two regions never do.
"""

import math
from typing import NamedTuple

import numpy as np

SHARES = {"train": 0.46, "val": 0.24, "test": 0.30}


class Box(NamedTuple):
    """Rows top, ..., bottom - 1 and columns left, ..., right - 1 of a picture."""

    top: int
    bottom: int
    left: int
    right: int


class LabelledPicture(NamedTuple):
    """A picture, what is measured in it, where each split may look, and the bins of the labels."""

    picture: np.ndarray
    target: np.ndarray
    regions: dict[str, list[Box]]
    edges: np.ndarray


def quantile_edges(values, bins):
    """Return the ``bins - 1`` inner edges that divide values into equally full bins."""
    return np.quantile(values, np.arange(1, bins) / bins)


def split_regions(rows, width, guard, repeats=1, bands=1):
    """Divide a picture into boxes for train, validation and test.

    Parameters
    ----------
    rows : tuple of int
        First row, and the row after the last.
    width : int
        Number of columns of the picture.
    guard : int
        Pixels after each box, to the right and below, that belong to no split.
    repeats : int
        How often the sequence train, validation, test is repeated from left to right. More
        repeats make the three regions more alike and leave less room in each box.
    bands : int
        Number of horizontal bands. The sequence moves on by one split from band to band, so
        that with three bands every split has its share of the left, the middle and the right.

    Returns
    -------
    dict of str to list of Box
        For every split, ``repeats * bands`` boxes; different boxes are ``guard`` pixels or more
        apart.

    Examples
    --------
    >>> split_regions((0, 50), 112, guard=4)["val"]
    [Box(top=0, bottom=46, left=50, right=74)]
    """
    usable = width / repeats - guard * len(SHARES)
    height = (rows[1] - rows[0]) / bands
    boxes: dict[str, list[Box]] = {split: [] for split in SHARES}
    for band in range(bands):
        top = rows[0] + band * height
        first = band % len(SHARES)
        order = [*SHARES, *SHARES][first : first + len(SHARES)]
        left = 0.0
        for split in order * repeats:
            right = left + SHARES[split] * usable
            box = Box(math.ceil(top), int(top + height) - guard, math.ceil(left), int(right))
            boxes[split].append(box)
            left = right + guard
    return boxes


def random_centres(
    rng,
    boxes,
    reach,
    accept=None,
):
    """Draw centres of crops which lie inside boxes.

    Parameters
    ----------
    rng : numpy.random.Generator
    boxes : sequence of Box
        Boxes of one split, drawn with equal probability.
    reach : numpy.ndarray
        How far each crop samples from its centre in pixels, shape (N,).
    accept : callable, optional
        Function of columns and rows that says which centres to keep; the others are drawn anew.

    Returns
    -------
    cx, cy : numpy.ndarray
        Column and row of the centres in pixels, float64, shape (N,).

    Raises
    ------
    ValueError
        If a crop does not fit into a box.

    Notes
    -----
    A sample at column x reads the columns floor(x) and floor(x) + 1. It stays in columns
    left, ..., right - 1 if left <= x < right - 1. Centres keep one more pixel from either end,
    so that rounding cannot matter. The same holds for rows.
    """
    edges = np.array(boxes, float)
    lower = edges[:, [0, 2]] + 1
    upper = edges[:, [1, 3]] - 2
    if np.any(upper - lower < 2 * np.max(reach)):
        raise ValueError(f"crops that reach {np.max(reach):.1f} pixels do not fit into {boxes}")
    centres = np.empty((len(reach), 2))
    pending = np.arange(len(reach))
    while pending.size:
        box = rng.integers(0, len(boxes), pending.size)
        margin = np.asarray(reach)[pending, None]
        span = upper[box] - lower[box] - 2 * margin
        centres[pending] = lower[box] + margin + span * rng.random((pending.size, 2))
        if accept is None:
            break
        pending = pending[~accept(centres[pending, 1], centres[pending, 0])]
    return centres[:, 1], centres[:, 0]
