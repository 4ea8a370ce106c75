"""dSprites: ``dsprites_ndarray_co1sh3sc6or40x32y32_64x64.hdf5``."""

import numpy as np

from needle.base.errors import NeedleError
from needle.tasks.examples import Examples
from needle.tasks.vtab1k.archives import original
from needle.tasks.vtab1k.hdf5 import open_dataset
from needle.tasks.vtab1k.selection import vtab_splits

FILE = "dsprites_ndarray_co1sh3sc6or40x32y32_64x64.hdf5"
SPLITS = {
    "train": ("train", 0, 800),
    "val": ("train", 589824, 590024),
    "test": ("train", 663552, None),
}
SIZES = {"train": 737280}

# Columns of latents/classes: colour, shape, scale, orientation (40), x (32), y (32).
_ORIENTATION, _X = 3, 4
_ROWS = 8192


def read(folder, task, counts=None):
    """Read location or orientation in 16 bins; keys are rows. See `needle.tasks.vtab1k.registry`.

    The images are kept with one bit for a pixel, 512 bytes each.
    """
    path = original(folder, FILE)
    bits = _pack(open_dataset(path, "imgs"), path)
    latents = open_dataset(path, "latents/classes")[:].astype(np.int64)
    labels = _bin(task, latents[:, _X if task == "dsprites_loc" else _ORIENTATION])
    source = Examples(range(len(labels)), labels, lambda i: _unpack(bits[i]))
    return vtab_splits({"train": source}, SPLITS, SIZES, counts, folder)


def classes(task):
    """What the 16 bins hold: 2 of 32 positions, or 2 or 3 of 40 orientations."""
    what, values = ("x", 32) if task == "dsprites_loc" else ("orientation", 40)
    bins = _bin(task, np.arange(values))
    members = [np.flatnonzero(bins == label) for label in range(16)]
    return [f"{what} {member[0]}-{member[-1]} of {values}" for member in members]


def _bin(task, values):
    # floor(value / 2.5) for orientations, in whole numbers.
    return values // 2 if task == "dsprites_loc" else values * 2 // 5


def _pack(images, path):
    """Read all images block by block: uint8 (N, 512).

    The file is compressed in chunks of many rows and few pixels, so that a single row costs as
    much as thousands; a block of whole chunks decompresses each chunk once.
    """
    step = max(images.chunks[0] if images.chunks else 1, _ROWS)
    bits = np.empty((len(images), images[0].size // 8), np.uint8)
    for start in range(0, len(images), step):
        block = images[start : start + step]
        if block.max() > 1:
            raise NeedleError(f"{path}: imgs has values other than 0 and 1; get the original anew")
        bits[start : start + step] = np.packbits(block.reshape(len(block), -1), axis=1)
    return bits


def _unpack(bits):
    pixels = np.unpackbits(bits).reshape(64, 64, 1) * np.uint8(255)
    return np.repeat(pixels, 3, axis=2)
