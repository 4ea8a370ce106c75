"""What every user's data must meet, before and after pictures are taken out of it."""

from dataclasses import dataclass

from needle.mydata.problems import plural, shorten

SPLITS = ("train", "val", "test")
MIN_PER_CLASS = 5  # over all splits: three splits, and more than one example to learn from


@dataclass(frozen=True)
class Candidate:
    """A picture that may become an example.

    Attributes
    ----------
    path : str
        Relative to the data's root, or absolute.
    label : str
        Name of its class.
    split : str
        "" where the data is not split.
    """

    path: str
    label: str
    split: str = ""


def count(candidates):
    """Count candidates by (split, label)."""
    counts = {}
    for candidate in candidates:
        key = candidate.split, candidate.label
        counts[key] = counts.get(key, 0) + 1
    return counts


def class_complaints(counts, which="", noun="picture"):
    """Check that there are classes, each with enough examples and in every split that is given.

    Parameters
    ----------
    counts : dict of (str, str) to int
        Number of examples by split and label; 0 for a class folder without any.
    which : str, optional
        Which of them are counted, such as "that can be read".
    noun : str, optional
        What an example is.

    Returns
    -------
    list of str
    """
    splits = [split for split in SPLITS if any(split == key[0] for key in counts)]
    labels = sorted({label for _, label in counts})
    if not any(counts.values()):
        return [f"it has no {noun}s {which}".rstrip()]
    complaints = []
    if len(labels) == 1:
        complaints.append(f"it has only one class, {labels[0]}; there is nothing to tell apart")
    which = f" {which}" if which else ""
    missing = [
        f"class {label} has no {noun}s{which} in {split}; every split needs all classes"
        for split in splits
        for label in labels
        if not counts.get((split, label))
    ]
    totals = {label: sum(counts.get((split, label), 0) for split in splits or [""])
              for label in labels}  # fmt: skip
    small = [
        f"class {label} has {plural(total, noun) if total else f'no {noun}s'}{which}, fewer "
        f"than {MIN_PER_CLASS}; add some, or take the class out"
        for label, total in totals.items()
        if total < MIN_PER_CLASS
    ]
    return complaints + shorten(missing, "such classes") + shorten(small, "small classes")


def room_complaints(classes, most):
    """Check that ``examples.max`` has room for an example of each class in train and in val.

    Examples
    --------
    >>> room_complaints(2, 4)
    []
    """
    least = 2 * classes
    if most >= least:
        return []
    return [
        f"{plural(classes, 'class')} need an example each in train and in val: examples.max is "
        f"{most:,}, set it to {least:,} or more"
    ]
