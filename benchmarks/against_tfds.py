"""Needle's readers of VTAB-1K beside TensorFlow Datasets' own builders and VTAB's resize.

Small data sets are made in the original formats (`small/vtab1k.py`), with photographs of all kinds
of JPEG. The real builders read them from local files and store them; their slices, labels and
pixels are compared with Needle's, before the resize and after VTAB's (``tf.compat.v1.image.resize``
to 224). It needs TensorFlow, in an environment of its own:

    python3.11 -m venv tf
    tf/bin/pip install tensorflow-cpu==2.19.1 tensorflow-datasets==4.9.9 \\
        'tensorflow-metadata<1.18' opencv-python-headless==4.11.0.86 simplejpeg==1.9.0 \\
        pillow==13.0.0 safetensors h5py scipy tqdm pytest hypothesis
    tf/bin/python benchmarks/against_tfds.py [task ...]
"""

import argparse
import contextlib
import os
import shutil
import sys
import tempfile
from functools import cache
from importlib import import_module
from pathlib import Path
from unittest import mock
from urllib.parse import urlparse

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / folder) for folder in ("workflow/scripts", "tests/tasks/vtab1k")]

import cv2  # noqa: E402
import numpy as np  # noqa: E402
import PIL  # noqa: E402
import simplejpeg  # noqa: E402
import tensorflow as tf  # noqa: E402
import tensorflow_datasets as tfds  # noqa: E402
from small.vtab1k import MAKERS  # noqa: E402
from tensorflow_datasets.core.download import extractor, resource  # noqa: E402
from tensorflow_datasets.core.utils import gcs_utils  # noqa: E402

from needle.tasks.resize import resize  # noqa: E402
from needle.tasks.task_file import SPLITS, Task, write_task  # noqa: E402
from needle.tasks.vtab1k.archives import gunzipped  # noqa: E402
from needle.tasks.vtab1k.registry import RAW, raw_classes, read_raw  # noqa: E402

SIZE = 224
BUILDERS = {
    "svhn": "svhn_cropped",
    "sun397": "sun397/tfds",
    "eurosat": "eurosat/rgb",
    "diabetic_retinopathy": "diabetic_retinopathy_detection/btgraham-300",
}


def clevr_distance(example):
    closest = example["objects"]["pixel_coords"][:, 2].min()
    return np.flatnonzero(closest > np.array([0, 8, 8.5, 9, 9.5, 10, 100], np.float32))[-1]


def kitti_distance(example):
    """Types 0 to 2 are cars, vans and trucks."""
    objects = example["objects"]
    depths = objects["location"][objects["type"] < 3, 2]
    return np.flatnonzero(min([*depths, 1000]) > np.array([-100, 8, 20, 999]))[-1]


# VTAB's labels of an example of TFDS, where they are not its feature `label`.
LABELS = {
    "clevr_count": lambda example: len(example["objects"]["size"]) - 3,
    "clevr_dist": clevr_distance,
    "kitti_dist": kitti_distance,
    "dsprites_loc": lambda example: example["label_x_position"] // 2,
    "dsprites_ori": lambda example: int(np.floor(example["label_orientation"] / 2.5)),
    "smallnorb_azi": lambda example: example["label_azimuth"],
    "smallnorb_ele": lambda example: example["label_elevation"],
}


class LocalFiles:
    """A download manager of TFDS whose files are here already, named as at their addresses."""

    downloaded_size = 0

    def __init__(self, folder, scratch):
        self.manual_dir, self._scratch = folder, scratch

    def download(self, urls):
        return tf.nest.map_structure(self._path, urls)

    def download_and_extract(self, urls):
        return tf.nest.map_structure(self._extracted, urls)

    def iter_archive(self, archive):
        path = getattr(archive, "path", archive)
        return extractor.iter_archive(path, resource.guess_extract_method(Path(path).name))

    def _path(self, url):
        return self.manual_dir / Path(urlparse(getattr(url, "url", url)).path).name

    def _extracted(self, url):
        path = self._path(url)
        kept = getattr(url, "_extract_method", None) == resource.ExtractMethod.NO_EXTRACT
        if kept or path.suffix not in (".gz", ".tgz", ".zip"):
            return path
        if not path.exists():  # extracted already
            return self.manual_dir
        if path.suffix == ".gz" and not path.name.endswith(".tar.gz"):
            return gunzipped(self.manual_dir, path.stem)
        target = self._scratch / path.name
        if not target.exists():
            shutil.unpack_archive(path, target)
        return target


@cache
def builder_of(folder, root):
    """Make a data set's files, once, and let its builder store them."""
    files, scratch = (root / part / folder for part in ("raw", "scratch"))
    for path in (files, scratch):
        path.mkdir(parents=True)
    MAKERS[folder](files)
    builder = tfds.builder(BUILDERS.get(folder, folder), data_dir=root / "stored")
    local = mock.patch.object(builder, "_make_download_manager")
    with local as make, contextlib.redirect_stdout(sys.stderr):
        make.return_value = LocalFiles(files, scratch)
        config = tfds.download.DownloadConfig(try_download_gcs=False)
        builder.download_and_prepare(download_config=config)
    return builder


def bounds_of(splits):
    """Choose small slices of the same original splits as VTAB-1K's."""
    train, val, test = (splits[split][0] for split in SPLITS)
    bounds = {"train": (0, 8), "val": (10, 14) if val == train else (0, 4)}
    bounds["test"] = (14 if test == train else 4 if test == val and splits["test"][1] else 0, None)
    return bounds


def theirs(builder, task, split, bounds):
    """VTAB's images, labels and resized images of a slice, in order."""
    start, stop = bounds
    found = builder.as_dataset(split=f"{split}[{start}:{'' if stop is None else stop}]")
    for example in tfds.as_numpy(found):
        image = example["image"]
        if task.startswith("dsprites"):
            image = image * 255
        image = np.tile(image, (1, 1, 3)) if image.shape[2] == 1 else image
        label = LABELS.get(task, lambda example: example["label"])(example)
        yield image, int(label), tf.compat.v1.image.resize(image, [SIZE, SIZE]).numpy()


def compare(task, root):
    """Compare a task, and give a row of the table."""
    module, folder = RAW[task]
    rule = import_module(f"needle.tasks.vtab1k.readers.{module}").SPLITS
    bounds = bounds_of(rule)
    builder = builder_of(folder, root)
    splits = read_raw(task, root / "raw", bounds)
    path = root / f"{task}.safetensors"
    write_task(path, splits, {"name": task, "classes": raw_classes(task)}, SIZE)
    mine, yours, resized, vtab, labels, order = [], [], [], [], [], []
    for split in SPLITS:
        found = list(theirs(builder, task, rule[split][0], bounds[split]))
        stored, own = Task(path).split(split)
        labels += [[int(label) for label in own] == [label for _, label, _ in found]]
        mine += (images := [splits[split].image(i) for i in range(len(own))])
        yours += [image for image, _, _ in found]
        resized += [resize(image.transpose(1, 2, 0), SIZE) for image in stored]
        vtab += [image.transpose(2, 0, 1) for _, _, image in found]
        order += [[nearest(image, images) for image, _, _ in found] == list(range(len(own)))]
    rounded = [np.rint(image) for image in vtab]
    return [task, len(mine), *(yes_or_no(all(each)) for each in (order, labels)),
            differ(mine, yours), differ(resized, rounded), differ(resized, vtab)]  # fmt: skip


def nearest(image, images):
    """Find which of some images is most like another."""
    small = [cv2.resize(each, (32, 32), interpolation=cv2.INTER_AREA) for each in (image, *images)]
    return int(np.argmin([np.abs(small[0].astype(int) - each).mean() for each in small[1:]]))


def yes_or_no(equal):
    return "equal" if equal else "DIFFERENT"


def differ(first, second):
    """Say how much images differ, in grey levels."""
    if [image.shape for image in first] != [image.shape for image in second]:
        return "other shapes"
    gaps = np.concatenate(
        [np.abs(a.astype(np.float32) - b).ravel() for a, b in zip(first, second, strict=True)]
    )
    return f"max {gaps.max():.3g}, mean {gaps.mean():.2g}" if gaps.any() else "equal"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tasks", nargs="*", choices=[[], *RAW], default=[])
    tasks = parser.parse_args().tasks or list(RAW)
    gcs_utils._is_gcs_disabled = True
    tfds.disable_progress_bar()
    print(f"TensorFlow {tf.__version__}, TensorFlow Datasets {tfds.__version__}, OpenCV "
          f"{cv2.__version__}, simplejpeg {simplejpeg.__version__}, Pillow {PIL.__version__}, "
          f"NumPy {np.__version__}\n")  # fmt: skip
    columns = ["task", "images", "order", "labels", "pixels", "resized, rounded",
               "resized, VTAB's fractions"]  # fmt: skip
    print("| " + " | ".join(columns) + " |\n|" + "---|" * len(columns))
    with tempfile.TemporaryDirectory() as root:
        for task in tasks:
            print("| " + " | ".join(map(str, compare(task, Path(root)))) + " |", flush=True)


if __name__ == "__main__":
    main()
