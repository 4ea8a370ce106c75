"""Groups of pictures that belong together: of one patient, slide, camera, shop or video.

A model that has seen some pictures of a group knows the others too well, so all of a group must be
on one side of every split.
"""

import re
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import PurePosixPath

from needle.tasks.own.checks import SPLITS
from needle.tasks.own.problems import Problem, plural, shorten

# A name's end that counts the pictures of something: _03, -frame12, _b, " (2)", _left.
_COUNTER = re.compile(r"(?:[ _.-]+(?:[A-Za-z]{0,12}\d+|[A-Za-z]|left|right)|[ _.-]*\(\d+\))$")


def with_groups(candidates, pattern):
    """Name the group of each candidate after a part of its path.

    Parameters
    ----------
    candidates : list of Candidate
    pattern : str or None
        Regular expression, whose first parentheses hold the name; None leaves groups as they are.

    Returns
    -------
    candidates : list of Candidate
    complaints : list of str
        Of paths that do not match, or whose group has no name.

    Examples
    --------
    >>> from needle.tasks.own.checks import Candidate
    >>> found, _ = with_groups([Candidate("ill/p07_1.jpg", "ill")], r"(p\\d+)_")
    >>> found[0].group
    'p07'
    """
    if pattern is None:
        return candidates, []
    matches = [re.search(pattern, candidate.path) for candidate in candidates]
    lines = [
        f"{candidate.path}: group in the config, {pattern}, finds no name in this path"
        for candidate, match in zip(candidates, matches, strict=True)
        if not (match and match[1])
    ]
    if lines:
        return candidates, shorten(lines, "such paths")
    pairs = zip(candidates, matches, strict=True)
    return [replace(candidate, group=match[1]) for candidate, match in pairs], []


def leaks(candidates):
    """Complain of groups that are on both sides of a split that is given."""
    splits = defaultdict(Counter)
    for candidate in candidates:
        if candidate.group:
            splits[candidate.group][candidate.split] += 1
    leaking = {group: counts for group, counts in splits.items() if len(counts) > 1}
    if not leaking:
        return []
    group, counts = min(leaking.items())
    where = " and ".join(f"{split} ({counts[split]:,})" for split in SPLITS if counts[split])
    others = f", and so are {len(leaking) - 1:,} more" if len(leaking) > 1 else ""
    return [
        f"group {group} is in {where}{others}: pictures of one group in two splits make every "
        "accuracy too high; move them into one split, or give no splits"
    ]


def group_note(found):
    """Say how many groups each split has; nothing without groups.

    Parameters
    ----------
    found : dict of str to list of Candidate
        By split, those that are used.

    Returns
    -------
    list of Problem
    """
    groups = {split: {c.group for c in part if c.group} for split, part in found.items()}
    total = len(set.union(*groups.values()))
    if not total:
        return []
    alone = sum(not candidate.group for part in found.values() for candidate in part)
    split = ", ".join(f"{len(groups[split]):,} in {split}" for split in SPLITS)
    text = f"{plural(total, 'group')}, each in one split: {split}"
    if alone:
        text += f"; {plural(alone, 'picture')} without a group count as one each"
    return [Problem("", text, "grouped")]


def likely_groups(candidates):
    """Warn of names that look like those of groups, where none were given.

    They do if most pictures share the beginning of their name with others of their class, up to a
    counter at its end, and if this beginning has a number in it (``p07_1.jpg``, not
    ``lemon_1.jpg``) and there are several in a class (not ``n02_1.jpg`` for all of class n02). Of
    splits that are given, only beginnings that are in two splits matter.

    Parameters
    ----------
    candidates : list of Candidate
        As the user has them, before splits are cut.

    Returns
    -------
    list of Problem
        One, or none.
    """
    if any(candidate.group for candidate in candidates):
        return []
    sets = defaultdict(list)
    for candidate in candidates:
        sets[_beginning(candidate.path), candidate.label].append(candidate.split)
    shared = {key: splits for key, splits in sets.items() if key[0] and len(splits) > 1}
    classes = {candidate.label for candidate in candidates}
    pictures = sum(map(len, shared.values()))
    if 2 * pictures <= len(candidates) or len(shared) < 2 * len(classes):
        return []
    apart = {key: of for key, of in shared.items() if of[0] == "" or len(set(of)) > 1}
    if not apart:
        return []
    name, splits = max(apart.items(), key=lambda item: (len(item[1]), item[0]))
    return [
        Problem(
            "",
            f"names look like {len(shared):,} groups, such as {plural(len(splits), 'picture')} "
            f"named {name[0]}...; if these are of one patient, video or place, say so by a column "
            "group or group in the config: in two splits they make every accuracy too high",
            "warned",
        )
    ]


def _beginning(path):
    """The name up to the counter at its end, if there is a number in it; else nothing."""
    stem = PurePosixPath(path).stem
    match = _COUNTER.search(stem)
    beginning = stem[: match.start()] if match else ""
    return beginning if any(map(str.isdigit, beginning)) else ""
