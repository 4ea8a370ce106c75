"""Characters in the fonts that ship inside matplotlib, and their placement on the canvas."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from needle.tasks.mini.canvas import bilinear, local_frame, per_image
from needle.tasks.mini.photographs import bundled

BANK_SIDE = 64
_FONT_SIZE = 44


def glyph_bank(characters, fonts):
    """Draw characters in fonts.

    Parameters
    ----------
    characters : sequence of str
    fonts : sequence of str
        File names such as ``"DejaVuSans.ttf"``.

    Returns
    -------
    numpy.ndarray
        Opacities in [0, 1], float32, shape (characters, fonts, 64, 64).
    """
    bank = np.zeros((len(characters), len(fonts), BANK_SIDE, BANK_SIDE), np.float32)
    middle = (BANK_SIDE // 2, BANK_SIDE // 2)
    for column, name in enumerate(fonts):
        path = bundled("matplotlib", "mpl-data", "fonts", "ttf", name)
        font = ImageFont.truetype(str(path), _FONT_SIZE)
        for row, character in enumerate(characters):
            tile = Image.new("L", (BANK_SIDE, BANK_SIDE))
            ImageDraw.Draw(tile).text(middle, character, font=font, fill=255, anchor="mm")
            bank[row, column] = np.asarray(tile, np.float32) / 255
    return bank


def place(tiles, cx, cy, angle, scale, shear=(0.0,)):
    """Place one tile per image on the canvas.

    Parameters
    ----------
    tiles : numpy.ndarray
        Opacities with an empty margin, shape (N, side, side).
    cx, cy, angle, scale : numpy.ndarray
        Pose of each tile as in :func:`needle.tasks.mini.canvas.local_frame`, shape (N,); at scale 1
        a tile covers the canvas.
    shear : array_like
        Horizontal shift per unit of height, shape (N,) or (1,).

    Returns
    -------
    numpy.ndarray
        Opacities, float32, shape (N, 32, 32).
    """
    x, y = local_frame(cx, cy, angle, scale)
    x = x + per_image(shear) * y
    half = (tiles.shape[-1] - 1) / 2
    return bilinear(tiles, np.arange(len(tiles)), (x + 1) * half, (y + 1) * half)
