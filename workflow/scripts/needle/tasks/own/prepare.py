"""From a user's folder of images to the splits of a task."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from needle.tasks.examples import Examples
from needle.tasks.own.bit_depth import depth_complaints
from needle.tasks.own.checks import SPLITS, class_complaints, class_notes, count, room_complaints
from needle.tasks.own.decoding import decode_groups
from needle.tasks.own.duplicates import remove_duplicates
from needle.tasks.own.listing import find_examples
from needle.tasks.own.near_copies import near_copies
from needle.tasks.own.problems import Problem, hints, plural, refuse
from needle.tasks.own.splits.folds import fold_table
from needle.tasks.own.splits.group_split import split_by_groups
from needle.tasks.own.splits.groups import group_note, leaks, likely_groups, with_groups
from needle.tasks.own.splits.split import cut
from needle.tasks.own.unused import class_table, several_labels, too_many

DEFAULTS = {
    "max": 1000,
    "val_share": 0.2,
    "test_share": 0.2,
    "max_test": 2000,
    "max_unreadable": 0.05,
}


@dataclass(frozen=True)
class Prepared:
    """A user's data as a task.

    Attributes
    ----------
    splits : dict of str to Examples
        By train, val and test; decoded, each sorted by class and path. A key is a path.
    classes : list of str
        Sorted: the order of the labels.
    rows : list of dict
        ``split``, ``path`` and ``label`` (name of the class) of each example, in this order; and
        ``group`` where there are groups.
    problems : list of Problem
        What was skipped, removed and noted.
    counts : list of dict
        A row of classes.csv for each class.
    folds : DataFrame
        Columns of data/folds.csv.
    """

    splits: dict
    classes: list
    rows: list
    problems: list
    counts: list
    folds: pd.DataFrame


def prepare(path, seed, resize, examples=DEFAULTS, threads=1, scratch=None, group=None, label=None):
    """Find, check, split and decode the pictures of a folder or a list.

    Parameters
    ----------
    path : path
    seed : int
    resize : callable
        What is done to each decoded picture: `pictures.Square` or `pictures.ShorterSide`.
    examples : dict, optional
        As in the config: ``max``, ``val_share``, ``test_share``, ``max_test``,
        ``max_unreadable``, perhaps ``class_folders``.
    threads : int, optional
        That read and decode.
    scratch : path, optional
        Folder with room for the decoded pictures, until the result is no longer used.
    group : str, optional
        Regular expression of the group in a path, see `groups.with_groups`.
    label : str, optional
        Name of the column of labels, where a list has several.

    Returns
    -------
    Prepared

    Raises
    ------
    NeedleError
        If the data cannot be used: see `listing.find_examples`; or copies and broken pictures
        leave too few, or too many are not used; or pictures of 16 bits use fewer; or groups leak,
        or are too few.
    """
    listing = find_examples(path, examples.get("class_folders"), label)
    listed, complaints = with_groups(listing.candidates, group)
    if complaints := complaints or leaks(listed):
        refuse(path, complaints)
    candidates, copies = remove_duplicates(listing.root, listed, threads)
    classes = sorted({candidate.label for candidate in listing.candidates})
    _check_enough(path, listing, candidates, copies, examples)
    candidates, complaints = split_by_groups(candidates, seed, examples)
    if complaints:
        refuse(path, complaints)
    groups = cut(candidates, seed, examples)
    decoded = decode_groups(
        listing.root, groups, resize, examples["max_unreadable"], threads, scratch
    )
    _check_usable(path, listing.root, candidates, decoded, examples["max_unreadable"], threads)
    found = {split: [] for split in SPLITS}
    for group, places in zip(groups, decoded.places, strict=True):
        for split, part in group.share(places).items():
            found[split] += part
    grouped = any(candidate.group for candidate in candidates)
    for part in found.values():
        part.sort(key=lambda item: (item[0].label, item[0].path))
    problems = listing.problems + copies + decoded.unused
    near, pairs = near_copies(found, decoded.thumbnails)
    return Prepared(
        {split: _examples(found[split], classes, decoded.pixels) for split in SPLITS},
        classes,
        [
            {"split": split, "path": candidate.path, "label": candidate.label}
            | ({"group": candidate.group} if grouped else {})
            for split in SPLITS
            for candidate, _ in found[split]
        ],
        group_note({split: [c for c, _ in part] for split, part in found.items()})
        + likely_groups(listed)
        + _not_everywhere(found, classes)
        + near
        + problems
        + _subsampled(candidates, decoded, found)
        + pairs,
        class_table(listing.candidates, found, problems),
        _folds(found, any(candidate.split == "val" for candidate in listed), examples, seed),
    )


def _check_enough(path, listing, candidates, copies, examples):
    """Refuse what copies leave too little of, and limits with no room for the classes."""
    complaints = class_complaints(
        dict.fromkeys(count(listing.candidates), 0) | count(candidates), "other than copies"
    )
    if complaints:
        complaints += several_labels(copies) + hints(copies)
    labels = {candidate.label for candidate in listing.candidates}
    in_val = {candidate.label for candidate in candidates if candidate.split == "val"}
    complaints += room_complaints(labels, in_val, examples["max"])
    least = 2 * len(labels)
    train = [candidate for candidate in candidates if candidate.split == "train"]
    if train and len(train) < least and not in_val:
        complaints.append(
            f"train has {plural(len(train), 'picture')} and there is no val; to cut one it takes "
            f"{least:,} or more, or add a val"
        )
    skipped = [problem for problem in listing.problems if problem.action == "skipped"]
    total = len(listing.candidates) + len(skipped) + listing.beside
    most = examples["max_unreadable"]
    too_few = bool(complaints)
    complaints += [] if too_few else too_many(skipped + copies, total, most, beside=listing.beside)
    if complaints:
        refuse(path, complaints)


def _check_usable(path, root, candidates, decoded, most, threads):
    """Refuse data with too many pictures that cannot be used, or too few others."""
    removed = {problem.path for problem in decoded.unused if problem.action == "removed"}
    read = [candidate for part in decoded.places for candidate, _ in part]
    read += [candidate for candidate in candidates if candidate.path in removed]
    if complaints := depth_complaints(root, read, threads):
        refuse(path, complaints)  # dark pictures may look like copies, which they are not
    complaints = too_many(decoded.unused, decoded.tried, most)
    unused = {problem.path for problem in decoded.unused}
    left = [candidate for candidate in candidates if candidate.path not in unused]
    which = "that can be used" if removed else "that can be read"
    complaints += class_complaints(dict.fromkeys(count(candidates), 0) | count(left), which)
    if complaints:
        refuse(path, complaints)


def _examples(part, classes, pixels):
    index = {name: label for label, name in enumerate(classes)}
    labels = np.array([index[candidate.label] for candidate, _ in part], np.int64)
    keys = [candidate.path for candidate, _ in part]
    return Examples(keys, labels, lambda i: pixels[part[i][1]])


def _folds(found, val_given, examples, seed):
    embedded = [candidate for split in ("train", "val") for candidate, _ in found[split]]
    labels = [candidate.label for candidate in embedded]
    groups = [candidate.group for candidate in embedded]
    return fold_table(labels, groups, val_given, examples, seed)


def _not_everywhere(found, classes):
    """Note the classes that val or test lacks, for whatever reason."""
    counts = {(split, candidate.label): 1 for split in SPLITS for candidate, _ in found[split]}
    return class_notes(counts, classes, ("val", "test"))


def _subsampled(candidates, decoded, found):
    """Note that not all pictures are used."""
    used = sum(map(len, found.values()))
    if used + len(decoded.unused) == len(candidates):
        return []
    train, val, test = (f"{len(found[split]):,} for {split}" for split in SPLITS)
    note = f"{plural(len(candidates), 'picture')}: {train}, {val} and {test} were drawn"
    return [Problem("", note, "subsampled")]
