"""The VTAB-1K folder that the community shares: JPEG images, and lists of them for each split."""

from pathlib import Path, PureWindowsPath

import numpy as np

from needle.base.errors import NeedleError
from needle.tasks.examples import Examples
from needle.tasks.vtab1k.images import decode
from needle.tasks.vtab1k.members import Members

LISTS = {"train": "train800.txt", "val": "val200.txt", "test": "test.txt"}
NOTE = (
    "Images are JPEG files even where the source is lossless and small, which costs accuracy (10 "
    "points or more on CIFAR-100): do not compare with results on the original files."
)


def read(root, name, aliases=(), classes=None):
    """Read a task of the folder by its lists.

    The lists lie in ``{root}/{name}``; a line is ``images/train800/000000.jpg 307``, relative path
    and label.

    Parameters
    ----------
    root : path
        The folder, or a zip archive of it, as it is shared or of its content only.
    name : str
        The task's folder.
    aliases : sequence of str
        Other names that this folder has in some copies.
    classes : int, optional
        Number of classes, which the lists do not say: labels must be below it.

    Returns
    -------
    dict of str to Examples
        By train, val and test, in the order of the lists; a key is an image's relative path.

    Raises
    ------
    NeedleError
        If there is no such folder, a list is broken, or an image is missing; and by ``image(i)``,
        if an image is not readable.
    """
    root = Path(root)
    if not root.exists():
        raise NeedleError(f"{root}: no such folder or zip archive of VTAB-1K; get it there")
    files = Members(root.parent, root.name) if root.is_file() else Members(root)
    base = _task_folder(root, files, (name, *aliases))
    return {split: _examples(root, files, base + file, classes) for split, file in LISTS.items()}


def _task_folder(root, files, names):
    """Find the task's folder, at the top or one folder below, under the first name there is."""
    tops = ["", *(f"{top}/" for top in files.top_folders())]
    for base in (f"{top}{name}/" for name in names for top in tops):
        if files.has(base + LISTS["train"]):
            return base
    raise NeedleError(
        f"{root}: has no folder {' or '.join(names)} with {LISTS['train']}; get the whole VTAB-1K "
        "folder, or take the task from another source"
    )


def _examples(root, files, path, classes):
    """Read one list; its images must be there."""
    base = path.rpartition("/")[0] + "/"
    keys, labels = [], []
    for number, line in enumerate(files.read(path).decode().splitlines(), 1):
        if line.strip():
            key, label = _entry(line, classes, f"{root}: {path}, line {number}")
            keys.append(key)
            labels.append(label)
    if not keys:
        raise NeedleError(f"{root}: {path} lists no images; get the folder anew")
    files.require(base + key for key in keys)

    def image(i):
        return decode(files.read(base + keys[i]), f"{root}: {base}{keys[i]}")

    return Examples(keys, np.array(labels, np.int64), image)


def _entry(line, classes, where):
    """Split a line into path and label; the path must stay in the task's folder."""
    key, _, label = line.strip().rpartition(" ")
    if not key or not (label.isascii() and label.isdigit()):
        raise NeedleError(f"{where}: {line!r} is not a path and a label; correct the list")
    if classes is not None and int(label) >= classes:
        raise NeedleError(
            f"{where}: label {label} of {classes} classes (0 to {classes - 1}); correct the list "
            "or the number of classes in the card"
        )
    # The rules of Windows know both separators and drives.
    path = PureWindowsPath(key)
    if path.anchor or ".." in path.parts:
        raise NeedleError(f"{where}: {key!r} leads out of the task's folder; correct the list")
    return key, int(label)
