"""What a user's data is and which pictures it has; nothing is decoded here."""

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

from needle.base.errors import NeedleError
from needle.tasks.own.checks import class_complaints
from needle.tasks.own.folders import TO_COPY, find_in_folder
from needle.tasks.own.formats import FEATURE_SUFFIXES
from needle.tasks.own.labels import label_complaints
from needle.tasks.own.problems import hints, listed, refuse
from needle.tasks.own.table import find_in_table, read_rows
from needle.tasks.own.walk import is_hidden, is_picture, walk


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
    beside : int
        Number of pictures that have no class.
    """

    root: Path
    candidates: list
    problems: list = field(default_factory=list)
    beside: int = 0


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
        If there is no such path, it is another kind of file, or the folder holds both embeddings
        and folders of pictures.
    """
    path = Path(path)
    if path.is_dir():
        names = [entry.name for entry in path.iterdir() if not entry.name.startswith(".")]
        tables = [name for name in names if name.lower().endswith(FEATURE_SUFFIXES)]
        folders = _folders_of_pictures(path) if tables else []
        if len(folders) > 1:
            raise NeedleError(
                f"{path}: has folders of pictures ({listed(folders)}) and files of embeddings "
                f"({listed(tables)}); move those that are not the data elsewhere"
            )
        return "features" if tables else "images"
    if not path.exists():
        raise NeedleError(f"{path}: no such folder or file; name a folder of images or a .csv file")
    if path.suffix.lower() != ".csv":
        raise NeedleError(
            f"{path}: neither a folder nor a .csv file; name a folder of images (an archive, once "
            "unpacked) or a .csv file that lists them"
        )
    return "images"


def _folders_of_pictures(root):
    """Name the folders that have a picture, in them or one level deeper."""
    return [
        folder.name
        for folder in root.iterdir()
        if folder.is_dir() and not is_hidden(folder.name)
        and any(is_picture(file.name) for level in ("*", "*/*") for file in folder.glob(level))
    ]  # fmt: skip


def find_examples(path, class_folders=None):
    """List the labelled pictures of a folder or a .csv file.

    A folder holds a folder for each class, or ``train``, ``test`` and perhaps ``val`` with a folder
    for each class in each. A .csv file has the columns ``path``, ``label`` and perhaps ``split``.

    Parameters
    ----------
    path : path
    class_folders : {"outermost", "innermost", None}, optional
        Which folders are the classes where some hold others.

    Returns
    -------
    Listing

    Raises
    ------
    NeedleError
        With all complaints, one a line: folders that may mean two things, no or one class, a class
        with fewer than `checks.MIN_PER_CLASS` pictures or none in train, a split without any,
        labels that may be one, wrong lines.
    """
    path = Path(path)
    data_kind(path)
    beside = 0
    if path.is_dir():
        candidates, counts, problems, complaints, beside = find_in_folder(path, class_folders)
    else:
        candidates, counts, problems, complaints = find_in_table(path)
    if not complaints:
        complaints = class_complaints(counts) + label_complaints(label for _, label in counts)
    if complaints:
        is_link = any("a link" in problem.problem for problem in problems)
        if is_link and not any(TO_COPY in complaint for complaint in complaints):
            complaints.append(f"links that lead out of the data are not followed; {TO_COPY}")
        refuse(path, complaints + hints(problems))
    candidates = sorted(candidates, key=lambda candidate: candidate.path)
    return Listing(path if path.is_dir() else path.parent, candidates, problems, beside)


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
