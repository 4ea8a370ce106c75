"""Original downloads: find them, extract archives once and safely, decompress .gz files once."""

import gzip
import os
import shutil
import tempfile
from pathlib import Path

from needle.base.errors import NeedleError
from needle.base.files import atomic
from needle.machine.archives import BROKEN, broken, extract


def original(folder, name):
    """The path of a downloaded file; a `NeedleError` if it is not there."""
    path = Path(folder) / name
    if not path.exists():
        raise NeedleError(
            f"{path}: no such file; get the original files of the data set into {folder} as "
            "docs/vtab1k.md says"
        )
    return path


def extracted(folder, archive, member):
    """Give the path that a tar or zip archive has for one of its top folders or files.

    The archive is extracted into its own folder the first time. A folder that is there already,
    extracted by hand perhaps, is taken as it is, and the archive need not be there then.

    Parameters
    ----------
    folder : path
        Folder of the data set.
    archive : str
        Name of the archive in it, tar (compressed or not) or zip.
    member : str
        Name at the top of the archive: ``cifar-100-python`` of ``cifar-100-python.tar.gz``.

    Returns
    -------
    pathlib.Path
        ``{folder}/{member}``.

    Raises
    ------
    NeedleError
        If there is neither, if the archive is broken, has no such member, or holds what could
        write outside of its folder: absolute paths, ``..``, links, devices.
    """
    target = Path(folder) / member
    if target.exists():
        return target
    path = original(folder, archive)
    with tempfile.TemporaryDirectory(prefix=f".{archive}.", dir=folder) as temporary:
        extract(path, temporary)
        made = Path(temporary, member)
        if not made.exists():
            raise NeedleError(f"{path}: holds no {member}; get the original archive anew")
        try:
            os.replace(made, target)
        except OSError:
            # Another process extracted the same archive meanwhile.
            if not target.exists():
                raise
    return target


def gunzipped(folder, name):
    """Decompress ``{name}.gz`` beside itself the first time.

    Parameters
    ----------
    folder : path
    name : str
        Without ``.gz``.

    Returns
    -------
    pathlib.Path
        ``{folder}/{name}``; if it is there already, the .gz file need not be.

    Raises
    ------
    NeedleError
        If there is neither, or the .gz file is broken.
    """
    target = Path(folder) / name
    if target.exists():
        return target
    path = original(folder, f"{name}.gz")
    try:
        with gzip.open(path) as source, atomic(target) as temporary, open(temporary, "wb") as copy:
            shutil.copyfileobj(source, copy, 1 << 20)
    except BROKEN as error:
        raise broken(path, error) from error
    return target
