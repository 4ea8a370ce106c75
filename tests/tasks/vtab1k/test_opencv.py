"""Scaling as OpenCV does it."""

import numpy as np
import pytest

from needle.tasks.vtab1k.opencv import scale


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
