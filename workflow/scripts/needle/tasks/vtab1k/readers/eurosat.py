"""EuroSAT, the RGB version: ``EuroSAT.zip``."""

from needle.tasks.vtab1k.archives import extracted
from needle.tasks.vtab1k.class_folders import class_folders
from needle.tasks.vtab1k.selection import vtab_splits

SPLITS = {
    "train": ("train", 0, 800),
    "val": ("train", 16200, 16400),
    "test": ("train", 21600, None),
}
SIZES = {"train": 27000}

_NAMES = """
AnnualCrop Forest HerbaceousVegetation Highway Industrial Pasture PermanentCrop Residential River
SeaLake
"""
CLASSES = _NAMES.split()


def read(folder, task, counts=None):
    """Read the task; keys are such as ``River_River_1.jpg``. See `needle.tasks.vtab1k.registry`.

    The split is TFDS's since its release 4.2.0. Before, keys were paths on the machine that made
    the data set, so that VTAB's own split cannot be known.
    """
    source = class_folders(extracted(folder, "EuroSAT.zip", "2750"), CLASSES)
    return vtab_splits({"train": source}, SPLITS, SIZES, counts, folder)


def classes(task):
    """Names of the ten kinds of land."""
    return CLASSES
