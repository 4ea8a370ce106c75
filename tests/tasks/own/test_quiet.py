"""Pillow's warnings are kept quiet, and no one else's."""

import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest
from picture_bytes import encode
from PIL import Image

from needle.tasks.own.pictures import Square, decode_picture


@pytest.mark.parametrize("filters", ["always", "error"])
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_a_large_picture_is_decoded_without_a_warning(decode, kind, filters):
    """Of 90 million pixels Pillow warns, and would raise where warnings are errors."""
    content = encode(Image.new("1", (30_001, 3000), 1), kind)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter(filters)
        before = list(warnings.filters)
        assert (decode(content) == 255).all()
        assert warnings.filters == before
    assert not caught


def test_threads_decode_the_same_and_leave_the_filters_as_they_were(tmp_path):
    for number in range(20):
        Image.new("RGB", (50, 40), (number, 0, 0)).save(tmp_path / f"{number}.png")
    before = list(warnings.filters)
    with ThreadPoolExecutor(8) as pool:
        paths = [tmp_path / f"{number % 20}.png" for number in range(200)]
        decoded = list(pool.map(lambda path: decode_picture(path, Square(8)), paths))
    assert [int(pixels[0, 0, 0]) for pixels in decoded] == [n % 20 for n in range(200)]
    assert warnings.filters == before
