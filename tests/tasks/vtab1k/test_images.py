"""Decoding of image files: TensorFlow's and OpenCV's results, without either.

The checksums are of pixels that tf.image.decode_image of TensorFlow 2.19.1 and cv2.imdecode of
opencv-python-headless 4.11.0.86 gave for the same bytes.
"""

import io
import zlib

import numpy as np
import pytest
from originals import waves
from PIL import Image

from needle.base.errors import NeedleError
from needle.tasks.vtab1k.images import decode, decode_upright


def jpeg(mode="RGB", **options):
    file = io.BytesIO()
    Image.fromarray(waves(21, 27)).convert(mode).save(file, "JPEG", **options)
    return file.getvalue()


def checksum(pixels):
    return zlib.crc32(np.ascontiguousarray(pixels).tobytes())


# Options, checksum of the file, green on a grid and the checksum of all pixels.
FILES = {
    "4:2:0": ({}, 1723282594, [[160, 170, 190], [186, 142, 175]], 3883338397, 1230720923),
    "4:2:2": (
        {"subsampling": "4:2:2"}, 498955358, [[139, 173, 200], [179, 163, 198]],
        2384878360, 3858578310,
    ),
    "4:4:4": (
        {"subsampling": "4:4:4"}, 214669761, [[138, 192, 217], [152, 183, 246]],
        3401825452, 2345625685,
    ),
    "progressive": (
        {"progressive": True, "quality": 90}, 1387552969, [[148, 159, 207], [178, 162, 180]],
        319944538, 2093939350,
    ),
    "grey": ({"mode": "L"}, 3515095415, [[180, 161, 160], [181, 146, 166]], 1692584639, 1514018553),
    "CMYK": (
        {"mode": "CMYK", "quality": 90}, 3054078155, [[116, 170, 220], [137, 196, 247]],
        889319297, 2266373611,
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", FILES)
def test_jpeg_is_decoded_as_by_tensorflow_and_by_opencv(kind):
    options, file, green, tensorflow, opencv = FILES[kind]
    data = jpeg(**options)
    assert zlib.crc32(data) == file, "Pillow encodes otherwise than when the numbers were made"
    pixels = decode(data)
    assert pixels.dtype == np.uint8
    assert pixels[3:10:6, 2:20:8, 1].tolist() == green
    assert checksum(pixels) == tensorflow
    assert checksum(decode_upright(data)) == opencv


@pytest.mark.parametrize(
    ("orientation", "red", "opencv"),
    [
        (3, [[93, 128, 133], [145, 154, 185], [53, 38, 181]], 3408863791),
        (6, [[111, 144, 88], [80, 127, 120], [185, 171, 131], [90, 106, 144]], 4047713915),
    ],
)
def test_opencv_turns_a_photograph_upright_and_tensorflow_does_not(orientation, red, opencv):
    exif = Image.Exif()
    exif[0x112] = orientation
    data = jpeg(exif=exif)
    upright = decode_upright(data)
    assert upright[::7, ::9, 0].tolist() == red
    assert checksum(upright) == opencv
    assert (decode(data) == decode(jpeg())).all()


def test_bytes_too_many_do_no_harm_and_bytes_too_few_are_an_error(tmp_path):
    data = jpeg()
    for more in (data + b"junk", data[:-2] + bytes(50) + data[-2:]):
        assert (decode(more) == decode(data)).all()
    path = tmp_path / "cut.jpg"
    path.write_bytes(data[:-200])
    for read in (decode, decode_upright):
        with pytest.raises(NeedleError, match=r"cut\.jpg: not a readable image .*; get it anew"):
            read(path)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("L", [7, 7, 7]), ("RGBA", [1, 2, 3]), ("P", [0, 0, 0]), ("1", [255, 255, 255])],
)
def test_images_are_decoded_as_rgb(tmp_path, mode, expected):
    path = tmp_path / "image.png"
    value = {"L": 7, "RGBA": (1, 2, 3, 0), "P": 0, "1": 1}[mode]
    Image.new(mode, (3, 2), value).save(path)
    for decoded in (decode(path), decode(path.read_bytes(), "image"), decode_upright(path)):
        assert decoded.dtype == np.uint8
        assert decoded.tolist() == [[expected] * 3] * 2


def test_images_of_16_bits_are_refused(tmp_path):
    path = tmp_path / "deep.tif"
    Image.fromarray(np.full((2, 2), 40000, np.uint16)).save(path)
    with pytest.raises(NeedleError, match=r"deep\.tif: has pixels of mode I;16"):
        decode(path)
    with pytest.raises(NeedleError, match="some bytes: not a readable image"):
        decode(b"GIF89a", "some bytes")
