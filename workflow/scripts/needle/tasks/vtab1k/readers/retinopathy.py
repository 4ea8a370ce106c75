"""Diabetic Retinopathy Detection (Kaggle, 2015), preprocessed as the competition's winner did."""

import csv
import io

import numpy as np
from PIL import Image

from needle.base.errors import NeedleError
from needle.tasks.examples import Examples
from needle.tasks.vtab1k.archives import original
from needle.tasks.vtab1k.images import decode, decode_upright
from needle.tasks.vtab1k.members import Members
from needle.tasks.vtab1k.opencv import blur, scale
from needle.tasks.vtab1k.selection import vtab_splits

TRAIN_LABELS, TEST_LABELS = "trainLabels.csv", "retinopathy_solution.csv"
# By split of TFDS: folder of the images, and Usage of the rows.
PARTS = {"train": ("train", None), "validation": ("test", "Public"), "test": ("test", "Private")}
SPLITS = {"train": ("train", 0, 800), "val": ("validation", 0, 200), "test": ("test", 0, None)}
SIZES = {"train": 35126, "validation": 10906, "test": 42670}
CLASSES = ["none", "mild", "moderate", "severe", "proliferative"]

RADIUS = 300  # of the eye, in pixels
KEPT = 0.9  # of the radius
CONTRAST = 4
GREY = 128
JPEG_QUALITY = 72


def classes(task):
    """Grades of the disease."""
    return CLASSES


def read(folder, task, counts=None):
    """Read Retinopathy from the files of Kaggle, whose images are preprocessed as in TFDS.

    They are turned upright first. The configuration is TFDS's ``btgraham-300``; see `graham`. VTAB
    validates on the public part of Kaggle's test set and tests on the private part.

    Parameters
    ----------
    folder : path
        With ``trainLabels.csv`` and ``retinopathy_solution.csv``, and the folders ``train`` and
        ``test`` of the images or their archives (``train.zip`` or ``train.zip.001``, ...).
    task : {"diabetic_retinopathy"}
    counts : dict, optional
        See `vtab_splits`.

    Returns
    -------
    dict of str to Examples
        By train (800), val (200) and test (42670); a key is ``{patient}_{left or right}``.

    Raises
    ------
    NeedleError
        If files are missing, or not as published.
    """
    images = {part: Members(folder, f"{part}.zip") for part in ("train", "test")}
    sources = {
        split: _examples(folder, images[part], part, usage)
        for split, (part, usage) in PARTS.items()
    }
    splits = vtab_splits(sources, SPLITS, SIZES, counts, folder)
    # Find now, not hours later, whether a part of the archives was not extracted.
    for split, (source, _, _) in SPLITS.items():
        part = PARTS[source][0]
        images[part].require(_file(part, key) for key in splits[split].keys)
    return splits


def graham(image):
    """Preprocess a photograph of an eye as Ben Graham did for the competition.

    It is scaled (bilinear, antialias off) so that the eye's radius is 300 pixels, the local mean
    (Gaussian, 10 pixels) is subtracted and the contrast raised fourfold, all beyond 90 % of the
    radius becomes grey, and the square around what is left is cut out. It is then encoded as JPEG
    of quality 72 and decoded, as the images of TFDS are: artefacts of 4 grey levels on average,
    which the models of VTAB's results saw too.

    Scaling, Gaussian, mask and JPEG are those of OpenCV, which TFDS uses, to the bit, and the JPEG
    is decoded as TensorFlow does.

    Parameters
    ----------
    image : numpy.ndarray of uint8, shape (H, W, 3)

    Returns
    -------
    numpy.ndarray of uint8, shape (540, 540, 3)
        Lower or narrower where the photograph cuts the eye.

    References
    ----------
    B. Graham, "Kaggle Diabetic Retinopathy Detection competition report", 2015;
    tensorflow-datasets 4.9.10, ``image_classification/diabetic_retinopathy_detection.py``.
    """
    file = io.BytesIO()
    cut = _cut_out(_subtract_local_mean(scale(image, RADIUS / _eye_radius(image))))
    Image.fromarray(cut).save(file, "JPEG", quality=JPEG_QUALITY)
    return decode(file.getvalue(), "the preprocessed photograph")


def _eye_radius(image):
    """Half of the middle row's bright pixels, or half of the height if it has none."""
    row = image[len(image) // 2].sum(axis=1, dtype=np.int64)
    radius = np.count_nonzero(row > row.mean() / 10) / 2
    return radius if radius >= 1 else len(image) / 2


def _subtract_local_mean(image):
    difference = image.astype(int) - blur(image)
    return np.clip(CONTRAST * difference + GREY, 0, 255).astype(np.uint8)


def _cut_out(image):
    """Grey outside of a circle in the middle, and cut the circle's square out."""
    radius = int(RADIUS * KEPT)
    middle = [length // 2 for length in image.shape[:2]]
    y, x = np.ogrid[: image.shape[0], : image.shape[1]]
    inside = (y - middle[0]) ** 2 + (x - middle[1]) ** 2 <= radius**2
    square = tuple(slice(max(at - radius, 0), at + radius) for at in middle)
    return np.where(inside[..., None], image, np.uint8(GREY))[square]


def _examples(folder, images, part, usage):
    rows = [row for row in _rows(folder, part) if row.get("Usage") == usage]
    keys = [row["image"] for row in rows]
    labels = np.array([int(row["level"]) for row in rows], np.int64)

    def image(i):
        file = _file(part, keys[i])
        return graham(decode_upright(images.read(file), file))

    return Examples(keys, labels, image)


def _file(part, key):
    return f"{part}/{key}.jpeg"


def _rows(folder, part):
    """The rows of a table of labels: dicts with image, level and, for the test set, Usage."""
    path = original(folder, TRAIN_LABELS if part == "train" else TEST_LABELS)
    columns = {"image", "level"} | ({"Usage"} if part == "test" else set())
    levels = {str(level) for level in range(len(CLASSES))}
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if not rows or not columns <= rows[0].keys():
        raise NeedleError(
            f"{path}: has no columns {', '.join(sorted(columns))}; get the original anew"
        )
    wrong = [row["image"] for row in rows if row["level"] not in levels]
    if wrong:
        raise NeedleError(f"{path}: {wrong[0]} has no level of 0 to 4; get the original anew")
    return rows
