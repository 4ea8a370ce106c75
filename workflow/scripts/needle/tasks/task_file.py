"""Task files: the images and labels of one task, decoded once, and its card."""

import contextlib
import hashlib
import sys

import numpy as np
from tqdm import tqdm

from needle.base.bilinear import ASYMMETRIC
from needle.base.errors import NeedleError
from needle.base.tensors import map_tensor, open_tensors, read_card, stream_tensors
from needle.tasks.examples import Examples
from needle.tasks.resize import resize

SPLITS = ("train", "val", "test")


class _OtherShapeError(Exception):
    """An image has another height or width than those before it."""


def write_task(path, splits, card, size=None):
    """Write a task file, one image at a time.

    Images that all share one height and width, neither above `size`, are stored as they are; else
    all are resized as VTAB does. The card gets ``sha256``, the hash of images and labels in the
    order of `SPLITS`, and if there is a `size`, ``image_size`` and ``resize``, which says how
    images get that size, now or when they are used.

    Parameters
    ----------
    path : path
    splits : dict of str to Examples or tuple
        By split: examples to decode, or images uint8 of shape (N, 3, H, W) and labels int64 of
        shape (N,).
    card : dict
        ``name``, ``label``, ``group``, ``source``, ``classes`` (their names), ...
    size : int, optional
        Height and width in pixels at which images are used; without it they keep theirs, and must
        share them.

    Raises
    ------
    NeedleError
        If a label is not the index of a class, an image cannot be decoded, or images differ in
        size and there is no `size`.
    """
    splits = _checked(path, splits, card)
    if size is not None:
        card = card | {"image_size": size, "resize": ASYMMETRIC}
    shape = _decode(splits["train"], "train", 0, card).shape[:2]
    if size is not None and max(shape) > size:
        shape = (size, size)
    try:
        _write(path, splits, card, shape, size)
    except _OtherShapeError as other:
        if size is None:
            raise NeedleError(f"{path}: {other}; give the size to resize to") from other
        print(f"{other}: all again, resized to {size} x {size} px", file=sys.stderr)
        _write(path, splits, card, (size, size), size)


def write_pictures(path, splits, card):
    """Write a task file of pictures that keep their own sizes, for models that see each their way.

    It has one row of bytes for all pixels of a split, ``{split}_pixels``, and the height and width
    of each picture, ``{split}_sides``; the card gets ``sha256`` as in `write_task`.

    Parameters
    ----------
    path : path
    splits : dict of str to Examples
        By split.
    card : dict
        As in `write_task`.

    Raises
    ------
    NeedleError
        If a label is not the index of a class, or an image cannot be decoded.
    """
    splits = _checked(path, splits, card)
    sides, layout = {}, {}
    for split, examples in splits.items():
        shapes = [_decode(examples, split, i, card).shape[:2] for i in range(len(examples))]
        sides[split] = np.array(shapes, np.int64).reshape(-1, 2)
        layout[f"{split}_pixels"] = (np.uint8, (3 * int(sides[split].prod(axis=1).sum()),))
        layout[f"{split}_sides"] = (np.int64, sides[split].shape)
        layout[f"{split}_labels"] = (np.int64, (len(examples),))
    with _writing(path, splits, layout, card) as append:
        for split, examples in splits.items():
            append(f"{split}_sides", sides[split])
            for index in range(len(examples)):
                append(f"{split}_pixels", _decode(examples, split, index, card))
            append(f"{split}_labels", np.ascontiguousarray(examples.labels, np.int64))


def _checked(path, splits, card):
    """Give examples by split, whose labels are those of classes."""
    splits = {split: _as_examples(splits[split]) for split in SPLITS}
    for split, examples in splits.items():
        _check_labels(path, split, examples.labels, card)
    return splits


def _as_examples(split):
    if hasattr(split, "image"):
        return split
    images, labels = split
    return Examples(range(len(labels)), labels, lambda index: images[index].transpose(1, 2, 0))


def _write(path, splits, card, shape, size):
    """Write a task file with images of one shape (H, W)."""
    layout = {}
    for split, examples in splits.items():
        layout[f"{split}_images"] = (np.uint8, (len(examples), 3, *shape))
        layout[f"{split}_labels"] = (np.int64, (len(examples),))
    with _writing(path, splits, layout, card) as append:
        for split, examples in splits.items():
            for index in range(len(examples)):
                image = _fit(_decode(examples, split, index, card), shape, size)
                append(f"{split}_images", image)
            append(f"{split}_labels", np.ascontiguousarray(examples.labels, np.int64))


@contextlib.contextmanager
def _writing(path, splits, layout, card):
    """Give a function that appends to an array of the file, and hash what is appended."""
    digest = hashlib.sha256()
    # The hash is known at the end, and its length at the beginning.
    card = card | {"sha256": "0" * len(digest.hexdigest())}
    total = sum(map(len, splits.values()))
    progress = tqdm(total=total, desc=f"write {card['name']}", mininterval=10)
    with progress, stream_tensors(path, layout, card) as append:

        def append_and_hash(name, array):
            digest.update(array)
            append(name, array)
            if name.endswith(("_images", "_pixels")):
                progress.update()

        yield append_and_hash
        card["sha256"] = digest.hexdigest()


def _decode(examples, split, index, card):
    try:
        return examples.image(index)
    except (OSError, ValueError) as error:
        raise NeedleError(
            f"task {card['name']}: {split} example {examples.keys[index]} cannot be decoded "
            f"({error}); fetch the data set again"
        ) from error


def _fit(image, shape, size):
    """Bring an image (H, W, 3) to shape (3, H, W)."""
    if image.shape[:2] == shape:
        return np.ascontiguousarray(image.transpose(2, 0, 1))
    if shape == (size, size):
        return resize(image, size)
    height, width = image.shape[:2]
    raise _OtherShapeError(f"images of {shape[1]} x {shape[0]} and {width} x {height} px")


class Task:
    """A task file, read a split or some images at a time.

    Parameters
    ----------
    path : path

    Attributes
    ----------
    card : dict
    classes : int
        Number of classes C.
    image_size : int or None
        Height and width in pixels at which images are used, where they may be stored smaller.
    own_sizes : bool
        Whether it holds pictures of any size, as `write_pictures` writes them.

    Raises
    ------
    NeedleError
        If the file is not readable, or its card does not say how images got their size, as those
        of release 1.0.0: they were decoded and resized in another way.
    """

    def __init__(self, path):
        self.path = path
        self.card = read_card(path)
        self.classes = len(self.card["classes"])
        self.image_size = self.card.get("image_size")
        if self.image_size is not None and "resize" not in self.card:
            raise NeedleError(
                f"{path}: of an earlier release, which decoded and resized images in another way; "
                "delete it and make it anew"
            )
        with open_tensors(path) as file:
            self.own_sizes = "train_sides" in file.keys()  # noqa: SIM118

    def split(self, name):
        """Read all images, as `chunks` gives them, and labels int64 (N,) of a split."""
        labels = self.labels(name)
        return self.images(name, 0, len(labels)), labels

    def labels(self, name):
        """Read the labels int64 (N,) of a split, and not its images."""
        with open_tensors(self.path) as file:
            return self._labels(file, name)

    def chunks(self, name, count):
        """Read a split by memory map: images and labels of `count` examples at a time.

        Images are uint8 of shape (N, 3, H, W), or with `own_sizes` a list of arrays (H, W, 3).
        """
        labels = self.labels(name)
        for start in range(0, len(labels), count):
            stop = min(start + count, len(labels))
            yield self.images(name, start, stop), labels[start:stop]

    def images(self, name, start, stop):
        """Read some images of a split: see `chunks`."""
        # Opened each time, so that no more than these count as memory of the process.
        if not self.own_sizes:
            return map_tensor(self.path, f"{name}_images")[start:stop]
        with open_tensors(self.path) as file:
            sides = file.get_tensor(f"{name}_sides")
            ends = np.concatenate([[0], (3 * sides.prod(axis=1)).cumsum()])
            pixels = file.get_slice(f"{name}_pixels")[int(ends[start]) : int(ends[stop])]
        return [
            pixels[ends[i] - ends[start] : ends[i + 1] - ends[start]].reshape(*sides[i], 3)
            for i in range(start, stop)
        ]

    def picture(self, name, index):
        """Read one image of a split, uint8 (H, W, 3)."""
        (image,) = self.images(name, index, index + 1)
        return image if self.own_sizes else image.transpose(1, 2, 0)

    def _labels(self, file, name):
        images = f"{name}_pixels" if self.own_sizes else f"{name}_images"
        missing = {images, f"{name}_labels"} - set(file.keys())
        if missing:
            raise NeedleError(f"{self.path}: has no {', '.join(sorted(missing))}; make it anew")
        labels = file.get_tensor(f"{name}_labels")
        _check_labels(self.path, name, labels, self.card)
        return labels


def _check_labels(path, split, labels, card):
    wrong = np.flatnonzero((labels < 0) | (labels >= len(card["classes"])))
    if len(wrong):
        raise NeedleError(
            f"{path}: {split} example {wrong[0]} has class index {labels[wrong[0]]}, but the task "
            f"has {len(card['classes'])} classes (0 to {len(card['classes']) - 1}); correct the "
            "labels or the classes of the card"
        )
