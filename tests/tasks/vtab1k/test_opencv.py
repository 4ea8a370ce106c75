"""Scaling and blurring as OpenCV does them."""

import zlib

import numpy as np
import pytest
from originals import waves

from needle.tasks.vtab1k.opencv import blur, scale


@pytest.mark.parametrize(
    ("part", "factor", "opencv"),
    [
        (
            np.s_[:],
            np.sqrt(12 / 63),
            [[66, 62, 48, 113], [181, 111, 143, 161], [193, 106, 202, 91]],
        ),
        (np.s_[:2, 1:3], 1.5, [[53, 79, 106], [82, 113, 145], [110, 146, 183]]),
        (np.s_[:2, 1:3], 1.1, [[53, 106], [110, 183]]),
    ],
)
def test_scaling_is_that_of_opencv(part, factor, opencv):
    """Expected: cv2.resize(image, None, fx=factor, fy=factor), opencv-python-headless 5.0.0.93."""
    y, x = np.mgrid[:7, :9]
    image = ((37 * y + 53 * x + y * x % 5 * 20) % 256).astype(np.uint8)[part]
    scaled = scale(np.dstack([image] * 3), factor)
    assert all(scaled[..., channel].tolist() == opencv for channel in range(3))


def test_blurring_is_that_of_opencv():
    """Expected: cv2.GaussianBlur(image, (0, 0), 10), opencv-python-headless 4.11.0.86.

    The smaller image is mirrored several times.
    """
    blurred = blur(waves(9, 12))
    assert blurred[::4, ::5].tolist() == [
        [[113, 113, 163], [113, 113, 163], [113, 114, 162]],
        [[113, 112, 163], [113, 112, 163], [113, 113, 162]],
        [[113, 111, 163], [113, 112, 163], [113, 112, 162]],
    ]
    assert zlib.crc32(blurred) == 1646553036
    assert zlib.crc32(blur(waves(70, 90))) == 4023951787


def test_blurring_by_hand():
    """One bright pixel spreads by its row's weights, then by its column's."""
    image = np.zeros((101, 101, 3), np.uint8)
    image[50, 50] = 255
    assert blur(image)[50, 50].tolist() == [(255 * 10 * 10 + 32768) >> 16] * 3
    flat = np.full((5, 7, 3), 77, np.uint8)
    assert (blur(flat) == flat).all()
