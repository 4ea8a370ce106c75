"""Task files: the images and labels of one task, decoded once, and its card."""

import numpy as np

from needle.errors import NeedleError
from needle.files import open_tensors, read_card, write_tensors

SPLITS = ("train", "val", "test")


def write_task(path, splits, card):
    """Write a task file.

    Parameters
    ----------
    path : path
    splits : dict of str to tuple
        By split: images uint8 of shape (N, 3, H, W) and labels int64 of shape (N,).
    card : dict
        ``name``, ``label``, ``group``, ``source``, ``classes`` (their names), ...

    Raises
    ------
    NeedleError
        If a label is not the index of a class.
    """
    tensors = {}
    for split in SPLITS:
        images, labels = splits[split]
        _check_labels(path, split, labels, card)
        tensors[f"{split}_images"] = np.ascontiguousarray(images)
        tensors[f"{split}_labels"] = np.ascontiguousarray(labels)
    write_tensors(path, tensors, card)


class Task:
    """A task file, read a split at a time.

    Parameters
    ----------
    path : path

    Attributes
    ----------
    card : dict
    classes : int
        Number of classes C.
    """

    def __init__(self, path):
        self.path = path
        self.card = read_card(path)
        self.classes = len(self.card["classes"])

    def split(self, name):
        """Read images uint8 (N, 3, H, W) and labels int64 (N,) of a split."""
        with open_tensors(self.path) as file:
            missing = {f"{name}_images", f"{name}_labels"} - set(file.keys())
            if missing:
                raise NeedleError(f"{self.path}: has no {', '.join(sorted(missing))}; make it anew")
            images = file.get_tensor(f"{name}_images")
            labels = file.get_tensor(f"{name}_labels")
        _check_labels(self.path, name, labels, self.card)
        return images, labels


def _check_labels(path, split, labels, card):
    wrong = np.flatnonzero((labels < 0) | (labels >= len(card["classes"])))
    if len(wrong):
        raise NeedleError(
            f"{path}: {split} example {wrong[0]} has class index {labels[wrong[0]]}, but the task "
            f"has {len(card['classes'])} classes (0 to {len(card['classes']) - 1}); correct the "
            "labels or the classes of the card"
        )
