"""What people call train, val and test."""

import re

SPLIT_NAMES = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
    "testing": "test",
}
_OF_FOLDERS = SPLIT_NAMES | {"dev": "val"}
_BESIDE = {"", "set", "data", "dataset", "seg", "split", "folder", "class", "image", "images",
           "img", "imgs", "picture", "pictures", "photo", "photos"}  # fmt: skip
_JOINED = re.compile(r"(set|data|(19|20)\d\d)$")  # trainset, val2017


def split_of(name):
    """Tell which split a folder's name says; "" if none.

    Parameters
    ----------
    name : str

    Returns
    -------
    {"train", "val", "test", ""}

    Examples
    --------
    >>> [split_of(name) for name in ("Train", "training_set", "seg_test", "valid-images")]
    ['train', 'train', 'test', 'val']
    >>> [split_of(name) for name in ("train_station", "bullet train", "tests", "fold1", "images")]
    ['', '', '', '', '']
    """
    words = [word for word in re.split(r"[\W_]+", name.casefold()) if word not in _BESIDE]
    if len(words) != 1:
        return ""
    return _OF_FOLDERS.get(words[0]) or _OF_FOLDERS.get(_JOINED.sub("", words[0]), "")
