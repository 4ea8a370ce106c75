"""Pictures in folders that are named as their classes."""

import os
import unicodedata
from collections import Counter
from pathlib import PurePath

from needle.tasks.own.checks import Candidate
from needle.tasks.own.layout import read_layout
from needle.tasks.own.problems import Problem, plural
from needle.tasks.own.splits.split_names import split_of
from needle.tasks.own.walk import look_through

TO_COPY = "copy the data with cp -rL, or list the pictures in a .csv file"
ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".7z", ".rar")


def find_in_folder(root, class_folders=None):
    """Find the pictures in class folders, or in class folders of splits.

    Parameters
    ----------
    root : pathlib.Path
    class_folders : {"outermost", "innermost", None}, optional
        See `layout.read_layout`.

    Returns
    -------
    candidates : list of Candidate
    counts : dict of (str, str) to int
        Pictures by split and label; 0 for an empty class folder.
    problems : list of Problem
    complaints : list of str
    beside : int
        Number of pictures that have no class.
    """
    found = look_through(root)
    layout = read_layout(root, found, class_folders)
    candidates, counts, beside = [], {}, 0
    if not layout.innermost:
        for path in found.folders:
            place = layout.place(f"{path}/")
            if place and len(place[1]) == 1:
                counts.setdefault((layout.bases[place[0]], _label(place[1][0])), 0)
    for path in found.pictures:
        place = layout.place(path)
        if place and place[1]:
            split = layout.bases[place[0]]
            label = _label(place[1][-1 if layout.innermost else 0])
            counts[split, label] = counts.get((split, label), 0) + 1
            candidates.append(Candidate(path, label, split))
        elif path.count("/") < 2 and path.rpartition("/")[0] not in layout.unlabelled:
            beside += 1  # the others lie in folders that are complained about
    problems = found.problems + layout.notes + _notes(beside, found.files)
    complaints = layout.complaints + _linked(found.links, layout)
    if not complaints:
        complaints = _layout_complaints(root, counts, layout, found, beside)
    return candidates, counts, problems, complaints, beside


def _label(name):
    """A class is one, however its name's accents are encoded."""
    return unicodedata.normalize("NFC", name)


def _linked(links, layout):
    """Refuse data of which a split or a class is a link."""
    complaints = []
    for path, reason in links.items():
        place = layout.place(f"{path}/")
        is_split = "/" not in path and split_of(path) and "" not in layout.bases
        if is_split or (place and len(place[1]) == 1):
            what = "split" if is_split else "class"
            complaints.append(f"{what} {os.path.basename(path)} is {reason}; {TO_COPY}")
    return complaints


def _notes(beside, files):
    """Note what was passed over, once for each kind."""
    notes = []
    if beside:
        are = "lies" if beside == 1 else "lie"
        text = f"{plural(beside, 'picture')} {are} beside the class folders and have no class"
        notes.append(text if beside > 1 else text.replace("have", "has"))
    others = Counter(PurePath(path).suffix.lower() or "without suffix" for path in files)
    if others:
        kinds = sorted(others.items(), key=lambda item: (-item[1], item[0]))
        counted = ", ".join(f"{number:,} {suffix}" for suffix, number in kinds)
        notes.append(f"{plural(len(files), 'file')} of other types: {counted}")
    return [Problem("", note, "noted") for note in notes]


def _layout_complaints(root, counts, layout, found, beside):
    """Say what to do where there is no class folder, or one that holds the others."""
    if not counts:
        pictures = f"{plural(beside, 'picture')} but " if beside else ""
        return [
            f"it has {pictures}no class folders; put the pictures of each class into a folder of "
            "its own, or list them in a .csv file with the columns path,label",
            *_other_ways(root, found.files),
        ]
    if len(counts) == 1 and layout.bases == {"": ""} and not layout.innermost:
        only = next(path for path in found.folders if "/" not in path)
        if any(path.startswith(f"{only}/") for path in found.folders):
            return [f"it has one folder, {only}, which holds folders; if those are the classes, "
                    f"name {os.path.join(root, only)} instead"]  # fmt: skip
    return []


def _other_ways(root, files):
    """Name a table or an archive that may be the data."""
    top = [path for path in files if "/" not in path]
    tables = [path for path in top if path.lower().endswith(".csv")]
    archives = [path for path in top if path.lower().endswith(ARCHIVES)]
    lines = [f"if {path} lists the pictures, name {os.path.join(root, path)} instead"
             for path in tables[:1]]  # fmt: skip
    return lines + [f"if {path} has the pictures, unpack it" for path in archives[:1]]
