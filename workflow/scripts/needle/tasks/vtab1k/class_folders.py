"""Data sets that are one folder of JPEG images for each class."""

import numpy as np

from needle.base.errors import NeedleError
from needle.tasks.examples import Examples
from needle.tasks.vtab1k.images import decode


def class_folders(root, classes):
    """List the images ``{root}/{class}/{name}.jpg``.

    Parameters
    ----------
    root : pathlib.Path
    classes : list of str
        Folders in the order of their labels; others are passed over.

    Returns
    -------
    Examples
        Sorted by class and name. A key is ``{class}_{name}.jpg``, as in TFDS.

    Raises
    ------
    NeedleError
        If a class has no folder.
    """
    files, labels = [], []
    for label, name in enumerate(classes):
        if not (root / name).is_dir():
            raise NeedleError(f"{root}: has no folder {name}; get the original files anew")
        files += sorted((root / name).glob("*.jpg"))
        labels += [label] * (len(files) - len(labels))
    keys = [f"{file.parent.name}_{file.name}" for file in files]
    return Examples(keys, np.array(labels, np.int64), lambda i: decode(files[i]))
