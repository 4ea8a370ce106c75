"""Disks that are full, and what is on them."""

import os

AGAIN = "then run the same command again"


def fill(folder, leave=0):
    """Fill a disk but for some bytes; return the file that fills it."""
    space = os.statvfs(folder)
    file = folder / "filler"
    file.write_bytes(bytes(max(0, space.f_bavail * space.f_frsize - leave)))
    return file


def content(folder):
    """Every file of a folder, hidden ones too."""
    return {
        path.relative_to(folder): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "filler"
    }


def raise_number(number):
    raise OSError(number, os.strerror(number))
