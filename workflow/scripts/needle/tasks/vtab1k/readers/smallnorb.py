"""SmallNORB: six files ``smallnorb-*-{dat,cat,info}.mat.gz``, of which ``cat`` is not needed.

https://cs.nyu.edu/~ylclab/data/norb-v1.0-small/ describes the binary matrix format.
"""

import numpy as np

from needle.base.errors import NeedleError
from needle.tasks.examples import Examples
from needle.tasks.vtab1k.archives import gunzipped
from needle.tasks.vtab1k.selection import vtab_splits

FILES = {
    "train": "smallnorb-5x46789x9x18x6x2x96x96-training-{part}.mat",
    "test": "smallnorb-5x01235x9x18x6x2x96x96-testing-{part}.mat",
}
# Validation and test examples come from the testing file, which shows other toys.
SPLITS = {"train": ("train", 0, 800), "val": ("test", 0, 200), "test": ("test", 12150, None)}
SIZES = {"train": 24300, "test": 24300}

_DTYPES = {0x1E3D4C55: np.dtype("u1"), 0x1E3D4C54: np.dtype("<i4")}
# Columns of info: instance, elevation (0 to 8), azimuth (0, 2, ... 34), lighting.
_ELEVATION, _AZIMUTH = 1, 2


def read(folder, task, counts=None):
    """Read azimuth or elevation of the first camera's images; keys are row indices.

    See `needle.tasks.vtab1k.registry`.
    """
    sources = {split: _read_split(folder, split, task) for split in SIZES}
    return vtab_splits(sources, SPLITS, SIZES, counts, folder)


def classes(task):
    """Azimuth of 0 to 340 degrees by 20, or elevation of 30 to 70 degrees by 5."""
    degrees = range(0, 360, 20) if task == "smallnorb_azi" else range(30, 75, 5)
    return [f"{degree} degrees" for degree in degrees]


def _read_split(folder, split, task):
    pixels = read_matrix(gunzipped(folder, FILES[split].format(part="dat")))
    info = read_matrix(gunzipped(folder, FILES[split].format(part="info")))
    column = info[:, _AZIMUTH] // 2 if task == "smallnorb_azi" else info[:, _ELEVATION]
    return Examples(range(len(info)), column.astype(np.int64), lambda i: _image(pixels[i, 0]))


def _image(pixels):
    return np.repeat(np.array(pixels)[..., None], 3, axis=2)


def read_matrix(path):
    """Read a binary matrix by memory map.

    It begins with little-endian 32-bit integers: a magic number for the type, the number of
    dimensions n, and max(n, 3) sizes, of which the first n count.

    Parameters
    ----------
    path : path

    Returns
    -------
    numpy.ndarray of uint8 or int32

    Raises
    ------
    NeedleError
        If the file is not such a matrix or not complete.
    """
    header = np.fromfile(path, "<i4", count=2)
    if len(header) < 2 or int(header[0]) not in _DTYPES:
        raise NeedleError(f"{path}: not a matrix of bytes or integers; get the original anew")
    magic, dimensions = (int(number) for number in header)
    shape = np.fromfile(path, "<i4", count=dimensions, offset=8)
    offset = 8 + 4 * max(dimensions, 3)
    try:
        return np.memmap(path, _DTYPES[magic], "r", offset, tuple(shape.tolist()))
    except ValueError as error:
        raise NeedleError(
            f"{path}: shorter than its shape {shape.tolist()} says; delete it and get it anew"
        ) from error
