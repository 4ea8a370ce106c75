"""Resizing as VTAB does it, without TensorFlow."""

from functools import lru_cache

import numpy as np

from needle.base import bilinear


def resize(image, size):
    """Resize an image to a square: bilinear without half-pixel centres, antialias off.

    The aspect is not kept. It is what VTAB's code gets of ``tf.compat.v1.image.resize``, with one
    difference: VTAB keeps fractions of grey levels, and here they are rounded (half to even).

    Parameters
    ----------
    image : numpy.ndarray of uint8, shape (H, W, 3)
    size : int
        Height and width of the result in pixels.

    Returns
    -------
    numpy.ndarray of uint8, shape (3, size, size)

    References
    ----------
    google-research/task_adaptation, ``data_loader.py``, ``preprocess_fn``.

    Examples
    --------
    >>> resize(np.array([[[0, 0, 0], [100, 100, 100]]], np.uint8), 4)[0, 0]
    array([  0,  50, 100, 100], dtype=uint8)
    """
    height, width = image.shape[:2]
    pixels = image.transpose(2, 0, 1).astype(np.float32, order="C")
    resized = bilinear.interpolate(pixels, _ends(height, size), _ends(width, size))
    return np.rint(resized).astype(np.uint8, order="C")


_ends = lru_cache(maxsize=16)(bilinear.ends)
