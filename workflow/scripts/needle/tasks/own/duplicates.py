"""Pictures that are there more than once would be learned from and tested on."""

import hashlib
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

from needle.tasks.own.checks import SPLITS
from needle.tasks.own.problems import Problem, plural


def remove_duplicates(root, candidates, threads=1):
    """Remove files of the same content, so that no picture is in two splits.

    Parameters
    ----------
    root : pathlib.Path
    candidates : list of Candidate
        Sorted by path.
    threads : int, optional
        That read files at once.

    Returns
    -------
    kept : list of Candidate
    problems : list of Problem
        One for each file that was removed, and a note if copies inside a split stay.
    """
    return without_copies(candidates, _same_content(root, candidates, threads))


def without_copies(candidates, groups, same="same content as", noun="picture"):
    """Decide which of some copies stay.

    Where splits are to be cut (from data that is not split; from train, without a val) the first
    copy stays, and none does if copies have different labels. Of splits that are given, a copy
    stays in the first of train, val and test only, and copies inside that split stay.

    Parameters
    ----------
    candidates : list of Candidate
    groups : iterable of list of int
        The indices of candidates that are one, ascending.
    same : str, optional
        Says how they are one.
    noun : str, optional
        What a candidate is.

    Returns
    -------
    kept : list of Candidate
    problems : list of Problem
        As of `remove_duplicates`.
    """
    is_cut = cut_splits(candidates)
    removed, copies, contrary = {}, 0, 0
    for numbers in groups:
        first = min((candidates[i].split for i in numbers), key=["", *SPLITS].index)
        stay = [i for i in numbers if candidates[i].split == first]
        for i in set(numbers) - set(stay):
            removed[i] = same_as(candidates[i], candidates[stay[0]], same)
        labels = {candidates[i].label for i in stay}
        if first not in is_cut:
            copies += len(stay) - 1
            contrary += len(stay) if len(labels) > 1 else 0
        elif len(labels) > 1:
            for i in stay:
                other = next(j for j in stay if candidates[j].label != candidates[i].label)
                removed[i] = contradiction(candidates[i], candidates[other], same)
        else:
            removed |= {i: same_as(candidates[i], candidates[stay[0]], same) for i in stay[1:]}
    problems = [Problem(candidates[i].path, removed[i], "removed") for i in sorted(removed)]
    if copies:
        problems.append(Problem("", _note(copies, contrary, noun), "noted"))
    return [c for i, c in enumerate(candidates) if i not in removed], problems


def cut_splits(candidates):
    """Name the splits that others are cut from: of what is not split, and of train without val."""
    return {""} if any(c.split == "val" for c in candidates) else {"", "train"}


class Pixels:
    """Pixels that are in use, to find the same in another file.

    Parameters
    ----------
    candidates : list of Candidate
        All that there are.
    """

    def __init__(self, candidates):
        self._cut = cut_splits(candidates)
        self._in_use = {}
        self._contrary = {}

    def add(self, candidate, digest):
        """Use the pixels of a candidate, if no other has the same.

        Returns
        -------
        dict of Candidate to str
            What is not to be used, this or others, and why.
        """
        same = "same pixels as"
        if digest in self._contrary:
            return {candidate: contradiction(candidate, self._contrary[digest], same)}
        other = self._in_use.setdefault(digest, candidate)
        if other is candidate or (
            other.split == candidate.split and candidate.split not in self._cut
        ):
            return {}
        if other.split != candidate.split or other.label == candidate.label:
            return {candidate: same_as(candidate, other, same)}
        self._contrary[digest] = other
        return {candidate: contradiction(candidate, other, same),
                other: contradiction(other, candidate, same)}  # fmt: skip


def _same_content(root, candidates, threads):
    """Group the indices of candidates with the same bytes; only files of equal size are read."""
    by_size = defaultdict(list)
    for i, candidate in enumerate(candidates):
        try:
            by_size[(root / candidate.path).stat().st_size].append(i)
        except OSError:
            continue  # found unreadable later
    by_size.pop(0, None)  # empty files are broken, not alike
    alike = [i for numbers in by_size.values() if len(numbers) > 1 for i in numbers]
    by_hash = defaultdict(list)
    with ThreadPoolExecutor(threads) as pool:
        hashes = pool.map(_hash, (root / candidates[i].path for i in alike))
        for i, digest in zip(alike, hashes, strict=True):
            if digest:
                by_hash[digest].append(i)
    return [numbers for numbers in by_hash.values() if len(numbers) > 1]


def _hash(path):
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError:
        return None


def same_as(this, that, same):
    """Say what a candidate is a copy of."""
    if this.path == that.path:
        other = "" if this.label == that.label else f", also as class {that.label}"
        return f"listed more than once{other}"
    text = f"{same} {that.path}"
    return text if this.label == that.label else f"{text}, which is of class {that.label}"


def contradiction(this, that, same):
    """Say that a candidate is a copy of one of another class."""
    return f"contradicting labels: {same_as(this, that, same)}"


def _note(copies, contrary, noun):
    are = "is a copy of another" if copies == 1 else "are copies of others"
    text = f"{plural(copies, noun)} {are} in the same split and stay"
    return f"{text}; {contrary:,} of these have contradicting labels" if contrary else text
