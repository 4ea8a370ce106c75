"""What the folders of a user's data mean: splits, classes, or something else."""

import os
import re
from dataclasses import dataclass, field, replace

from needle.tasks.own.problems import Problem, listed, plural
from needle.tasks.own.splits.split_names import split_of

OUTERMOST, INNERMOST = "outermost", "innermost"  # folders that are classes
CHOOSE = "set examples.class_folders in the config to"
TO_LIST = "list the pictures in a .csv file with the columns path,label"
# Folders of one data set that are named so are no classes.
PICTURES = {"images", "image", "imgs", "img", "jpegimages", "pictures", "photos"}
ANNOTATIONS = {"annotations", "annotation", "labels", "masks", "mask", "trimaps", "segmentations",
               "segmentation", "bboxes", "ground_truth", "groundtruth", "gt"}  # fmt: skip
UNLABELLED = {"unknown", "unlabelled", "unlabeled", "unclassified"}


@dataclass(frozen=True)
class Layout:
    """Where class folders lie.

    Attributes
    ----------
    bases : dict of str to str
        Split by the folder that holds its class folders; "" is the data's folder, and no split.
    unlabelled : dict of str to int
        Pictures of a split that have no labels, by their folder.
    innermost : bool
        Whether a picture's class is the folder that it lies in.
    notes : list of Problem
    complaints : list of str
    """

    bases: dict
    unlabelled: dict = field(default_factory=dict)
    innermost: bool = False
    notes: list = field(default_factory=list)
    complaints: list = field(default_factory=list)

    def place(self, path):
        """Find the base of a path and its folders below that; None for what is in no split."""
        *folders, _ = path.split("/")
        for base in self.bases:
            parts = base.split("/") if base else []
            if folders[: len(parts)] == parts:
                return base, folders[len(parts) :]
        return None


def read_layout(root, found, class_folders=None):
    """Tell what the folders of a user's data mean; of two possible meanings none is taken.

    Parameters
    ----------
    root : path
    found : walk.Found
    class_folders : {"outermost", "innermost", None}, optional
        Which folders are the classes where some hold others; without it, that is a complaint.

    Returns
    -------
    Layout
    """
    tree = _Tree(found)
    names = [name for name in tree.folders_in("") if split_of(name)]
    if not names or _is_class(tree, names):
        return _choose(Layout({"": ""}), tree, class_folders)
    others = [name for name in tree.folders_in("") if name not in names]
    aside = _unlabelled(tree, names, others)
    known = {folder.split("/")[0] for folder in aside}
    complaints = _split_complaints(names, [name for name in others if name not in known])
    bases = _bases(tree, names)
    flat = {base: tree.pictures_in(base) for base in bases
            if tree.pictures_in(base) and not tree.folders_in(base)}  # fmt: skip
    labelled = {base: split for base, split in bases.items() if base not in flat}
    empty = [base for base in labelled if not tree.folders_in(base)]
    complaints += [f"it has no pictures in {base}; add some, or remove the folder"
                   for base in empty]  # fmt: skip
    layout = Layout(labelled, flat, complaints=complaints)
    if flat and not complaints:
        layout = _without_flat(root, bases, labelled, flat)
    notes = [Problem("", f"{name} {_no_labels(number)}", "noted") for name, number in aside.items()]
    layout = replace(layout, unlabelled=flat | aside, notes=layout.notes + notes)
    return layout if layout.complaints else _choose(layout, tree, class_folders)


class _Tree:
    """Folders by the folder that they lie in, and numbers of pictures."""

    def __init__(self, found):
        self._inside, self._pictures, self._leaves = {}, {}, {}
        for path in found.folders:
            parent, _, name = path.rpartition("/")
            self._inside.setdefault(parent, []).append(name)
        for path in found.pictures:
            folder = path.rpartition("/")[0]
            self._pictures[folder] = self._pictures.get(folder, 0) + 1
        for folder in self._pictures:
            above, _, name = folder.rpartition("/")
            while above:
                self._leaves.setdefault(above, set()).add(name)
                above = above.rpartition("/")[0]

    def folders_in(self, folder):
        return self._inside.get(folder, [])

    def pictures_in(self, folder):
        return self._pictures.get(folder, 0)

    def leaves(self, folder):
        """Names of the folders below that pictures lie in."""
        return self._leaves.get(folder, set())


def _is_class(tree, names):
    """Tell whether one folder among others is a class that is called as a split (a train)."""
    if len(names) > 1 or len(tree.folders_in("")) == 1:
        return False
    return not tree.folders_in(names[0])


def _unlabelled(tree, names, others):
    """Find folders without classes beside train and test, and the number of their pictures."""
    if not {"train", "test"} <= {split_of(name) for name in names}:
        return {}
    found = {}
    for name in others:
        inside = tree.folders_in(name)
        folder = f"{name}/{inside[0]}" if len(inside) == 1 and inside[0] == name else name
        if tree.pictures_in(folder) and not tree.folders_in(folder):
            found[folder] = tree.pictures_in(folder)
    return found


def _no_labels(number):
    return (
        f"has {plural(number, 'picture')} but no class folders; they have no labels and are not "
        "used"
    )


def _split_complaints(names, others):
    """Say what is wrong with the splits that there are."""
    given = [split_of(name) for name in names]
    complaints = [
        f"it has {' and '.join(n for n in names if split_of(n) == split)}, which are one split; "
        "keep one of them"
        for split in dict.fromkeys(given)
        if given.count(split) > 1
    ]
    complaints += [
        f"it has {' and '.join(names)} but no {split}; add the folder {split}, or give one folder "
        "of class folders"
        for split in ("train", "test")
        if split not in given
    ]
    return complaints + [
        f"folder {name} is beside {' and '.join(names)} but is none of train, val and test; rename "
        "it as one of these, or move it elsewhere"
        for name in others
    ]


def _bases(tree, names):
    """Find the folder of class folders of each split."""
    inside = {tuple(tree.folders_in(name)) for name in names}
    pictures = sum(tree.pictures_in(name) for name in names)
    if len(inside) == 1 and len(only := inside.pop()) == 1 and not pictures:
        below = [f"{name}/{only[0]}" for name in names]  # train/images/cat, test/images/cat
        if all(map(tree.folders_in, below)):
            return {base: split_of(name) for base, name in zip(below, names, strict=True)}
    classes = {inner for name in names if split_of(name) == "train"
               for inner in tree.folders_in(name)}  # fmt: skip
    return {_unwrap(tree, name, classes): split_of(name) for name in names}


def _unwrap(tree, name, classes):
    """Find the folder of class folders of a split: test/test, if test holds nothing else."""
    inside = tree.folders_in(name)
    if len(inside) != 1 or tree.pictures_in(name):
        return name
    only, below = inside[0], f"{name}/{inside[0]}"
    is_flat = split_of(name) != "train" and not tree.folders_in(below)
    unlabelled = is_flat and only not in classes and only.casefold() in UNLABELLED | PICTURES
    return below if split_of(only) == split_of(name) or unlabelled else name


def _without_flat(root, bases, labelled, flat):
    """Use the labelled splits only, if what to do without the others is beyond doubt."""
    split = {base: bases[base] for base in flat}
    complaints = [
        f"{base} has {plural(number, 'picture')} but no class folders; put them into a folder for "
        f"each class, or {TO_LIST}"
        for base, number in flat.items()
        if split[base] == "train"
    ]
    left = set(labelled.values())
    if not complaints and "test" not in left and "val" in left:
        base = next(base for base in flat if split[base] == "test")
        train = next(base for base in labelled if labelled[base] == "train")
        complaints = [
            f"{base} has {plural(flat[base], 'picture')} but no class folders; put them into a "
            f"folder for each class, or name {os.path.join(root, train)} instead"
        ]
    notes = [
        Problem("", f"{base} {_no_labels(number)}, {split[base]} is cut from train", "noted")
        for base, number in flat.items()
        if split[base] != "train"
    ]  # fmt: skip
    if left == {"train"}:
        labelled = dict.fromkeys(labelled, "")
    return Layout(labelled, flat, notes=notes, complaints=complaints)


def _choose(layout, tree, class_folders):
    """Decide between class folders and the folders in them."""
    if class_folders:
        return replace(layout, innermost=class_folders == INNERMOST)
    outer, inner, nested, in_doubt = set(), set(), set(), False
    for base in layout.bases:
        for name in tree.folders_in(base):
            path = f"{base}/{name}" if base else name
            leaves = tree.leaves(path)
            outer.add(name)
            inner |= leaves or {name}
            if leaves and not tree.pictures_in(path):
                nested.add(name)
                in_doubt |= len(leaves) > 1 and not _same_stem(leaves)
    in_doubt |= _same_stem(nested) and len(inner) > 1  # fold1/0, fold1/1, fold2/0, ...
    complaints = []
    if _are_parts(outer):
        complaints = [
            f"its folders {listed(outer)} look like pictures and what was drawn on them, not like "
            f"classes; {TO_LIST}; if these are the classes, {CHOOSE} {OUTERMOST}"
        ]
    elif in_doubt and len(outer) > 1:
        complaints = [
            f"folders hold folders: the classes may be the {len(outer)} outer ones "
            f"({listed(outer)}) or the {len(inner)} inner ones ({listed(inner)}); {CHOOSE} "
            f"{OUTERMOST} or {INNERMOST}, or {TO_LIST}"
        ]
    return replace(layout, complaints=complaints)


def _same_stem(names):
    """Tell whether names differ in their numbers only: session1, session2; 2021, 2022."""
    return len({re.sub(r"\d+", "#", name) for name in names}) == 1 and len(set(names)) > 1


def _are_parts(names):
    folded = {name.casefold() for name in names}
    return bool(folded & PICTURES and folded & ANNOTATIONS)
