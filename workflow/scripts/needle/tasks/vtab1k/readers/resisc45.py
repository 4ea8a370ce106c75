"""NWPU-RESISC45: the folder in ``NWPU-RESISC45.rar``, extracted by hand, or a zip of it."""

from needle.tasks.vtab1k.archives import extracted
from needle.tasks.vtab1k.class_folders import class_folders
from needle.tasks.vtab1k.selection import vtab_splits

SPLITS = {
    "train": ("train", 0, 800),
    "val": ("train", 18900, 19100),
    "test": ("train", 25200, None),
}
SIZES = {"train": 31500}

_NAMES = """
airplane airport baseball_diamond basketball_court beach bridge chaparral church circular_farmland
cloud commercial_area dense_residential desert forest freeway golf_course ground_track_field harbor
industrial_area intersection island lake meadow medium_residential mobile_home_park mountain
overpass palace parking_lot railway railway_station rectangular_farmland river roundabout runway
sea_ice ship snowberg sparse_residential stadium storage_tank tennis_court terrace
thermal_power_station wetland
"""
CLASSES = _NAMES.split()


def read(folder, task, counts=None):
    """Read the task; keys are such as ``lake_lake_001.jpg``. See `needle.tasks.vtab1k.registry`.

    The split is TFDS's since its release 4.2.0. Before, keys were paths on the machine that made
    the data set, so that VTAB's own split cannot be known.
    """
    source = class_folders(extracted(folder, "NWPU-RESISC45.zip", "NWPU-RESISC45"), CLASSES)
    return vtab_splits({"train": source}, SPLITS, SIZES, counts, folder)


def classes(task):
    """Names of the 45 kinds of scene."""
    return CLASSES
