"""Pictures that are there more than once would be learned from and tested on."""

import hashlib
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

from needle.tasks.own.checks import SPLITS
from needle.tasks.own.problems import Problem, plural


def remove_duplicates(root, candidates, threads=1):
    """Remove files of the same content, so that no picture is in two splits.

    Where splits are to be cut (from data that is not split; from train, without a val) the first
    copy stays, and none does if copies have different labels. Of splits that are given, a copy
    stays in the first of train, val and test only, and copies inside that split stay.

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
    is_cut = {""} if any(c.split == "val" for c in candidates) else {"", "train"}
    removed, copies, contrary = {}, 0, 0
    for same in _same_content(root, candidates, threads):
        first = min((candidates[i].split for i in same), key=["", *SPLITS].index)
        stay = [i for i in same if candidates[i].split == first]
        for i in set(same) - set(stay):
            removed[i] = _same_as(candidates, i, stay[0])
        labels = {candidates[i].label for i in stay}
        if first not in is_cut:
            copies += len(stay) - 1
            contrary += len(stay) if len(labels) > 1 else 0
        elif len(labels) > 1:
            for i in stay:
                other = next(j for j in stay if candidates[j].label != candidates[i].label)
                removed[i] = f"contradicting labels: {_same_as(candidates, i, other)}"
        else:
            removed |= {i: _same_as(candidates, i, stay[0]) for i in stay[1:]}
    problems = [Problem(candidates[i].path, removed[i], "removed") for i in sorted(removed)]
    if copies:
        problems.append(Problem("", _note(copies, contrary), "noted"))
    return [c for i, c in enumerate(candidates) if i not in removed], problems


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


def _same_as(candidates, i, other):
    """Say what a candidate is a copy of."""
    this, that = candidates[i], candidates[other]
    if this.path == that.path and this.label == that.label:
        return "listed more than once"
    text = f"same content as {that.path}"
    return text if this.label == that.label else f"{text}, which is of class {that.label}"


def _note(copies, contrary):
    are = "is a copy of another" if copies == 1 else "are copies of others"
    text = f"{plural(copies, 'picture')} {are} in the same split and stay"
    return f"{text}; {contrary:,} of these have contradicting labels" if contrary else text
