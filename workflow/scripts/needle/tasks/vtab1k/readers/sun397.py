"""SUN397: ``SUN397.tar.gz``, in the random partition of TFDS that VTAB uses.

The partition cannot be computed: the images that VTAB-1K takes from it are listed in
``resources/vtab1k/sun397.csv.xz``.
"""

import csv
import io
import lzma
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from needle.tasks.examples import Examples
from needle.tasks.vtab1k.archives import extracted
from needle.tasks.vtab1k.images import decode, decode_upright
from needle.tasks.vtab1k.opencv import scale
from needle.tasks.vtab1k.selection import vtab_splits

LIST = Path(__file__).parents[6] / "resources" / "vtab1k" / "sun397.csv.xz"
SPLITS = {"train": ("train", 0, 800), "val": ("validation", 0, 200), "test": ("test", 0, None)}
SIZES = {"train": 800, "validation": 200, "test": 21750}
MAX_PIXELS = 120_000
JPEG = {"format": "JPEG", "quality": 95, "subsampling": "4:2:0"}


def read(folder, task, counts=None):
    """Read the task; keys are such as ``/a/abbey/sun_aaalbzqrimafwbiv.jpg``.

    See `needle.tasks.vtab1k.registry`. The archive's images are of all sizes and, in spite of
    their names, of several formats. They are given as TFDS stores them: see `as_stored`.

    Images of the list that the folder does not have are left out, so that their split's number of
    examples is wrong.
    """
    root = extracted(folder, "SUN397.tar.gz", "SUN397")
    sources = {split: _examples(root, split) for split in SIZES}
    return vtab_splits(sources, SPLITS, SIZES, counts, folder)


@cache
def classes(task):
    """The 397 folders, such as ``/a/abbey``."""
    return sorted({_folder(key) for keys in _listed().values() for key in keys})


def as_stored(pixels):
    """Turn an upright image into what TFDS stores of it, and decode that.

    It is shrunk to `MAX_PIXELS` by bilinear interpolation without antialias, and encoded as JPEG
    with the defaults of OpenCV. Only GIF files differ: TFDS swaps their red and blue where its
    OpenCV cannot decode them, which is not repeated here.

    Parameters
    ----------
    pixels : numpy.ndarray of uint8, shape (H, W, 3)

    Returns
    -------
    numpy.ndarray of uint8, shape (H, W, 3)

    References
    ----------
    tensorflow-datasets 4.9.10, ``datasets/sun397/sun397_dataset_builder.py``.
    """
    factor = np.sqrt(MAX_PIXELS / (pixels.shape[0] * pixels.shape[1]))
    if factor < 1:
        pixels = scale(pixels, factor)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, **JPEG)
    return decode(file.getvalue(), "the stored image")


def _examples(root, split):
    keys = [key for key in _listed()[split] if (root / key[1:]).is_file()]
    index = {name: label for label, name in enumerate(classes("sun397"))}
    labels = np.array([index[_folder(key)] for key in keys], np.int64)
    return Examples(keys, labels, lambda i: as_stored(decode_upright(root / keys[i][1:])))


@cache
def _listed():
    """Keys of each split of TFDS that VTAB-1K uses."""
    with lzma.open(LIST, "rt", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {split: [row["image"] for row in rows if row["split"] == split] for split in SIZES}


def _folder(key):
    return key.rsplit("/", 1)[0]
