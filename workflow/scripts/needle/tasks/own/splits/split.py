"""Cut splits from pictures: stratified, drawn by the seed."""

from dataclasses import dataclass

import numpy as np

from needle.base.seeds import generator
from needle.tasks.own.checks import SPLITS, count

FILLED = ("test", "val", "train")  # in this order, so that more training data moves no test example


@dataclass(frozen=True)
class Group:
    """The candidates of one class, or of one class in a split that is given.

    Attributes
    ----------
    candidates : list of Candidate
        In drawn order.
    wanted : dict of str to int
        How many each split takes of them, in the order in which splits are filled.
    """

    candidates: list
    wanted: dict

    @property
    def size(self):
        """Number of examples that are wanted."""
        return sum(self.wanted.values())

    def share(self, examples):
        """Share out the examples that there are among the splits.

        Parameters
        ----------
        examples : list
            Not more than wanted; each split keeps one as long as it can, train the longest.

        Returns
        -------
        dict of str to list
        """
        counts = _apportion(len(examples), np.array(list(self.wanted.values())), 0)
        bounds = np.cumsum(counts)[:-1]
        parts = np.split(np.arange(len(examples)), bounds)
        return {
            split: [examples[i] for i in part]
            for split, part in zip(self.wanted, parts, strict=True)
        }


def cut(candidates, seed, examples):
    """Decide which candidates are in which split.

    ======================  =======================================================================
    Given                   Cut
    ======================  =======================================================================
    no splits               ``test_share`` of all is test; ``val_share`` of the others val
    train and test          ``val_share`` of train is val
    train, val and test     nothing
    ======================  =======================================================================

    Train and val together have at most ``max`` examples, test ``max_test``. Each class has its
    share of every split by largest remainder, and one example or more wherever there is room.

    Parameters
    ----------
    candidates : list of Candidate
    seed : int
    examples : dict
        ``max``, ``val_share``, ``test_share``, ``max_test``.

    Returns
    -------
    list of Group
        For each split that is given, or for the whole; in it for each class, sorted.
    """
    counts = count(candidates)
    labels = sorted({label for _, label in counts})
    given = [split for split in ("", *SPLITS) if any(split == key[0] for key in counts)]
    totals = {split: sum(counts.get((split, label), 0) for label in labels) for split in given}
    sizes = split_sizes(totals, len(labels), examples)
    drawn = {key: [] for key in counts}
    for candidate in candidates:
        drawn[candidate.split, candidate.label].append(candidate)
    groups = []
    for source in given:
        goals = _cut_from(source, given)
        shares = stratify(
            [counts.get((source, label), 0) for label in labels],
            [sizes[split] for split in goals],
            to_all=False,
        )
        for column, label in enumerate(labels):
            wanted = {split: int(shares[goals.index(split), column])
                      for split in FILLED if split in goals}  # fmt: skip
            found = drawn.get((source, label), [])
            order = generator(seed, "mydata", source, label).permutation(len(found))
            groups.append(Group([found[i] for i in order], wanted))
    return groups


def _cut_from(source, given):
    """Name the splits that are cut from one that is given, the first to choose first."""
    if source == "":
        return FILLED
    if source == "train" and "val" not in given:
        return ("train", "val")  # a lone example is for training
    return (source,)


def split_sizes(totals, classes, examples):
    """Decide how many examples each split has.

    Parameters
    ----------
    totals : dict of str to int
        Number of pictures by split that is given, or of all under "".
    classes : int
        Each split has one example for each class or more, if it can.
    examples : dict
        ``max``, ``val_share``, ``test_share``, ``max_test``.

    Returns
    -------
    dict of str to int
        By train, val and test.

    Examples
    --------
    >>> limits = {"max": 1000, "val_share": 0.2, "test_share": 0.2, "max_test": 2000}
    >>> split_sizes({"": 100_000}, 10, limits)
    {'train': 800, 'val': 200, 'test': 2000}
    >>> split_sizes({"": 100}, 10, limits)
    {'train': 64, 'val': 16, 'test': 20}
    """
    most = examples["max"]
    if "" in totals:
        share = max(round(examples["test_share"] * totals[""]), classes)
        test = min(share, examples["max_test"], totals[""] - 2 * classes)
        own = totals[""] - test
    else:
        test, own = min(totals["test"], examples["max_test"]), totals["train"]
    if "val" in totals and own + totals["val"] <= most:
        return {"train": own, "val": totals["val"], "test": test}
    both = most if "val" in totals else min(own, most)
    val = min(max(round(examples["val_share"] * both), classes), both - classes)
    val = min(val, totals.get("val", val))
    return {"train": min(own, both - val), "val": val, "test": test}


def stratify(sizes, totals, to_all=True):
    """Share out the examples of each class among splits.

    Parameters
    ----------
    sizes : array of int, shape (C,)
        Examples of each class; N is their sum.
    totals : sequence of int
        Examples of all splits but the last, which has the others.
    to_all : bool, optional
        Whether the last split should have an example of each class too.

    Returns
    -------
    numpy.ndarray of int, shape (number of splits, C)
        The columns sum to `sizes`. Each share is that of largest remainder, but for classes
        that would miss a split: no class with an example for each split does, if all splits have
        room for all classes.

    Examples
    --------
    >>> stratify([60, 30, 3], (40, 20))
    array([[26, 13,  1],
           [13,  6,  1],
           [21, 11,  1]])
    """
    left = np.array(sizes)
    shares = []
    for number, total in enumerate(totals, start=1):
        later = len(totals) - number + to_all
        shares.append(_apportion(total, left, later))
        left = left - shares[-1]
    return np.array([*shares, left])


def _apportion(total, sizes, later):
    """Largest remainder, with one example or more per class here and in each later split."""
    quotas = total * sizes / max(sizes.sum(), 1)
    lower = np.minimum(sizes, 1)
    upper = np.maximum(sizes - later, lower)
    shares = np.clip(np.floor(quotas).astype(int), lower, upper)
    while shares.sum() < total:
        room = shares < (upper if np.any(shares < upper) else sizes)
        shares[np.argmax(np.where(room, quotas - shares, -np.inf))] += 1
    while shares.sum() > total:
        room = shares > (lower if np.any(shares > lower) else 0)
        shares[np.argmin(np.where(room, quotas - shares, np.inf))] -= 1
    return shares
