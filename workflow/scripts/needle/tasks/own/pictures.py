"""Decode any picture of a user: one way from a file to the pixels that models see."""

import os
from dataclasses import dataclass

import numpy as np
from PIL import Image, UnidentifiedImageError

from needle.tasks.own.formats import PICTURES
from needle.tasks.own.quiet import Quiet

# Only these: some of Pillow's other readers start programs, or read what no camera writes.
FORMATS = tuple(PICTURES)
MAX_PIXELS = 178_956_970  # Pillow's own limit as it comes: 0.7 GB once decoded
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
quiet = Quiet(r"PIL\.")  # what Pillow warns of is refused, or does no harm


@dataclass(frozen=True)
class Square:
    """Squeeze a picture into a square of `side` pixels.

    With Pillow's bilinear filter, which averages over all pixels: torchvision's
    ``Resize((side, side))`` does the same.
    """

    side: int

    def __call__(self, image):
        """Resize a PIL.Image.Image."""
        return image.resize((self.side, self.side), Image.Resampling.BILINEAR)

    def about(self):
        """Say for the card of a task file which size its images have, and how they got it."""
        return {"image_size": self.side, "resize": "half_pixel"}


@dataclass(frozen=True)
class ShorterSide:
    """Keep a picture's shape, and its pixels if its shorter side has no more than `side`.

    Pillow's bicubic filter makes larger ones smaller, averaging over all pixels.
    """

    side: int

    def __call__(self, image):
        """Resize a PIL.Image.Image."""
        shorter = min(image.size)
        if shorter <= self.side:
            return image
        sides = (max(round(length * self.side / shorter), 1) for length in image.size)
        return image.resize(tuple(sides), Image.Resampling.BICUBIC)

    def about(self):
        """Say for the card of a task file how large its pictures are at most."""
        return {"shorter_side": self.side}


class UnreadablePictureError(Exception):
    """A file of which no picture can be made; its text is a short reason, without the path."""


def decode_picture(path, resize):
    """Decode an image file, upright, as RGB, and resize it.

    Transparency is laid on white, 16 bits are scaled to 8, and of an animation the first frame is
    taken.

    Parameters
    ----------
    path : path
        A PNG, JPEG, GIF, BMP, TIFF, WebP or PPM file, whatever it is called.
    resize : callable
        `Square` or `ShorterSide`: from a PIL.Image.Image to one.

    Returns
    -------
    numpy.ndarray of uint8, shape (H, W, 3)

    Raises
    ------
    UnreadablePictureError
        If it is missing, damaged, of another format, has floating point pixels or more than
        `MAX_PIXELS`.
    """
    try:
        with open(path, "rb") as file, quiet:
            return np.array(resize(_as_rgb(_load(file))))
    except UnreadablePictureError:
        raise
    except Exception as error:  # what Pillow may raise on damaged files has no common class
        raise UnreadablePictureError(_reason(error)) from error


def picture_size(path):
    """Read the size of an image file from its header; nothing is decoded.

    Parameters
    ----------
    path : path

    Returns
    -------
    tuple of int or None
        Width and height as stored, before EXIF rotation; None if `decode_picture` would find no
        header that it can read.
    """
    try:
        if not os.path.isfile(path):  # to open a pipe would wait
            return None
        with open(path, "rb") as file, quiet:
            return Image.open(file, formats=FORMATS).size
    except Exception:  # as above
        return None


def _load(file):
    """Read the header, check it, then decode and turn upright."""
    if not file.peek(1):
        raise UnreadablePictureError("empty file")
    image = Image.open(file, formats=FORMATS)
    if image.width * image.height > MAX_PIXELS:
        raise Image.DecompressionBombError
    if image.mode.startswith("F"):
        raise UnreadablePictureError("floating point pixels; save it with 8 or 16 bits per channel")
    image.load()
    turn = _turn(image)
    return image if turn is None else image.transpose(turn)


def _turn(image):
    """Read how to turn the image upright; damaged EXIF is no reason to lose the picture."""
    try:
        return UPRIGHT.get(image.getexif().get(0x0112))
    except Exception:  # as above
        return None


def _as_rgb(image):
    if image.mode.startswith("I"):
        image = Image.fromarray(_scale_to_8_bits(np.asarray(image)))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGB", image.size, "white")
        white.paste(image, mask=image)
        return white
    return image if image.mode == "RGB" else image.convert("RGB")


def _scale_to_8_bits(pixels):
    """Scale grey values of 16 bits: 257 k becomes k, others the nearest.

    >>> _scale_to_8_bits(np.array([0, 128, 129, 257, 40000, 65535]))
    array([  0,   0,   1,   1, 156, 255], dtype=uint8)
    """
    if pixels.min() < 0 or pixels.max() > 65535:
        raise UnreadablePictureError("grey values of more than 16 bits; save it with 8 or 16")
    return ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)


def _reason(error):
    """Put an error of the system or of Pillow in few words."""
    if isinstance(error, UnidentifiedImageError):
        return f"not a readable {', '.join(FORMATS[:-1])} or {FORMATS[-1]} file"
    if isinstance(error, Image.DecompressionBombError):
        return f"more than {MAX_PIXELS:,} pixels"
    if isinstance(error, MemoryError):
        return "not enough memory to decode it"
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be read: {error.strerror}"
    text = " ".join(str(error).split())[:100] or type(error).__name__
    return f"damaged, or cut off ({text})"
