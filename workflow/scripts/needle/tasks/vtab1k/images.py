"""Decoding of image files."""

import io

import numpy as np
from PIL import Image

from needle.base.errors import NeedleError

# More than 8 bits per channel, which Pillow would cut off rather than scale.
DEEP = ("I", "F")


def decode(source, name=None):
    """Decode an image file as RGB; transparency is dropped, orientation stays as stored.

    Parameters
    ----------
    source : path or bytes
        An image file, or its content.
    name : str, optional
        What to call it in messages, where it is bytes.

    Returns
    -------
    numpy.ndarray of uint8, shape (H, W, 3)

    Raises
    ------
    NeedleError
        If it is not readable, or has more than 8 bits per channel.
    """
    name = name or source
    try:
        with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source) as image:
            if image.mode.startswith(DEEP):
                raise NeedleError(
                    f"{name}: has pixels of mode {image.mode}, more than 8 bits; save it with 8 "
                    "bits per channel"
                )
            return np.asarray(image.convert("RGB"))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise NeedleError(f"{name}: not a readable image ({error}); get it anew") from error
