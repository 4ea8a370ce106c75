"""predict.py makes of every file the pixels that the test images were, or none as they."""

import io

import numpy as np
import pytest
from PIL import Image

from needle.recommend.best import predict
from needle.tasks.own.formats import PICTURES
from needle.tasks.own.pictures import ShorterSide, Square, UnreadablePictureError, decode_picture
from needle.tasks.own.walk import look_through

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
    "damaged EXIF": (COLOUR, "JPEG", {"exif": b"Exif\0\0MM\0*\0\0\xff\xff"}),
    **{f"turned {n}": (COLOUR, "JPEG", turned(n)) for n in range(1, 9)},
}
WIDE = Image.fromarray(np.full((3, 3), 70000, np.int32))


def encoded(picture, kind, how=None):
    content = io.BytesIO()
    picture.save(content, kind, **(how or {}))
    return content.getvalue()


UNREADABLE = {
    "empty": b"",
    "no picture": b"words",
    "cut off": encoded(COLOUR, "PNG")[:-300],
    "another format": encoded(COLOUR, "ICO"),
    "floating point": encoded(DEEP.convert("F"), "TIFF"),
    "more than 16 bits": encoded(WIDE, "TIFF"),
}


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # predict.py itself is quiet
@pytest.mark.parametrize("name", FILES)
def test_a_file_is_read_as_a_test_image_was(tmp_path, name):
    path = tmp_path / "picture"
    path.write_bytes(encoded(*FILES[name]))
    found = predict.read(path)
    assert found.mode == "RGB"
    assert np.array_equal(np.asarray(found), decode_picture(path, lambda image: image))


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_was_no_test_image_is_refused(tmp_path, name):
    path = tmp_path / "picture"
    path.write_bytes(UNREADABLE[name])
    with pytest.raises(UnreadablePictureError):
        decode_picture(path, lambda image: image)
    with pytest.raises((OSError, ValueError)):
        predict.read(path)


@pytest.mark.parametrize("resize", [Square(8), ShorterSide(7), ShorterSide(11), ShorterSide(30)])
def test_a_picture_is_made_smaller_as_a_test_image_was(resize):
    name = "square" if isinstance(resize, Square) else "shorter_side"
    for picture in (COLOUR, COLOUR.rotate(90, expand=True)):
        found = predict.reduce(picture, **{name: resize.side})
        assert np.array_equal(np.asarray(found), np.asarray(resize(picture)))
    assert predict.reduce(COLOUR) is COLOUR


def test_formats_are_those_of_ones_own_data():
    assert predict.FORMATS == PICTURES


def test_pictures_are_found_as_those_of_ones_own_data(tmp_path):
    names = ["b/x.JPG", "b/a,b.png", "a.gif", "a/deep/er.tif", ".hidden.png", ".git/a.png",
             "__MACOSX/a.png", "b/@eaDir/a.jpg", "notes.txt", "png", "naïve\n.webp"]  # fmt: skip
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = predict.pictures_in(tmp_path)
    assert sorted(found) == sorted(look_through(tmp_path).pictures)
    assert len(found) == 5
