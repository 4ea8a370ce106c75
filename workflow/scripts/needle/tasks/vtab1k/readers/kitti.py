"""KITTI's object data: the distance to the closest vehicle."""

import numpy as np

from needle.base.errors import NeedleError
from needle.tasks.examples import Examples
from needle.tasks.vtab1k.images import decode
from needle.tasks.vtab1k.members import Members
from needle.tasks.vtab1k.selection import vtab_splits

IMAGES, LABELS, DEVKIT = "data_object_image_2.zip", "data_object_label_2.zip", "devkit_object.zip"
SPLITS = {"train": ("train", 0, 800), "val": ("validation", 0, 200), "test": ("test", 0, None)}
SIZES = {"train": 6347, "validation": 423, "test": 711}
VEHICLES = ("Car", "Van", "Truck")
# A label is the last threshold, in metres, that the distance exceeds.
THRESHOLDS = np.array([-100.0, 8.0, 20.0, 999.0])
NO_VEHICLE = 1000.0
Z = 13  # column of an object's location along the camera's axis
SEED = 123


def classes(task):
    """Ranges of the distance to the closest vehicle."""
    return ["up to 8 m", "8 to 20 m", "over 20 m", "no vehicle"]


def read(folder, task, counts=None):
    """Read KITTI from its three zip archives, in place, or from what they extract to.

    ``data_object_image_2.zip`` holds the images, ``data_object_label_2.zip`` the labels and
    ``devkit_object.zip`` the video of each image. TFDS splits the training images by video, as
    those of KITTI's test set have no labels.

    Parameters
    ----------
    folder : path
    task : {"kitti_dist"}
    counts : dict, optional
        See `vtab_splits`.

    Returns
    -------
    dict of str to Examples
        By train (800), val (200) and test (711); a key is the name of an image file.

    Raises
    ------
    NeedleError
        If files are missing, or not as published.
    """
    images, labels = Members(folder, IMAGES), Members(folder, LABELS)
    numbers = split_by_video(_videos(Members(folder, DEVKIT)))
    sources = {split: _examples(images, labels, numbers[split]) for split in SIZES}
    return vtab_splits(sources, SPLITS, SIZES, counts, folder)


def split_by_video(videos):
    """Split images so that no video is in two splits, as TFDS does.

    A tenth of the videos is drawn for the test set from their sorted names, then as many for
    the validation set from the others.

    Parameters
    ----------
    videos : list of str, length N
        The video of each image.

    Returns
    -------
    dict of str to list of int
        Numbers of images by train, validation and test.

    References
    ----------
    tensorflow-datasets 4.9.10, ``datasets/kitti/kitti_dataset_builder.py``.
    """
    names = sorted(set(videos))
    count = max(1, len(names) // 10)
    draw = np.random.RandomState(SEED)
    test = set(draw.choice(names, count, replace=False))
    others = [name for name in names if name not in test]
    validation = set(draw.choice(others, count, replace=False))
    numbers = {"train": [], "validation": [], "test": []}
    for number, video in enumerate(videos):
        split = "test" if video in test else "validation" if video in validation else "train"
        numbers[split].append(number)
    return numbers


def _videos(devkit):
    """The video of each training image, by its number.

    ``train_rand.txt`` has, for each image, a line of ``train_mapping.txt`` counted from 1; the
    line's second word is the video.
    """
    lines = devkit.read("mapping/train_mapping.txt").decode().splitlines()
    try:
        order = [int(n) for n in devkit.read("mapping/train_rand.txt").decode().split(",")]
        if min(order) < 1:
            raise ValueError("a line number below 1")
        return [lines[number - 1].split(" ")[1] for number in order]
    except (IndexError, ValueError) as error:
        raise NeedleError(
            f"{devkit.path}: mapping/train_rand.txt and train_mapping.txt do not fit ({error}); "
            "get the original anew"
        ) from error


def _examples(images, labels, numbers):
    keys = [f"{number:06d}.png" for number in numbers]
    names = [f"training/label_2/{number:06d}.txt" for number in numbers]
    distances = np.array([_distance(labels, name) for name in names])

    def image(i):
        file = f"training/image_2/{keys[i]}"
        return decode(images.read(file), file)

    return Examples(keys, np.searchsorted(THRESHOLDS, distances) - 1, image)


def _distance(labels, name):
    """Distance in metres from the camera to the closest vehicle of a label file."""
    objects = [line.split(" ") for line in labels.read(name).decode().splitlines()]
    try:
        distances = [float(words[Z]) for words in objects if words[0] in VEHICLES]
    except (IndexError, ValueError) as error:
        raise NeedleError(
            f"{labels.path}: {name} is no list of objects ({error}); get the original anew"
        ) from error
    return min([*distances, NO_VEHICLE])
