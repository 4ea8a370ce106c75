"""What OpenCV does to the images that TFDS stores, to the bit and without OpenCV."""

import numpy as np
from scipy.ndimage import correlate1d

STEPS = 2048  # in which weights of linear interpolation are counted

# Of a Gaussian of 10 pixels, in steps of 1 / 256: one side, from its end to the middle.
_SIDE = [0, 0, 0, 1, 0, 1, 0, 1, 1, 1, 1, 2, 2, 2, 3, 4, 3, 5, 5, 5, 7, 6, 8, 8, 8, 9, *[10] * 4]
GAUSSIAN = np.array([*_SIDE, 10, *_SIDE[::-1]])


def scale(image, factor):
    """Scale an image: bilinear, antialias off, in OpenCV's fixed-point arithmetic.

    Parameters
    ----------
    image : numpy.ndarray of uint8, shape (H, W, 3)
    factor : float
        New by old height and width.

    Returns
    -------
    numpy.ndarray of uint8, shape (round(factor * H), round(factor * W), 3)
        That of ``cv2.resize(image, dsize=None, fx=factor, fy=factor)``, compared with OpenCV 5.0.

    Examples
    --------
    >>> scale(np.full((3, 8, 3), 100, np.uint8), 0.5).shape
    (2, 4, 3)
    """
    if image.shape[:2] == tuple(round(length * factor) for length in image.shape[:2]):
        return image
    left, right, before, after = _ends(image.shape[1], factor)
    top, bottom, above, below = _ends(image.shape[0], factor)
    rows = image[:, left] * before[:, None] + image[:, right] * after[:, None] >> 4
    high = rows[top] * above[:, None, None] >> 16
    low = rows[bottom] * below[:, None, None] >> 16
    return (high + low + 2 >> 2).astype(np.uint8)


def blur(image):
    """Blur an image by a Gaussian of 10 pixels, in OpenCV's integers; mirrored beyond its edges.

    Parameters
    ----------
    image : numpy.ndarray of uint8, shape (H, W, 3)

    Returns
    -------
    numpy.ndarray of uint8, shape (H, W, 3)
        That of ``cv2.GaussianBlur(image, (0, 0), 10)``, compared with OpenCV 4.11.

    Examples
    --------
    >>> len(GAUSSIAN), int(GAUSSIAN.sum())
    (61, 256)
    """
    sums = image.astype(np.int32)
    for axis in (1, 0):
        sums = correlate1d(sums, GAUSSIAN, axis, mode="mirror")
    return (sums + (1 << 15) >> 16).astype(np.uint8)


def _ends(length, factor):
    """Find the two source pixels of each result along one axis, and their weights in steps."""
    # Samples lie by the factor itself; rounding the new length does not move them.
    centres = (np.arange(round(length * factor)) + 0.5) * (1 / factor) - 0.5
    centres = centres.astype(np.float32)
    low = np.floor(centres).astype(np.intp)
    high_weight = centres - low.astype(np.float32)
    weights = (np.rint(weight * STEPS).astype(int) for weight in (1 - high_weight, high_weight))
    # Beyond an edge both are the pixel at the edge, and the weights stay.
    return low.clip(0, length - 1), (low + 1).clip(0, length - 1), *weights
