"""Archives: extracted safely, or refused."""

import gzip
import lzma
import shutil
import stat
import tarfile
import zipfile
import zlib
from pathlib import Path, PureWindowsPath

from needle.base.errors import NeedleError

BROKEN = (
    tarfile.TarError,
    zipfile.BadZipFile,
    gzip.BadGzipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
)


def extract(path, folder):
    """Extract a tar or zip archive, of which only folders and plain files are allowed.

    Parameters
    ----------
    path : path
    folder : path

    Raises
    ------
    NeedleError
        If it is broken, or holds what could write outside of the folder: absolute paths, ``..``,
        links, devices.
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
    except BROKEN as error:
        raise broken(path, error) from error


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


def broken(path, error):
    """Say that an archive is none, as one of `BROKEN` said it."""
    # tarfile lists what each kind of compression said.
    reason = str(error).partition("\n")[0].rstrip(":")
    return NeedleError(
        f"{path}: not a readable archive ({reason}); delete it and get the original file anew"
    )
