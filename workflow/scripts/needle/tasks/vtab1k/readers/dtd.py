"""DTD, the Describable Textures Dataset: ``dtd-r1.0.1.tar.gz``, first of its ten partitions."""

import numpy as np

from needle.base.errors import NeedleError
from needle.tasks.examples import Examples
from needle.tasks.vtab1k.archives import extracted, original
from needle.tasks.vtab1k.images import decode
from needle.tasks.vtab1k.selection import vtab_splits

LISTS = {"train": "train1.txt", "validation": "val1.txt", "test": "test1.txt"}
SPLITS = {"train": ("train", 0, 800), "val": ("validation", 0, 200), "test": ("test", 0, None)}
SIZES = {"train": 1880, "validation": 1880, "test": 1880}

_NAMES = """
banded blotchy braided bubbly bumpy chequered cobwebbed cracked crosshatched crystalline dotted
fibrous flecked freckled frilly gauzy grid grooved honeycombed interlaced knitted lacelike lined
marbled matted meshed paisley perforated pitted pleated polka-dotted porous potholed scaly smeared
spiralled sprinkled stained stratified striped studded swirly veined waffled woven wrinkled
zigzagged
"""
CLASSES = _NAMES.split()


def read(folder, task, counts=None):
    """Read the task; keys are such as ``banded/banded_0002.jpg``.

    See `needle.tasks.vtab1k.registry`.

    The label is the key attribute, which names the folder of an image.
    """
    root = extracted(folder, "dtd-r1.0.1.tar.gz", "dtd")
    sources = {split: _read_split(root, f"labels/{file}") for split, file in LISTS.items()}
    return vtab_splits(sources, SPLITS, SIZES, counts, folder)


def classes(task):
    """Names of the 47 textures."""
    return CLASSES


def _read_split(root, file):
    path = original(root, file)
    keys = path.read_text(encoding="utf-8").split()
    unknown = [key for key in keys if key.split("/")[0] not in CLASSES]
    if unknown:
        raise NeedleError(
            f"{path}: {unknown[0]} is in no class folder of DTD; delete {root} and get the "
            "original anew"
        )
    labels = [CLASSES.index(key.split("/")[0]) for key in keys]
    return Examples(keys, np.array(labels, np.int64), lambda i: decode(root / "images" / keys[i]))
