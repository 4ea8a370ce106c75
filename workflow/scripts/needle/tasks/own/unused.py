"""How many pictures of a user's data are not used, and why: shown always, refused if too many."""

from collections import Counter

from needle.tasks.own.decoding import is_too_many
from needle.tasks.own.problems import plural, shorten

UNREADABLE = "cannot be read"
CONTRARY = "contradicting labels"
_REASONS = {"contradicting": CONTRARY, "same content": "copies", "same pixels": "copies",
            "same embedding": "copies", "listed more": "copies", "a link": "links"}  # fmt: skip


def reason(problem):
    """Say in a word or two why a picture is not used.

    Parameters
    ----------
    problem : str
        As in problems.csv.

    Returns
    -------
    str

    Examples
    --------
    >>> reason("same pixels as a/1.png"), reason("a link that leads nowhere"), reason("empty file")
    ('copies', 'links', 'cannot be read')
    """
    return next((word for start, word in _REASONS.items() if problem.startswith(start)), UNREADABLE)


def too_many(problems, total, most, noun="picture", beside=0):
    """Refuse data of which more is not used than may be, whatever the reasons.

    Parameters
    ----------
    problems : list of Problem
    total : int
        Number of pictures.
    most : float
        ``examples.max_unreadable``.
    noun : str, optional
        What an example is.
    beside : int, optional
        Pictures that have no class.

    Returns
    -------
    list of str
        Complaints.
    """
    unused = [p for p in problems if p.action in ("skipped", "removed")]
    number = len(unused) + beside
    if not is_too_many(number, total, most):
        return []
    reasons = Counter(reason(problem.problem) for problem in unused)
    if beside:
        reasons["beside the class folders"] = beside
    if set(reasons) == {UNREADABLE}:
        why = UNREADABLE
    else:
        why = "are not used (" + ", ".join(f"{word}: {n:,}" for word, n in reasons.most_common())
        why += ")"
    lines = [
        f"{number:,} of {plural(total, noun)} {why}, more than the {most:.0%} that "
        "examples.max_unreadable lets pass:"
    ]
    lines += several_labels(unused, noun)
    what = "unreadable pictures" if why == UNREADABLE else "of these"
    return lines + shorten([f"{p.path}: {p.problem}" for p in unused], what)


def several_labels(problems, noun="picture"):
    """Say what contradicting labels may be; nothing if there are none.

    Parameters
    ----------
    problems : list of Problem
    noun : str, optional
        What an example is.

    Returns
    -------
    list of str
    """
    if not any(reason(problem.problem) == CONTRARY for problem in problems):
        return []
    return [
        f"{CONTRARY} look like several labels for one {noun}, which Needle cannot learn; keep one "
        "label for each"
    ]


def class_table(listed, used, problems):
    """Count what became of the pictures of each class.

    Parameters
    ----------
    listed : list of Candidate
        All that there were.
    used : dict of str to list of (Candidate, int)
        By train, val and test.
    problems : list of Problem

    Returns
    -------
    list of dict
        ``class``, ``found``, ``train``, ``val``, ``test``, ``removed``, ``skipped``: the other
        pictures were not drawn.
    """
    actions = {problem.path: problem.action for problem in problems if problem.path}
    found = Counter(candidate.label for candidate in listed)
    parts = {split: Counter(candidate.label for candidate, _ in part)
             for split, part in used.items()}  # fmt: skip
    kinds = Counter((candidate.label, actions.get(candidate.path)) for candidate in listed)
    return [
        {"class": label, "found": found[label]}
        | {split: parts[split][label] for split in parts}
        | {action: kinds[label, action] for action in ("removed", "skipped")}
        for label in sorted(found)
    ]
