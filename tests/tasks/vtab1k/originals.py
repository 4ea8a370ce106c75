"""Tiny files in the formats of original data sets, and what their readers must make of them."""

import io
import zipfile

import numpy as np
from PIL import Image

from needle.tasks.vtab1k.order import tfds_order

COUNTS = {"train": 4, "val": (0, 2)}
RULE = {"train": ("train", 0, 4), "val": ("validation", 0, 2), "test": ("test", 0, None)}


def encoded(image, form="PNG", **options):
    file = io.BytesIO()
    Image.fromarray(image).save(file, form, **options)
    return file.getvalue()


def decoded(data):
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def shade(number, size=(6, 8)):
    """A picture that says which example it is."""
    return np.full((*size, 3), (number, 255 - number, 7 * number % 256), np.uint8)


def zipped(path, files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)


def unzip(path):
    with zipfile.ZipFile(path) as archive:
        archive.extractall(path.parent)
    path.unlink()


def check(splits, rule, sources):
    """Compare splits with slices of `sources`: by original split, dicts of key to (label, image).

    `rule` gives by VTAB split the original split, start and stop.
    """
    for split, (name, start, stop) in rule.items():
        keys = list(sources[name])
        expected = [keys[row] for row in tfds_order(name, keys)[start:stop]]
        assert splits[split].keys == expected
        assert len(splits[split]) == len(expected) > 0
        assert splits[split].labels.dtype == np.int64
        assert splits[split].labels.tolist() == [sources[name][key][0] for key in expected]
        for i, key in enumerate(expected):
            image = splits[split].image(i)
            assert image.dtype == np.uint8
            np.testing.assert_array_equal(image, sources[name][key][1])
