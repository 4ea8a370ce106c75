"""CLEVR 1.0: how many objects a scene has, and how far the closest is."""

import json
from itertools import pairwise

import numpy as np

from needle.base.errors import NeedleError
from needle.tasks.examples import Examples
from needle.tasks.vtab1k.images import decode
from needle.tasks.vtab1k.members import Members
from needle.tasks.vtab1k.selection import vtab_splits

ARCHIVE = "CLEVR_v1.0.zip"
FILES = {"train": "train", "validation": "val"}
SPLITS = {
    "train": ("train", 0, 800),
    "val": ("train", 63000, 63200),
    "test": ("validation", 0, None),
}
SIZES = {"train": 70000, "validation": 15000}
FEWEST, MOST = 3, 10
# A label is the last threshold that the distance exceeds, in CLEVR's units.
THRESHOLDS = np.array([0, 8, 8.5, 9, 9.5, 10, 100], np.float32)


def classes(task):
    """Numbers of objects, or ranges of the distance."""
    if task == "clevr_count":
        return [str(count) for count in range(FEWEST, MOST + 1)]
    return [f"{low:g} to {high:g}" for low, high in pairwise(THRESHOLDS)]


def read(folder, task, counts=None):
    """Read a task of CLEVR, images in place from ``CLEVR_v1.0.zip`` or what it extracts to.

    Scenes of CLEVR's test set have no description: VTAB tests on its validation set.

    Parameters
    ----------
    folder : path
    task : {"clevr_count", "clevr_dist"}
    counts : dict, optional
        See `vtab_splits`.

    Returns
    -------
    dict of str to Examples
        By train (800), val (200) and test (15000); a key is the name of an image file.

    Raises
    ------
    NeedleError
        If files are missing, or not as published. Scenes must be in the order of their images'
        names, as TFDS pairs the two by their places.
    """
    members = Members(folder, ARCHIVE)
    sources = {split: _examples(members, name, task) for split, name in FILES.items()}
    return vtab_splits(sources, SPLITS, SIZES, counts, folder)


def _examples(members, name, task):
    path = f"CLEVR_v1.0/scenes/CLEVR_{name}_scenes.json"
    label = _count if task == "clevr_count" else _distance
    try:
        scenes = json.loads(members.read(path))["scenes"]
        keys = [scene["image_filename"] for scene in scenes]
        labels = np.array([label(scene["objects"]) for scene in scenes], np.int64)
    except (KeyError, TypeError, ValueError) as error:
        raise NeedleError(
            f"{members.path}: {path} does not describe scenes ({error!r}); get the original anew"
        ) from error
    for key, following in pairwise(keys):
        if key >= following:
            raise NeedleError(
                f"{members.path}: {path} has {following} after {key}, not in the order of their "
                "names; get the original anew"
            )

    def image(i):
        file = f"CLEVR_v1.0/images/{name}/{keys[i]}"
        return decode(members.read(file), file)

    return Examples(keys, labels, image)


def _count(objects):
    if not FEWEST <= len(objects) <= MOST:
        raise ValueError(f"a scene with {len(objects)} objects")
    return len(objects) - FEWEST


def _distance(objects):
    """The class of the distance from the camera to the closest object."""
    # TFDS keeps coordinates as float32, which decides at a threshold.
    closest = np.float32(min(item["pixel_coords"][2] for item in objects))
    if not THRESHOLDS[0] < closest <= THRESHOLDS[-1]:
        raise ValueError(f"an object at distance {closest}")
    return np.flatnonzero(closest > THRESHOLDS)[-1]
