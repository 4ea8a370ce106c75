"""From a user's own embeddings to those that the proxies read."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from needle.base.seeds import generator
from needle.embedding.embedding_file import Embeddings
from needle.embedding.feature_columns import describe, is_numbered
from needle.embedding.feature_copies import same_embeddings
from needle.embedding.feature_tables import dimension_columns, read_features, read_labels
from needle.tasks.own.checks import Candidate, class_complaints, class_notes, room_complaints
from needle.tasks.own.duplicates import without_copies
from needle.tasks.own.labels import label_complaints
from needle.tasks.own.problems import Problem, hints, plural, refuse
from needle.tasks.own.splits.folds import fold_table
from needle.tasks.own.splits.split import split_sizes, stratify
from needle.tasks.own.unused import several_labels, too_many

SPLITS = ("train", "val")


@dataclass(frozen=True)
class Checked:
    """What is to be known of a user's embeddings.

    Attributes
    ----------
    problems : list of Problem
        What was removed, and what was noted.
    counts : list of dict
        A row of classes.csv for each class.
    copies : list of int
        Rows that are not used, from 0.
    folds : DataFrame
        Columns of data/folds.csv.
    """

    problems: list
    counts: list
    copies: list
    folds: pd.DataFrame


def import_features(files, model, seed, examples, copies=()):
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
    copies : sequence of int, optional
        Rows that are not used: see `check_features`.

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
    labels, split = _agreed_labels(files)
    numbers, classes, rows = _split_examples(files, labels, split, seed, examples, copies)
    table = read_features(files[model])
    parts = {}
    for name in SPLITS:
        parts[f"{name}_features"] = table.features[rows[name]]
        parts[f"{name}_labels"] = numbers[rows[name]]
    if table.source_probabilities is not None:
        parts["train_source_probabilities"] = table.source_probabilities[rows["train"]]
    return Embeddings(**parts, classes=len(classes)), classes


def check_features(files, seed, examples):
    """Find what is to be known of embeddings: copies, classes that val lacks, odd columns, folds.

    Parameters
    ----------
    files, seed, examples
        As in `import_features`.

    Returns
    -------
    Checked

    Raises
    ------
    NeedleError
        If the data cannot be used, or copies leave too little of it.
    """
    labels, split = _agreed_labels(files)
    _split_examples(files, labels, split, seed, examples)  # labels alone may be wrong
    given = split or [""] * len(labels)
    candidates = [Candidate(f"row {row} (from 0)", label, part)
                  for row, (label, part) in enumerate(zip(labels, given, strict=True))]  # fmt: skip
    groups = same_embeddings(files.values())
    kept, problems = without_copies(candidates, groups, "same embedding as", "example")
    stay = set(kept)
    copies = [row for row, candidate in enumerate(candidates) if candidate not in stay]
    cut = _split_examples(files, labels, split, seed, examples, copies, problems)
    numbers, classes, rows = cut
    too_often = too_many(problems, len(labels), examples["max_unreadable"], "example")
    if too_often:
        refuse(_folder(files), too_often)
    parts = {name: Counter(labels[row] for row in rows[name]) for name in SPLITS}
    counts = Counter(("val", label) for label in parts["val"])
    found, removed = Counter(labels), Counter(labels[row] for row in copies)
    return Checked(
        class_notes(counts, classes, ["val"], "example") + _columns(files) + problems,
        [
            {"class": label, "found": found[label], "train": parts["train"][label],
             "val": parts["val"][label], "test": None, "removed": removed[label], "skipped": 0}
            for label in classes
        ],
        copies,
        fold_table(
            np.concatenate([numbers[rows[name]] for name in SPLITS]),
            None,
            "val" in given,
            examples,
            seed,
        ),
    )  # fmt: skip


def _columns(files):
    """Name the columns that are taken for dimensions where their names do not say so."""
    taken = {Path(file).name: dimension_columns(file) for file in files.values()}
    return [
        Problem("", f"{plural(len(names), 'column')} of {file} are taken for dimensions: "
                f"{describe(names)}", "noted")
        for file, names in taken.items()
        if names and not is_numbered(names)
    ]  # fmt: skip


def _split_examples(files, labels, split, seed, examples, copies=(), problems=()):
    """Check and split the examples: class of each row, classes, rows by split."""
    kept = np.ones(len(labels), bool)
    kept[list(copies)] = False
    classes = sorted(set(labels))
    index = {name: number for number, name in enumerate(classes)}
    numbers = np.array([index[label] for label in labels], np.int64)
    _check(_folder(files), labels, split, examples, kept, problems)
    return numbers, classes, draw(np.where(kept, numbers, -1), split, seed, examples, classes)


def _folder(files):
    return Path(next(iter(files.values()))).parent


def _agreed_labels(files):
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
        refuse(_folder(files), complaints)
    return labels, split


def _difference(found, expected, what):
    """Say where two columns differ first; None if they do not."""
    if len(found) != len(expected):
        return f"has {plural(len(found), 'row')}, not {len(expected):,}"
    for row, (one, other) in enumerate(zip(found, expected, strict=True)):
        if one != other:
            return f"has {what} {one}, not {other}, in row {row} (from 0)"
    return None


def _check(folder, labels, split, examples, kept, problems):
    """Refuse labels that nothing can be learned from."""
    given = split or ["train"] * len(labels)
    pairs = [pair for pair, stays in zip(zip(given, labels, strict=True), kept, strict=True)
             if stays]  # fmt: skip
    counts = Counter(pairs)
    counts = {("train", label): counts["train", label] for label in labels} | {
        key: number for key, number in counts.items() if key[0] in SPLITS
    }
    complaints = class_complaints(counts, "other than copies" if problems else "", "example")
    if complaints:
        complaints += several_labels(problems, "example") + hints(problems)
    complaints += label_complaints(labels)
    in_val = {label for part, label in pairs if part == "val"}
    complaints += room_complaints(set(labels), in_val, examples["max"])
    if complaints:
        refuse(folder, complaints)


def draw(numbers, split, seed, examples, classes):
    """Draw the rows of train and val, stratified; nothing is tested on, so nothing kept for it.

    Parameters
    ----------
    numbers : numpy.ndarray of int, shape (N,)
        Class of each row; less than 0 for one that is not used.
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
    given = np.array(split if split else ["train"] * len(numbers), object)
    given[numbers < 0] = ""
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
