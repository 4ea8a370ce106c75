"""Original downloads: find them, extract archives once and safely, decompress .gz files once."""

import gzip
import lzma
import os
import shutil
import stat
import tarfile
import tempfile
import zipfile
import zlib
from pathlib import Path, PureWindowsPath

from needle.base.errors import NeedleError
from needle.base.files import atomic

_BROKEN = (
    tarfile.TarError,
    zipfile.BadZipFile,
    gzip.BadGzipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
)


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


def extract(path, folder):
    """Extract a tar or zip archive, of which only folders and plain files are allowed.

    Parameters
    ----------
    path : path
    folder : path

    Raises
    ------
    NeedleError
        See `extracted`.
    """
    try:
        is_zip = zipfile.is_zipfile(path)
        with zipfile.ZipFile(path) if is_zip else tarfile.open(path) as archive:
            for name, is_folder, open_member in (_zip if is_zip else _tar)(archive, path):
                _check_name(path, name)
                target = Path(folder, name)
                (target if is_folder else target.parent).mkdir(parents=True, exist_ok=True)
                if not is_folder:
                    with open_member() as source, open(target, "wb") as copy:
                        shutil.copyfileobj(source, copy, 1 << 20)
    except _BROKEN as error:
        raise _broken(path, error) from error


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
    except _BROKEN as error:
        raise _broken(path, error) from error
    return target


def _tar(archive, path):
    for member in archive:
        if not (member.isfile() or member.isdir()):
            raise _unsafe(path, member.name, "a link or a device")
        yield member.name, member.isdir(), lambda member=member: archive.extractfile(member)


def _zip(archive, path):
    for member in archive.infolist():
        # Archives made on Windows have no mode, and no links.
        if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise _unsafe(path, member.filename, "a link or a device")
        yield member.filename, member.is_dir(), lambda member=member: archive.open(member)


def _check_name(path, name):
    # The rules of Windows know both separators and drives.
    parts = PureWindowsPath(name)
    if parts.anchor or ".." in parts.parts:
        raise _unsafe(path, name, "a path outside of the archive")


def _unsafe(path, name, what):
    return NeedleError(f"{path}: {name!r} is {what}, which is refused; get the original anew")


def _broken(path, error):
    # tarfile lists what each kind of compression said.
    reason = str(error).partition("\n")[0].rstrip(":")
    return NeedleError(
        f"{path}: not a readable archive ({reason}); delete it and get the original file anew"
    )
