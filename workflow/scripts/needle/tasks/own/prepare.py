"""From a user's folder of images to the splits of a task."""

from dataclasses import dataclass

import numpy as np

from needle.tasks.examples import Examples
from needle.tasks.own.checks import SPLITS, class_complaints, class_notes, count, room_complaints
from needle.tasks.own.decoding import decode_groups, is_too_many
from needle.tasks.own.duplicates import remove_duplicates
from needle.tasks.own.listing import find_examples
from needle.tasks.own.problems import Problem, hints, plural, refuse, shorten
from needle.tasks.own.split import cut

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
        ``split``, ``path`` and ``label`` (name of the class) of each example, in this order.
    problems : list of Problem
        What was skipped, removed and noted.
    """

    splits: dict
    classes: list
    rows: list
    problems: list


def prepare(path, seed, resize, examples=DEFAULTS, threads=1, scratch=None):
    """Find, check, split and decode the pictures of a folder or a .csv file.

    Parameters
    ----------
    path : path
    seed : int
    resize : callable
        What is done to each decoded picture: `pictures.Square` or `pictures.ShorterSide`.
    examples : dict, optional
        As in the config: ``max``, ``val_share``, ``test_share``, ``max_test``,
        ``max_unreadable``.
    threads : int, optional
        That read and decode.
    scratch : path, optional
        Folder with room for the decoded pictures, until the result is no longer used.

    Returns
    -------
    Prepared

    Raises
    ------
    NeedleError
        If the data cannot be used: see `listing.find_examples`; or copies and broken pictures
        leave too few, or too many are broken.
    """
    listing = find_examples(path)
    candidates, copies = remove_duplicates(listing.root, listing.candidates, threads)
    classes = sorted({candidate.label for candidate in listing.candidates})
    _check_enough(path, listing.candidates, candidates, copies, examples["max"])
    groups = cut(candidates, seed, examples)
    decoded = decode_groups(
        listing.root, groups, resize, examples["max_unreadable"], threads, scratch
    )
    _check_readable(path, candidates, decoded, examples["max_unreadable"])
    found = {split: [] for split in SPLITS}
    for group, places in zip(groups, decoded.places, strict=True):
        for split, part in group.share(places).items():
            found[split] += part
    for part in found.values():
        part.sort(key=lambda item: (item[0].label, item[0].path))
    return Prepared(
        {split: _examples(found[split], classes, decoded.pixels) for split in SPLITS},
        classes,
        [
            {"split": split, "path": candidate.path, "label": candidate.label}
            for split in SPLITS
            for candidate, _ in found[split]
        ],
        _not_everywhere(found, classes)
        + listing.problems
        + copies
        + decoded.unreadable
        + _subsampled(candidates, decoded, found),
    )


def _check_enough(path, listed, candidates, copies, most):
    """Refuse what copies leave too little of, and limits with no room for the classes."""
    complaints = class_complaints(
        dict.fromkeys(count(listed), 0) | count(candidates), "other than copies"
    )
    if complaints:
        complaints += hints(copies)
    labels = {candidate.label for candidate in listed}
    in_val = {candidate.label for candidate in candidates if candidate.split == "val"}
    complaints += room_complaints(labels, in_val, most)
    least = 2 * len(labels)
    train = [candidate for candidate in candidates if candidate.split == "train"]
    if train and len(train) < least and not in_val:
        complaints.append(
            f"train has {plural(len(train), 'picture')} and there is no val; to cut one it takes "
            f"{least:,} or more, or add a val"
        )
    if complaints:
        refuse(path, complaints)


def _check_readable(path, candidates, decoded, most):
    """Refuse data with too many broken pictures, or too few others."""
    broken = {problem.path for problem in decoded.unreadable}
    complaints = []
    if is_too_many(len(decoded.unreadable), decoded.tried, most):
        complaints = [
            f"{len(broken):,} of {decoded.tried:,} pictures cannot be read, more than the "
            f"{most:.0%} that examples.max_unreadable lets pass:",
            *shorten([f"{p.path}: {p.problem}" for p in decoded.unreadable], "unreadable pictures"),
        ]
    readable = [candidate for candidate in candidates if candidate.path not in broken]
    complaints += class_complaints(
        dict.fromkeys(count(candidates), 0) | count(readable), "that can be read"
    )
    if complaints:
        refuse(path, complaints)


def _examples(part, classes, pixels):
    index = {name: label for label, name in enumerate(classes)}
    labels = np.array([index[candidate.label] for candidate, _ in part], np.int64)
    keys = [candidate.path for candidate, _ in part]
    return Examples(keys, labels, lambda i: pixels[part[i][1]])


def _not_everywhere(found, classes):
    """Note the classes that val or test lacks, for whatever reason."""
    counts = {(split, candidate.label): 1 for split in SPLITS for candidate, _ in found[split]}
    return class_notes(counts, classes, ("val", "test"))


def _subsampled(candidates, decoded, found):
    """Note that not all pictures are used."""
    used = sum(map(len, found.values()))
    if used + len(decoded.unreadable) == len(candidates):
        return []
    train, val, test = (f"{len(found[split]):,} for {split}" for split in SPLITS)
    note = f"{plural(len(candidates), 'picture')}: {train}, {val} and {test} were drawn"
    return [Problem("", note, "subsampled")]
