"""Files that a reader never sees half made: written under another name, then renamed."""

import contextlib
import fcntl
import glob
import os
import shutil
import tempfile
from pathlib import Path

from needle.base.errors import disk_error

IN_USE = ".in-use"


@contextlib.contextmanager
def atomic(path):
    """Give a temporary path that becomes `path` if the block succeeds.

    Raises
    ------
    NeedleError
        If the disk is full or may not be written.
    """
    path = Path(path)
    with temporary_folder(path) as folder:
        made = folder / path.name
        yield made
        with open(made, "rb") as file:
            # A file with this name is whole, even after a power cut; and a disk on the network may
            # tell only now that it is full.
            os.fsync(file.fileno())
        made.chmod(0o644)
        made.replace(path)


@contextlib.contextmanager
def temporary_folder(path):
    """Give a folder beside `path` in which to make it; it is removed at the end.

    What a killed process has left is removed when the same path is made again. A process at work
    holds a lock in its folder, so that nobody takes it for a killed one.

    Raises
    ------
    NeedleError
        If the disk is full or may not be written.
    """
    path, folder = Path(path), None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_left(path)
        folder = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
        with open(folder / IN_USE, "wb") as lock:
            with contextlib.suppress(OSError):  # a file system without locks
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder
    except Exception as error:
        other = folder and str(folder) not in str(getattr(error, "filename", None) or folder)
        if explained := disk_error(error, None if other else path):
            raise explained from error
        raise
    finally:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)


def _remove_left(path):
    """Remove the temporary folders of `path` whose process was killed."""
    for folder in path.parent.glob(f".{glob.escape(path.name)}.{8 * '?'}"):
        # Without a lock, or where the file system has none, it may be in use.
        with contextlib.suppress(OSError), open(folder / IN_USE, "r+b") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
