"""A pool of GPUs: one file lock for each, which the system frees when its process ends."""

import contextlib
import fcntl
import os
import sys
import tempfile
import time
from pathlib import Path

from needle.base.errors import NeedleError

SECONDS_BETWEEN_LOOKS = 0.2
# The locks of this process by device; a file that nobody refers to would be closed, and free.
_held = {}


def claim(devices):
    """Claim the first device that no other process of this user has; wait until one is free.

    Parameters
    ----------
    devices : list of str

    Returns
    -------
    str
        The device: this process's until it ends, however it ends.

    Raises
    ------
    NeedleError
        If there can be no locks in the temporary folder.
    """
    mine = [device for device in devices if device in _held]
    if mine:
        return mine[0]
    folder, waits = lock_folder(), False
    while (claimed := try_claim(devices, folder)) is None:
        if not waits:
            waits = True
            print(f"waits for a GPU: {_taken(devices, folder)}", file=sys.stderr, flush=True)
        time.sleep(SECONDS_BETWEEN_LOOKS)
    device, _held[device] = claimed
    return device


def try_claim(devices, folder):
    """Lock the first free device.

    Parameters
    ----------
    devices : list of str
    folder : Path
        Where the locks are.

    Returns
    -------
    tuple of str and file, or None
        The device and its lock, which is free again once the file is closed; None if all are taken.

    Raises
    ------
    NeedleError
        If there can be no locks in the folder.
    """
    for device in devices:
        # Python's files are not inherited by the programs that a process starts.
        try:
            lock = open(_lock_path(device, folder), "a", encoding="utf-8")  # noqa: SIM115
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
        except OSError as error:
            raise _no_locks(folder, error) from error
        else:
            # Only for those who wait, so a full disk is no reason to fail.
            with contextlib.suppress(OSError):
                lock.truncate(0)
                lock.write(str(os.getpid()))
                lock.flush()
            return device, lock
    return None


def lock_folder():
    """Make the folder of this user's locks, one for all clones: a Path in the temporary folder."""
    folder = Path(tempfile.gettempdir()) / f"needle-gpus-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise _no_locks(folder, error) from error
    if folder.lstat().st_uid != os.getuid():
        raise NeedleError(f"{folder}: belongs to another user; set TMPDIR to a folder of your own")
    return folder


def _no_locks(folder, error):
    return NeedleError(
        f"{folder}: no lock of a GPU can be had there ({error.strerror}); set TMPDIR to a folder "
        "on a local disk"
    )


def _lock_path(device, folder):
    # Old names of MIG devices have slashes.
    return folder / f"{device.replace('/', '_')}.lock"


def _taken(devices, folder):
    holders = {device: _lock_path(device, folder).read_text(encoding="utf-8") for device in devices}
    return ", ".join(f"{device} is process {holder}'s" for device, holder in holders.items())
