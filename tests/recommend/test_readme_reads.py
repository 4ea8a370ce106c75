"""The code of best/README.md makes of every file the pixels that the test images were."""

import io

import numpy as np
import pytest
from PIL import Image, ImageOps

from needle.recommend.readme import PREDICT
from needle.tasks.own.formats import PICTURES
from needle.tasks.own.pictures import decode_picture

GENERATOR = np.random.default_rng(3)
COLOUR = Image.fromarray(GENERATOR.integers(0, 256, (11, 17, 3), dtype=np.uint8))
CLEAR = Image.fromarray(GENERATOR.integers(0, 256, (11, 17, 4), dtype=np.uint8))
DEEP = Image.fromarray(GENERATOR.integers(0, 65536, (11, 17), dtype=np.uint16))


def turned(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return {"exif": exif}


FILES = {kind: (COLOUR, kind, {}) for kind in PICTURES} | {
    "grey": (COLOUR.convert("L"), "PNG", {}),
    "black and white": (COLOUR.convert("1"), "TIFF", {}),
    "palette": (COLOUR.quantize(16), "PNG", {}),
    "transparent palette": (COLOUR.quantize(16), "PNG", {"transparency": 3}),
    "transparent GIF": (COLOUR.quantize(16), "GIF", {"transparency": 3}),
    "transparent colour": (COLOUR, "PNG", {"transparency": COLOUR.getpixel((0, 0))}),
    "transparent": (CLEAR, "PNG", {}),
    "transparent WebP": (CLEAR, "WEBP", {"lossless": True, "exact": True}),
    "transparent grey": (CLEAR.convert("LA"), "PNG", {}),
    "inks": (COLOUR.convert("CMYK"), "JPEG", {}),
    "16 bits": (DEEP, "PNG", {}),
    "16 bits, TIFF": (DEEP, "TIFF", {}),
    "32 bits, TIFF": (DEEP.convert("I"), "TIFF", {}),
    "16 bits, PGM": (DEEP.convert("I"), "PPM", {}),
    "animation": (COLOUR, "GIF", {"save_all": True, "append_images": [COLOUR.rotate(180)]}),
    "16 bits, turned": (DEEP, "PNG", turned(8)),
    **{f"turned {n}": (COLOUR, "JPEG", turned(n)) for n in range(1, 9)},
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_read_as_a_test_image_was(tmp_path, name):
    picture, kind, how = FILES[name]
    content = io.BytesIO()
    picture.save(content, kind, **how)
    path = tmp_path / "picture"
    path.write_bytes(content.getvalue())
    names = {"Image": Image, "ImageOps": ImageOps, "np": np}
    exec(PREDICT.split("\npicture = read")[0], names)
    found = names["read"](path)
    assert found.mode == "RGB"
    expected = decode_picture(path, lambda image: image)
    assert np.array_equal(np.asarray(found), expected)
