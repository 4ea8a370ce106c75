"""A file of which no picture can be made is refused in a few words."""

import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from picture_bytes import NOISE, encode
from PIL import Image

from needle.tasks.own.pictures import FORMATS, Square, UnreadablePictureError, decode_picture


def chunk(kind, content):
    body = kind + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def png(width, height, bits, colour, rows):
    """A PNG file of the bytes of its rows, each of which begins with its filter, 0."""
    packer = zlib.compressobj(1)
    pixels = b"".join(packer.compress(row) for row in rows) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", pixels), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def reason(decode, content):
    with pytest.raises(UnreadablePictureError) as caught:
        decode(content)
    text = str(caught.value)
    assert "\n" not in text
    assert 0 < len(text) < 150
    return text


WHOLE = {kind: encode(NOISE, kind) for kind in FORMATS} | {
    "compressed TIFF": encode(NOISE, "TIFF", compression="tiff_deflate"),
    "animated GIF": encode(NOISE, "GIF", save_all=True, append_images=[NOISE.rotate(180)]),
}


@pytest.mark.parametrize("kind", WHOLE)
def test_a_file_that_is_cut_off(decode, kind):
    """Cut where pixels are missing: never a picture that is half grey."""
    whole = WHOLE[kind]
    for keep in (0, 1, 7, 20, len(whole) // 4, len(whole) // 2):
        reason(decode, whole[:keep])


@pytest.mark.parametrize("kind", WHOLE)
@settings(max_examples=80)
@given(data=st.data())
def test_a_damaged_file_is_a_picture_or_unreadable(decode, kind, data):
    content = bytearray(WHOLE[kind])
    places = st.integers(0, min(len(content), 80) - 1) | st.integers(0, len(content) - 1)
    for place, value in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), max_size=12)):
        content[place] = value
    end = data.draw(st.just(len(content)) | st.integers(0, len(content)))
    try:
        decoded = decode(bytes(content[:end]))
    except UnreadablePictureError:
        reason(decode, bytes(content[:end]))
    else:
        assert decoded.shape == (8, 8, 3)
        assert decoded.dtype == np.uint8


@settings(max_examples=60)
@given(st.sampled_from([b"", *(WHOLE[kind][:12] for kind in FORMATS)]), st.binary(max_size=200))
def test_noise_is_no_picture(decode, start, noise):
    with pytest.raises(UnreadablePictureError):
        decode(start + noise)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "empty file"),
        (b"<svg/>", "not a readable PNG, JPEG, GIF, BMP, TIFF, WEBP or PPM file"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not a readable PNG"),
        (b"Pf 2 1 -1.0\n" + struct.pack("<2f", 0.5, 1), "floating point pixels"),
        (encode(Image.new("F", (2, 2), 0.5), "TIFF"), "floating point pixels"),
        (encode(Image.new("I", (2, 2), 70_000), "TIFF"), "grey values of more than 16 bits"),
        (encode(Image.new("I", (2, 2), -1), "TIFF"), "grey values of more than 16 bits"),
        (png(0, 3, 8, 2, []), "not a readable PNG"),
        (b"P6 0 3 255\n", "not a readable PNG"),
        (WHOLE["JPEG"][:-60], "damaged, or cut off"),
    ],
)
def test_reasons(decode, content, expected):
    assert reason(decode, content).startswith(expected)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(UnreadablePictureError, match="cannot be read: No such file"):
        decode_picture(tmp_path / "none.png", Square(8))
    with pytest.raises(UnreadablePictureError, match="cannot be read: Is a directory"):
        decode_picture(tmp_path, Square(8))


@pytest.mark.parametrize("limit", [Image.MAX_IMAGE_PIXELS, None])
def test_a_picture_of_900_million_pixels_is_refused_by_its_header(decode, monkeypatch, limit):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
    row = b"\0" + bytes(30_000 // 8)
    content = png(30_000, 30_000, 1, 0, [row * 1000] * 30)
    assert len(content) < 10**6
    assert reason(decode, content) == "more than 178,956,970 pixels"
    # Nothing after the header: had it been decoded, it would be cut off.
    assert reason(decode, content[:60]) == "more than 178,956,970 pixels"
    assert reason(decode, png(178_956_971, 1, 1, 0, [])) == "more than 178,956,970 pixels"


def test_a_header_that_lies(decode):
    row = b"\0" + bytes(3 * 4)
    assert (decode(png(4, 4, 8, 2, [row] * 4)) == 0).all()
    assert reason(decode, png(40_000, 40_000, 8, 2, [row] * 4)) == "more than 178,956,970 pixels"
    content = png(4, 400, 8, 2, [row, row[:5]])
    assert reason(decode, content).startswith("damaged, or cut off")
