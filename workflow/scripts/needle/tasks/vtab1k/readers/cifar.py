"""CIFAR-100: ``cifar-100-python.tar.gz``, the pickled version."""

import pickle

import numpy as np

from needle.base.errors import NeedleError
from needle.tasks.examples import Examples
from needle.tasks.vtab1k.archives import extracted, original
from needle.tasks.vtab1k.selection import vtab_splits

SPLITS = {"train": ("train", 0, 800), "val": ("train", 45000, 45200), "test": ("test", 0, None)}
SIZES = {"train": 50000, "test": 10000}

_CLASSES = (
    "apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus "
    "butterfly camel can castle caterpillar cattle chair chimpanzee clock cloud cockroach couch "
    "crab crocodile cup dinosaur dolphin elephant flatfish forest fox girl hamster house kangaroo "
    "keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain mouse "
    "mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree plain plate poppy "
    "porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper "
    "snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone television "
    "tiger tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm"
)

# All that a pickled numpy array needs; the files name numpy's module as it was called then.
_ALLOWED = {
    ("numpy.core.multiarray", "_reconstruct"): np.empty(0).__reduce__()[0],
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
}


def read(folder, task, counts=None):
    """Read the task with its fine labels; keys are row indices.

    See `needle.tasks.vtab1k.registry`.
    """
    files = extracted(folder, "cifar-100-python.tar.gz", "cifar-100-python")
    sources = {split: _read_split(original(files, split)) for split in SIZES}
    return vtab_splits(sources, SPLITS, SIZES, counts, folder)


def classes(task):
    """Names of the 100 fine classes."""
    return _CLASSES.split()


def _read_split(path):
    batch = _unpickle(path)
    try:
        pixels = np.asarray(batch["data"], np.uint8).reshape(-1, 3, 32, 32)
        labels = np.asarray(batch["fine_labels"], np.int64)
    except (KeyError, TypeError, ValueError) as error:
        raise NeedleError(f"{path}: not a batch of CIFAR-100; get the original anew") from error
    return Examples(range(len(labels)), labels, lambda i: pixels[i].transpose(1, 2, 0))


class _ArrayUnpickler(pickle.Unpickler):
    """Unpickles numpy arrays and plain values only: a pickle may otherwise run any code."""

    def find_class(self, module, name):
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"{module}.{name} is not allowed")
        return _ALLOWED[module, name]


def _unpickle(path):
    try:
        with open(path, "rb") as file:
            # Written by Python 2, whose strings are bytes.
            return _ArrayUnpickler(file, encoding="latin1").load()
    except Exception as error:
        raise NeedleError(
            f"{path}: not a batch of CIFAR-100 ({error}); delete it and get the original anew"
        ) from error
