"""Upstream domains: endless supplies of labelled pictures to pre-train models on.

No label set here is the label set of a downstream task, and no photograph is used by both.
"""

from functools import cache

import numpy as np

from needle.base.seeds import generator
from needle.tasks.mini.canvas import (
    cluttered_backgrounds,
    composite,
    contrasting_colours,
    filtered_noise,
    frequency_radius,
    local_frame,
    per_image,
    photometric_jitter,
    random_colours,
    soft_mask,
    to_uint8,
)
from needle.tasks.mini.glyphs import glyph_bank, place
from needle.tasks.mini.photographs import crops, photograph

# I, O and l are left out: in some fonts they look like other letters or digits.
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabdefghijkmnqrt"
LETTER_FONTS = (
    "DejaVuSans.ttf",
    "DejaVuSans-Bold.ttf",
    "DejaVuSans-Oblique.ttf",
    "DejaVuSansMono.ttf",
    "DejaVuSerif.ttf",
    "DejaVuSerif-BoldItalic.ttf",
    "STIXGeneral.ttf",
    "STIXGeneralBol.ttf",
    "STIXGeneralBolIta.ttf",
    "cmr10.ttf",
    "cmss10.ttf",
    "cmtt10.ttf",
)
PHOTOGRAPHS = (
    "camera.png",
    "coffee.png",
    "rocket.jpg",
    "coins.png",
    "chelsea.png",
    "cell.png",
    "flower.jpg",
    "logo.png",
)
# Centres of the blocks of a photograph, as fractions of its height and width.
_BLOCKS = np.array([(0.3, 0.3), (0.3, 0.7), (0.7, 0.3), (0.7, 0.7), (0.5, 0.5)])

_SILHOUETTES = 32
_HARMONICS = np.arange(2, 7)
_SILHOUETTE_SEED = 777

_CURVATURES = np.array([0.0, 0.5, 1.1, 2.0])
_HALF_WIDTHS = np.array([0.09, 0.035])
_MOST_STROKES = 3

# Images per pass: bounds the memory of a large request to some tens of megabytes.
_CHUNK = 500


@cache
def _letters():
    return glyph_bank(LETTERS, LETTER_FONTS)


@cache
def _photographs():
    return tuple(photograph(name) for name in PHOTOGRAPHS)


@cache
def _silhouettes():
    """Return amplitudes and phases of the radius of each silhouette, both (32, 5)."""
    rng = np.random.default_rng(_SILHOUETTE_SEED)
    shape = (_SILHOUETTES, len(_HARMONICS))
    present = rng.random(shape) < 0.5
    # A silhouette without any harmonic would be a disc, and two of them the same class.
    present[np.arange(_SILHOUETTES), rng.integers(0, len(_HARMONICS), _SILHOUETTES)] = True
    amplitude = rng.uniform(0.1, 0.55, shape) * present
    return amplitude, rng.uniform(0, 2 * np.pi, shape)


def _draw_glyph(rng, count):
    """Latin letters in several fonts on clutter; the label is the letter."""
    labels = rng.integers(0, len(LETTERS), count)
    fonts = rng.integers(0, len(LETTER_FONTS), count)
    images = cluttered_backgrounds(rng, count, contrast=0.2)
    mask = place(
        _letters()[labels, fonts],
        cx=rng.uniform(-0.25, 0.25, count),
        cy=rng.uniform(-0.25, 0.25, count),
        angle=rng.uniform(-0.3, 0.3, count),
        scale=rng.uniform(0.7, 1.25, count),
        shear=rng.uniform(-0.2, 0.2, count),
    )
    return composite(images, mask, contrasting_colours(rng, images)), labels


def _draw_texture(rng, count):
    """Stationary textures: 5 spectra x 4 nonlinearities x 2 anisotropies, in any direction."""
    labels = rng.integers(0, 40, count)
    spectrum, curve, anisotropy = labels % 5, labels // 5 % 4, labels // 20
    radius = frequency_radius(rng.uniform(0, np.pi, count), 1 + 2.5 * anisotropy)
    # Spectra 0 to 2 are bands around a frequency, 3 and 4 are power laws.
    centre = per_image(
        np.array([0.08, 0.16, 0.28, 1, 1])[spectrum] * rng.uniform(0.85, 1.15, count)
    )
    width = per_image(np.array([0.015, 0.03, 0.05, 1, 1])[spectrum])
    power = per_image(np.array([0, 0, 0, 0.6, 1.3])[spectrum])
    band = np.exp(-0.5 * ((radius - centre) / width) ** 2)
    noise = filtered_noise(rng, np.where(power > 0, radius**-power, band))
    curves = [
        0.5 * noise,
        np.tanh(4 * noise),
        2 * np.abs(noise) - 1.2,
        np.where(noise > 1, 1, -0.5),
    ]
    mixture = 0.5 + 0.5 * np.clip(np.choose(per_image(curve).astype(int), curves), -1, 1)
    colours = random_colours(rng, count, 2)
    images = np.broadcast_to(colours[:, 1, None, None], (*mixture.shape, 3))
    images = composite(images, mixture, colours[:, 0])
    return images + 0.03 * rng.standard_normal(images.shape, dtype=np.float32), labels


def _draw_shape(rng, count):
    """Filled or outlined silhouettes in any pose; the label is the silhouette."""
    labels = rng.integers(0, _SILHOUETTES, count)
    scale = rng.uniform(0.4, 0.6, count)
    x, y = local_frame(
        cx=rng.uniform(-0.3, 0.3, count),
        cy=rng.uniform(-0.3, 0.3, count),
        angle=rng.uniform(-np.pi, np.pi, count),
        scale=scale,
    )
    amplitudes, phases = _silhouettes()
    direction = np.arctan2(y, x)
    radius = np.ones_like(x)
    for harmonic, amplitude, phase in zip(
        _HARMONICS, amplitudes[labels].T, phases[labels].T, strict=True
    ):
        radius += per_image(amplitude) * np.cos(harmonic * direction + per_image(phase))
    distance = (np.hypot(x, y) - np.maximum(radius, 0.15)) * per_image(scale)
    outlined = per_image(rng.random(count) < 0.25) > 0
    mask = soft_mask(np.where(outlined, np.abs(distance) - 0.06, distance))
    images = cluttered_backgrounds(rng, count, contrast=0.12)
    return composite(images, mask, contrasting_colours(rng, images)), labels


def _draw_lines(rng, count):
    """Strokes on clutter; the label is their number (3) x curvature (4) x width (2)."""
    labels = rng.integers(0, _MOST_STROKES * len(_CURVATURES) * len(_HALF_WIDTHS), count)
    strokes = labels % _MOST_STROKES + 1
    curvature = per_image(_CURVATURES[labels // _MOST_STROKES % len(_CURVATURES)])
    half_width = per_image(_HALF_WIDTHS[labels // (_MOST_STROKES * len(_CURVATURES))])
    images = cluttered_backgrounds(rng, count, contrast=0.1)
    colours = contrasting_colours(rng, images)
    for stroke in range(_MOST_STROKES):
        x, y = local_frame(
            cx=rng.uniform(-0.4, 0.4, count),
            cy=rng.uniform(-0.4, 0.4, count),
            angle=rng.uniform(-np.pi, np.pi, count),
            scale=np.ones(count),
        )
        across = np.abs(y - curvature * (x**2 - 0.15)) - half_width
        mask = soft_mask(np.maximum(across, np.abs(x) - 0.75))
        images = composite(images, mask * per_image(strokes > stroke), colours)
    return images, labels


def _draw_photo(rng, count):
    """Rotated and recoloured crops; the label is the block of the photograph they are from."""
    labels = rng.integers(0, len(PHOTOGRAPHS) * len(_BLOCKS), count)
    centres = _BLOCKS[labels % len(_BLOCKS)] + rng.uniform(-0.1, 0.1, (count, 2))
    zoom = rng.uniform(1.5, 4, count)
    angle = rng.uniform(-np.pi, np.pi, count)
    images = np.empty((count, 32, 32, 3), np.float32)
    for number, picture in enumerate(_photographs()):
        of = labels // len(_BLOCKS) == number
        cy, cx = (centres[of] * picture.shape[:2]).T
        images[of] = crops(picture, cx, cy, zoom[of], angle[of])
    return photometric_jitter(rng, images), labels


_DRAW = {
    "glyph": (len(LETTERS), _draw_glyph),
    "texture": (40, _draw_texture),
    "shape": (_SILHOUETTES, _draw_shape),
    "lines": (_MOST_STROKES * len(_CURVATURES) * len(_HALF_WIDTHS), _draw_lines),
    "photo": (len(PHOTOGRAPHS) * len(_BLOCKS), _draw_photo),
}

CLASSES = {name: classes for name, (classes, _) in _DRAW.items()}
"""Number of classes of every upstream domain."""


def render_domain(name, count, seed, split="train"):
    """Draw labelled pictures from an upstream domain.

    Parameters
    ----------
    name : str
        One of :data:`CLASSES`.
    count : int
        Number of pictures N.
    seed : int
        The same name, count, seed and split give the same bytes.
    split : {"train", "test"}
        Different splits are independent draws.

    Returns
    -------
    images : numpy.ndarray
        uint8, shape (N, 3, 32, 32).
    labels : numpy.ndarray
        int64 in [0, ``CLASSES[name]``), shape (N,).

    Raises
    ------
    ValueError
        If the domain or the split is unknown, or if count is not positive.

    Examples
    --------
    >>> images, labels = render_domain("lines", count=4, seed=0)
    >>> images.shape, labels.shape
    ((4, 3, 32, 32), (4,))
    """
    if name not in _DRAW:
        raise ValueError(f"unknown domain {name!r}; known: {', '.join(_DRAW)}")
    if split not in ("train", "test"):
        raise ValueError(f"unknown split {split!r}; known: train, test")
    if count < 1:
        raise ValueError(f"count must be positive, not {count}")
    rng = generator(seed, "domain", name, split)
    _, draw = _DRAW[name]
    images = np.empty((count, 3, 32, 32), np.uint8)
    labels = np.empty(count, np.int64)
    for start in range(0, count, _CHUNK):
        part = slice(start, min(start + _CHUNK, count))
        drawing, labels[part] = draw(rng, part.stop - part.start)
        images[part] = to_uint8(drawing)
    return images, labels
