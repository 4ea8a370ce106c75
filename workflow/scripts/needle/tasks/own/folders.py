"""Pictures in folders that are named as their classes."""

import os
import unicodedata
from collections import Counter
from pathlib import PurePath

from needle.tasks.own.checks import Candidate
from needle.tasks.own.formats import PICTURE_SUFFIXES
from needle.tasks.own.problems import Problem, plural

SPLIT_NAMES = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
    "testing": "test",
}
LEFT_BY_PROGRAMS = ("__MACOSX", "@eaDir")


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


def find_in_folder(root):
    """Find the pictures in class folders, or in class folders of splits.

    Parameters
    ----------
    root : pathlib.Path

    Returns
    -------
    candidates : list of Candidate
    counts : dict of (str, str) to int
        Pictures by split and label; 0 for an empty class folder.
    problems : list of Problem
    complaints : list of str
    """
    splits, complaints = _split_folders(root)
    depth = 1 if splits else 0  # of a class folder
    candidates, counts, problems = [], {}, []
    beside, others = 0, Counter()
    real_root = os.path.realpath(root)

    def unreadable(path, error):
        problems.append(Problem(path, f"a folder that cannot be read ({error})", "skipped"))

    for path, entry in walk(root, unreadable):
        *folders, name = path.split("/")
        is_folder = entry.is_dir(follow_symlinks=False)
        split = splits.get(folders[0], "") if folders else ""
        if reason := _odd_name(path) or _not_a_file(entry, real_root):
            problems.append(Problem(_printable(path), reason, "skipped"))
        elif is_folder:
            if len(folders) == depth:
                counts.setdefault((split, _label(name)), 0)
        elif PurePath(name).suffix.lower() not in PICTURE_SUFFIXES:
            others[PurePath(name).suffix.lower() or "without suffix"] += 1
        elif len(folders) <= depth:
            beside += 1
        else:
            label = _label(folders[depth])
            counts[split, label] += 1
            candidates.append(Candidate(path, label, split))
    problems += _notes(beside, others)
    if not complaints:
        complaints = _layout_complaints(root, counts, splits, beside)
    return candidates, counts, problems, complaints


def _split_folders(root):
    """Find which top folders are splits, and what is wrong with them: name to split, complaints."""
    with os.scandir(root) as entries:
        folders = sorted(e.name for e in entries if e.is_dir(follow_symlinks=False))
    folders = [name for name in folders if not is_hidden(name)]
    splits = {name: SPLIT_NAMES[name.lower()] for name in folders if name.lower() in SPLIT_NAMES}
    given = list(splits.values())
    if not splits or _is_class(root, splits, folders):
        return {}, []
    complaints = [
        f"it has {' and '.join(n for n in splits if splits[n] == split)}, which are one split; "
        "keep one of them"
        for split in dict.fromkeys(given)
        if given.count(split) > 1
    ]
    complaints += [
        f"it has {' and '.join(splits)} but no {split}; add the folder {split}, or give one folder "
        "of class folders"
        for split in ("train", "test")
        if split not in given
    ]
    complaints += [
        f"folder {name} is beside {' and '.join(splits)} but is none of train, val and test; move "
        "it elsewhere"
        for name in folders
        if name not in splits
    ]
    return splits, complaints


def _is_class(root, splits, folders):
    """Tell whether one folder among others is a class that is called as a split (a train)."""
    if len(splits) > 1 or len(folders) == 1:
        return False
    with os.scandir(os.path.join(root, *splits)) as entries:
        return not any(entry.is_dir() and not is_hidden(entry.name) for entry in entries)


def _label(name):
    """A class is one, however its name's accents are encoded."""
    return unicodedata.normalize("NFC", name)


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


def _notes(beside, others):
    """Note what was passed over, once for each kind."""
    notes = []
    if beside:
        are = "lies" if beside == 1 else "lie"
        text = f"{plural(beside, 'picture')} {are} beside the class folders and have no class"
        notes.append(text if beside > 1 else text.replace("have", "has"))
    if others:
        kinds = sorted(others.items(), key=lambda item: (-item[1], item[0]))
        counted = ", ".join(f"{number:,} {suffix}" for suffix, number in kinds)
        number = others.total()
        notes.append(f"{plural(number, 'file')} of other types: {counted}")
    return [Problem("", note, "noted") for note in notes]


def _layout_complaints(root, counts, splits, beside):
    """Say what to do where there is no class folder, or one that holds the others."""
    if not counts:
        found = f"{plural(beside, 'picture')} but " if beside else ""
        return [
            f"it has {found}no class folders; put the pictures of each class into a folder of its "
            "own, or list them in a .csv file with the columns path,label"
        ]
    if len(counts) == 1 and not splits:
        with os.scandir(root) as entries:
            only = next(e.path for e in entries if e.is_dir() and not is_hidden(e.name))
        with os.scandir(only) as entries:
            inner = [e.name for e in entries if e.is_dir() and not is_hidden(e.name)]
        if inner:
            return [f"it has one folder, {os.path.basename(only)}, which holds folders; if those "
                    f"are the classes, name {only} instead"]  # fmt: skip
    return []
