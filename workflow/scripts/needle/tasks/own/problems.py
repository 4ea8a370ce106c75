"""What is wrong with a user's data: noted and worked round, or refused all at once."""

from dataclasses import dataclass

from needle.base.errors import NeedleError

COLUMNS = ["path", "problem", "action"]
SHOWN = 20  # of a kind, in a refusal


@dataclass(frozen=True)
class Problem:
    """Something that was found and worked round.

    Attributes
    ----------
    path : str
        The file, or "" for a note about all.
    problem : str
        What is wrong with it.
    action : {"skipped", "removed", "subsampled", "noted", "grouped", "warned"}
        The last two are of all, and shown in the terminal too.
    """

    path: str
    problem: str
    action: str


def refuse(path, complaints):
    """Refuse data for all the reasons that are known.

    Parameters
    ----------
    path : path
    complaints : list of str

    Raises
    ------
    NeedleError
        Always.
    """
    lines = "".join(f"\n  - {complaint}" for complaint in complaints)
    raise NeedleError(f"{path}: this data cannot be used:{lines}")


def hints(problems):
    """Say what was passed over, which may be why too little is left: the first few.

    Examples
    --------
    >>> hints([Problem("b/2.jpg", "same content as a/1.jpg", "removed")])
    ['removed: b/2.jpg: same content as a/1.jpg']
    """
    return [": ".join(filter(None, (p.action, p.path, p.problem))) for p in problems[:5]]


def shorten(lines, what):
    """Keep the first lines of a long list and count the others.

    Parameters
    ----------
    lines : list of str
    what : str
        What the lines are about, in the plural.

    Returns
    -------
    list of str

    Examples
    --------
    >>> shorten([f"line {number}: no label" for number in range(2, 30)], "lines")[-2:]
    ['line 21: no label', 'and 8 more lines']
    """
    more = len(lines) - SHOWN
    return lines if more <= 0 else [*lines[:SHOWN], f"and {more:,} more {what}"]


def plural(count, noun):
    """Count in words: ``1 picture``, ``2,000 pictures``, ``3 classes``."""
    ending = "" if count == 1 else "es" if noun.endswith("s") else "s"
    return f"{count:,} {noun}{ending}"


def listed(names, most=6):
    """Name some things, sorted: the first few, and how many more there are.

    Examples
    --------
    >>> listed(["dog", "cat"]), listed("abcdefghi")
    ('cat, dog', 'a, b, c, d, e, f and 3 more')
    """
    names = sorted(names)
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
