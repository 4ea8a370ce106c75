"""From a user's own embeddings to those that the proxies read."""

from collections import Counter
from pathlib import Path

import numpy as np

from needle.base.seeds import generator
from needle.embedding.embedding_file import Embeddings
from needle.embedding.feature_tables import read_features, read_labels
from needle.tasks.own.checks import class_complaints, class_notes, room_complaints
from needle.tasks.own.labels import label_complaints
from needle.tasks.own.problems import plural, refuse
from needle.tasks.own.split import split_sizes, stratify

SPLITS = ("train", "val")


def import_features(files, model, seed, examples):
    """Split the embeddings of one model as those of all the others.

    Parameters
    ----------
    files : dict of str to path
        File by model: see `feature_tables.read_features`. All must be of the same examples, in one
        order; the first tells the others what is right.
    model : str
    seed : int
    examples : dict
        As in `split.cut`; ``max`` and ``val_share`` matter.

    Returns
    -------
    embeddings : Embeddings
        Of train and val; in each the examples are in the order of the files.
    classes : list of str
        Sorted: the order of the labels.

    Raises
    ------
    NeedleError
        If the data cannot be used: files differ, one class, a class with fewer than
        `checks.MIN_PER_CLASS` examples or none in train, a value that is missing.
    """
    numbers, classes, rows = _split_examples(files, seed, examples)
    table = read_features(files[model])
    parts = {}
    for name in SPLITS:
        parts[f"{name}_features"] = table.features[rows[name]]
        parts[f"{name}_labels"] = numbers[rows[name]]
    if table.source_probabilities is not None:
        parts["train_source_probabilities"] = table.source_probabilities[rows["train"]]
    return Embeddings(**parts, classes=len(classes)), classes


def feature_problems(files, seed, examples):
    """Find what is to be known of the splits of embeddings: the classes that val lacks.

    Parameters
    ----------
    files, seed, examples
        As in `import_features`.

    Returns
    -------
    list of Problem

    Raises
    ------
    NeedleError
        If the data cannot be used, as far as labels and splits tell.
    """
    numbers, classes, rows = _split_examples(files, seed, examples)
    counts = Counter(("val", classes[number]) for number in numbers[rows["val"]])
    return class_notes(counts, classes, ["val"], "example")


def _split_examples(files, seed, examples):
    """Read the labels, check and split them: class of each row, classes, rows by split."""
    folder = Path(next(iter(files.values()))).parent
    labels, split = _agreed_labels(folder, files)
    _check(folder, labels, split, examples)
    classes = sorted(set(labels))
    index = {name: number for number, name in enumerate(classes)}
    numbers = np.array([index[label] for label in labels], np.int64)
    return numbers, classes, draw(numbers, split, seed, examples, classes)


def _agreed_labels(folder, files):
    """Read the labels and splits that all files must share."""
    first, *others = files.values()
    labels, split = read_labels(first)
    complaints = []
    for file in others:
        found = read_labels(file)
        difference = _difference(found[0], labels, "label")
        if difference is None and (found[1] is None) != (split is None):
            difference = f"has {'no' if found[1] is None else 'a'} split"
        if difference is None and split is not None:
            difference = _difference(found[1], split, "split")
        if difference:
            complaints.append(
                f"{Path(file).name} {difference}, unlike {Path(first).name}; all files must be of "
                "the same examples in the same order"
            )
    if complaints:
        refuse(folder, complaints)
    return labels, split


def _difference(found, expected, what):
    """Say where two columns differ first; None if they do not."""
    if len(found) != len(expected):
        return f"has {plural(len(found), 'row')}, not {len(expected):,}"
    for row, (one, other) in enumerate(zip(found, expected, strict=True)):
        if one != other:
            return f"has {what} {one}, not {other}, in row {row} (from 0)"
    return None


def _check(folder, labels, split, examples):
    """Refuse labels that nothing can be learned from."""
    counts = Counter(zip(split or ["train"] * len(labels), labels, strict=True))
    counts = {("train", label): counts["train", label] for label in labels} | {
        key: number for key, number in counts.items() if key[0] in SPLITS
    }
    complaints = class_complaints(counts, noun="example") + label_complaints(labels)
    in_val = {label for given, label in zip(split or [], labels, strict=False) if given == "val"}
    complaints += room_complaints(set(labels), in_val, examples["max"])
    if complaints:
        refuse(folder, complaints)


def draw(numbers, split, seed, examples, classes):
    """Draw the rows of train and val, stratified; nothing is tested on, so nothing kept for it.

    Parameters
    ----------
    numbers : numpy.ndarray of int, shape (N,)
        Class of each row.
    split : list of str or None
        As given; without it, or without a val in it, val is cut from train.
    seed : int
    examples : dict
    classes : list of str

    Returns
    -------
    dict of str to numpy.ndarray of int
        Rows of ``train`` and ``val``, ascending.
    """
    given = np.array(split if split else ["train"] * len(numbers))
    totals = {"train": int((given == "train").sum()), "test": 0}
    if "val" in given:
        totals["val"] = int((given == "val").sum())
    sizes = split_sizes(totals, len(classes), examples)
    cuts = [("train",), ("val",)] if "val" in given else [("train", "val")]
    drawn = {name: [] for name in SPLITS}
    for goals in cuts:
        source = goals[0]
        of_class = [np.flatnonzero((given == source) & (numbers == c)) for c in range(len(classes))]
        shares = stratify(list(map(len, of_class)), [sizes[name] for name in goals], to_all=False)
        for label, rows, column in zip(classes, of_class, shares.T, strict=True):
            order = rows[generator(seed, "mydata", source, label).permutation(len(rows))]
            # The last is filled first, so that more training data moves no example of val.
            for name, count in reversed(list(zip(goals, column[:-1], strict=True))):
                drawn[name].append(order[:count])
                order = order[count:]
    return {name: np.sort(np.concatenate(parts)) for name, parts in drawn.items()}
