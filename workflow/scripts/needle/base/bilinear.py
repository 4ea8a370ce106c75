"""Bilinear interpolation as TensorFlow 1 computes it, one formula for numpy and torch."""

import numpy as np

# ONNX's word for where its samples lie: at the place in the result times the scale.
ASYMMETRIC = "asymmetric"


def ends(length, size):
    """Find the two source pixels of each result along one axis, and the share of the second.

    Parameters
    ----------
    length, size : int
        Pixels of the source and of the result.

    Returns
    -------
    tuple of numpy.ndarray, each of shape (size,)
        Two of int64 and one of float32.

    Examples
    --------
    >>> ends(4, 8)[2].tolist()
    [0.0, 0.5, 0.0, 0.5, 0.0, 0.5, 0.0, 0.5]
    """
    at = np.arange(size, dtype=np.float32) * (np.float32(length) / np.float32(size))
    low = at.astype(np.int64)
    return low, np.minimum(low + 1, length - 1), at - low.astype(np.float32)


def interpolate(pixels, rows, columns):
    """Interpolate images along their last two axes.

    Each product and sum is rounded to float32 on its own, in TensorFlow's order: the result is
    that of ``tf.compat.v1.image.resize`` to the last bit, wherever it is computed.

    Parameters
    ----------
    pixels : numpy.ndarray or Tensor of float32, shape (..., H, W)
    rows, columns : tuple
        As `ends` gives them, tensors on the device of `pixels` if that is one.

    Returns
    -------
    numpy.ndarray or Tensor of float32, shape (..., H', W')

    References
    ----------
    TensorFlow, ``core/kernels/image/resize_bilinear_op.cc``.
    """
    low, high, share = columns
    wide = _between(pixels[..., low], pixels[..., high], share)
    low, high, share = rows
    return _between(wide[..., low, :], wide[..., high, :], share[:, None])


def _between(first, second, share):
    # In place: a batch that is enlarged on a GPU is large.
    second -= first
    second *= share
    second += first
    return second
