"""Embeddings of one model that were computed in parts."""

from dataclasses import replace

import numpy as np

from needle.embedding.embedding_file import SOURCE, SPLITS


def rows_left(labels, rows, earlier):
    """Say which rows of each split are still to be embedded.

    Parameters
    ----------
    labels : dict of str to numpy.ndarray
        Of all pictures, by split.
    rows : dict of str to sequence of int or None
        Those that are wanted; all if None.
    earlier : dict of str to sequence of int or None
        Those that are there; none if None.

    Returns
    -------
    dict of str to numpy.ndarray of int
        Ascending.

    Examples
    --------
    >>> labels = {"train": np.zeros(4), "val": np.zeros(2)}
    >>> left = rows_left(labels, None, {"train": [1], "val": [0]})
    >>> {split: rows.tolist() for split, rows in left.items()}
    {'train': [0, 2, 3], 'val': [1]}
    """
    wanted = rows or {split: range(len(labels[split])) for split in SPLITS}
    there = earlier or dict.fromkeys(SPLITS, ())
    return {
        split: np.setdiff1d(np.asarray(wanted[split], int), np.asarray(there[split], int))
        for split in SPLITS
    }


def join(one, one_rows, other, other_rows):
    """Join embeddings of different pictures of one task, in the order of its rows.

    Parameters
    ----------
    one, other : Embeddings
    one_rows, other_rows : dict of str to sequence of int
        Which rows of the task they are, by split.

    Returns
    -------
    Embeddings
    """
    arrays = {}
    for split in SPLITS:
        order = np.argsort(np.concatenate([one_rows[split], other_rows[split]]))
        for name in (f"{split}_features", f"{split}_labels"):
            arrays[name] = np.concatenate([getattr(one, name), getattr(other, name)])[order]
        if split == "train" and one.train_source_probabilities is not None:
            said = [one.train_source_probabilities, other.train_source_probabilities]
            arrays[SOURCE] = np.concatenate(said)[order]
    return replace(one, **arrays)
