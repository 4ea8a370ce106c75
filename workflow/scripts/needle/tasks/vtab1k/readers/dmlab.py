"""DMLab frames: how far an object is and which reward it gives."""

import os
import tempfile
from pathlib import Path

import numpy as np

from needle.base.errors import NeedleError
from needle.machine.archives import extract
from needle.tasks.examples import Examples
from needle.tasks.vtab1k.archives import original
from needle.tasks.vtab1k.images import decode
from needle.tasks.vtab1k.selection import vtab_splits
from needle.tasks.vtab1k.tfrecord import read_example, read_examples

ARCHIVE, EXTRACTED = "dmlab.tar.gz", "dmlab"
PATTERN = "dmlab-{}.tfrecord*"
SPLITS = {"train": ("train", 0, 800), "val": ("validation", 0, 200), "test": ("test", 0, None)}
SIZES = {"train": 65550, "validation": 22628, "test": 22735}
CLASSES = 6


def classes(task):
    """Numbers: close, far and very far objects of positive and negative reward, order unknown."""
    return [str(label) for label in range(CLASSES)]


def read(folder, task, counts=None):
    """Read DMLab from ``dmlab.tar.gz``, extracted to the folder ``dmlab`` the first time.

    Extracted by hand, its files may lie in `folder` or in ``dmlab``. They are TFRecord files,
    ``dmlab-{split}.tfrecord-{shard}``, whose checksums are all verified.

    Parameters
    ----------
    folder : path
    task : {"dmlab"}
    counts : dict, optional
        See `vtab_splits`.

    Returns
    -------
    dict of str to Examples
        By train (800), val (200) and test (22735); a key is the feature ``filename``.

    Raises
    ------
    NeedleError
        If files are missing, or not as published.
    """
    shards = _shards(folder)
    return vtab_splits(
        {split: _examples(shards, split) for split in SIZES}, SPLITS, SIZES, counts, folder
    )


def _shards(folder):
    """The folder of the TFRecord files; made from the archive if there is none."""
    target = Path(folder, EXTRACTED)
    for place in (Path(folder), target):
        if any(place.glob(PATTERN.format("*"))):
            return place
    path = original(folder, ARCHIVE)
    with tempfile.TemporaryDirectory(prefix=f".{ARCHIVE}.", dir=folder) as temporary:
        made = Path(temporary, EXTRACTED)
        extract(path, made)
        try:
            os.replace(made, target)
        except OSError:
            # Another process extracted the same archive meanwhile.
            if not target.is_dir():
                raise
    return target


def _examples(shards, split):
    files = sorted(shards.glob(PATTERN.format(split)))
    if not files:
        raise NeedleError(
            f"{shards}: has no dmlab-{split}.tfrecord files; extract all of {ARCHIVE} there"
        )
    places, keys, labels = [], [], []
    for path in files:
        for offset, features in read_examples(path):
            places.append((path, offset))
            try:
                keys.append(features["filename"][0].decode())
                labels.append(features["label"][0])
            except (AttributeError, IndexError, KeyError, UnicodeDecodeError) as error:
                raise NeedleError(
                    f"{path}: the record at byte {offset} is no frame of DMLab ({error!r}); get "
                    "the original anew"
                ) from error

    def image(i):
        path, offset = places[i]
        return decode(read_example(path, offset)["image"][0], f"{path}, {keys[i]}")

    return Examples(keys, np.array(labels, np.int64), image)
