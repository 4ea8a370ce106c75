"""VTAB-1K's train, val and test sets as slices of a data set's own splits.

A reader states two facts and hands over all its examples::

    SPLITS = {"train": ("train", 0, 800), "val": ("train", 45000, 45200), "test": ("test", 0, None)}
    SIZES = {"train": 50000, "test": 10000}

    return vtab_splits({"train": train, "test": test}, SPLITS, SIZES, counts, folder)
"""

from needle.base.errors import NeedleError
from needle.tasks.examples import Examples
from needle.tasks.vtab1k.order import tfds_order


def vtab_splits(sources, splits, sizes, counts, folder):
    """Cut the original splits, in the order of TFDS, into VTAB-1K's three.

    Parameters
    ----------
    sources : dict of str to Examples
        All examples of each original split by its name in TFDS; `keys` are TFDS's.
    splits : dict of str to tuple
        By VTAB split (train, val, test): original split, start, stop (None: to the end).
    sizes : dict of str to int
        Published number of examples of each original split.
    counts : dict of str to int or tuple, or None
        Other bounds by VTAB split, for tests on small files: a stop, or a start and a stop. Sizes
        are checked only without it.
    folder : path
        Where the data set lies, for messages.

    Returns
    -------
    dict of str to Examples
        Examples are in the order of TFDS, which is VTAB's.

    Raises
    ------
    NeedleError
        If an original split has not its published number of examples.
    """
    if counts is None:
        check_sizes(sources, sizes, folder)
    bounds = {split: (start, stop) for split, (_, start, stop) in splits.items()}
    for split, bound in (counts or {}).items():
        bounds[split] = bound if isinstance(bound, tuple) else (0, bound)
    orders = {name: tfds_order(name, source.keys) for name, source in sources.items()}
    return {
        split: take(sources[name], orders[name][slice(*bounds[split])])
        for split, (name, _, _) in splits.items()
    }


def check_sizes(sources, sizes, folder):
    """Raise a NeedleError if an original split has not its published number of examples."""
    for name, size in sizes.items():
        if len(sources[name]) != size:
            raise NeedleError(
                f"{folder}: {name} has {len(sources[name])} examples, the published {name} split "
                f"has {size}; get the original files anew"
            )


def take(source, positions):
    """The examples at these positions, still not decoded.

    Parameters
    ----------
    source : Examples
    positions : numpy.ndarray of int64, shape (N,)

    Returns
    -------
    Examples
    """
    return Examples(
        keys=[source.keys[position] for position in positions],
        labels=source.labels[positions],
        image=lambda i: source.image(int(positions[i])),
    )
