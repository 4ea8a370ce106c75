"""What every user's data must meet, before and after pictures are taken out of it."""

from dataclasses import dataclass

from needle.tasks.own.problems import Problem, plural, shorten

SPLITS = ("train", "val", "test")
MIN_PER_CLASS = 5  # over all splits: three splits, and more than one example to learn from
MISSED = {"val": "the choice of a model", "test": "the test accuracy"}  # by a class it lacks


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
    group : str
        Of the pictures that must be in one split; "" for one that is alone.
    """

    path: str
    label: str
    split: str = ""
    group: str = ""


def count(candidates):
    """Count candidates by (split, label)."""
    counts = {}
    for candidate in candidates:
        key = candidate.split, candidate.label
        counts[key] = counts.get(key, 0) + 1
    return counts


def class_complaints(counts, which="", noun="picture"):
    """Check that there are classes, each with enough examples, and of these some in train.

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
    labels = sorted({label for _, label in counts})
    which = f" {which}" if which else ""
    if not any(counts.values()):
        return [f"it has no {noun}s{which}"]
    complaints = []
    if len(labels) == 1:
        complaints.append(f"it has only one class, {labels[0]}; there is nothing to tell apart")
    complaints += _split_complaints(counts, f"{noun}s{which}")
    totals = {label: sum(number for key, number in counts.items() if key[1] == label)
              for label in labels}  # fmt: skip
    small = [
        f"class {label} has {plural(total, noun) if total else f'no {noun}s'}{which}, fewer "
        f"than {MIN_PER_CLASS}; add some, or take the class out"
        for label, total in totals.items()
        if total < MIN_PER_CLASS
    ]
    return complaints + shorten(small, "small classes")


def _split_complaints(counts, nouns):
    """Check that no split that is given is empty, and that train has every class."""
    given = [split for split in SPLITS if any(split == key[0] for key in counts)]
    has = {split: {label for (of, label), number in counts.items() if of == split and number}
           for split in given}  # fmt: skip
    empty = [split for split in given if not has[split]]
    if empty or not given:
        return [f"it has no {nouns} in {split}; add some" for split in empty]
    untaught = sorted(set.union(*has.values()) - has["train"])
    lines = [
        f"class {label} has no {nouns} in train, only in "
        f"{' and '.join(split for split in given if label in has[split])}; put some into train, or "
        "take the class out"
        for label in untaught
    ]
    return shorten(lines, "such classes")


def class_notes(counts, labels, splits, noun="picture"):
    """Note the classes that a split has no examples of, though train has.

    Parameters
    ----------
    counts : dict of (str, str) to int
        By split and label; not 0 where examples are used.
    labels : list of str
        Of all classes.
    splits : iterable of {"val", "test"}
    noun : str, optional
        What an example is.

    Returns
    -------
    list of Problem

    Examples
    --------
    >>> counts = {("train", "ant"): 4, ("train", "bee"): 5, ("val", "ant"): 1}
    >>> [note.problem for note in class_notes(counts, ["ant", "bee"], ["val"])]
    ['class bee has no pictures in val, so the choice of a model knows nothing of it']
    """
    return [
        Problem(
            "",
            f"class {label} has no {noun}s in {split}, so {MISSED[split]} knows nothing of it",
            "noted",
        )
        for split in splits
        for label in labels
        if not counts.get((split, label))
    ]


def room_complaints(labels, in_val, most):
    """Check that ``examples.max`` has room for an example of each class in train and in val.

    Parameters
    ----------
    labels, in_val : set of str
        Classes of train, and of a val that is given; if none is, it is to have all.
    most : int
        ``examples.max``.

    Returns
    -------
    list of str

    Examples
    --------
    >>> room_complaints({"ant", "bee"}, set(), 4)
    []
    """
    train, val = len(labels), len(in_val or labels)
    if most >= train + val:
        return []
    return [
        f"examples.max is {most:,}, set it to {train + val:,} or more: room for an example of each "
        f"class, {train:,} in train and {val:,} in val"
    ]
