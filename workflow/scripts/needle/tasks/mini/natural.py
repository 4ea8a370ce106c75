"""Downstream tasks of the natural group: digits, symbols and scenes."""

from functools import cache

import numpy as np
from PIL import Image

from needle.base.seeds import generator
from needle.tasks.mini.canvas import (
    cluttered_backgrounds,
    composite,
    contrasting_colours,
    photometric_jitter,
)
from needle.tasks.mini.glyphs import BANK_SIDE, glyph_bank, place
from needle.tasks.mini.photographs import bundled, crops, mirror_some, photograph, reach
from needle.tasks.mini.regions import random_centres, split_regions

DIGITS = tuple(f"digit {value}" for value in range(10))
_DIGIT_SIDE = 48

# None of them is, or looks like, one of the Latin letters of the upstream domain.
_GREEK = {
    "β": "beta",
    "γ": "gamma",
    "δ": "delta",
    "ζ": "zeta",
    "η": "eta",
    "λ": "lambda",
    "ξ": "xi",
    "π": "pi",
    "φ": "phi",
    "ψ": "psi",
    "Δ": "capital delta",
    "Σ": "capital sigma",
}
SYMBOLS = tuple(_GREEK.values())
_SYMBOL_FONTS = (
    "DejaVuSans.ttf",
    "DejaVuSans-BoldOblique.ttf",
    "DejaVuSansMono.ttf",
    "DejaVuSerif.ttf",
    "DejaVuSerif-Italic.ttf",
    "STIXGeneral.ttf",
)

# Class, photograph, part of its height, and repeats of train, validation and test strips: the
# page is too small for two.
_SCENES = (
    ("astronaut, upper half", "astronaut.png", (0, 0.5), 2),
    ("astronaut, lower half", "astronaut.png", (0.5, 1), 2),
    ("temple, upper half", "china.jpg", (0, 0.5), 2),
    ("temple, lower half", "china.jpg", (0.5, 1), 2),
    ("motorcycle, upper half", "motorcycle_right.png", (0, 0.5), 2),
    ("motorcycle, lower half", "motorcycle_right.png", (0.5, 1), 2),
    ("printed page", "page.png", (0, 1), 1),
    ("moon", "moon.png", (0, 1), 2),
)
SCENES = tuple(label for label, *_ in _SCENES)
_SCENE_ZOOM = (0.9, 1.4)
_SCENE_GUARD = 8


@cache
def handwritten_digits():
    """Read scikit-learn's digits.

    Returns
    -------
    tiles : numpy.ndarray
        Enlarged digits with an empty margin, in [0, 1], float32, shape (1797, 64, 64).
    values : numpy.ndarray
        int64, shape (1797,).
    """
    path = bundled("sklearn", "datasets", "data", "digits.csv.gz")
    table = np.loadtxt(path, delimiter=",")
    pixels = np.round(table[:, :-1].reshape(-1, 8, 8) / 16 * 255).astype(np.uint8)
    size = (_DIGIT_SIDE, _DIGIT_SIDE)
    tiles = [Image.fromarray(p).resize(size, Image.Resampling.BICUBIC) for p in pixels]
    margin = (BANK_SIDE - _DIGIT_SIDE) // 2
    tiles = np.pad(np.stack(tiles), ((0, 0), (margin, margin), (margin, margin)))
    return tiles.astype(np.float32) / 255, table[:, -1].astype(np.int64)


@cache
def digit_pools():
    """Return the disjoint samples of the digits that each split may show, the same for all seeds.

    Returns
    -------
    dict of str to numpy.ndarray
        Indices into :func:`handwritten_digits`: 800 train, 200 val, 797 test.
    """
    order = generator(0, "digits", "pools").permutation(len(handwritten_digits()[1]))
    return {"train": order[:800], "val": order[800:1000], "test": order[1000:]}


def draw_digits(rng, split, count):
    """Draw a handwritten digit on clutter, with a part of another one at the side."""
    tiles, values = handwritten_digits()
    shown = np.resize(digit_pools()[split], count)
    images = cluttered_backgrounds(rng, count, contrast=0.25)
    mask = place(
        tiles[shown],
        cx=rng.uniform(-0.25, 0.25, count),
        cy=rng.uniform(-0.25, 0.25, count),
        angle=rng.uniform(-0.25, 0.25, count),
        scale=rng.uniform(0.7, 1.2, count),
    )
    side = np.where(rng.random(count) < 0.5, -1, 1)
    distractor = place(
        tiles[rng.permutation(shown)],
        cx=side * rng.uniform(1.0, 1.2, count),
        cy=rng.uniform(-0.25, 0.25, count),
        angle=rng.uniform(-0.25, 0.25, count),
        scale=rng.uniform(0.7, 1.1, count),
    )
    colours = contrasting_colours(rng, images)
    return composite(images, np.maximum(mask, distractor), colours), values[shown]


@cache
def _symbols():
    return glyph_bank(tuple(_GREEK), _SYMBOL_FONTS)


def draw_symbols(rng, split, count):
    """Draw a Greek letter on clutter."""
    labels = rng.integers(0, len(SYMBOLS), count)
    fonts = rng.integers(0, len(_SYMBOL_FONTS), count)
    images = cluttered_backgrounds(rng, count, contrast=0.3)
    mask = place(
        _symbols()[labels, fonts],
        cx=rng.uniform(-0.25, 0.25, count),
        cy=rng.uniform(-0.25, 0.25, count),
        angle=rng.uniform(-0.3, 0.3, count),
        scale=rng.uniform(0.7, 1.2, count),
        shear=rng.uniform(-0.2, 0.2, count),
    )
    return composite(images, mask, contrasting_colours(rng, images)), labels


@cache
def scene_sources():
    """Return, for each class of the scenes, its photograph and the regions of its splits."""
    sources = []
    for _, name, (first, last), repeats in _SCENES:
        picture = photograph(name)
        height, width = picture.shape[:2]
        rows = (round(first * height), round(last * height))
        sources.append((picture, split_regions(rows, width, _SCENE_GUARD, repeats)))
    return tuple(sources)


def draw_scenes(rng, split, count):
    """Draw upright crops of photographs, mirrored at random and recoloured."""
    labels = rng.integers(0, len(SCENES), count)
    images = np.empty((count, 32, 32, 3), np.float32)
    for label, (picture, boxes) in enumerate(scene_sources()):
        of = np.flatnonzero(labels == label)
        zoom = rng.uniform(*_SCENE_ZOOM, of.size)
        cx, cy = random_centres(rng, boxes[split], reach(zoom, rotated=False))
        images[of] = crops(picture, cx, cy, zoom)
    return photometric_jitter(rng, mirror_some(rng, images)), labels
