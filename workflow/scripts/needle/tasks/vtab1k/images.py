"""Decoding of image files as the data sets' published form had them decoded."""

import contextlib
import io
from pathlib import Path

import numpy as np
import simplejpeg
from PIL import Image, ImageOps

from needle.base.errors import NeedleError

# More than 8 bits per channel, which Pillow would cut off rather than scale.
DEEP = ("I", "F")
JPEG = b"\xff\xd8\xff"


def decode(source, name=None):
    """Decode an image file as TensorFlow does, to the bit for JPEG.

    JPEG is decoded with the fast discrete cosine transform, and transparency is dropped.
    Orientation stays as stored.

    Parameters
    ----------
    source : path or bytes
        An image file, or its content.
    name : str, optional
        What to call it in messages, where it is bytes.

    Returns
    -------
    numpy.ndarray of uint8, shape (H, W, 3)
        That of ``tf.image.decode_image(data, channels=3)``, compared with TensorFlow 2.19.

    Raises
    ------
    NeedleError
        If it is not readable, or has more than 8 bits per channel.
    """
    with _opened(source, name) as (data, image):
        return _decode_jpeg(data, image) if data.startswith(JPEG) else _rgb(image)


def decode_upright(source, name=None):
    """Decode an image file as OpenCV does: upright by its EXIF orientation.

    JPEG is decoded with the accurate discrete cosine transform. See `decode`; the result is that of
    ``cv2.imread``, compared with OpenCV 4.11.
    """
    with _opened(source, name) as (_, image):
        upright = ImageOps.exif_transpose(image)
        if upright.mode != "CMYK":
            return _rgb(upright)
        inks = 255 - np.asarray(upright).astype(int)  # as stored: Pillow inverts them
        black = inks[..., 3:]
        return (black - ((255 - inks[..., :3]) * black >> 8)).astype(np.uint8)


@contextlib.contextmanager
def _opened(source, name):
    """Give the content of an image file and its Pillow image; what fails is a NeedleError."""
    name = name or source
    try:
        data = source if isinstance(source, bytes) else Path(source).read_bytes()
        with Image.open(io.BytesIO(data)) as image:
            if image.mode.startswith(DEEP):
                raise NeedleError(
                    f"{name}: has pixels of mode {image.mode}, more than 8 bits; save it with 8 "
                    "bits per channel"
                )
            yield data, image
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise NeedleError(f"{name}: not a readable image ({error}); get it anew") from error


def _rgb(image):
    return np.asarray(image.convert("RGB"))


def _decode_jpeg(data, image):
    options = {"fastdct": True, "fastupsample": False}
    options["colorspace"] = "CMYK" if image.mode == "CMYK" else "RGB"
    try:
        pixels = simplejpeg.decode_jpeg(data, **options)
    except ValueError:
        # Bytes too many do no harm; a file that is cut is refused by Pillow.
        image.load()
        pixels = simplejpeg.decode_jpeg(data, **options, strict=False)
    if image.mode != "CMYK":
        return pixels
    inks = pixels.astype(int) if "adobe" in image.info else 255 - pixels.astype(int)
    return (inks[..., :3] * inks[..., 3:] // 255).astype(np.uint8)
