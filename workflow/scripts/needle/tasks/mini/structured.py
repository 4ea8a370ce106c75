"""Downstream tasks of the structured group: where, which way, how many and how far."""

from functools import cache
from typing import NamedTuple

import numpy as np

from needle.base.seeds import generator
from needle.tasks.mini.canvas import GRID_Y, local_frame, per_image, photometric_jitter, soft_mask
from needle.tasks.mini.photographs import bundled, crops, photograph, reach
from needle.tasks.mini.regions import LabelledPicture, quantile_edges, random_centres, split_regions

_BINS = 16
# Sprites of the largest scale fit into the canvas at every position.
_LOCATION_RANGE = 0.65
_LOCATION_EDGES = np.linspace(-_LOCATION_RANGE, _LOCATION_RANGE, _BINS + 1)
_PERCENT = 50 * (1 + _LOCATION_EDGES)
LOCATIONS = tuple(f"{_PERCENT[k]:.0f}-{_PERCENT[k + 1]:.0f} % of the width" for k in range(_BINS))
ORIENTATIONS = tuple(
    f"{180 * k / _BINS:.0f}-{180 * (k + 1) / _BINS:.0f} degrees" for k in range(_BINS)
)
# The heart's centre of mass in the frame of its formula: its position is measured from there.
_HEART_CENTRE = 0.298

_FEWEST, _MOST = 3, 10
COUNTS = tuple(f"{number} objects" for number in range(_FEWEST, _MOST + 1))
_PALETTE = np.array(
    [
        (0.7, 0.2, 0.2),
        (0.2, 0.3, 0.8),
        (0.2, 0.6, 0.3),
        (0.8, 0.75, 0.2),
        (0.5, 0.25, 0.6),
        (0.2, 0.7, 0.7),
    ],
    np.float32,
)
_SPACING = 0.36
_CANDIDATES = 48

DISTANCES = ("farthest", "far", "near", "nearest")
_DISTANCE_ZOOM = 1.8
_DISTANCE_GUARD = 8
_REFERENCE_CROPS = 2000


def _sprites(distances, rng, scale):
    """Draw one of several shapes per image, white on black, from distances in its own frame."""
    shape = rng.integers(0, len(distances), len(scale))
    distance = np.choose(shape[:, None, None], distances) * per_image(scale)
    return np.repeat(soft_mask(distance)[..., None], 3, axis=-1)


def draw_locations(rng, split, count):
    """Draw a rectangle, ellipse or heart in any pose; the label is the column of its centre."""
    cx = rng.uniform(-_LOCATION_RANGE, _LOCATION_RANGE, count)
    cy = rng.uniform(-_LOCATION_RANGE, _LOCATION_RANGE, count)
    scale = rng.uniform(0.16, 0.26, count)
    x, y = local_frame(cx, cy, rng.uniform(0, 2 * np.pi, count), scale)
    rectangle = np.maximum(np.abs(x) - 1.1, np.abs(y) - 0.7)
    ellipse = np.hypot(x / 1.2, y / 0.7) - 1
    heart = np.hypot(x, 1.1 * (y + _HEART_CENTRE) - 0.55 * np.sqrt(np.abs(x))) - 0.95
    images = _sprites([rectangle, ellipse, heart], rng, scale)
    return images, np.searchsorted(_LOCATION_EDGES[1:-1], cx, side="right")


def draw_orientations(rng, split, count):
    """Draw a rectangle or an ellipse anywhere; the label is the direction of its long axis.

    Both shapes look the same after half a turn, so directions are modulo 180 degrees. Angles
    grow clockwise from the horizontal, since y points down.
    """
    angle = rng.uniform(0, np.pi, count)
    scale = rng.uniform(0.25, 0.38, count)
    x, y = local_frame(rng.uniform(-0.5, 0.5, count), rng.uniform(-0.5, 0.5, count), angle, scale)
    rectangle = np.maximum(np.abs(x) - 1.1, np.abs(y) - 0.6)
    ellipse = np.hypot(x / 1.2, y / 0.65) - 1
    images = _sprites([rectangle, ellipse], rng, scale)
    return images, np.minimum((angle / np.pi * _BINS).astype(np.int64), _BINS - 1)


class Objects(NamedTuple):
    """Ten places per image for objects, from the back to the front, some of them empty."""

    x: np.ndarray
    y: np.ndarray
    scale: np.ndarray
    shown: np.ndarray


def place_objects(rng, count):
    """Scatter 3 to 10 objects over each of N floors, apart from each other.

    Returns
    -------
    Objects
        Positions and sizes in canvas units and whether there is an object, shape (N, 10) each.
    """
    places = np.full((count, _MOST, 2), np.inf)
    rows = np.arange(count)
    for place in range(_MOST):
        candidates = rng.uniform((-0.82, -0.75), (0.82, 0.82), (count, _CANDIDATES, 2))
        if place:
            offsets = candidates[:, :, None] - places[:, None, :place]
            nearest = np.hypot(offsets[..., 0], offsets[..., 1]).min(axis=2)
            # The first candidate that is far enough from all others, or else the farthest.
            chosen = np.minimum(nearest, _SPACING).argmax(axis=1)
        else:
            chosen = np.zeros(count, np.intp)
        places[:, place] = candidates[rows, chosen]
    shown = np.arange(_MOST) < rng.integers(_FEWEST, _MOST + 1, count)[:, None]
    depth = np.argsort(places[..., 1], axis=1)
    places = np.take_along_axis(places, depth[..., None], axis=1)
    shown = np.take_along_axis(shown, depth, axis=1)
    x, y = places[..., 0], places[..., 1]
    scale = (0.12 + 0.025 * (y + 1)) * rng.uniform(0.8, 1.2, x.shape)
    return Objects(x, y, scale, shown)


def draw_counts(rng, split, count):
    """Draw shaded balls, boxes and cylinders on a grey floor; the label is their number."""
    objects = place_objects(rng, count)
    floor = (0.45 + 0.2 * GRID_Y) * per_image(rng.uniform(0.8, 1.15, count))
    images = np.repeat(floor[..., None], 3, axis=-1)
    for place in range(_MOST):
        scale = objects.scale[:, place]
        tilt = rng.uniform(-0.3, 0.3, count)
        x, y = local_frame(objects.x[:, place], objects.y[:, place], tilt, scale)
        across, along = np.abs(x), np.abs(y)
        ball = np.hypot(x, y) - 1
        box = np.maximum(across, along) - 0.85
        cylinder = np.maximum(across - 0.75, along - 1)
        shape = rng.integers(0, 3, count)[:, None, None]
        mask = soft_mask(np.choose(shape, [ball, box, cylinder]) * per_image(scale))
        mask = (mask * per_image(objects.shown[:, place]))[..., None]
        colours = _PALETTE[rng.integers(0, len(_PALETTE), count)][:, None, None]
        shaded = np.clip(colours * (0.95 - 0.15 * (x + y)[..., None]), 0, 1)
        images = images + mask * (shaded - images)
    return images, objects.shown.sum(axis=1) - _FEWEST


def _disparity():
    """Return the measured disparity of motorcycle_left.png in pixels, infinite where unknown."""
    with np.load(bundled("skimage", "data", "motorcycle_disp.npz")) as archive:
        return archive["arr_0"]


def _at(target, cx, cy):
    return target[np.rint(cy).astype(np.intp), np.rint(cx).astype(np.intp)]


def _distance_centres(rng, target, boxes, count):
    def known(cx, cy):
        return np.isfinite(_at(target, cx, cy))

    far = reach(np.full(count, _DISTANCE_ZOOM), rotated=False)
    return random_centres(rng, boxes, far, accept=known)


@cache
def distance_source():
    """Return the left picture of a stereo pair; the target is the disparity in pixels."""
    picture, target = photograph("motorcycle_left.png"), _disparity()
    height, width = target.shape
    regions = split_regions((0, height), width, _DISTANCE_GUARD, repeats=2, bands=3)
    rng = generator(0, "distance", "reference")
    centres = _distance_centres(rng, target, regions["train"], _REFERENCE_CROPS)
    edges = quantile_edges(_at(target, *centres), len(DISTANCES))
    return LabelledPicture(picture, target, regions, edges)


def draw_distances(rng, split, count):
    """Draw upright crops; the label is the disparity at the centre."""
    source = distance_source()
    cx, cy = _distance_centres(rng, source.target, source.regions[split], count)
    images = crops(source.picture, cx, cy, np.full(count, _DISTANCE_ZOOM))
    labels = np.searchsorted(source.edges, _at(source.target, cx, cy))
    return photometric_jitter(rng, images), labels
