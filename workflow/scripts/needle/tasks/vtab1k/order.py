"""The order in which TensorFlow Datasets keeps the examples of a split, without TensorFlow."""

import hashlib

import numpy as np


def tfds_order(split, keys):
    """Positions of a split's examples in the order of TensorFlow Datasets (TFDS).

    TFDS sorts the examples of a split by the integer md5(split name + key), where the key is what
    the data set's builder yields for the example. VTAB's slices such as ``train[:800]`` count in
    this order.

    Parameters
    ----------
    split : str
        The split's name in TFDS.
    keys : sequence of str or int, length N

    Returns
    -------
    numpy.ndarray of int64, shape (N,)

    References
    ----------
    tensorflow-datasets 4.9.10, ``core/shuffle.py`` and ``core/hashing.py``.

    Examples
    --------
    CIFAR-10 and CIFAR-100 have these as their first training examples:

    >>> tfds_order("train", range(50000))[:5]
    array([16399,  1680, 47917, 17307, 27051])
    """
    salt = hashlib.md5(split.encode(), usedforsecurity=False)
    digests = [_digest(salt, key) for key in keys]
    # Bytes compare as the big-endian integers that they are.
    return np.array(sorted(range(len(digests)), key=digests.__getitem__), dtype=np.int64)


def _digest(salt, key):
    salted = salt.copy()
    salted.update(str(key).encode())
    return salted.digest()
