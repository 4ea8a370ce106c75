"""Oxford-IIIT Pet: ``images.tar.gz`` and ``annotations.tar.gz``."""

import numpy as np

from needle.base.errors import NeedleError
from needle.tasks.examples import Examples
from needle.tasks.vtab1k.archives import extracted, original
from needle.tasks.vtab1k.images import decode
from needle.tasks.vtab1k.selection import vtab_splits

LISTS = {"train": "trainval.txt", "test": "test.txt"}
SPLITS = {"train": ("train", 0, 800), "val": ("train", 2944, 3144), "test": ("test", 0, None)}
SIZES = {"train": 3680, "test": 3669}

_NAMES = """
Abyssinian american_bulldog american_pit_bull_terrier basset_hound beagle Bengal Birman Bombay boxer
British_Shorthair chihuahua Egyptian_Mau english_cocker_spaniel english_setter german_shorthaired
great_pyrenees havanese japanese_chin keeshond leonberger Maine_Coon miniature_pinscher newfoundland
Persian pomeranian pug Ragdoll Russian_Blue saint_bernard samoyed scottish_terrier shiba_inu Siamese
Sphynx staffordshire_bull_terrier wheaten_terrier yorkshire_terrier
"""
CLASSES = _NAMES.split()


def read(folder, task, counts=None):
    """Read the task with its breeds; keys are file names. See `needle.tasks.vtab1k.registry`.

    Some files are PNG in spite of their names, grey or with transparency: all are RGB here, as in
    TFDS, and transparency is dropped. Of a GIF, on which TFDS fails, the first frame is taken. As
    in TFDS's version 3, which VTAB reads, no file is encoded again; since 4.0.0 it does so for
    twelve files.
    """
    images = extracted(folder, "images.tar.gz", "images")
    lists = extracted(folder, "annotations.tar.gz", "annotations")
    sources = {split: _read_split(original(lists, file), images) for split, file in LISTS.items()}
    return vtab_splits(sources, SPLITS, SIZES, counts, folder)


def classes(task):
    """Names of the 37 breeds."""
    return CLASSES


def _read_split(path, images):
    try:
        # Name, class, species and breed within the species; classes count from 1.
        rows = [(f"{name}.jpg", int(label) - 1) for name, label, _, _ in _fields(path)]
    except ValueError as error:
        raise NeedleError(
            f"{path}: not a list of the Pet data set ({error}); delete {path.parent} and get the "
            "original anew"
        ) from error
    keys = [key for key, _ in rows]
    labels = np.array([label for _, label in rows], np.int64)
    return Examples(keys, labels, lambda i: decode(images / keys[i]))


def _fields(path):
    return [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
