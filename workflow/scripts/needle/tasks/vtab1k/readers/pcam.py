"""PatchCamelyon: ``camelyonpatch_level_2_split_{train,valid,test}_{x,y}.h5.gz``."""

import numpy as np

from needle.tasks.examples import Examples
from needle.tasks.vtab1k.archives import gunzipped
from needle.tasks.vtab1k.hdf5 import open_dataset
from needle.tasks.vtab1k.selection import vtab_splits

# By the split's name in TFDS: its name in files and keys.
FILES = {"train": "train", "validation": "valid", "test": "test"}
SPLITS = {"train": ("train", 0, 800), "val": ("validation", 0, 200), "test": ("test", 0, None)}
SIZES = {"train": 262144, "validation": 32768, "test": 32768}


def read(folder, task, counts=None):
    """Read the task; keys are such as ``valid_3270``. See `needle.tasks.vtab1k.registry`.

    The files are decompressed once, to 9 GB, and images read one by one.
    """
    sources = {split: _read_split(folder, name) for split, name in FILES.items()}
    return vtab_splits(sources, SPLITS, SIZES, counts, folder)


def classes(task):
    """Whether there is tumour tissue in the patch's centre of 32 x 32 pixels."""
    return ["normal", "tumor"]


def _read_split(folder, name):
    pixels, labels = (
        open_dataset(gunzipped(folder, f"camelyonpatch_level_2_split_{name}_{part}.h5"), part)
        for part in "xy"
    )
    labels = labels[:].reshape(-1).astype(np.int64)
    keys = [f"{name}_{i}" for i in range(len(labels))]
    return Examples(keys, labels, lambda i: pixels[i])
