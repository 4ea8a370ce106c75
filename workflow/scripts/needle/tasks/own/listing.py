"""What a user's data is and which pictures it has; nothing is decoded here."""

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

from needle.base.errors import NeedleError
from needle.tasks.own.checks import class_complaints
from needle.tasks.own.folders import find_in_folder, walk
from needle.tasks.own.formats import FEATURE_SUFFIXES
from needle.tasks.own.problems import hints, refuse
from needle.tasks.own.table import find_in_table, read_rows


@dataclass(frozen=True)
class Listing:
    """The pictures of a user's data, not opened yet.

    Attributes
    ----------
    root : pathlib.Path
        What the paths of the candidates are relative to.
    candidates : list of Candidate
        Sorted by path.
    problems : list of Problem
        What was passed over.
    """

    root: Path
    candidates: list
    problems: list = field(default_factory=list)


def data_kind(path):
    """Tell what a path holds.

    Parameters
    ----------
    path : path

    Returns
    -------
    {"images", "features"}
        ``features`` for a folder that holds .npz or .parquet files directly; ``images`` for any
        other folder and for a .csv file.

    Raises
    ------
    NeedleError
        If there is no such path, or it is another kind of file.
    """
    path = Path(path)
    if path.is_dir():
        names = (entry.name for entry in path.iterdir() if not entry.name.startswith("."))
        is_features = any(name.lower().endswith(FEATURE_SUFFIXES) for name in names)
        return "features" if is_features else "images"
    if not path.exists():
        raise NeedleError(f"{path}: no such folder or file; name a folder of images or a .csv file")
    if path.suffix.lower() != ".csv":
        raise NeedleError(
            f"{path}: neither a folder nor a .csv file; name a folder of images (an archive, once "
            "unpacked) or a .csv file that lists them"
        )
    return "images"


def find_examples(path):
    """List the labelled pictures of a folder or a .csv file.

    A folder holds a folder for each class, or ``train``, ``test`` and perhaps ``val`` with a folder
    for each class in each. A .csv file has the columns ``path``, ``label`` and perhaps ``split``.

    Parameters
    ----------
    path : path

    Returns
    -------
    Listing

    Raises
    ------
    NeedleError
        With all complaints, one a line: no or one class, a class with fewer than
        `checks.MIN_PER_CLASS` pictures or none in train, a split without any, wrong lines.
    """
    path = Path(path)
    data_kind(path)
    find = find_in_folder if path.is_dir() else find_in_table
    candidates, counts, problems, complaints = find(path)
    if not complaints:
        complaints = class_complaints(counts)
    if complaints:
        refuse(path, complaints + hints(problems))
    candidates = sorted(candidates, key=lambda candidate: candidate.path)
    return Listing(path if path.is_dir() else path.parent, candidates, problems)


def fingerprint(path):
    """Hash the state of a user's data without reading pictures: equal if nothing has changed.

    Parameters
    ----------
    path : path

    Returns
    -------
    str
        Hex digest of path, size and time of change of every file that is not hidden; for a .csv
        file, of its content and the same of every file that it lists.
    """
    path = Path(path)
    digest = hashlib.sha256()
    if path.is_dir():
        for name, entry in walk(path):
            if not entry.is_dir(follow_symlinks=False):
                digest.update(_state(name, entry))
    elif path.is_file():
        digest.update(path.read_bytes())
        for row in read_rows(path).rows:
            digest.update(_state(row.path, path.parent / row.path))
    return digest.hexdigest()


def _state(name, file):
    """Name, size and time of a file; of what it leads to, if it is a link."""
    try:
        state = file.stat()
        text = f"{state.st_size} {state.st_mtime_ns}"
    except (OSError, ValueError):
        text = "missing"
    return os.fsencode(name) + f"\0{text}\n".encode()
