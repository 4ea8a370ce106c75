"""What a user's data is and which pictures it has; nothing is decoded here."""

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

from needle.base.errors import NeedleError
from needle.tasks.own.checks import SPLITS, class_complaints
from needle.tasks.own.folders import TO_COPY, find_in_folder
from needle.tasks.own.formats import FEATURE_SUFFIXES, LIST_SUFFIXES
from needle.tasks.own.labels import label_complaints
from needle.tasks.own.lists.table import find_in_table, read_lists, read_rows
from needle.tasks.own.problems import Problem, hints, listed, refuse
from needle.tasks.own.splits.split_names import SPLIT_NAMES
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
        other folder and for a list, by the ending of its name.

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
    if path.suffix.lower() not in LIST_SUFFIXES:
        raise NeedleError(
            f"{path}: neither a folder nor a .csv file; name a folder of images (an archive, once "
            f"unpacked) or a file that lists them ({', '.join(LIST_SUFFIXES)})"
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


def find_examples(path, class_folders=None, label=None):
    """List the labelled pictures of a folder or of a list.

    A folder holds a folder for each class, or ``train``, ``test`` and perhaps ``val`` with a folder
    for each class in each, or a list for each split. A list has a path and a label in each line.

    Parameters
    ----------
    path : path
    class_folders : {"outermost", "innermost", None}, optional
        Which folders are the classes where some hold others.
    label : str, optional
        Name of the column of labels, where a list has several.

    Returns
    -------
    Listing

    Raises
    ------
    NeedleError
        With all complaints, one a line: folders that may mean two things, no or one class, a class
        with fewer than `checks.MIN_PER_CLASS` pictures or none in train, a split without any,
        labels that may be one or are not supported, wrong lines.
    """
    path = Path(path)
    data_kind(path)
    found = find_candidates(path, class_folders, label)
    candidates, counts, problems, complaints, beside = found
    if not complaints:
        complaints = class_complaints(counts) + label_complaints(label for _, label in counts)
    if complaints:
        is_link = any("a link" in problem.problem for problem in problems)
        if is_link and not any(TO_COPY in complaint for complaint in complaints):
            complaints.append(f"links that lead out of the data are not followed; {TO_COPY}")
        refuse(path, complaints + hints(problems))
    candidates = sorted(candidates, key=lambda candidate: candidate.path)
    return Listing(root_of(path), candidates, problems, beside)


def root_of(path):
    """Give the folder that the paths of candidates are relative to."""
    return path if path.is_dir() else path.parent


def find_candidates(path, class_folders=None, label=None):
    """Find pictures and what is wrong: see `folders.find_in_folder`.

    Lists of splits count where the folder cannot be read as class folders.
    """
    if path.is_file():
        return *find_in_table(path.parent, read_rows(path, label)), 0
    candidates, counts, problems, complaints, beside = find_in_folder(path, class_folders)
    lists = split_lists(path)
    if len(lists) < 2:
        return candidates, counts, problems, complaints + _no_list(label), beside
    if reasons := complaints or class_complaints(counts):
        *found, complaints = find_in_table(path, read_lists(lists, label))
        if complaints and counts:
            complaints += [f"as class folders: {reason}" for reason in reasons]
        return *found, complaints, 0
    note = (
        f"{' and '.join(file.name for file in lists.values())} are not read, the class folders "
        "are; to go by these lists, put them and the pictures into a folder without class folders, "
        "or write a .csv file with a column split"
    )
    return candidates, counts, [*problems, Problem("", note, "warned")], _no_list(label), beside


def _no_list(label):
    if label is None:
        return []
    return [f"label in the config, {label}, names a column, but this is a folder; remove it"]


def split_lists(folder):
    """Find the lists that are named as splits: paths by train, val and test."""
    found = {}
    try:
        files = sorted(Path(folder).iterdir())
    except OSError:
        return {}  # said where the pictures are looked for
    for file in files:
        split = SPLIT_NAMES.get(file.stem.lower())
        if split and file.suffix.lower() in LIST_SUFFIXES and file.is_file():
            found.setdefault(split, file)
    return {split: found[split] for split in SPLITS if split in found}


def fingerprint(path, label=None):
    """Hash the state of a user's data without reading pictures: equal if nothing has changed.

    Parameters
    ----------
    path : path
    label : str, optional
        Name of the column of labels, where a list has several.

    Returns
    -------
    str
        Hex digest of path, size and time of change of every file that is not hidden; for a list,
        of its content and the same of every file that it lists.
    """
    path = Path(path)
    digest = hashlib.sha256()
    if path.is_dir():
        for name, entry in walk(path):
            if not entry.is_dir(follow_symlinks=False):
                digest.update(_state(name, entry))
    for file in split_lists(path).values() if path.is_dir() else [path]:
        if file.is_file() and file.suffix.lower() in LIST_SUFFIXES:
            digest.update(file.read_bytes())
            for row in read_rows(file, label).rows:
                digest.update(_state(row.path, file.parent / row.path))
    return digest.hexdigest()


def _state(name, file):
    """Name, size and time of a file; of what it leads to, if it is a link."""
    try:
        state = file.stat()
        text = f"{state.st_size} {state.st_mtime_ns}"
    except (OSError, ValueError):
        text = "missing"
    return os.fsencode(name) + f"\0{text}\n".encode()
