"""Files of 16 bits that use fewer."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from made import keys, paint, refusal
from needle.tasks.own.bit_depth import brightest
from needle.tasks.own.pictures import Square
from needle.tasks.own.prepare import prepare


def fill(root, most, suffix="png", count=10):
    """Grey pictures of 16 bits, the brightest pixel `most`."""
    generator = np.random.default_rng(0)
    for label in "ab":
        (root / label).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            values = generator.integers(0, most, (8, 8), dtype=np.uint16)
            values[0, 0] = most if (label, number) == ("a", 0) else 0
            Image.fromarray(values).save(root / label / f"{number}.{suffix}")


def colour_png(values):
    """A PNG of 16 bits a channel, which Pillow cannot write."""
    height, width, _ = values.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)

    def chunk(kind, content):
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0))
    return (b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows))
            + chunk(b"IEND", b""))  # fmt: skip


@pytest.mark.parametrize("suffix", ["png", "tif"])
@pytest.mark.parametrize(
    ("most", "bits", "limit", "factor"),
    [(255, 8, "256", 257), (256, 10, "1,024", 64), (1023, 10, "1,024", 64),
     (1024, 12, "4,096", 16), (4095, 12, "4,096", 16)],
)  # fmt: skip
def test_few_bits_are_refused_with_the_factor(tmp_path, suffix, most, bits, limit, factor):
    fill(tmp_path, most, suffix)
    assert refusal(tmp_path) == [
        f"none of its 20 pictures of 16 bits has a value of {limit} or more (of 65,535), such as "
        f"a/0.{suffix} with {most:,}: these are {bits} bits in files of 16, and would be nearly "
        f"black; multiply their values by {factor}, or save them with 8 bits"
    ]


@pytest.mark.parametrize("most", [4096, 16383, 65535])
def test_more_bits_are_used_as_they_are(tmp_path, most):
    fill(tmp_path, most)
    assert len(keys(prepare(tmp_path, 1, Square(8)))) == 20


def test_multiplied_as_said_they_fill_the_range(tmp_path):
    for bits, factor in ((8, 257), (10, 64), (12, 16)):
        values = np.full((8, 8), (2**bits - 1) * factor, np.uint16)
        Image.fromarray(values).save(tmp_path / "x.png")
        assert brightest(tmp_path / "x.png") == (2**bits - 1) * factor <= 65535
        assert (2**bits - 1) * factor > 0.99 * 65535


def test_one_bright_picture_is_enough(tmp_path):
    fill(tmp_path, 4000)
    Image.fromarray(np.full((8, 8), 5000, np.uint16)).save(tmp_path / "b/bright.png")
    assert len(keys(prepare(tmp_path, 1, Square(8)))) == 21


def test_dark_pictures_of_8_bits_are_no_matter(tmp_path):
    paint(tmp_path, {"a": 10, "b": 10}, start=1)
    assert brightest(tmp_path / "a/001.png") is None
    Image.fromarray(np.zeros((8, 8), np.uint16)).save(tmp_path / "a/black.png")
    assert len(keys(prepare(tmp_path, 1, Square(8)))) == 20 + 1
    (tmp_path / "broken.png").write_text("x")
    assert brightest(tmp_path / "broken.png") is None


def test_colours_of_16_bits(tmp_path):
    values = np.random.default_rng(0).integers(0, 4096, (10, 8, 8, 3))
    for label in "ab":
        (tmp_path / label).mkdir()
        for number, picture in enumerate(values):
            content = colour_png(picture + (label == "b"))
            (tmp_path / label / f"{number}.png").write_bytes(content)
    assert "12 bits in files of 16" in refusal(tmp_path)[0]
    (tmp_path / "a/bright.png").write_bytes(colour_png(values[0] * 16))
    assert brightest(tmp_path / "a/bright.png") > 2**15


def test_a_ppm_file_says_its_range(tmp_path):
    """Pillow scales what is below the header's greatest value."""
    (tmp_path / "x.pgm").write_bytes(b"P5 2 1 4095\n" + struct.pack(">2H", 4095, 100))
    assert brightest(tmp_path / "x.pgm") == 65535
