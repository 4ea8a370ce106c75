"""Resizing is that of VTAB's own code: TensorFlow 1's bilinear interpolation, rounded."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from needle.base.bilinear import ends, interpolate
from needle.tasks.resize import resize


def image(*rows):
    return np.array(rows, np.uint8)[..., None].repeat(3, axis=-1)


@pytest.mark.parametrize(
    ("rows", "size", "first_row"),
    [
        ([[0, 80, 160, 240]], 8, [0, 40, 80, 120, 160, 200, 240, 240]),
        ([[0, 100]], 8, [0, 25, 50, 75, 100, 100, 100, 100]),
        ([[0, 10, 20, 30, 40, 50]], 3, [0, 20, 40]),  # every second pixel as it is
        ([[0, 10, 20, 30, 40]], 3, [0, 17, 33]),  # 0, 5 / 3, 10 / 3
    ],
)
def test_samples_lie_at_their_place_times_the_scale(rows, size, first_row):
    resized = resize(image(*rows), size)
    assert resized.dtype == np.uint8
    assert resized.shape == (3, size, size)
    for channel in resized:
        assert channel.tolist() == [first_row] * size
    turned = resize(image(*rows).transpose(1, 0, 2), size)
    assert (turned == resized.transpose(0, 2, 1)).all()


def test_two_axes_by_hand():
    """At 0 and 1.5 of each axis: 1.5 lies between the second pixel and the third."""
    rows = [[0, 90, 90], [60, 30, 50], [60, 70, 10]]
    # Row 1: between 30 and 50. Row 1.5: between 60 and 60, and between 30, 50, 70 and 10.
    assert resize(image(*rows), 2)[0].tolist() == [[0, 90], [60, 40]]


def test_floats_are_those_of_tensorflow():
    """tf.compat.v1.image.resize of TensorFlow 2.19.1, whose scale 5 / 7 is inexact in float32."""
    pixels = np.array([[3, 250, 17, 96, 201]], np.float32)
    found = interpolate(pixels, ends(1, 1), ends(5, 7))
    expected = [1077936128, 1127443895, 1125524626, 1105348898, 1118399928, 1125908482, 1128857600]
    assert found.view(np.uint32).tolist() == [expected]  # 3, 179.43, 150.14, 28.29, 84.71, 156, 201


@given(
    height=st.integers(1, 12),
    width=st.integers(1, 12),
    size=st.integers(1, 30),
    seed=st.integers(0, 9),
)
def test_equal_to_exact_arithmetic(height, width, size, seed):
    """An independent computation, in fractions, but for what float32 rounds away."""
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    found = resize(pixels, size)

    def weights(length, place):
        at = Fraction(place * length, size)
        low = int(at)
        return (low, 1 - (at - low)), (min(low + 1, length - 1), at - low)

    for y, x in {(0, 0), (size // 2, size - 1), (size - 1, size // 3)}:
        exact = sum(
            v * u * int(pixels[row, column, 1])
            for row, v in weights(height, y)
            for column, u in weights(width, x)
        )
        assert abs(int(found[1, y, x]) - exact) <= Fraction(1, 2) + Fraction(1, 1000)


def test_an_image_need_not_be_contiguous():
    pixels = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    view = pixels[::-1, 5:25]
    assert not view.flags.c_contiguous
    assert (resize(view, 8) == resize(view.copy(), 8)).all()


def test_an_image_of_the_size_is_only_transposed():
    pixels = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    assert (resize(pixels, 16) == pixels.transpose(2, 0, 1)).all()


def test_halves_go_to_the_even_integer():
    assert resize(image([0, 1]), 4)[0, 0].tolist() == [0, 0, 1, 1]
    assert resize(image([1, 2]), 4)[0, 0].tolist() == [1, 2, 2, 2]
