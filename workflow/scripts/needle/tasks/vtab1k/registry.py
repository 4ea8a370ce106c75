"""Which reader and which folder of original files each task of VTAB-1K has."""

from importlib import import_module
from pathlib import Path

from needle.base.errors import NeedleError

# By task: module in needle.tasks.vtab1k.readers, folder of the data set.
RAW = {
    "cifar100": ("cifar", "cifar100"),
    "dtd": ("dtd", "dtd"),
    "oxford_flowers102": ("flowers", "oxford_flowers102"),
    "oxford_iiit_pet": ("pets", "oxford_iiit_pet"),
    "sun397": ("sun397", "sun397"),
    "svhn": ("svhn", "svhn"),
    "patch_camelyon": ("pcam", "patch_camelyon"),
    "eurosat": ("eurosat", "eurosat"),
    "resisc45": ("resisc45", "resisc45"),
    "diabetic_retinopathy": ("retinopathy", "diabetic_retinopathy"),
    "clevr_count": ("clevr", "clevr"),
    "clevr_dist": ("clevr", "clevr"),
    "dmlab": ("dmlab", "dmlab"),
    "kitti_dist": ("kitti", "kitti"),
    "dsprites_loc": ("dsprites", "dsprites"),
    "dsprites_ori": ("dsprites", "dsprites"),
    "smallnorb_azi": ("smallnorb", "smallnorb"),
    "smallnorb_ele": ("smallnorb", "smallnorb"),
}


def read_raw(task, root, counts=None):
    """Read a task from the original files of its data set.

    Parameters
    ----------
    task : str
    root : path
        Folder of all data sets; this one's is ``{root}/{folder}``.
    counts : dict of str to int or tuple, optional
        Other bounds of the splits, for tests; see `needle.tasks.vtab1k.selection`.

    Returns
    -------
    dict of str to Examples
        ``train`` (800), ``val`` (200) and ``test``, exactly VTAB-1K's.

    Raises
    ------
    NeedleError
        For a task without a reader, and for files that are missing, broken or not the original.
    """
    reader, folder = _reader(task)
    return reader.read(Path(root) / folder, task, counts)


def raw_classes(task):
    """Names of a task's classes in the order of its labels.

    Parameters
    ----------
    task : str

    Returns
    -------
    list of str
    """
    return _reader(task)[0].classes(task)


def reader_file(task):
    """Path of a task's reader, relative to the folder of the package ``needle``."""
    return f"needle/tasks/vtab1k/readers/{_entry(task)[0]}.py"


def _reader(task):
    module, folder = _entry(task)
    return import_module(f"needle.tasks.vtab1k.readers.{module}"), folder


def _entry(task):
    if task == "caltech101":
        raise NeedleError(
            "caltech101: its VTAB split was drawn over one machine's directory listing, so no "
            "original file gives it; use the source vtab1k_folder"
        )
    if task not in RAW:
        raise NeedleError(f"{task}: no reader of original files; known are {', '.join(RAW)}")
    return RAW[task]
