"""Downstream tasks of the specialized group: stained tissue and the back of the eye.

Labels are quantile bins of a quantity measured in the crop. The bins, and the threshold for
stain, come from the train region alone and are the same for all seeds.
"""

from functools import cache

import numpy as np
from scipy import ndimage

from needle.base.seeds import generator
from needle.tasks.mini.canvas import photometric_jitter
from needle.tasks.mini.photographs import crops, photograph, reach
from needle.tasks.mini.regions import LabelledPicture, quantile_edges, random_centres, split_regions

STAIN = (
    "least stain",
    "less stain than the median",
    "more stain than the median",
    "most stain",
)
VESSELS = (
    "fewest vessels",
    "few vessels",
    "medium vessels",
    "many vessels",
    "most vessels",
)
_REFERENCE_CROPS = 2000

_IHC_ZOOM = 1.0
_IHC_GUARD = 8
# Rows and columns of a crop in which the stain is measured.
_IHC_CENTRE = slice(10, 22)
# Absorbance of haematoxylin, eosin and DAB in red, green and blue (Ruifrok and Johnston, 2001).
_STAINS = np.array([[0.65, 0.70, 0.29], [0.07, 0.99, 0.11], [0.27, 0.57, 0.78]])

_RETINA_ZOOM = 1.2
# Centres stay this close to the middle of the fundus, whose radius is about 330 pixels.
_RETINA_MIDDLE = 352
_RETINA_RADIUS = 286
_VESSEL_RADIUS = 6
_VESSEL_CONTRAST = 0.035
# More than twice the radius of the closing plus that of the blur (4): which pixels are vessels
# in one region depends on no pixel of another.
_RETINA_GUARD = 18


def dab_stain(picture):
    """Return the amount of DAB in each pixel by colour deconvolution.

    Parameters
    ----------
    picture : numpy.ndarray
        RGB in [0, 1], shape (height, width, 3).

    Returns
    -------
    numpy.ndarray
        Shape (height, width), in arbitrary units; 0 for white.
    """
    absorbance = -np.log(np.maximum(picture, 1 / 255))
    return absorbance @ np.linalg.inv(_STAINS)[:, 2]


def vessel_map(picture):
    """Return where thin dark structures are, by a black top-hat of the green channel.

    Parameters
    ----------
    picture : numpy.ndarray
        RGB in [0, 1], shape (height, width, 3).

    Returns
    -------
    numpy.ndarray
        0 or 1, float32, shape (height, width).
    """
    green = ndimage.gaussian_filter(picture[..., 1], 1)
    y, x = np.mgrid[-_VESSEL_RADIUS : _VESSEL_RADIUS + 1, -_VESSEL_RADIUS : _VESSEL_RADIUS + 1]
    disc = x**2 + y**2 <= _VESSEL_RADIUS**2
    top_hat = ndimage.grey_closing(green, footprint=disc) - green
    return (top_hat > _VESSEL_CONTRAST).astype(np.float32)


def _ihc_crops(rng, boxes, count):
    zoom = np.full(count, _IHC_ZOOM)
    cx, cy = random_centres(rng, boxes, reach(zoom, rotated=True))
    return cx, cy, zoom, rng.uniform(-np.pi, np.pi, count)


def _stain_fraction(target, where):
    return crops(target, *where)[:, _IHC_CENTRE, _IHC_CENTRE].mean(axis=(1, 2))


@cache
def ihc_source():
    """Return the immunohistochemistry picture; the target is 1 in its most stained quarter."""
    picture = photograph("ihc.png")
    height, width = picture.shape[:2]
    regions = split_regions((0, height), width, _IHC_GUARD, bands=3)
    stain = dab_stain(picture)
    train = [stain[b.top : b.bottom, b.left : b.right].ravel() for b in regions["train"]]
    threshold = np.quantile(np.concatenate(train), 0.75)
    target = (stain > threshold).astype(np.float32)
    rng = generator(0, "ihc", "reference")
    fraction = _stain_fraction(target, _ihc_crops(rng, regions["train"], _REFERENCE_CROPS))
    return LabelledPicture(picture, target, regions, quantile_edges(fraction, len(STAIN)))


def draw_ihc(rng, split, count):
    """Draw rotated patches of tissue; the label is the stained fraction of their centre."""
    source = ihc_source()
    where = _ihc_crops(rng, source.regions[split], count)
    images = crops(source.picture, *where)
    labels = np.searchsorted(source.edges, _stain_fraction(source.target, where))
    return photometric_jitter(rng, images), labels


def _retina_crops(rng, boxes, count):
    def inside(cx, cy):
        return np.hypot(cx - _RETINA_MIDDLE, cy - _RETINA_MIDDLE) <= _RETINA_RADIUS

    zoom = np.full(count, _RETINA_ZOOM)
    cx, cy = random_centres(rng, boxes, reach(zoom, rotated=True), accept=inside)
    return cx, cy, zoom, rng.uniform(-np.pi, np.pi, count)


@cache
def retina_source():
    """Return the fundus at half its resolution; the target is 1 on vessels."""
    picture = photograph("retina.jpg")
    height, width = (length // 2 for length in picture.shape[:2])
    picture = picture[: 2 * height, : 2 * width].reshape(height, 2, width, 2, 3).mean(axis=(1, 3))
    regions = split_regions((0, height), width, _RETINA_GUARD, bands=4)
    target = vessel_map(picture)
    rng = generator(0, "retina", "reference")
    where = _retina_crops(rng, regions["train"], _REFERENCE_CROPS)
    density = crops(target, *where).mean(axis=(1, 2))
    return LabelledPicture(picture, target, regions, quantile_edges(density, len(VESSELS)))


def draw_retina(rng, split, count):
    """Draw rotated patches of the fundus; the label is the density of vessels."""
    source = retina_source()
    where = _retina_crops(rng, source.regions[split], count)
    images = crops(source.picture, *where)
    density = crops(source.target, *where).mean(axis=(1, 2))
    return photometric_jitter(rng, images), np.searchsorted(source.edges, density)
