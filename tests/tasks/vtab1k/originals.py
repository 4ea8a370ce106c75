"""Tiny files in the formats of original data sets, and what their readers must make of them."""

import io
import tarfile
import zipfile

import numpy as np
from PIL import Image

from needle.tasks.vtab1k.order import tfds_order
from needle.tasks.vtab1k.registry import RAW

COUNTS = {"train": 4, "val": (0, 2)}
RULE = {"train": ("train", 0, 4), "val": ("validation", 0, 2), "test": ("test", 0, None)}


def encoded(image, form="PNG", **options):
    file = io.BytesIO()
    Image.fromarray(image).save(file, form, **options)
    return file.getvalue()


def shade(number, size=(6, 8)):
    """A picture that says which example it is."""
    return np.full((*size, 3), (number, 255 - number, 7 * number % 256), np.uint8)


def waves(height, width):
    """A picture whose channels all differ from pixel to pixel."""
    y, x = np.mgrid[:height, :width]
    red, green = 37 * y + 53 * x + y * x % 5 * 20, 11 * y * y + 7 * x
    return np.dstack([red, green, 200 - 9 * x + 3 * y]).astype(np.uint8)


def grey(level, size=(5, 4), mode="L", **options):
    """Bytes of an image of one grey, JPEG but for `options`."""
    colour = {"L": level, "RGB": (level,) * 3, "RGBA": (level, level, level, 7)}[mode]
    file = io.BytesIO()
    Image.new(mode, size, colour).save(file, **{"format": "JPEG"} | options)
    return file.getvalue()


def tar(path, files):
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))


def zipped(path, files):
    path.parent.mkdir(parents=True, exist_ok=True)
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


def check_arrays(splits, rule, sources, keys=None):
    """Compare splits with slices of `sources`, as `check` does: labels and images by split.

    `keys` names rows.
    """
    named = {
        split: {
            keys(split, row) if keys else row: pair
            for row, pair in enumerate(zip(labels, images, strict=True))
        }
        for split, (labels, images) in sources.items()
    }
    check(splits, rule, named)


def contents(examples):
    """What each example is: grey level and label by key."""
    for i in range(len(examples)):
        image = examples.image(i)
        assert image.dtype == np.uint8
        assert image.ndim == 3
        assert image.shape[2] == 3
        assert np.ptp(image) == 0
    assert examples.labels.dtype == np.int64
    levels = [int(examples.image(i)[0, 0, 0]) for i in range(len(examples))]
    return dict(zip(examples.keys, zip(levels, examples.labels.tolist(), strict=True), strict=True))


def in_order(split, keys):
    return [keys[position] for position in tfds_order(split, keys)]


def folder_of(task, root):
    folder = root / RAW[task][1]
    folder.mkdir(parents=True)
    return folder
