"""SVHN, cropped digits: ``train_32x32.mat`` and ``test_32x32.mat``."""

import numpy as np
from scipy.io import loadmat

from needle.base.errors import NeedleError
from needle.tasks.examples import Examples
from needle.tasks.vtab1k.archives import original
from needle.tasks.vtab1k.selection import vtab_splits

SPLITS = {"train": ("train", 0, 800), "val": ("train", 65931, 66131), "test": ("test", 0, None)}
SIZES = {"train": 73257, "test": 26032}


def read(folder, task, counts=None):
    """Read the task; keys are row indices. See `needle.tasks.vtab1k.registry`."""
    sources = {split: _read_split(original(folder, f"{split}_32x32.mat")) for split in SIZES}
    return vtab_splits(sources, SPLITS, SIZES, counts, folder)


def classes(task):
    """The ten digits."""
    return [str(digit) for digit in range(10)]


def _read_split(path):
    try:
        arrays = loadmat(path, variable_names=["X", "y"])
        pixels, digits = arrays["X"], arrays["y"].ravel()
    except Exception as error:
        raise NeedleError(
            f"{path}: not a file of SVHN ({error}); delete it and get the original anew"
        ) from error
    # The files call the digit 0 by 10.
    labels = digits.astype(np.int64) % 10
    return Examples(range(len(labels)), labels, lambda i: pixels[..., i])
