"""The folders of a run, before any work: whether they can be written, and what they hold."""

import fcntl
import json
import os
import tempfile
from pathlib import Path

from needle.base.errors import NeedleError, disk_error

ROOM = 1 << 20  # bytes: less is no room for logs and tables


def check_writable(folders):
    """Check that files can be written to folders, or where these are yet to be made.

    Parameters
    ----------
    folders : iterable of path

    Raises
    ------
    NeedleError
        For the first that cannot be written, or whose disk or quota is full.
    """
    with_room = set()
    for folder in sorted({_nearest(Path(folder)) for folder in folders}):
        try:
            with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
                device = os.fstat(file.fileno()).st_dev
                if device not in with_room:
                    file.write(bytes(ROOM))
                    os.fsync(file.fileno())  # some disks tell only now that they are full
                    with_room.add(device)
        except OSError as error:
            raise (disk_error(error, folder) or _no_folder(folder, error)) from None


def _nearest(path):
    """The folder itself, or the nearest above it that is there."""
    while not os.path.lexists(path):
        path = path.parent
    return path


def _no_folder(folder, error):
    return NeedleError(
        f"{folder}: cannot be used as a folder ({error.strerror}); move it away or mend the link, "
        "then run the same command again"
    )


def check_whole(files):
    """Check that safetensors files have the length that they say; others are left out.

    Snakemake removes what was made of a changed file before it is made again: what was made of a
    file that has been cut since is worth keeping.

    Parameters
    ----------
    files : iterable of path

    Raises
    ------
    NeedleError
        For the first that was cut.
    """
    tensors = {path for path in map(Path, files) if path.suffix == ".safetensors"}
    for path in sorted(path for path in tensors if path.exists()):  # a storage has others
        with open(path, "rb") as file:
            size = int.from_bytes(file.read(8), "little")
            try:
                header = json.loads(file.read(min(size, 10**8)))
                ends = [entry["data_offsets"][1] for entry in header.values() if "dtype" in entry]
                length = 8 + size + max(ends, default=0)
            except (ValueError, TypeError, AttributeError, KeyError):
                length = None
            if length != os.fstat(file.fileno()).st_size:
                raise NeedleError(
                    f"{path}: not a readable safetensors file (cut?); delete it and run again"
                )


def lock_folder(path, warn):
    """Lock a file until the process ends, however it ends: one Snakemake for a folder.

    Parameters
    ----------
    path : path
        Of the file; made if it is not there.
    warn : callable
        Takes one line if the file system has no locks; then nothing is locked.

    Returns
    -------
    file
        To be kept: closing it gives up the lock.

    Raises
    ------
    NeedleError
        If another process holds the lock.
    """
    file = open(path, "w", encoding="utf-8")  # noqa: SIM115 - held by whoever asked
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise NeedleError(
            "another Snakemake is at work in this folder; wait for it, or use another clone"
        ) from None
    except OSError as error:
        warn(
            f"{path}: cannot be locked ({error.strerror}); see to it that no other Snakemake is "
            "started in this folder"
        )
    return file
