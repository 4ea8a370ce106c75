"""Whatever a file holds, it becomes the right pixels."""

import io
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from picture_bytes import NOISE, encode
from PIL import Image

from needle.tasks.own.pictures import UPRIGHT, ShorterSide

ORIENTATION = 0x0112
EXACT = ("PNG", "GIF", "BMP", "TIFF", "WEBP", "PPM")


def resized(image, size=8):
    return np.array(image.resize((size, size), Image.Resampling.BILINEAR))


# Pixels


@pytest.mark.parametrize("kind", EXACT)
def test_pixels_of_every_format(decode, kind):
    image = NOISE.quantize(256) if kind == "GIF" else NOISE
    decoded = decode(encode(image, kind))
    assert decoded.dtype == np.uint8
    assert decoded.shape == (8, 8, 3)
    assert (decoded == resized(image.convert("RGB"))).all()


def test_jpeg(decode):
    content = encode(NOISE, "JPEG")
    assert (decode(content) == resized(Image.open(io.BytesIO(content)))).all()


@pytest.mark.parametrize("shape", [(9, 14), (40, 7), (224, 224), (1, 1), (500, 300)])
def test_timm_brings_a_picture_to_the_same_pixels(decode, shape):
    """The exported model sees what it was trained on."""
    timm_data = pytest.importorskip("timm.data")
    image = Image.fromarray(
        np.random.default_rng(2).integers(0, 256, (*shape, 3), dtype=np.uint8), "RGB"
    )
    *geometry, to_tensor, _ = timm_data.create_transform(
        (3, 32, 32), crop_mode="squash", crop_pct=1.0, interpolation="bilinear"
    ).transforms
    expected = image
    for step in geometry:
        expected = step(expected)
    decoded = decode(encode(image, "PNG"), 32)
    assert (decoded == np.array(expected)).all()
    assert (decoded.transpose(2, 0, 1) / np.float32(255) == to_tensor(expected).numpy()).all()


@pytest.mark.parametrize(
    ("mode", "value", "expected"),
    [
        ("L", 7, [7, 7, 7]),
        ("1", 0, [0, 0, 0]),
        ("1", 1, [255, 255, 255]),
        ("P", 0, [0, 0, 0]),
        ("LA", (7, 255), [7, 7, 7]),
        ("LA", (7, 0), [255, 255, 255]),
        ("RGBA", (1, 2, 3, 255), [1, 2, 3]),
        ("RGBA", (1, 2, 3, 0), [255, 255, 255]),
        ("RGBA", (255, 0, 100, 51), [255, 204, 224]),  # a fifth of it and four fifths of white
        ("I;16", 40000, [156, 156, 156]),  # 155.6; the upper byte would be 156, the lower 64
        ("I;16", 65535, [255, 255, 255]),
        ("I;16", 129, [1, 1, 1]),  # 0.502
        ("I;16", 128, [0, 0, 0]),  # 0.498
    ],
)
def test_modes(decode, mode, value, expected):
    decoded = decode(encode(Image.new(mode, (3, 2), value), "PNG"))
    assert (decoded == np.array(expected, np.uint8)).all()


@pytest.mark.parametrize("mode", ["I;16", "I;16B", "I"])
def test_deep_tiffs(decode, mode):
    assert (decode(encode(Image.new(mode, (3, 2), 40000), "TIFF")) == 156).all()


def test_a_deep_pgm(decode):
    """Values of 0 to 1000: 500 is half of them."""
    content = b"P5 4 1 1000\n" + struct.pack(">4H", 0, 500, 1000, 1000)
    assert decode(content, 4)[0, :, 0].tolist() == [0, 128, 255, 255]


def test_cmyk(decode):
    tiff = encode(Image.new("CMYK", (3, 2), (255, 0, 0, 51)), "TIFF")
    assert (decode(tiff) == [0, 204, 204]).all()
    jpeg = decode(encode(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), "JPEG", quality=100))
    assert np.abs(jpeg.astype(int) - [255, 0, 0]).max() <= 2


def test_a_palette_with_transparency(decode):
    image = Image.new("P", (4, 1))
    image.putpalette([10, 20, 30, 40, 50, 60])
    image.putdata([0, 1, 1, 0])
    opaque, white, half = [10, 20, 30], [255, 255, 255], [147, 152, 157]
    for kind in ("PNG", "GIF"):
        decoded = decode(encode(image, kind, transparency=1), 4)
        assert decoded[0].tolist() == [opaque, white, white, opaque]
    decoded = decode(encode(image, "PNG", transparency=bytes([255, 128])), 4)
    assert decoded[0].tolist() == [opaque, half, half, opaque]


@pytest.mark.parametrize("kind", ["L", "RGB"])
def test_a_colour_that_is_transparent(decode, kind):
    image = Image.new(kind, (2, 1), 7)
    image.putpixel((1, 0), 8)
    key = image.getpixel((0, 0))
    decoded = decode(encode(image, "PNG", transparency=key), 2)
    assert (decoded[0, 0] == 255).all()
    assert (decoded[0, 1] == np.array(image.convert("RGB"))[0, 1]).all()


@pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP", "TIFF"])
def test_an_animation_gives_its_first_frame(decode, kind):
    frames = [Image.new("RGB", (6, 4), colour) for colour in ("red", "lime", "blue")]
    content = encode(frames[0], kind, save_all=True, append_images=frames[1:])
    assert Image.open(io.BytesIO(content)).n_frames == 3
    assert (decode(content) == [255, 0, 0]).all()


@given(st.integers(1, 90), st.integers(1, 90), st.integers(1, 60))
def test_a_picture_that_keeps_its_shape_is_never_enlarged(width, height, side):
    image = Image.new("RGB", (width, height))
    resized = ShorterSide(side)(image)
    if min(width, height) <= side:
        assert resized is image
        return
    assert min(resized.size) == side
    factor = side / min(width, height)
    assert abs(resized.size[0] - width * factor) <= 0.5
    assert abs(resized.size[1] - height * factor) <= 0.5


# Orientation


def turned(kind, orientation, **how):
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return encode(NOISE, kind, exif=exif, **how)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_corner_comes_where_exif_says(decode, orientation):
    """By the definition of the tag: where the stored first row and first column are shown."""
    image = Image.new("RGB", (4, 3))
    image.putpixel((0, 0), (255, 0, 0))
    image.putpixel((3, 0), (0, 255, 0))
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    decoded = decode(encode(image, "PNG", exif=exif), 12)
    corners = {"top left": (0, 0), "top right": (0, -1), "bottom left": (-1, 0),
               "bottom right": (-1, -1)}  # fmt: skip
    first, along = {
        1: ("top left", "top right"),
        2: ("top right", "top left"),
        3: ("bottom right", "bottom left"),
        4: ("bottom left", "bottom right"),
        5: ("top left", "bottom left"),
        6: ("top right", "bottom right"),
        7: ("bottom right", "top right"),
        8: ("bottom left", "top left"),
    }[orientation]
    assert decoded[corners[first]].tolist() == [255, 0, 0]
    assert decoded[corners[along]].tolist() == [0, 255, 0]


@pytest.mark.parametrize("orientation", [3, 6, 7])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "MPO"])
def test_it_is_turned_once_in_every_format(decode, kind, orientation):
    stored = Image.open(io.BytesIO(encode(NOISE, "JPEG"))) if kind in ("JPEG", "MPO") else NOISE
    expected = resized(stored.transpose(UPRIGHT[orientation]))
    assert (decode(turned(kind, orientation)) == expected).all()
    if kind == "TIFF":
        pages = {"save_all": True, "append_images": [NOISE]}
        for how in ({"compression": "tiff_lzw"}, pages, pages | {"compression": "tiff_lzw"}):
            assert (decode(turned(kind, orientation, **how)) == expected).all()


@given(st.binary(max_size=80), st.integers(0, 60), st.sampled_from(["PNG", "JPEG", "WEBP"]))
def test_damaged_exif_loses_no_picture(decode, noise, start, kind):
    exif = Image.Exif()
    exif[ORIENTATION], exif[0x010F] = 6, "a camera"
    exif[0x8769] = {0x9003: "2026:11:21 12:00:00"}
    content = bytearray(exif.tobytes())
    content[start : start + len(noise)] = noise
    stored = NOISE
    if kind == "JPEG":
        content = b"Exif\0\0" + content.removeprefix(b"Exif\0\0")
        stored = Image.open(io.BytesIO(encode(NOISE, kind)))
    decoded = decode(encode(NOISE, kind, exif=bytes(content)))
    ways = [stored, *(stored.transpose(turn) for turn in UPRIGHT.values())]
    assert any((decoded == resized(way)).all() for way in ways)
