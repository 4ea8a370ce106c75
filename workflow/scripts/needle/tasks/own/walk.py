"""Walk through a user's folder: what is hidden is not seen, links are not followed."""

import os
from dataclasses import dataclass
from pathlib import PurePath

from needle.tasks.own.formats import PICTURE_SUFFIXES
from needle.tasks.own.problems import Problem

LEFT_BY_PROGRAMS = ("__MACOSX", "@eaDir")


@dataclass(frozen=True)
class Found:
    """What a folder holds, sorted by the order of the walk; paths are relative to it.

    Attributes
    ----------
    folders, pictures, files : list of str
        Folders, files that end like pictures, and other files.
    links : dict of str to str
        What is wrong with a link that may be a folder, by its path.
    problems : list of Problem
        What cannot be used, links among them.
    """

    folders: list
    pictures: list
    files: list
    links: dict
    problems: list


def walk(root, on_error=lambda path, error: None):
    """Visit all that is in a folder, sorted, but for what is hidden; links are not followed.

    Parameters
    ----------
    root : path
    on_error : callable, optional
        ``on_error(path, error)`` for a folder that cannot be read.

    Yields
    ------
    tuple of str and os.DirEntry
        Path relative to `root`, and the entry: a folder before what it holds.
    """
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(os.path.join(root, folder)) as entries:
                found = sorted(entries, key=lambda entry: entry.name, reverse=True)
        except OSError as error:
            on_error(folder, error)
            continue
        for entry in reversed(found):
            if not is_hidden(entry.name):
                yield f"{folder}{entry.name}", entry
        waiting += [
            f"{folder}{entry.name}/"
            for entry in found
            if entry.is_dir(follow_symlinks=False) and not is_hidden(entry.name)
        ]


def is_hidden(name):
    """Tell whether a file or folder is none of the user's pictures by its name."""
    return name.startswith(".") or name in LEFT_BY_PROGRAMS


def is_picture(name):
    """Tell by its ending whether a file is a picture."""
    return PurePath(name).suffix.lower() in PICTURE_SUFFIXES


def look_through(root):
    """List all that is in a folder, by kind.

    Parameters
    ----------
    root : path

    Returns
    -------
    Found
    """
    found = Found([], [], [], {}, [])
    real_root = os.path.realpath(root)

    def skip(path, reason):
        found.problems.append(Problem(path, reason, "skipped"))

    def unreadable(path, error):
        skip(path, f"a folder that cannot be read ({error})")

    for path, entry in walk(root, unreadable):
        if reason := _odd_name(path) or _not_a_file(entry, real_root):
            skip(_printable(path), reason)
            if entry.is_symlink() and _may_be_folder(entry):
                found.links[path] = reason
        elif entry.is_dir(follow_symlinks=False):
            found.folders.append(path)
        else:
            (found.pictures if is_picture(path) else found.files).append(path)
    return found


def _may_be_folder(link):
    """Tell whether a link leads to a folder, or nowhere and is called as a folder may be."""
    return os.path.isdir(link.path) or not (os.path.exists(link.path) or PurePath(link.name).suffix)


def _odd_name(path):
    try:
        path.encode()
    except UnicodeEncodeError:
        return "a name that is no valid UTF-8"
    return ""


def _printable(path):
    return path.encode(errors="surrogateescape").decode(errors="backslashreplace")


def _not_a_file(entry, real_root):
    """Say why an entry is neither a folder nor a file of the data; "" if it is one."""
    if entry.is_symlink():
        target = os.path.realpath(entry.path)
        if not os.path.exists(target):
            return "a link that leads nowhere"
        if os.path.isdir(target):
            return "a link to a folder, which is not followed"
        if os.path.commonpath([real_root, target]) != real_root:
            return "a link that leads out of the data's folder"
    return "" if entry.is_file() or entry.is_dir() else "not a regular file"
